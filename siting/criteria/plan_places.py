"""Places that the city's plan names, with its item numbers, near a candidate."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import column_of, features, require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings


def plan_places(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    layer: str,
    minutes: float,
    layer_column: str = "plan_item",
    where: Mapping[str, Sequence[Scalar]] | None = None,
    profile: str | None = None,
) -> FloatSeries:
    """Count the items of the plan that name a place within a network time.

    An item counts once however many places it names, so long lists do not outweigh projects. A
    cell may name several items, parted by ``;`` or ``,``.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the layer and the travel costs.
    layer, where
        Which layer, and which of its rows.
    minutes
        Limit of travel time from candidate to place, > 0.
    layer_column
        Column of item numbers; empty cells name none.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Items (n_candidates,), ≥ 0.
    """
    require_positive("plan_places", minutes=minutes)
    places = features(surroundings, layer=layer, where=where)
    times = surroundings.travel(
        candidates.geometry,
        places.geometry.representative_point(),
        profile=profile or surroundings.profile,
    )
    is_near = times <= minutes
    named = [_items(cell) for cell in column_of(places, layer, layer_column)]
    found = np.zeros(len(candidates))
    for item in sorted(set().union(*named)):
        found += is_near[:, [item in items for items in named]].any(axis=1)
    return pd.Series(found, index=candidates.index)


def _items(cell: object) -> set[str]:
    text = "" if pd.isna(cell) else str(cell)  # type: ignore[call-overload]
    return {item.strip() for item in text.replace(",", ";").split(";") if item.strip()}


CRITERION = Criterion(
    name="plan_places", unit="plan items", direction=Direction.MAX, measure=plan_places
)
