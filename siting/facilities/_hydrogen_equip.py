"""What chosen hydrogen stations are built of, cost, bring and avoid."""

from collections.abc import Iterable, Mapping

import pandas as pd

from siting.errors import InputError, Problem
from siting.facilities._emissions import SUBSTANCES, Use, emissions, factors_of, grid_factors
from siting.facilities._hydrogen_demand import mean_truck, truck_kg_per_100km
from siting.facilities._hydrogen_numbers import STATION_CLASSES, require
from siting.facilities._hydrogen_sizes import Size, joint_sites, sizes
from siting.facilities._hydrogen_supply import Supply, supply
from siting.facilities._numbers import number, table
from siting.facilities.registry import (
    CASE_NAMES,
    EQUIPMENT_COLUMNS,
    MONEY_COLUMNS,
    Chosen,
    Equipped,
)
from siting.model import FacilitySpec, Role
from siting.units import CNY_PER_MCNY, DAYS_PER_YEAR, GRAMS_PER_TONNE, KG_PER_TONNE

_PER_100_KM = 100.0
_THERE_AND_BACK = 2.0
_CLASS_NUMBER = {name: float(3 - place) for place, name in enumerate(STATION_CLASSES)}


def equip(chosen: Chosen) -> Equipped:
    """Say what each chosen station is built of, where its hydrogen comes from, its money and emissions.

    What no source can deliver is not sold: it brings no money and avoids nothing, and stands in the
    supply as a row without source. Existing stations cost nothing to build.

    Parameters
    ----------
    chosen
        Chosen sites with the sizes offered, and what each serves by case (kg/day).

    Returns
    -------
    Equipped
        Frames after the columns of the registry; kg/yr, million CNY, t/yr.

    Raises
    ------
    ConfigError, InputError
        If numbers are missing or mean nothing, a size or the unit of a source is not known.
    """
    require(chosen.facility)
    built = built_sizes(chosen)
    got = supply(chosen)
    return Equipped(
        equipment=_equipment(chosen, built, got),
        supply=got.rows,
        money=_money(chosen, built, got),
        emissions=_emissions(chosen.facility, got),
    )


def built_sizes(chosen: Chosen) -> Mapping[str, Size]:
    """Return the ``Size`` of each chosen site by ``candidate_id``.

    Raises
    ------
    InputError
        If a site has a size that is not offered.
    """
    known = {
        joint: {size.key: size for size in sizes(chosen.facility, is_joint=joint)}
        for joint in (False, True)
    }
    joint = joint_sites(chosen.sites, chosen.facility)
    strange = sorted(set(chosen.sites["size"]) - set(known[False]))
    if strange:
        raise InputError(
            Problem(
                where=f"facility {chosen.facility.key}, sizes of sites",
                what="a size that is not offered",
                got=", ".join(map(str, strange)),
                expected=f"one of {', '.join(known[False])}",
                mend="Add it to the tables station_rate_kg, station_land_m2 and station_capex_mcny.",
            )
        )
    found = [known[bool(j)][key] for j, key in zip(joint, chosen.sites["size"], strict=True)]
    return dict(zip(chosen.sites["candidate_id"], found, strict=True))


def _equipment(chosen: Chosen, built: Mapping[str, Size], got: Supply) -> pd.DataFrame:
    payload = number(chosen.facility, "trailer_payload_kg")
    trips = (got.kg_day[chosen.facility.demand_case] / payload).to_dict()
    rows = [
        (key, item, zh, en, quantity, unit)
        for key, size in built.items()
        for item, zh, en, quantity, unit in _items(size, trips[key])
    ]
    return pd.DataFrame(rows, columns=list(EQUIPMENT_COLUMNS))


def _items(size: Size, trips_per_day: float) -> Iterable[tuple[str, str, str, float, str]]:
    """Yield item, names, quantity and unit; a class is told as its number, 1 for the first."""
    rank = _CLASS_NUMBER.get(size.station_class, float("nan"))
    yield "station_class", "加氢站等级", "class of the station", rank, "class"
    yield "storage", "固定储氢容量", "hydrogen in fixed vessels", size.storage_kg, "kg"
    yield "vessels", "储氢容器（组）", "storage vessels", float(size.vessels), "units"
    yield (
        "trailer_bays",
        "长管拖车车位",
        "bays for tube trailers",
        float(size.trailer_bays),
        "bays",
    )
    yield "trailer_trips", "长管拖车运次", "deliveries by tube trailer", trips_per_day, "trips/day"
    yield "compressors", "压缩机", "compressors", float(size.compressors), "units"
    yield "chillers", "冷却机组", "chillers", float(size.chillers), "units"
    yield "dispensers", "加氢机", "dispensers", float(size.dispensers), "units"
    yield "nozzles", "加氢枪", "nozzles", float(size.nozzles), "units"
    yield "power", "用电负荷", "electric load", size.power_kw, "kW"
    yield "land", "用地面积", "ground", size.land_m2, "m²"


def _money(chosen: Chosen, built: Mapping[str, Size], got: Supply) -> pd.DataFrame:
    facility = chosen.facility
    cost = pd.Series({key: size.capex_mcny for key, size in built.items()}, dtype=float)
    is_new = (chosen.sites["role"] != Role.EXISTING.value).to_numpy()
    parts = []
    for case in CASE_NAMES:
        kg_yr = got.kg_day[case] * DAYS_PER_YEAR
        each = got.cost_cny_kg[case] + _kwh_per_kg(facility) * number(
            facility, "electricity_price"
        )
        parts.append(
            pd.DataFrame(
                {
                    "candidate_id": kg_yr.index,
                    "case": case,
                    "capex_mcny": cost.where(is_new, 0.0),
                    "fixed_mcny_yr": cost * number(facility, "opex_share"),
                    "variable_mcny_yr": kg_yr * each / CNY_PER_MCNY,
                    "revenue_mcny_yr": kg_yr * number(facility, "pump_price") / CNY_PER_MCNY,
                    "subsidy_mcny_yr": kg_yr * number(facility, "hydrogen_subsidy") / CNY_PER_MCNY,
                    "output_per_yr": kg_yr,
                    "output_unit": "kg/yr",
                    "lifetime_yr": number(facility, "station_lifetime_yr"),
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    order = frame["case"].map({case: place for place, case in enumerate(CASE_NAMES)})
    frame = frame.assign(order=order).sort_values(["candidate_id", "order"], kind="stable")
    return frame[list(MONEY_COLUMNS)].reset_index(drop=True)


def diesel_l_per_kg(facility: FacilitySpec) -> float:
    """Return the diesel that a kilogram of hydrogen replaces: litres and kilograms of the same way.

    Trucks by their classes, buses and sanitation for the rest, each by its share of the hydrogen.
    """
    litres, trucks = table(facility, "diesel_l_per_100km"), number(facility, "truck_share")
    of_trucks = mean_truck(facility, litres) / truck_kg_per_100km(facility)
    of_buses = litres["bus"] / number(facility, "bus_kg_per_100km")
    return trucks * of_trucks + (1.0 - trucks) * of_buses


def _emissions(facility: FacilitySpec, got: Supply) -> pd.DataFrame:
    """Weigh the diesel not burnt against production, compression and delivery."""
    kg_yr = got.kg_day * DAYS_PER_YEAR
    diesel = factors_of(facility, "diesel_truck")
    trips = kg_yr / number(facility, "trailer_payload_kg")
    way = trips * got.km * _THERE_AND_BACK / _PER_100_KM
    grams_per_kg = GRAMS_PER_TONNE / KG_PER_TONNE
    production = dict.fromkeys(SUBSTANCES, 0.0) | {"CO2": grams_per_kg}
    return emissions(
        avoided=[Use(amount=kg_yr * diesel_l_per_kg(facility), grams=diesel)],
        added=[
            Use(amount=kg_yr * got.co2_kg_kg, grams=production),
            Use(amount=kg_yr * _kwh_per_kg(facility), grams=grid_factors(facility)),
            Use(amount=way * number(facility, "trailer_diesel_l_per_100km"), grams=diesel),
        ],
    )


def _kwh_per_kg(facility: FacilitySpec) -> float:
    """Return the electricity of a kilogram sold: compression and what goes with it."""
    each = number(facility, "compression_kwh_per_kg")
    return each * (1.0 + number(facility, "auxiliary_power_share"))
