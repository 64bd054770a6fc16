"""Facilities in service per demand in the candidate's district."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.criteria._select import features
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings


def district_provision(
    candidates: gpd.GeoDataFrame, surroundings: Surroundings, *, layer: str = "districts"
) -> FloatSeries:
    """Count the facilities in service in each district, per share of the demand it has.

    1 is the city's own rate; a district with half of it has half the facilities its demand asks
    for. Unlike ``district_equity`` this looks at numbers, not at travel.

    Parameters
    ----------
    candidates
        Points (n_candidates,) with ``district``.
    surroundings
        Brings demand with ``district``, facilities in service and the layer of districts.
    layer
        Layer of district polygons with ``name_zh``.

    Returns
    -------
    Series
        Rate over the city's (n_candidates,), ≥ 0; NaN where nothing is in service or the district
        has no demand.
    """
    areas = features(surroundings, layer=layer, where=None)
    existing, demand = surroundings.existing, surroundings.demand
    by_district = demand.groupby("district")["demand"].sum()
    if existing.empty or areas.empty or not by_district.sum() > 0:
        return pd.Series(np.nan, index=candidates.index)
    tree = shapely.STRtree(areas.geometry.to_numpy())
    place, area = tree.query_nearest(existing.geometry.to_numpy(), all_matches=False)
    names = areas["name_zh"].where(areas["name_zh"] != "", areas["name_en"]).to_numpy()
    stations = pd.Series(names[area[np.argsort(place)]]).value_counts()
    share_of_stations = stations.reindex(by_district.index, fill_value=0) / len(existing)
    rate = share_of_stations / (by_district / by_district.sum()).where(by_district > 0)
    return candidates["district"].map(rate).astype(float)


CRITERION = Criterion(
    name="district_provision",
    unit="rate over the city's",
    direction=Direction.MIN,
    measure=district_provision,
)
