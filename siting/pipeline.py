"""The order of the stages: ``run(study, inputs)`` gives a ``Result``."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import geopandas as gpd
import pandas as pd

from siting._notices import notices
from siting._planning import FacilityPlan, plan_facility
from siting.errors import MissingLayerError, Problem
from siting.model import Inputs, Progress, Result, Study
from siting.network import expressway_nodes, network_travel
from siting.schema import RESULT_FRAMES

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
)


def run(study: Study, inputs: Inputs, *, progress: Progress | None = None) -> Result:
    """Plan every facility type of a study.

    Parameters
    ----------
    study
        What is asked.
    inputs
        The checked layers, in one metric CRS.
    progress
        Called with a fraction in [0, 1] and what is being done.

    Returns
    -------
    Result
        Frames after ``siting.schema.RESULT_FRAMES``. Same study and inputs, same result, unless a
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
        nodes, edges = _roads(inputs)
        travel = network_travel(nodes, edges, profiles=study.profiles, access=study.access)
    layers = {**inputs.layers, "expressway_nodes": expressway_nodes(nodes, edges)}
    widened = replace(inputs, layers=layers)
    plans = []
    for k, facility in enumerate(study.facilities):
        tell((k + 0.5) / (len(study.facilities) + 1), f"planning {facility.key}")
        with _timed(timings, facility.key):
            plans.append(plan_facility(study, widened, facility, travel))
    result = Result(
        study=study,
        crs=inputs.crs,
        candidates=_stack(plans, "candidates", inputs.crs),
        criteria=_table(plans, "criteria"),
        rules=_table(plans, "rules"),
        demand=_stack(plans, "demand", inputs.crs),
        sites=_stack(plans, "sites", inputs.crs),
        allocation=_stack(plans, "allocation", inputs.crs),
        service_areas=_stack(plans, "service_areas", inputs.crs),
        layers={name: inputs.layers[name] for name in _DRAWN if name in inputs.layers},
        plans={plan.facility: plan.plan for plan in plans},
        provenance=inputs.provenance,
        notices=(),
        timings_s=timings,
    )
    tell(1.0, "planned")
    return replace(result, notices=notices(result, travel, plans))


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


def _table(plans: list[FacilityPlan], name: str) -> pd.DataFrame:
    frames = [getattr(plan, name) for plan in plans]
    columns = list(RESULT_FRAMES[name])
    table: pd.DataFrame = pd.concat(frames, ignore_index=True)[columns]
    return table


def _stack(plans: list[FacilityPlan], name: str, crs: str) -> gpd.GeoDataFrame:
    # Frames without rows would only blur the dtypes of the others.
    frames = [getattr(plan, name) for plan in plans]
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    columns = list(RESULT_FRAMES[name])
    table = pd.concat([frame[columns] for frame in filled], ignore_index=True)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=crs)


@contextmanager
def _timed(timings: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    timings[name] = round(time.perf_counter() - started, 3)


def _silent(fraction: float, message: str) -> None:
    del fraction, message
