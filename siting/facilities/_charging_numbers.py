"""The numbers that charging rests on: which ones, in which range; all that is wrong told at once."""

from collections.abc import Iterator, Mapping

from siting.errors import ConfigError, Problem
from siting.facilities._numbers import table
from siting.model import FacilitySpec

VEHICLES = ("car", "truck")
CONNECTORS = ("slow", "fast", "high_power", "truck")
"""Kinds of connectors; ``fast``, ``high_power`` and ``truck`` form one line, ``slow`` stands apart."""

CITY = "city"
"""Row of ``wait_limit_min`` for types of sites that are not named."""

_POSITIVE = (
    *("utilisation_limit", "power_factor", "transformer_loading", "transformer_kva"),
    *("peak_hour_share", "lifetime"),
)
_AMOUNTS = (
    *("vehicles", "public_kwh_per_vehicle_day", "truck_kwh_per_day", "service_variation"),
    *("transformer_mcny", "transformer_m2", "connection_mcny"),
    *("electricity_price", "service_fee", "subsidy"),
    *("grid_nox", "grid_so2", "grid_pm10", "grid_co2"),
)
_SHARES = ("high_power_share", "simultaneity", "upkeep_share")
_PARTS = ("slow_energy_share", "losses_share")  # what is left of 1 is divided by
_AT_MOST_ONE = ("peak_hour_share", "utilisation_limit", "power_factor", "transformer_loading")

_ROWS: Mapping[str, tuple[str, ...]] = {
    "session_kwh": VEHICLES,
    "session_kw": VEHICLES,
    "handling_min": VEHICLES,
    "kwh_per_km": VEHICLES,
    "litres_per_km": VEHICLES,
    "wait_limit_min": (CITY,),
    "connector_kw": CONNECTORS,
    "connector_mcny": CONNECTORS,
    "bay_mcny": CONNECTORS,
    "bay_m2": CONNECTORS,
}
_NEVER_ZERO = ("session_kwh", "session_kw", "kwh_per_km", "wait_limit_min", "connector_kw")
_SPREAD = ("public_split", "destination_worth", "corridor_worth", "truck_split", "freight_weight")

ASSUMPTIONS = (*_POSITIVE, *_AMOUNTS, *_SHARES, *_PARTS)
TABLES = (*_ROWS, "hub_fast", "truck_bay_share", *_SPREAD, "petrol_car", "diesel_truck")


def require(facility: FacilitySpec) -> None:
    """Refuse numbers that mean nothing, and rows that are missing.

    Raises
    ------
    ConfigError
        One line for each of them.
    """
    problems = [*_assumptions(facility), *_tables(facility), *_classes(facility)]
    if problems:
        raise ConfigError(*problems)


def _assumptions(facility: FacilitySpec) -> Iterator[Problem]:
    for key in ASSUMPTIONS:
        value = facility.assumptions[key].value
        if key in _PARTS:
            is_right, expected = 0.0 <= value < 1.0, "a share from 0 to below 1"
        elif key in _SHARES:
            is_right, expected = 0.0 <= value <= 1.0, "a share, 0 to 1"
        elif key in _AT_MOST_ONE:
            is_right, expected = 0.0 < value <= 1.0, "a share above 0, at most 1"
        elif key in _POSITIVE:
            is_right, expected = value > 0.0, "a number above 0"
        else:
            is_right, expected = value >= 0.0, "a number ≥ 0"
        if not is_right:
            yield _problem(facility, f"assumptions.{key}", f"{value:g}", expected)


def _tables(facility: FacilitySpec) -> Iterator[Problem]:
    for key, wanted in _ROWS.items():
        rows = table(facility, key)
        lacking = [name for name in wanted if name not in rows]
        if lacking:
            got = f"no row {', '.join(lacking)}"
            yield _problem(facility, f"tables.{key}", got, f"rows {', '.join(wanted)}")
        yield from _wrong_rows(facility, key, above_zero=key in _NEVER_ZERO)
    for key in _SPREAD:
        yield from _wrong_rows(facility, key, above_zero=False)


def _wrong_rows(facility: FacilitySpec, key: str, *, above_zero: bool) -> Iterator[Problem]:
    for name, value in table(facility, key).items():
        is_right = value > 0.0 if above_zero else value >= 0.0
        if not is_right:
            expected = "a number above 0" if above_zero else "a number ≥ 0"
            yield _problem(facility, f"tables.{key}", f"{name} = {value:g}", expected)


def _classes(facility: FacilitySpec) -> Iterator[Problem]:
    for name, value in table(facility, "hub_fast").items():
        if value < 1 or value != int(value):
            expected = "whole numbers of connectors from 1"
            yield _problem(facility, "tables.hub_fast", f"{name} = {value:g}", expected)
    for name, value in table(facility, "truck_bay_share").items():
        if not 0.0 <= value <= 1.0:
            expected = "a share of the bays, at most 1"
            yield _problem(facility, "tables.truck_bay_share", f"{name} = {value:g}", expected)


def _problem(facility: FacilitySpec, where: str, got: str, expected: str) -> Problem:
    return Problem(
        where=f"facility {facility.key}, [{where}]",
        what="no charging hub can be worked out",
        got=got,
        expected=expected,
        mend="Correct the row in the facility's file, the study or config/engineering.",
    )
