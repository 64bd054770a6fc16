"""Measures to values, weights and scores of one facility type, once or with drawn inputs."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting import scoring
from siting.criteria import measure
from siting.model import FacilitySpec, Surroundings
from siting.scoring import certainty, weights as weighting


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """What came of the criteria; ``facility`` has all its weights filled in."""

    facility: FacilitySpec
    criteria: pd.DataFrame
    scores: NDArray[np.float64]


def score(
    facility: FacilitySpec, candidates: gpd.GeoDataFrame, surroundings: Surroundings
) -> Ranking:
    """Return what every criterion measures and contributes, and the scores."""
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
