"""Measures to values, weights and scores of one facility type, once or with drawn inputs."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting import scoring
from siting.criteria import measure
from siting.errors import MissingLayerError
from siting.model import CriterionSpec, FacilitySpec, LeftOut, Scalar, Surroundings
from siting.scoring import certainty, weights as weighting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FEATURES = {"layer": "where", "origins": "origins_where", "destinations": "destinations_where"}
"""Parameters that name a layer, and those that name its rows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """What came of the criteria; ``facility`` has all its weights filled in."""

    facility: FacilitySpec
    criteria: pd.DataFrame
    scores: NDArray[np.float64]


def score(
    facility: FacilitySpec,
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    leave_out: bool = False,
) -> Ranking:
    """Return what every criterion measures and contributes, and the scores.

    With ``leave_out`` criteria whose data are missing, or that tell nothing of any candidate, are
    left out, and the weights of the others are scaled to sum to 1.
    """
    if leave_out:
        facility = _with_data(facility, candidates, surroundings)
    raw, values = _measured(facility, candidates, surroundings)
    weighed = _with_weights(facility, values)
    weights = np.array([spec.weight for spec in weighed.criteria])
    contributions, scores = scoring.weighted_sum(values, weights)
    n, m = raw.shape
    criteria = pd.DataFrame(
        {
            "facility": facility.key,
            "candidate_id": np.repeat(candidates["candidate_id"].to_numpy(), m),
            "criterion": np.tile([spec.key for spec in facility.criteria], n),
            "raw": raw.ravel(),
            "value": values.ravel(),
            "weight": np.tile(weights, n),
            "contribution": contributions.ravel(),
        }
    )
    return Ranking(facility=weighed, criteria=criteria, scores=scores)


def redraw(
    facility: FacilitySpec,
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Measure the criteria again with positions and demand drawn from what is not known of them.

    Returns
    -------
    ndarray
        Values ``(n_candidates, n_criteria)`` in [0, 1], NaN where a drawn place reaches no road.
    """
    uncertainty_m = candidates["uncertainty_m"].to_numpy(float)
    xy = shapely.get_coordinates(candidates.geometry.to_numpy())
    moved = shapely.points(certainty.draw_places(xy, uncertainty_m=uncertainty_m, rng=rng))
    demand = surroundings.demand
    drawn = certainty.draw_demand(
        *(demand[f"demand_{case}"].to_numpy(float) for case in ("low", "base", "high")), rng=rng
    )
    left = np.maximum(drawn - demand["existing_served"].to_numpy(float), 0.0)
    places = gpd.GeoSeries(moved, index=candidates.index, crs=candidates.crs)
    _, values = _measured(
        facility,
        candidates.set_geometry(places),
        replace(surroundings, demand=demand.assign(demand=left)),
    )
    return values


def _with_data(
    facility: FacilitySpec, candidates: gpd.GeoDataFrame, surroundings: Surroundings
) -> FacilitySpec:
    """Return the facility with the criteria that can be measured, and what was left out."""
    known, lacking = [], []
    for spec in facility.criteria:
        missing = _missing(spec, candidates, surroundings)
        if missing is None:
            known.append(spec)
        else:
            lacking.append(
                LeftOut(part="criterion", key=spec.key, label=spec.label, missing=missing)
            )
    whole = sum(spec.weight for spec in known)
    if not lacking or not whole > 0:
        return facility  # nothing to leave out, or nothing would be left: the run says so
    kept = {spec.key for spec in known}
    tables = (
        # Judged weights are told as judged; weights read off the candidates need candidates.
        table
        if table.weights
        else replace(table, items=tuple(item for item in table.items if item in kept))
        for table in facility.weighting
    )
    return replace(
        facility,
        criteria=tuple(replace(spec, weight=spec.weight / whole) for spec in known),
        weighting=tuple(table for table in tables if table.items),
        left_out=(*facility.left_out, *lacking),
    )


def _missing(
    spec: CriterionSpec, candidates: gpd.GeoDataFrame, surroundings: Surroundings
) -> str | None:
    """Return the layer or raster a criterion lacks, "" where it has one that tells nothing, or None."""
    try:
        measured = measure(spec, candidates, surroundings)
    except MissingLayerError:
        asked = [spec.params.get(name) for name in ("layer", "grid", "origins", "destinations")]
        there = {*surroundings.layers, *surroundings.grids}
        return ", ".join(str(name) for name in asked if name is not None and name not in there)
    is_known = bool(measured.notna().any()) and _has_features(spec, surroundings)
    return None if is_known else ""


def _has_features(spec: CriterionSpec, surroundings: Surroundings) -> bool:
    """Tell whether every layer a criterion names has a row it means: sums over none would be zero."""
    for layer, where in _FEATURES.items():
        frame = surroundings.layers.get(str(spec.params.get(layer)))
        if frame is None:
            continue
        wanted: Mapping[str, Sequence[Scalar]] = spec.params.get(where) or {}  # type: ignore[assignment]
        is_meant = [frame[column].isin(list(values)) for column, values in wanted.items()]
        if frame.empty or (is_meant and not np.logical_and.reduce(is_meant).any()):
            return False
    return True


def _measured(
    facility: FacilitySpec, candidates: gpd.GeoDataFrame, surroundings: Surroundings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    specs = facility.criteria
    measured = [measure(spec, candidates, surroundings).to_numpy(float) for spec in specs]
    raw: NDArray[np.float64] = np.column_stack(measured)
    scaled = [
        scoring.normalise(raw[:, k], spec=spec.normalise, direction=spec.direction)
        for k, spec in enumerate(specs)
    ]
    return raw, np.column_stack(scaled)


def _with_weights(facility: FacilitySpec, values: NDArray[np.float64]) -> FacilitySpec:
    """Fill in weights that are read off the candidates; others are there already."""
    keys = [spec.key for spec in facility.criteria]
    stated = {spec.key: spec.weight for spec in facility.criteria}
    tables = []
    for table in facility.weighting:
        if table.weights:
            tables.append(table)
            continue
        columns = [keys.index(item) for item in table.items]
        find = weighting.entropy if table.method == "entropy" else weighting.critic
        found = find(values[:, columns])
        # What the criteria of this table weigh together was told by the table above it.
        together = sum(stated[item] for item in table.items)
        stated |= {k: together * w for k, w in zip(table.items, found.tolist(), strict=True)}
        tables.append(replace(table, weights=tuple(found.tolist())))
    rows = tuple(replace(spec, weight=stated[spec.key]) for spec in facility.criteria)
    return replace(facility, criteria=rows, weighting=tuple(tables))
