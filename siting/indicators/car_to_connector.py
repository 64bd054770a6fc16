"""Vehicles per connector of the chosen hubs."""

import pandas as pd

from siting.indicators._rows import nothing, told
from siting.indicators._service import NAN, Service
from siting.indicators.registry import Indicator
from siting.model import Label

_LABEL = Label(zh="车枪比（本规划公共枢纽）", en="vehicles per connector of the hubs planned")
_ITEMS = "_connectors"


def car_to_connector(service: Service) -> pd.DataFrame:
    """Divide the vehicles by the connectors that the chosen hubs are built of.

    Returns
    -------
    DataFrame
        Vehicles per connector; before is NaN, since connectors in service are not known. No rows
        where the equipment names no connectors.
    """
    vehicles = service.given("vehicles")
    equipment = service.result.equipment
    ours = equipment[equipment["facility"] == service.facility.key]
    count = float(ours.loc[ours["item"].str.endswith(_ITEMS), "quantity"].sum())
    if not vehicles or not count > 0:
        return nothing()
    return told(_LABEL, "vehicles/connector", [("", NAN, vehicles / count)])


INDICATOR = Indicator(name="car_to_connector", better="min", measure=car_to_connector)
