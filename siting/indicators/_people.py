"""The townships of a study with the district each lies in."""

import geopandas as gpd
import numpy as np
import shapely

from siting.indicators._service import Service


def townships(service: Service) -> gpd.GeoDataFrame:
    """Return the townships with ``district`` as the demand tells districts; no rows without a layer.

    A township that is no demand point has the district of the demand point nearest to it.
    """
    layers = service.inputs.layers
    if "townships" not in layers or service.demand.empty:
        return service.demand.iloc[:0].assign(id="", population=0.0, district="")
    towns = layers["townships"].reset_index(drop=True)
    tree = shapely.STRtree(service.demand.geometry.to_numpy())
    place, point = tree.query_nearest(towns.geometry.to_numpy(), all_matches=False)
    districts = service.demand["district"].astype(str).to_numpy(object)[point[np.argsort(place)]]
    return towns.assign(district=districts)
