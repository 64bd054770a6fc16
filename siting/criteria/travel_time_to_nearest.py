"""Network time to the nearest feature of a layer."""

from collections.abc import Mapping, Sequence

import geopandas as gpd

from siting.criteria._nearest import nearest_cost
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings


def travel_time_to_nearest(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    layer: str,
    where: Mapping[str, Sequence[Scalar]] | None = None,
    profile: str | None = None,
) -> FloatSeries:
    """Measure the network time from each candidate to the nearest feature.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the layer and the travel costs.
    layer, where
        Which layer, and which of its rows (column → values); polygons count from within.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Minutes (n_candidates,), access legs included; NaN where none is reached.
    """
    return nearest_cost(
        candidates, surroundings, layer=layer, where=where, profile=profile, cost="time_min"
    )


CRITERION = Criterion(
    name="travel_time_to_nearest",
    unit="min",
    direction=Direction.MIN,
    measure=travel_time_to_nearest,
)
