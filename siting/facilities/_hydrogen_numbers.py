"""The numbers that hydrogen rests on: which ones, in which range, and reading them."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import inf, nextafter

import pandas as pd

from siting.errors import ConfigError, Problem
from siting.facilities._numbers import table
from siting.model import FacilitySpec

POSITIVE = (
    *("rated_hours", "operating_hours", "trailer_payload_kg", "fill_kg", "nozzle_busy_share"),
    *(
        "nozzles_per_dispenser",
        "compressor_kg_per_hour",
        "station_power_factor",
        "bus_kg_per_100km",
    ),
    *("truck_trip_minutes", "station_lifetime_yr"),
)
SHARES = (
    *("truck_share", "bus_share", "gate_refuel_share", "en_route_share", "heavy_truck_share"),
    "origin_refuel_share",
    *("joint_land_saving", "joint_capex_saving", "peak_hour_share"),
)
AMOUNTS = (
    *("hydrogen_demand", "outside_km", "storage_days", "petrol_volume_m3", "fill_minutes"),
    *("chillers_per_dispenser", "compression_kwh_per_kg", "compressor_peak_factor"),
    *("auxiliary_power_share", "hydrogen_purchase", "delivery_fixed", "delivery_per_100km"),
    *("delivery_radius_km", "trailer_hours", "assumed_source_km", "opex_share", "pump_price"),
    *("hydrogen_subsidy", "trailer_diesel_l_per_100km", "electricity_price"),
    *("grid_co2", "grid_nox", "grid_so2", "grid_pm10"),
)
ASSUMPTIONS = (*POSITIVE, *SHARES, *AMOUNTS)

STATION_CLASSES = ("third", "second", "first")
"""From the least storage to the most."""
TRUCKS = ("t49", "t31", "t18")

_CLASSES: Mapping[str, tuple[str, ...]] = {
    "truck_class_share": TRUCKS,
    "truck_kg_per_100km": TRUCKS,
    "diesel_l_per_100km": (*TRUCKS, "bus"),
    "storage_limit_kg": STATION_CLASSES,
    "vessel_limit_kg": STATION_CLASSES,
    "joint_petrol_m3": STATION_CLASSES,
    "joint_hydrogen_kg": STATION_CLASSES,
    "source_market_share": ("other",),
    "source_co2_kg_per_kg": ("other",),
}
_LEAST = nextafter(0.0, 1.0)
_BY_SIZE = ("station_rate_kg", "station_land_m2", "station_capex_mcny")
# Divided by: a zero would be no number.
_NEVER_ZERO = (
    *("truck_kg_per_100km", "vessel_limit_kg", "joint_petrol_m3", "joint_hydrogen_kg"),
    *("station_rate_kg", "storage_limit_kg"),
)
TABLES = (*_CLASSES, *_BY_SIZE, "truck_split", "freight_weight", "joint_types", "diesel_truck")


def of_source(facility: FacilitySpec, key: str, ids: pd.Series) -> pd.Series:
    """Return the number of each source from a table by id; ``other`` for those not named."""
    known = table(facility, key)
    return ids.map(dict(known)).fillna(known["other"]).astype(float)


def require(facility: FacilitySpec) -> None:
    """Refuse numbers that are missing or mean nothing, all at once.

    Raises
    ------
    ConfigError
        Naming each assumption, table and row.
    """
    problems = [*_missing(facility)]
    if not problems:
        problems = [*_out_of_range(facility), *_missing_rows(facility), *_bad_rows(facility)]
    if not problems:
        problems = [*_falling(facility), *_nothing(facility)]
    if problems:
        raise ConfigError(*problems)


def _missing(facility: FacilitySpec) -> Iterable[Problem]:
    for kind, wanted, given in (
        ("assumptions", ASSUMPTIONS, facility.assumptions),
        ("tables", TABLES, facility.tables),
    ):
        for key in wanted:
            if key not in given:
                where = f"facility {facility.key}: {kind}.{key}"
                yield Problem(where=where, what="missing", mend="Add the key.")


def _out_of_range(facility: FacilitySpec) -> Iterable[Problem]:
    for keys, low, high, expected in (
        (POSITIVE, _LEAST, inf, "above 0"),
        (SHARES, 0.0, 1.0, "0 to 1"),
        (AMOUNTS, 0.0, inf, "0 or more"),
    ):
        for key in keys:
            row = facility.assumptions[key]
            for name, given in (("value", row.value), ("low", row.low), ("high", row.high)):
                if given is not None and not low <= given <= high:
                    yield Problem(
                        where=f"facility {facility.key}: assumptions.{key}.{name}",
                        what="wrong value",
                        got=f"{given:g}",
                        expected=expected,
                    )


def _missing_rows(facility: FacilitySpec) -> Iterable[Problem]:
    sizes = tuple(table(facility, _BY_SIZE[0]))
    for key, classes in (*_CLASSES.items(), *((key, sizes) for key in _BY_SIZE[1:])):
        for name in classes:
            if name not in table(facility, key):
                yield Problem(
                    where=f"facility {facility.key}: tables.{key}.values.{name}",
                    what="missing",
                    expected=f"a number in {facility.tables[key].unit or 'its unit'}",
                    mend="Add the row, with its source.",
                )


def _bad_rows(facility: FacilitySpec) -> Iterable[Problem]:
    for key in TABLES:
        for name, given in table(facility, key).items():
            is_right = given > 0 if key in _NEVER_ZERO else given >= 0
            if not is_right:
                yield Problem(
                    where=f"facility {facility.key}: tables.{key}.values.{name}",
                    what="wrong value",
                    got=f"{given:g}",
                    expected="above 0" if key in _NEVER_ZERO else "0 or more",
                )


def _falling(facility: FacilitySpec) -> Iterable[Problem]:
    """Yield the tables by which a larger station would cost less, or need less ground."""
    rates = table(facility, _BY_SIZE[0])
    order = sorted(rates, key=lambda size: (rates[size], size))
    for key in _BY_SIZE[1:]:
        for smaller, larger in pairwise(order):
            if table(facility, key)[larger] < table(facility, key)[smaller]:
                yield Problem(
                    where=f"facility {facility.key}: tables.{key}.values.{larger}",
                    what="a larger station has less than a smaller one",
                    got=f"{table(facility, key)[larger]:g}",
                    expected=f"at least {table(facility, key)[smaller]:g}, as {smaller}",
                )


def _nothing(facility: FacilitySpec) -> Iterable[Problem]:
    if not sum(table(facility, "truck_class_share").values()) > 0:
        yield Problem(
            where=f"facility {facility.key}: tables.truck_class_share.values",
            what="the shares add up to nothing",
            expected="one at least above 0",
        )
