"""What becomes of the whole facility type's value when one thing turns out otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd

from siting.economy._money import Money, discount_rate, money_of, read_money
from siting.economy.accounts import figures, unit_of
from siting.errors import ConfigError, Problem
from siting.frames import RESULT_FRAMES
from siting.model import FacilitySpec

_TABLE = "sensitivity_changes"
_ITEMS = ("npv_mcny", "irr", "levelised_cost")

_Change = Callable[[Money, float], Money]

_FACTORS: Mapping[str, tuple[str, str, _Change]] = {
    "price": ("售价", "price", lambda m, k: replace(m, revenue=m.revenue * k)),
    "subsidy": ("补贴", "subsidy", lambda m, k: replace(m, subsidy=m.subsidy * k)),
    "capex": ("建设投资", "investment", lambda m, k: replace(m, capex=m.capex * k)),
    "opex": ("固定运维费", "fixed cost of operation", lambda m, k: replace(m, fixed=m.fixed * k)),
    "energy": (
        "外购氢、电成本",
        "hydrogen and electricity bought",
        lambda m, k: replace(m, variable=m.variable * k),
    ),
    "output": (
        "服务量",
        "output",
        lambda m, k: replace(
            m,
            variable=m.variable * k,
            revenue=m.revenue * k,
            subsidy=m.subsidy * k,
            output=m.output * k,
        ),
    ),
}
_RATE = ("discount_rate", "折现率", "discount rate")


def sensitivity(facility: FacilitySpec, money: pd.DataFrame) -> pd.DataFrame:
    """Return value, rate of return and levelised cost of the type as one factor at a time changes.

    A change of the output takes along what is bought for it, earned with it and given for it;
    investment and fixed cost stay, as the plant is built already.

    Parameters
    ----------
    facility
        Brings the discount rate, the table ``sensitivity_changes`` (shares > −1, e.g. −0.3 … 0.3) and the
        demand case that is looked at.
    money
        Columns ``siting.facilities.registry.MONEY_COLUMNS``.

    Returns
    -------
    DataFrame
        Columns of the frame ``sensitivity``, sorted by factor as above, change and item; 0 is always among
        the changes.

    Raises
    ------
    ConfigError
        If there is no discount rate or table of changes, or a change takes away more than all.
    InputError
        As ``economics``.
    """
    columns = list(RESULT_FRAMES["sensitivity"])
    if not len(money):
        return pd.DataFrame(columns=columns)
    rate, changes = discount_rate(facility), _changes(facility)
    checked = read_money(facility, money)
    unit = str(checked["output_unit"].iloc[0])
    plan = money_of(checked[checked["case"] == facility.demand_case])
    found = [
        (factor, zh, en, change, figures(vary(plan, 1.0 + change), rate))
        for factor, (zh, en, vary) in _FACTORS.items()
        for change in changes
    ]
    found += [(*_RATE, change, figures(plan, rate * (1.0 + change))) for change in changes]
    rows = [
        (facility.key, factor, zh, en, change, item, values[item], unit_of(item, unit))
        for factor, zh, en, change, values in found
        for item in _ITEMS
    ]
    return pd.DataFrame(rows, columns=columns)


def _changes(facility: FacilitySpec) -> list[float]:
    table = facility.tables.get(_TABLE)
    values = {} if table is None else table.values  # noqa: PD011 - a SourcedTable, no frame
    if not values or not all(-1 <= change < float("inf") for change in values.values()):
        raise ConfigError(
            Problem(
                where=f"facility {facility.key}, tables.{_TABLE}",
                what="no changes to look at",
                got=", ".join(f"{name} = {value:g}" for name, value in values.items()),
                expected="shares from -1, e.g. -0.3 … 0.3",
                mend="State the table in the study, the facility or config/engineering/common.toml.",
            )
        )
    return sorted({0.0, *values.values()})
