"""The money of a facility type's sites, read and checked: what accounts and sensitivities start from."""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.economy.cash import FloatArray, annuity_factor
from siting.errors import ConfigError, InputError, Problem
from siting.model import FacilitySpec

CASES: Final = ("low", "base", "high")
AMOUNTS: Final = (
    *("capex_mcny", "fixed_mcny_yr", "variable_mcny_yr", "revenue_mcny_yr"),
    *("subsidy_mcny_yr", "output_per_yr"),
)
_COLUMNS: Final = ("candidate_id", "case", *AMOUNTS, "output_unit", "lifetime_yr")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Money:
    """Money of some sites in one demand case: million CNY, a year where the name says so, ``(n_sites,)``."""

    capex: FloatArray
    fixed: FloatArray
    variable: FloatArray
    revenue: FloatArray
    subsidy: FloatArray
    output: FloatArray
    years: FloatArray

    @property
    def yearly(self) -> FloatArray:
        """What it costs to keep and run the sites for a year."""
        return np.asarray(self.fixed + self.variable)

    @property
    def net(self) -> FloatArray:
        """What a year brings beyond that."""
        return np.asarray(self.revenue + self.subsidy - self.yearly)

    def part(self, rows: NDArray[np.int64]) -> "Money":
        """Return the money of some of the sites."""
        return Money(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def cash(self) -> FloatArray:
        """Return the payments of all sites together, today and at the end of every year.

        Each site is built today and closed after its own lifetime; NaN where a lifetime or a
        payment is not known.
        """
        if np.isnan(self.years).any():
            return np.array([np.nan])
        flow = np.zeros(int(self.years.max(initial=0.0)) + 1)
        for years, net in zip(self.years, self.net, strict=True):
            flow[1 : int(years) + 1] += net
        flow[0] = -self.capex.sum()
        return flow

    def value(self, rate: float) -> float:
        """Return the net present value, million CNY."""
        return float((annuity_factor(rate, self.years) * self.net - self.capex).sum())


def money_of(rows: pd.DataFrame) -> Money:
    """Return the columns of some checked rows of money."""
    amounts = [rows[name].to_numpy(float) for name in AMOUNTS]
    capex, fixed, variable, revenue, subsidy, output = amounts
    return Money(
        capex=capex,
        fixed=fixed,
        variable=variable,
        revenue=revenue,
        subsidy=subsidy,
        output=output,
        years=rows["lifetime_yr"].to_numpy(float),
    )


def read_money(facility: FacilitySpec, money: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of money sorted by case and site; refuse what means nothing, all at once.

    Raises
    ------
    InputError
        If an amount is negative or infinite, a lifetime no whole number of years, a case unknown, a row
        twice there, or the outputs have more than one unit.
    """
    where = f"facility {facility.key}, money"
    problems = [*_bad_amounts(where, money), *_bad_keys(where, money)]
    if problems:
        raise InputError(*problems)
    place = money["case"].map({case: k for k, case in enumerate(CASES)})
    ordered = money.assign(place=place).sort_values(["candidate_id", "place"])
    return ordered[list(_COLUMNS)].reset_index(drop=True)


def discount_rate(facility: FacilitySpec) -> float:
    """Return the discount rate of a facility type, a share a year ≥ 0.

    Raises
    ------
    ConfigError
        If neither the study nor the type states one, or it is negative.
    """
    found = facility.assumptions.get("discount_rate")
    if found is None or not 0 <= found.value < np.inf:
        raise ConfigError(
            Problem(
                where=f"facility {facility.key}, assumptions.discount_rate",
                what="no rate to discount money with",
                got="" if found is None else f"{found.value:g}",
                expected="a share a year from 0, e.g. 0.06",
                mend="State it in the study, the facility or config/engineering/common.toml.",
            )
        )
    return found.value


def _bad_amounts(where: str, money: pd.DataFrame) -> list[Problem]:
    problems = []
    for name in AMOUNTS:
        values = money[name].to_numpy(float)
        is_bad = (values < 0) | np.isinf(values)
        problems += _told(
            money, is_bad, f"{where}, {name}", "no amount of money or output", ">= 0"
        )
    years = money["lifetime_yr"].to_numpy(float)
    is_known = ~np.isnan(years)
    is_bad = is_known & ((years < 1) | np.isinf(years) | (years != np.floor(years)))
    return problems + _told(
        money, is_bad, f"{where}, lifetime_yr", "no lifetime", "a whole number of years from 1"
    )


def _told(
    money: pd.DataFrame, is_bad: NDArray[np.bool_], where: str, what: str, expected: str
) -> list[Problem]:
    """Return one problem for all bad rows of a column, or none."""
    at = np.flatnonzero(is_bad)
    if not len(at):
        return []
    first = money.iloc[at[0]]
    value = first[where.rsplit(", ", maxsplit=1)[-1]]
    rows = f"{len(at)} of {len(money)} rows, first {first['candidate_id']} ({first['case']}): {value:g}"
    mend = "Check the prices and costs among the assumptions of the facility type."
    return [Problem(where=where, what=what, got=rows, expected=expected, mend=mend)]


def _bad_keys(where: str, money: pd.DataFrame) -> list[Problem]:
    problems = []
    unknown = sorted(set(money["case"]) - set(CASES))
    if unknown:
        what, expected = "no such demand case", ", ".join(CASES)
        problems.append(
            Problem(where=f"{where}, case", what=what, got=", ".join(unknown), expected=expected)
        )
    twice = money[money.duplicated(["candidate_id", "case"])]
    if len(twice):
        row = twice.iloc[0]
        got = f"{row['candidate_id']} ({row['case']})"
        expected = "one row a site and case"
        problems.append(
            Problem(where=where, what="a row is there twice", got=got, expected=expected)
        )
    units = sorted(set(money["output_unit"]))
    if len(units) > 1:
        what, got = "outputs of more than one unit", ", ".join(units)
        problems.append(Problem(where=f"{where}, output_unit", what=what, got=got, expected="one"))
    return problems
