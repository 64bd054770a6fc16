"""Energy charged at home, which the plan neither serves nor changes."""

import pandas as pd

from siting.indicators._people import townships
from siting.indicators._rows import nothing, sum_rows
from siting.indicators._service import Service
from siting.indicators.registry import Indicator
from siting.model import Label

_LABEL = Label(
    zh="居家充电量（不计入公共需求）", en="charged at home (no part of the public demand)"
)


def home_charging(service: Service) -> pd.DataFrame:
    """Spread vehicles x kWh at home over the districts by population.

    Returns
    -------
    DataFrame
        kWh/day, before and after alike. No rows without ``vehicles`` and
        ``home_kwh_per_vehicle_day``, or without townships.
    """
    vehicles, each = service.given("vehicles"), service.given("home_kwh_per_vehicle_day")
    towns = townships(service)
    people = towns["population"].to_numpy(float)
    if not vehicles or each is None or not people.sum() > 0:
        return nothing()
    kwh = people / people.sum() * vehicles * each
    return sum_rows(_LABEL, "kWh/day", towns["district"], before=kwh, after=kwh)


INDICATOR = Indicator(name="home_charging", better="", measure=home_charging)
