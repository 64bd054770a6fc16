"""The order of the stages: ``run(study, inputs)`` gives a ``Result``."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from siting._certainty import Certainty
from siting._drawing import with_drawn
from siting._effects import effects
from siting._external_checks import checks
from siting._notices import notices
from siting._planning import FacilityPlan, check_facility, plan_facility
from siting._scorecard import scorecard
from siting._suitability import Ground
from siting.constraints import exclusions
from siting.errors import MissingLayerError, Problem, SitingError
from siting.facilities import Equipped
from siting.frames import RESULT_FRAMES, TEXT_COLUMNS
from siting.indicators import indicators
from siting.model import FacilitySpec, Inputs, Progress, Result, Study
from siting.network import HierarchyStore, NetworkTravel, expressway_nodes, network_travel

_DRAWN = (
    "districts",
    "land",
    "coastline",
    "protected",
    "road_nodes",
    "road_edges",
    "ports",
    "parks",
    "energy",
    "gateways",
    "targets",
    "published",
    "berths",
)
_EFFECTS = (
    *("economics", "sensitivity", "benefits", "robustness", "curve", "front", "standing"),
    "roll_out",
)
_LAST = ("indicators", "scorecard", "checks")


def run(
    study: Study,
    inputs: Inputs,
    *,
    progress: Progress | None = None,
    store: HierarchyStore | None = None,
) -> Result:
    """Plan every facility type of a study.

    Parameters
    ----------
    study
        What is asked.
    inputs
        The checked layers, in one metric CRS.
    progress
        Called with a fraction in [0, 1] and what is being done.
    store
        Where the hierarchies of large road graphs are kept between runs.

    Returns
    -------
    Result
        Frames after ``siting.frames.RESULT_FRAMES``. Same study and inputs, same result, unless a
        solve was stopped by its time limit, which its status tells.

    Raises
    ------
    SitingError
        If a layer is missing, places reach no road, or a model cannot be solved.
    """
    tell = progress or _silent
    timings: dict[str, float] = {}
    tell(0.0, "road graphs")
    with _timed(timings, "network"):
        widened, travel = _on_roads(study, inputs, store)
    plans: list[FacilityPlan] = []
    with _gathered() as gather:
        for k, facility in enumerate(study.facilities):
            tell((k + 0.5) / (len(study.facilities) + 1), f"planning {facility.key}")
            with _timed(timings, facility.key), gather(facility):
                given = with_drawn(widened, facility)
                plans.append(plan_facility(study, given, facility, travel))
    with _timed(timings, "effects"):
        result = _judged(_result(study, widened, plans, timings), widened, travel)
    tell(1.0, "planned")
    return replace(result, notices=notices(result, travel, plans))


def _judged(result: Result, inputs: Inputs, travel: NetworkTravel) -> Result:
    """Hold the result against indicators, then targets, then published figures: each may use the last."""
    result = replace(result, indicators=_typed(indicators(result, inputs, travel)))
    result = replace(result, scorecard=_typed(scorecard(result)))
    return replace(result, checks=_typed(checks(result)))


def check(study: Study, inputs: Inputs) -> None:
    """Go through a run without solving it: roads, candidates, demand, rules, criteria, model.

    Parameters
    ----------
    study, inputs
        As of ``run``.

    Raises
    ------
    SitingError
        With the problems of all facility types at once.
    """
    widened, travel = _on_roads(study, inputs)
    with _gathered() as gather:
        for facility in study.facilities:
            with gather(facility):
                check_facility(study, with_drawn(widened, facility), facility, travel)


def _result(
    study: Study, inputs: Inputs, plans: Sequence[FacilityPlan], timings: dict[str, float]
) -> Result:
    """Put the facility types together; what judges the whole comes after."""
    in_order = sorted(plans, key=lambda plan: plan.facility)
    brought = effects(study, in_order)
    sure, grounds = [plan.sure for plan in in_order], [plan.ground for plan in in_order]
    return Result(
        study=replace(study, facilities=tuple(plan.spec for plan in plans)),
        crs=inputs.crs,
        candidates=_stack(in_order, "candidates", inputs.crs),
        criteria=_table(in_order, "criteria"),
        rules=_table(in_order, "rules"),
        exclusions=_typed(exclusions(inputs, [plan.spec for plan in plans])),
        suitability=_table(grounds, "suitability"),
        suitability_values=_table(grounds, "suitability_values"),
        methods=_table(sure, "methods"),
        agreement=_table(sure, "agreement"),
        stability=_table(sure, "stability"),
        rivals=_table(sure, "rivals"),
        reasons=_table(in_order, "reasons"),
        demand=_stack(in_order, "demand", inputs.crs),
        sites=_dated(_stack(in_order, "sites", inputs.crs), brought.opening),
        allocation=_stack(in_order, "allocation", inputs.crs),
        service_areas=_stack(in_order, "service_areas", inputs.crs),
        reach=_table(in_order, "reach"),
        flows=_stack(in_order, "flows", inputs.crs),
        equipment=_table([plan.equipped for plan in in_order], "equipment"),
        supply=_table([plan.equipped for plan in in_order], "supply"),
        **{name: _typed(getattr(brought, name)) for name in _EFFECTS},
        **{name: _none(name) for name in _LAST},
        layers={name: inputs.layers[name] for name in _DRAWN if name in inputs.layers},
        plans={plan.facility: plan.plan for plan in plans},
        provenance=inputs.provenance,
        notices=(),
        timings_s=timings,
    )


def _on_roads(
    study: Study, inputs: Inputs, store: HierarchyStore | None = None
) -> tuple[Inputs, NetworkTravel]:
    """Return the inputs with the layer derived from the roads, and the travel over them."""
    nodes, edges = _roads(inputs)
    travel = network_travel(
        nodes,
        edges,
        profiles=study.profiles,
        access=study.access,
        turns=inputs.layers.get("turn_restrictions"),
        store=store,
    )
    layers = {**inputs.layers, expressway_nodes.__name__: expressway_nodes(nodes, edges)}
    return replace(inputs, layers=layers), travel


@contextmanager
def _gathered() -> Iterator[Callable[[FacilitySpec], AbstractContextManager[None]]]:
    """Let every facility type have its say; raise what went wrong in any of them at the end."""
    found: list[SitingError] = []

    @contextmanager
    def gather(facility: FacilitySpec) -> Iterator[None]:
        try:
            yield
        except SitingError as error:
            named = (_name(problem, facility) for problem in error.problems)
            found.append(type(error)(*named))

    yield gather
    if found:
        kinds = {type(error) for error in found}
        kind = kinds.pop() if len(kinds) == 1 else SitingError
        raise kind(*(problem for error in found for problem in error.problems))


def _name(problem: Problem, facility: FacilitySpec) -> Problem:
    """Say which facility type a problem belongs to."""
    name = f"facility {facility.key}"
    is_named = problem.where.startswith(name)
    return problem if is_named else replace(problem, where=f"{name}, {problem.where}")


def _roads(inputs: Inputs) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    absent = [name for name in ("road_nodes", "road_edges") if name not in inputs.layers]
    if absent:
        raise MissingLayerError(
            Problem(
                where="study: layers",
                what=f"no {' and no '.join(absent)}",
                expected="a road graph: distances are measured along roads, never straight",
                mend="Add the layers to the study.",
            )
        )
    return inputs.layers["road_nodes"], inputs.layers["road_edges"]


def _table(
    plans: Sequence[FacilityPlan | Certainty | Equipped | Ground], name: str
) -> pd.DataFrame:
    columns = list(RESULT_FRAMES[name])
    frames = [_typed(getattr(plan, name)[columns]) for plan in plans]
    # Frames without rows would only blur the dtypes of the others.
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(filled, ignore_index=True)


def _stack(plans: list[FacilityPlan], name: str, crs: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(_table(plans, name), geometry="geometry", crs=crs)


def _dated(sites: gpd.GeoDataFrame, opening: Mapping[tuple[str, str], int]) -> gpd.GeoDataFrame:
    """Add the year in which each site opens; NaN where none is told."""
    keys = zip(sites["facility"], sites["candidate_id"], strict=True)
    return sites.assign(year=[float(opening.get(key, np.nan)) for key in keys])


def _none(name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(RESULT_FRAMES[name]))


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Give columns one dtype, however they came about, so that results compare and store alike."""
    if frame.empty:  # what holds no row tells nothing of its types
        return frame.astype({name: _dtype(str(name)) for name in frame if name != "geometry"})
    texts = [column for column in frame if frame[column].dtype == object]
    return frame.astype(dict.fromkeys(texts, "str"))


def _dtype(column: str) -> str:
    if column in TEXT_COLUMNS:
        return "str"
    return "bool" if column.startswith("is_") else "float64"


@contextmanager
def _timed(timings: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    timings[name] = round(time.perf_counter() - started, 3)


def _silent(fraction: float, message: str) -> None:
    del fraction, message
