"""Local air pollution avoided per million CNY invested."""

import numpy as np
import pandas as pd

from siting.indicators._rows import Ratio, nothing, ratio_rows, told
from siting.indicators._service import NAN, Service
from siting.indicators.registry import Indicator
from siting.model import Label

_LABEL = Label(
    zh="每百万元投资减排 NOx+SO2", en="NOx + SO2 avoided a year per million CNY invested"
)
_UNIT = "t/yr per million CNY"
_SUBSTANCES = ("NOx", "SO2")
_CAPEX = "capex_mcny"


def air_per_money(service: Service) -> pd.DataFrame:
    """Divide the tonnes avoided where fuel was burnt by the investment of the planned case.

    What power plants add elsewhere is in the frame ``benefits``, not here: this is local air.

    Returns
    -------
    DataFrame
        After only; there is no investment before the plan. NaN where an investment or a factor is
        not known.
    """
    sites = _sites(service)
    if sites.empty:
        return nothing()
    none = np.full(len(sites), NAN)
    return ratio_rows(
        _LABEL,
        _UNIT,
        sites["district"],
        before=Ratio(none, none),
        after=Ratio(
            np.asarray(sites["tonnes"], dtype=np.float64),
            np.asarray(sites["money"], dtype=np.float64),
        ),
    )


def overall(services: tuple[Service, ...]) -> pd.DataFrame:
    """Divide the tonnes of all facility types by the money of all."""
    every = [_sites(service) for service in services]
    if any(sites.empty for sites in every):
        return nothing()
    sites = pd.concat(every)
    money = float(sites["money"].sum(skipna=False))
    tonnes = float(sites["tonnes"].sum(skipna=False))
    return told(_LABEL, _UNIT, [("", NAN, tonnes / money if money > 0 else NAN)])


def _sites(service: Service) -> pd.DataFrame:
    """Return the tonnes avoided and the money of each site that both are told of."""
    key, case = service.facility.key, service.facility.demand_case
    benefits, money = (
        frame[(frame["facility"] == key) & (frame["case"] == case)]
        for frame in (service.result.benefits, service.result.economics)
    )
    local = benefits[benefits["substance"].isin(_SUBSTANCES)]
    tonnes = local.groupby("candidate_id")["avoided_t"].sum(min_count=len(_SUBSTANCES))
    capex = money[(money["item"] == _CAPEX) & (money["candidate_id"] != "")]
    found = service.sites[["candidate_id", "district"]].assign(
        tonnes=service.sites["candidate_id"].map(tonnes),
        money=service.sites["candidate_id"].map(capex.set_index("candidate_id")["value"]),
    )
    return found.iloc[:0] if tonnes.empty or capex.empty else found


INDICATOR = Indicator(name="air_per_money", better="max", measure=air_per_money, overall=overall)
