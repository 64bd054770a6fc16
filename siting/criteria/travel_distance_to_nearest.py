"""Network distance to the nearest feature of a layer."""

from collections.abc import Mapping, Sequence

import geopandas as gpd

from siting.criteria._nearest import nearest_cost
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings


def travel_distance_to_nearest(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    layer: str,
    where: Mapping[str, Sequence[Scalar]] | None = None,
    profile: str | None = None,
) -> FloatSeries:
    """Measure the network distance from each candidate to the nearest feature.

    For substations this stands for the feeder, which is laid along roads rather than across land.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the layer and the travel costs.
    layer, where
        Which layer, and which of its rows (column → values).
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Kilometres (n_candidates,), access legs included; NaN where none is reached.
    """
    return nearest_cost(
        candidates, surroundings, layer=layer, where=where, profile=profile, cost="distance_km"
    )


CRITERION = Criterion(
    name="travel_distance_to_nearest",
    unit="km",
    direction=Direction.MIN,
    measure=travel_distance_to_nearest,
)
