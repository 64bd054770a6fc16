"""What each site and the whole facility type cost, bring and are worth."""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.economy._money import CASES, Money, discount_rate, money_of, read_money
from siting.economy.cash import discounted_payback, internal_rate, levelised_cost
from siting.frames import RESULT_FRAMES
from siting.model import FacilitySpec
from siting.units import CNY_PER_MCNY

WHOLE = ""
"""What stands for the whole facility type in the column ``candidate_id``."""

_ITEMS = {
    "capex_mcny": ("建设投资", "investment", "million CNY"),
    "opex_mcny_yr": ("年运行成本", "cost of operation", "million CNY/yr"),
    "revenue_mcny_yr": ("年营业收入（不含补贴）", "revenue without subsidy", "million CNY/yr"),
    "subsidy_mcny_yr": ("年补贴", "subsidy", "million CNY/yr"),
    "output_per_yr": ("年服务量", "output", "{output}/yr"),
    "levelised_cost": ("平准化成本", "levelised cost", "CNY/{output}"),
    "npv_mcny": ("财务净现值", "net present value", "million CNY"),
    "irr": ("财务内部收益率", "internal rate of return", "share"),
    "payback_yr": ("动态投资回收期", "discounted payback", "yr"),
}


def economics(facility: FacilitySpec, money: pd.DataFrame) -> pd.DataFrame:
    """Return investment, running cost, levelised cost and return of each site and of all together.

    Each site is built today, runs its own lifetime at the same output every year, and is worth
    nothing at the end. The whole type adds up the sites' payments, so its value is the sum of theirs.

    Parameters
    ----------
    facility
        Brings the assumption ``discount_rate`` (share a year).
    money
        Columns ``siting.facilities.registry.MONEY_COLUMNS``, one row a site and demand case, amounts ≥ 0;
        NaN = not known.

    Returns
    -------
    DataFrame
        Columns of the frame ``economics``; ``candidate_id`` is empty for the whole type. Sorted by
        site, case and item. What rests on an unknown amount is NaN; the levelised cost is without
        subsidy; a rate of return or a payback that does not exist is NaN.

    Raises
    ------
    ConfigError
        If there is no discount rate.
    InputError
        If an amount is negative, or rows contradict each other.

    References
    ----------
    建设项目经济评价方法与参数（第三版）(2006): 财务净现值, 财务内部收益率, 动态投资回收期.
    """
    columns = list(RESULT_FRAMES["economics"])
    if not len(money):
        return pd.DataFrame(columns=columns)
    rate = discount_rate(facility)
    checked = read_money(facility, money)
    unit = str(checked["output_unit"].iloc[0])
    money_by_row = money_of(checked)
    rows = [
        (facility.key, site, case, item, *_words(item, unit), value)
        for site, case, part in _parts(checked)
        for item, value in figures(money_by_row.part(part), rate).items()
    ]
    order = ["facility", "candidate_id", "case", "item", "zh", "en", "unit", "value"]
    return pd.DataFrame(rows, columns=order)[columns]


def figures(money: Money, rate: float) -> dict[str, float]:
    """Return the items of some sites' money taken together.

    Parameters
    ----------
    money
        Of the sites in one demand case.
    rate
        Discount rate, share a year ≥ 0.

    Returns
    -------
    dict
        Value by item, as the frame ``economics`` names them.
    """
    cash = money.cash()
    cost = levelised_cost(
        rate, money.years, capex=money.capex, yearly=money.yearly, output=money.output
    )
    is_built = money.capex.sum() > 0
    return {
        "capex_mcny": float(money.capex.sum()),
        "opex_mcny_yr": float(money.yearly.sum()),
        "revenue_mcny_yr": float(money.revenue.sum()),
        "subsidy_mcny_yr": float(money.subsidy.sum()),
        "output_per_yr": float(money.output.sum()),
        "levelised_cost": cost * CNY_PER_MCNY,
        "npv_mcny": money.value(rate),
        "irr": internal_rate(cash),
        "payback_yr": discounted_payback(rate, cash) if is_built else math.nan,
    }


def label(item: str) -> tuple[str, str]:
    """Return what an item of the accounts is called in Chinese and English."""
    return _ITEMS[item][:2]


def unit_of(item: str, output: str) -> str:
    """Return the unit of an item, with the unit of the output (kg, or kg/yr as it is sold) put in."""
    return _ITEMS[item][2].replace("{output}", output.removesuffix("/yr"))


def _words(item: str, output: str) -> tuple[str, str, str]:
    return *label(item), unit_of(item, output)


def _parts(money: pd.DataFrame) -> Iterator[tuple[str, str, NDArray[np.int64]]]:
    """Return the rows of the whole type and of each site, by case in its order."""
    cases = money["case"].to_numpy(object)
    for case in CASES:
        if len(rows := np.flatnonzero(cases == case)):
            yield WHOLE, case, rows
    for row, site in enumerate(money["candidate_id"]):
        yield str(site), str(cases[row]), np.array([row])
