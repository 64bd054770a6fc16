"""Hydrogen refuelling: trucks at ports, parks and city gates; buses and sanitation by people."""

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
    """Spread the city's hydrogen demand over the places where vehicles start, end and enter.

    Parameters
    ----------
    inputs
        Brings ports, berths, parks, gateways and townships.
    facility
        Brings the total (kg/day, three cases), the truck share and the split.

    Returns
    -------
    GeoDataFrame
        Demand points in kg/day; the three cases add up to the three totals.
    """
    total = totals(facility.assumptions["hydrogen_demand"])
    trucks = facility.assumptions["truck_share"].value
    by_truck = Totals(**{c: getattr(total, c) * trucks for c in CASES})
    by_people = Totals(**{c: getattr(total, c) * (1.0 - trucks) for c in CASES})
    towns = layer(inputs, "townships", kind="township", needed_by=facility.key)
    return gather(
        [
            *freight_places(inputs, facility, by_truck),
            spread(towns, towns["population"].to_numpy(float), by_people),
        ]
    )


DEMAND_MODEL = DemandModel(
    name="hydrogen",
    assumptions=("hydrogen_demand", "truck_share"),
    tables=("truck_split", "freight_weight"),
    demand=demand,
    served=served_by_capacity,
    site_values=no_site_values,
)
