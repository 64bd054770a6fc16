"""Cost of hydrogen brought by road from the cheapest source."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import features
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings

_PER_100_KM = 100.0


def hydrogen_delivered_cost(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    fixed_cny_per_kg: float,
    cny_per_kg_100km: float,
    layer: str = "energy",
    source_type: str = "h2_source",
    where: Mapping[str, Sequence[Scalar]] | None = None,
    profile: str | None = None,
) -> FloatSeries:
    """Measure the cost of delivery by tube trailer, ``a + b · d`` from the nearest source.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the sources and the travel costs.
    fixed_cny_per_kg, cny_per_kg_100km
        a in CNY/kg and b in CNY/kg per 100 km of road one way, both ≥ 0.
    layer, source_type, where
        Layer of the sources, their ``type``, and what else must hold of them (column → values).
    profile
        Vehicle that delivers; the facility's own by default.

    Returns
    -------
    Series
        CNY/kg (n_candidates,), ≥ a; NaN where no source reaches the candidate.
    """
    chosen = {"type": (source_type,), **(where or {})}
    sources = features(surroundings, layer=layer, where=chosen)
    if sources.empty or candidates.empty:
        return pd.Series(np.nan, index=candidates.index)
    km = surroundings.travel(
        sources.geometry.representative_point(),
        candidates.geometry,
        profile=profile or surroundings.profile,
        measure="distance_km",
    )
    least = np.where(np.isnan(km), np.inf, km).min(axis=0)
    cost = fixed_cny_per_kg + cny_per_kg_100km / _PER_100_KM * least
    return pd.Series(np.where(np.isinf(cost), np.nan, cost), index=candidates.index)


CRITERION = Criterion(
    name="hydrogen_delivered_cost",
    unit="CNY/kg",
    direction=Direction.MIN,
    measure=hydrogen_delivered_cost,
)
