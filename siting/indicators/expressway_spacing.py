"""Mean spacing of facilities along the expressways."""

import pandas as pd

from siting.indicators._expressway import at_service_areas
from siting.indicators._rows import nothing, told
from siting.indicators._service import NAN, Service
from siting.indicators.registry import Indicator
from siting.model import Label

_MOTORWAYS = ("motorway",)
_LABEL = Label(zh="高速公路设施平均间距", en="mean spacing of facilities on expressways")


def expressway_spacing(service: Service) -> pd.DataFrame:
    """Divide the length of the expressways by the service areas that have a facility.

    Roads with one carriageway a direction count half of each.

    Returns
    -------
    DataFrame
        Kilometres; NaN where no service area has one. No rows without expressways or without
        service areas among the candidates.
    """
    km = _length_km(service)
    areas = at_service_areas(service)
    if not km > 0 or areas is None:
        return nothing()
    before, after = (km / int(has.sum()) if has.any() else NAN for has in areas)
    return told(_LABEL, "km", [("", before, after)])


def _length_km(service: Service) -> float:
    edges = service.inputs.layers.get("road_edges")
    if edges is None:
        return 0.0
    roads = edges[edges["highway"].isin(_MOTORWAYS)]
    is_one_way = (roads["oneway"] != 0).to_numpy(bool)
    length = roads["length_km"].to_numpy(float)
    return float(length[~is_one_way].sum() + length[is_one_way].sum() / 2.0)


INDICATOR = Indicator(name="expressway_spacing", better="min", measure=expressway_spacing)
