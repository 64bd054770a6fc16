"""What the chosen charging hubs are built of, what they cost and bring, and what they avoid."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError, Problem
from siting.facilities._charging_demand import TRUCK_COLUMN
from siting.facilities._charging_hubs import Hub, fast_share, hubs, session_hours
from siting.facilities._charging_numbers import CONNECTORS, VEHICLES
from siting.facilities._emissions import Use, emissions, factors_of, grid_factors
from siting.facilities._numbers import number, table
from siting.facilities._power_sale import bought_kwh, money_of_sale
from siting.facilities.queueing import mean_wait, smallest_servers, wait_percentile
from siting.facilities.registry import (
    CASE_NAMES,
    EQUIPMENT_COLUMNS,
    SUPPLY_COLUMNS,
    Chosen,
    Equipped,
)
from siting.model import FacilitySpec, Role
from siting.units import DAYS_PER_YEAR, KWH_PER_MWH, MINUTES_PER_HOUR

_BURNT = {"car": "petrol_car", "truck": "diesel_truck"}
_KINDS = {
    "slow": ("慢充枪", "slow connectors"),
    "fast": ("快充枪", "fast connectors"),
    "high_power": ("大功率充电枪", "high-power connectors"),
    "truck": ("重卡补能位", "bays for heavy trucks"),
}
_CASE_WORDS = {"low": ("低", "low"), "base": ("基准", "base"), "high": ("高", "high")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The line of vehicles in front of the fast connectors in the busiest hour.

    ``arrivals`` an hour, mean ``hours`` of a session, and their coefficient of ``variation``.
    """

    arrivals: float
    hours: float
    variation: float


def equip(chosen: Chosen) -> Equipped:
    """Say what the hubs are built of, cost, bring and avoid in the three demand cases.

    The class chosen is built; beside it stand the connectors that the demand of each case needs by
    Erlang C with the correction for mixed charging times, and the wait in the busiest hour. A kWh
    sold replaces petrol where cars take it and diesel where heavy trucks do; trucks have the part
    of a hub's energy that they have of the demand points nearest to it.

    Raises
    ------
    InputError
        If a site's size is none of the classes.
    ConfigError
        If numbers mean nothing or rows are missing.
    """
    built = _built(chosen)
    trucks = _truck_share(chosen)
    return Equipped(
        equipment=_equipment(chosen, built, trucks),
        supply=pd.DataFrame(columns=list(SUPPLY_COLUMNS)),
        money=_money(chosen, built),
        emissions=_emissions(chosen, built, trucks),
    )


def queue_of(facility: FacilitySpec, kwh_per_day: float, truck_share: float) -> Line:
    """Return the line in the busiest hour for a day's energy, the trucks' share of it in [0, 1].

    Sessions of cars and trucks mix by their number, and the variation of the mixture counts the
    difference between them besides the variation within each.
    """
    fast = kwh_per_day * fast_share(facility) * number(facility, "peak_hour_share")
    shares = {"car": 1.0 - truck_share, "truck": truck_share}
    sessions = {v: fast * shares[v] / table(facility, "session_kwh")[v] for v in VEHICLES}
    hours = {v: session_hours(facility, v) for v in VEHICLES}
    arrivals = math.fsum(sessions.values())
    within = number(facility, "service_variation")
    if not arrivals > 0:
        return Line(arrivals=0.0, hours=hours["car"], variation=within)
    mean = math.fsum(sessions[v] * hours[v] for v in VEHICLES) / arrivals
    square = math.fsum(sessions[v] * hours[v] ** 2 for v in VEHICLES) / arrivals
    spread = square * (1.0 + within**2) / mean**2 - 1.0
    return Line(arrivals=arrivals, hours=mean, variation=math.sqrt(max(spread, 0.0)))


def connectors_needed(facility: FacilitySpec, line: Line, wait_h: float) -> int:
    """Return the fewest connectors that keep a line within the wait and the utilisation."""
    return smallest_servers(
        line.arrivals,
        1.0 / line.hours,
        wait=wait_h,
        utilisation=number(facility, "utilisation_limit"),
        variation=line.variation,
    )


def _built(chosen: Chosen) -> Mapping[str, Hub]:
    """Return the class of hub at each site."""
    classes: dict[str, Mapping[str, Hub]] = {}
    built: dict[str, Hub] = {}
    sites = chosen.sites
    for name, kind, size in zip(
        sites["candidate_id"], sites["type"].astype(str), sites["size"].astype(str), strict=True
    ):
        if kind not in classes:
            classes[kind] = {hub.size: hub for hub in hubs(chosen.facility, kind)}
        if size not in classes[kind]:
            raise InputError(
                Problem(
                    where=f"facility {chosen.facility.key}, site {name}",
                    what="its size is no class of charging hub",
                    got=size,
                    expected=f"one of {', '.join(classes[kind])}",
                    mend="Name a row of [tables.hub_fast].",
                )
            )
        built[str(name)] = classes[kind][size]
    return built


def _truck_share(chosen: Chosen) -> "pd.Series[float]":
    """Return the trucks' share of the energy at each site, from the demand nearest to it.

    It is that of the planned case in all cases, so that more demand never avoids less. A site that
    is nearest to none takes its share from all within the service radius.
    """
    sites, demand = chosen.sites, chosen.demand
    ids = sites["candidate_id"].astype(str)
    index = pd.Index(ids, name="candidate_id")
    if sites.empty or demand.empty:
        return pd.Series(0.0, index=index)
    minutes = chosen.travel(demand.geometry, sites.geometry, profile=chosen.facility.profile)
    is_near = minutes <= chosen.facility.service_minutes  # NaN is not
    away = np.where(is_near, minutes, np.inf)
    is_nearest = is_near & (away == away.min(axis=1, keepdims=True))
    whole = np.asarray(demand[f"demand_{chosen.facility.demand_case}"], dtype=np.float64)
    trucks = np.asarray(demand[TRUCK_COLUMN], dtype=np.float64)
    first, second = (_ratio(trucks, whole, reach) for reach in (is_nearest, is_near))
    return pd.Series(np.where(np.isnan(first), np.nan_to_num(second), first), index=index)


def _ratio(
    part: NDArray[np.float64], whole: NDArray[np.float64], reach: NDArray[np.bool_]
) -> NDArray[np.float64]:
    total = (whole[:, None] * reach).sum(axis=0)
    share = np.full(len(total), np.nan)
    np.divide((part[:, None] * reach).sum(axis=0), total, out=share, where=total > 0)
    return share


def _equipment(
    chosen: Chosen, built: Mapping[str, Hub], trucks: "pd.Series[float]"
) -> pd.DataFrame:
    rows: list[tuple[object, ...]] = []
    served = {
        case: dict(zip(chosen.served.index, chosen.served[case].to_numpy(float), strict=True))
        for case in CASE_NAMES
    }
    for name, hub in built.items():
        needs = {
            case: queue_of(chosen.facility, float(served[case][name]), float(trucks.loc[name]))
            for case in CASE_NAMES
        }
        planned = needs[chosen.facility.demand_case]
        rows.extend(
            (name, *row)
            for row in (
                *_connector_rows(chosen.facility, hub),
                *_need_rows(chosen.facility, hub, needs),
                *_wait_rows(hub, planned),
                ("load_kva", "最大负荷", "largest load", hub.load_kva, "kVA"),
                ("transformers", "箱式变电站", "box substations", hub.transformers, ""),
                ("land_m2", "用地", "ground", hub.land_m2, "m²"),
            )
        )
    frame = pd.DataFrame(rows, columns=list(EQUIPMENT_COLUMNS))
    return frame.astype({"quantity": float})


def _connector_rows(facility: FacilitySpec, hub: Hub) -> Iterator[tuple[object, ...]]:
    power = table(facility, "connector_kw")
    for kind in CONNECTORS:
        if hub.counts[kind]:
            zh, en = _KINDS[kind]
            told = f"{power[kind]:g} kW"
            yield f"{kind}_connectors", f"{zh} {told}", f"{en}, {told}", hub.counts[kind], ""


def _need_rows(
    facility: FacilitySpec, hub: Hub, needs: Mapping[str, Line]
) -> Iterator[tuple[object, ...]]:
    for case, line in needs.items():
        zh, en = _CASE_WORDS[case]
        yield (
            f"needed_{case}",
            f"所需快速补能位数（{zh}方案）",
            f"fast bays needed, {en} case",
            connectors_needed(facility, line, hub.wait_h),
            "",
        )


def _wait_rows(hub: Hub, line: Line) -> Sequence[tuple[object, ...]]:
    rate = 1.0 / line.hours
    mean = mean_wait(hub.queue, line.arrivals, rate, variation=line.variation)
    late = wait_percentile(hub.queue, line.arrivals, rate, variation=line.variation)
    return (
        ("mean_wait_min", "高峰小时平均排队时间", "mean wait in the busiest hour", mean * MINUTES_PER_HOUR, "min"),
        ("wait_p95_min", "高峰小时 95% 车辆排队时间不超过", "wait that 95 % do not exceed in the busiest hour", late * MINUTES_PER_HOUR, "min"),
    )  # fmt: skip


def _money(chosen: Chosen, built: Mapping[str, Hub]) -> pd.DataFrame:
    """Return the money of each site and case; a hub that is there already costs nothing to build."""
    is_there = (chosen.sites["role"] == Role.EXISTING).to_numpy(bool)
    worth = np.array([hub.cost_mcny for hub in built.values()], dtype=np.float64)
    money = pd.DataFrame(
        {"capex_mcny": np.where(is_there, 0.0, worth), "worth_mcny": worth}, index=list(built)
    )
    return money_of_sale(_sold_mwh(chosen, built), money, chosen.facility)


def _sold_mwh(chosen: Chosen, built: Mapping[str, Hub]) -> pd.DataFrame:
    """Return what each site sells in a year by case."""
    served = chosen.served.loc[list(built), list(CASE_NAMES)].astype(float)
    return served * DAYS_PER_YEAR / KWH_PER_MWH


def _emissions(
    chosen: Chosen, built: Mapping[str, Hub], trucks: "pd.Series[float]"
) -> pd.DataFrame:
    """Return the fuel not burnt and the electricity drawn instead, losses included."""
    facility = chosen.facility
    sold = _sold_mwh(chosen, built)
    shares = {"car": 1.0 - trucks, "truck": trucks}
    avoided = []
    for vehicle in VEHICLES:
        per_km = table(facility, "litres_per_km")[vehicle]
        per_kwh = per_km / table(facility, "kwh_per_km")[vehicle]
        litres = sold.mul(shares[vehicle] * per_kwh * KWH_PER_MWH, axis=0)
        avoided.append(Use(amount=litres, grams=factors_of(facility, _BURNT[vehicle])))
    drawn = bought_kwh(sold, facility)
    return emissions(avoided=avoided, added=[Use(amount=drawn, grams=grid_factors(facility))])
