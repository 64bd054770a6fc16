"""Public charging: cars where people live, heavy trucks at ports and parks."""

import geopandas as gpd

from siting.facilities._shares import (
    CASES,
    Totals,
    freight_places,
    gather,
    layer,
    no_site_values,
    served_by_capacity,
    spread,
    totals,
)
from siting.facilities.registry import DemandModel
from siting.model import FacilitySpec, Inputs


def demand(inputs: Inputs, facility: FacilitySpec) -> gpd.GeoDataFrame:
    """Spread public charging: vehicles x kWh by population, truck energy over freight places.

    Parameters
    ----------
    inputs
        Brings townships, ports, berths and parks.
    facility
        Brings vehicles, kWh per vehicle and day, truck kWh per day, and the split.

    Returns
    -------
    GeoDataFrame
        Demand points in kWh/day; a case takes the same end of every assumption.
    """
    vehicles = totals(facility.assumptions["vehicles"])
    each = totals(facility.assumptions["public_kwh_per_vehicle_day"])
    cars = Totals(**{c: getattr(vehicles, c) * getattr(each, c) for c in CASES})
    towns = layer(inputs, "townships", kind="township", needed_by=facility.key)
    return gather(
        [
            *freight_places(inputs, facility, totals(facility.assumptions["truck_kwh_per_day"])),
            spread(towns, towns["population"].to_numpy(float), cars),
        ]
    )


DEMAND_MODEL = DemandModel(
    name="charging",
    assumptions=("vehicles", "public_kwh_per_vehicle_day", "truck_kwh_per_day"),
    tables=("truck_split", "freight_weight"),
    demand=demand,
    served=served_by_capacity,
    site_values=no_site_values,
)
