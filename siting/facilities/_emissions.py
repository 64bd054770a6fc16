"""Emissions avoided and added: what is used a year times grams a unit, as tonnes a year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from siting.errors import ConfigError, Problem
from siting.facilities.registry import CASE_NAMES, EMISSION_COLUMNS
from siting.model import FacilitySpec
from siting.units import GRAMS_PER_TONNE

SUBSTANCES = ("NOx", "SO2", "PM10", "CO2")
"""What is reported, local air first."""

LOCAL_SUBSTANCES = ("NOx", "SO2", "PM10")
"""What people nearby breathe."""

_GRID = {"NOx": "grid_nox", "SO2": "grid_so2", "PM10": "grid_pm10", "CO2": "grid_co2"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Use:
    """What is burnt or drawn a year, and what a unit of it emits.

    Parameters
    ----------
    amount
        Index ``candidate_id``, columns ``low``, ``base``, ``high``: kWh, litres or kilometres a year,
        ≥ 0; NaN where not known.
    grams
        Grams a unit by substance, ≥ 0; all of ``SUBSTANCES``.
    """

    amount: pd.DataFrame
    grams: Mapping[str, float]


def emissions(*, avoided: Sequence[Use], added: Sequence[Use]) -> pd.DataFrame:
    """Return the tonnes a year of each substance that sites avoid and add, by demand case.

    Parameters
    ----------
    avoided
        What would have been burnt; all with the same sites.
    added
        What is drawn or burnt instead, with these sites again.

    Returns
    -------
    DataFrame
        ``candidate_id``, ``case``, ``substance``, ``avoided_t``, ``added_t``: one row per site, case
        and substance, sites in their order. No uses at all: no rows.

    Examples
    --------
    >>> kwh = pd.DataFrame({"low": [0.0], "base": [1e6], "high": [2e6]}, index=["B1"])
    >>> engine = {"NOx": 10.5, "SO2": 2.12, "PM10": 0.243, "CO2": 695.7}
    >>> grid = {"NOx": 0.0, "SO2": 0.0, "PM10": 0.0, "CO2": 641.0}
    >>> found = emissions(avoided=[Use(amount=kwh, grams=engine)], added=[Use(amount=kwh, grams=grid)])
    >>> round(float((found["avoided_t"] - found["added_t"]).iloc[7]), 1)
    54.7
    """
    uses = [*avoided, *added]
    if not uses:
        return pd.DataFrame(columns=list(EMISSION_COLUMNS))
    sites = uses[0].amount.index
    rows = pd.MultiIndex.from_product(
        [sites, CASE_NAMES, SUBSTANCES], names=list(EMISSION_COLUMNS[:3])
    )
    frame = rows.to_frame(index=False)
    frame["avoided_t"] = _tonnes(avoided, sites)
    frame["added_t"] = _tonnes(added, sites)
    return frame


def _tonnes(uses: Sequence[Use], sites: pd.Index) -> list[float]:
    """Return tonnes by site, case and substance, the substance running fastest."""
    amounts = [use.amount.loc[sites, list(CASE_NAMES)].to_numpy(float) for use in uses]
    return [
        sum((a[row, case] * use.grams[s] for a, use in zip(amounts, uses, strict=True)), start=0.0)
        / GRAMS_PER_TONNE
        for row in range(len(sites))
        for case in range(len(CASE_NAMES))
        for s in SUBSTANCES
    ]


def grid_factors(facility: FacilitySpec) -> Mapping[str, float]:
    """Return what a kWh from the grid emits, g/kWh by substance.

    Raises
    ------
    ConfigError
        If one of ``grid_nox``, ``grid_so2``, ``grid_pm10`` and ``grid_co2`` is missing.
    """
    lacking = [key for key in _GRID.values() if key not in facility.assumptions]
    if lacking:
        raise ConfigError(*(_missing(facility, "assumptions", key) for key in lacking))
    return {substance: facility.assumptions[key].value for substance, key in _GRID.items()}


def factors_of(facility: FacilitySpec, table: str) -> Mapping[str, float]:
    """Return the factors of a table by substance, in the unit of the table.

    Raises
    ------
    ConfigError
        If the table or one of its substances is missing, one line each.
    """
    if table not in facility.tables:
        raise ConfigError(_missing(facility, "tables", table))
    given = facility.tables[table].values  # noqa: PD011 - a record, not a frame
    lacking = [substance for substance in SUBSTANCES if substance not in given]
    if lacking:
        raise ConfigError(*(_missing(facility, f"tables.{table}.values", s) for s in lacking))
    return {substance: given[substance] for substance in SUBSTANCES}


def _missing(facility: FacilitySpec, where: str, key: str) -> Problem:
    return Problem(
        where=f"facility {facility.key}, [{where}]",
        what=f"no emission factor {key}",
        expected=f"a row {key} of this facility, the study or config/engineering",
        mend="Add the row, with its source.",
    )
