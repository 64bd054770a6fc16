"""Investment arithmetic against published cases, and the accounts of made-up facility types."""

import doctest
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings, strategies as st

from siting import _rollout
from siting._measures import MEASURES
from siting.economy import (
    WHOLE,
    annuity_factor,
    cash,
    discounted_payback,
    economics,
    internal_rate,
    levelised_cost,
    net_present_value,
    sensitivity,
)
from siting.errors import ConfigError, InputError
from siting.facilities.registry import MONEY_COLUMNS
from siting.frames import RESULT_FRAMES
from siting.model import Assumption, FacilitySpec, Label, SourcedTable
from tests.sample import sample_result

RATES = st.floats(0.001, 0.5)
MONEY = st.floats(0.01, 1e4)
YEARS = st.integers(1, 40)
NO_LABEL = Label(zh="", en="")
CHANGES = {"less": -0.3, "more": 0.3}
SAMPLE = sample_result().study.facilities[0]
PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "economics.md"


def make_facility(
    *, rate: float | None = 0.1, changes: Mapping[str, float] | None = None, case: str = "base"
) -> FacilitySpec:
    facts = {"label": NO_LABEL, "source": "made up", "confidence": "C", "year": 2024}
    numbers = (
        {}
        if rate is None
        else {
            "discount_rate": Assumption(
                key="discount_rate", value=rate, unit="share", low=None, high=None, **facts
            )
        }
    )
    table = SourcedTable(
        key="sensitivity_changes",
        unit="share",
        values=MappingProxyType(dict(CHANGES if changes is None else changes)),
        **facts,
    )
    return replace(
        SAMPLE,
        key="plant",
        assumptions=numbers,
        tables={"sensitivity_changes": table},
        demand_case=case,
    )


def money_row(site: str, case: str = "base", **amounts: float | str) -> dict[str, object]:
    usual = {
        "capex_mcny": 100.0,
        "fixed_mcny_yr": 5.0,
        "variable_mcny_yr": 10.0,
        "revenue_mcny_yr": 40.0,
        "subsidy_mcny_yr": 2.0,
        "output_per_yr": 1e6,
        "output_unit": "kg",
        "lifetime_yr": 10.0,
    }
    return {"candidate_id": site, "case": case, **usual, **amounts}


def money_of(*rows: Mapping[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(MONEY_COLUMNS))


def value(frame: pd.DataFrame, item: str, site: str = WHOLE, case: str = "base") -> float:
    is_it = (frame["candidate_id"] == site) & (frame["case"] == case) & (frame["item"] == item)
    (found,) = frame.loc[is_it, "value"]
    return float(found)


# --- arithmetic -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cash", "rate"),
    [
        ([-100, 39, 59, 55, 20], 0.28095),
        ([-100, 0, 0, 74], -0.0955),
        ([-100, 100, 0, 7], 0.06206),
    ],
)
def test_internal_rate_of_the_numpy_manual(cash: Sequence[float], rate: float) -> None:
    # numpy.org/doc/1.17/reference/generated/numpy.irr.html, Examples (after Gitman 2003, p. 348).
    assert round(internal_rate(cash), 5) == rate


def test_a_discounted_payback_as_printed() -> None:
    # gaodun.com/q/500s5h: 12 % a year; discounted and cumulative columns of the table.
    cash = [-200_000, 60_000, 80_000, 70_000, 60_000, 50_000]
    assert discounted_payback(0.12, cash) == pytest.approx(3 + 32_828.44 / 38_131.08, abs=1e-6)
    assert net_present_value(0.12, cash) == pytest.approx(33_673.98, abs=0.02)  # sum of roundings


@pytest.mark.parametrize(
    ("cost", "years"), [(5_200, 1.96), (5_400, 2 + 96.83 / 3_442.35), (10_400, 3.65)]
)
def test_discounted_paybacks_at_14_percent(cost: float, years: float) -> None:
    # justaaa.com/finance/28200: flows 2 800, 3 700, 5 100, 4 300. The page divides 96.83 by the
    # cumulated 3 345.52 where its own method takes the year's 3 442.35; ours follows the method.
    cash = [-cost, 2_800, 3_700, 5_100, 4_300]
    assert discounted_payback(0.14, cash) == pytest.approx(years, abs=0.005)


@pytest.mark.parametrize(
    "cash",
    [
        [],
        [0.0, 0.0],
        [-100.0, -5.0],
        [100.0, -110.0],  # a loan has a rate, but no return
        [-100, 100, 0, -7],  # signs change twice
        [-10, 25, -15],  # both 0 and 50 % make it worth nothing
        [-100.0, math.nan],
    ],
)
def test_no_rate_of_return_is_nan(cash: Sequence[float]) -> None:
    assert math.isnan(internal_rate(cash))


@given(
    st.floats(1.0, 1e6), st.lists(st.floats(0.0, 1e6), min_size=1, max_size=40), st.integers(0, 5)
)
def test_present_value_at_the_internal_rate_is_nothing(
    outlay: float, income: list[float], wait: int
) -> None:
    assume(max(income) > outlay * 1e-6)
    cash = np.array([-outlay, *[0.0] * wait, *income])
    rate = internal_rate(cash)
    parts = cash * (1.0 + rate) ** -np.arange(len(cash))
    assert abs(parts.sum()) <= 1e-8 * np.abs(parts).sum()


@given(RATES, st.floats(0.001, 0.5), MONEY, st.lists(MONEY, min_size=1, max_size=30))
def test_more_discount_gives_less_value(
    rate: float, more: float, outlay: float, income: list[float]
) -> None:
    cash = [-outlay, *income]
    assert net_present_value(rate + more, cash) < net_present_value(rate, cash)


@given(st.floats(0.0, 0.5), st.integers(0, 60))
def test_annuity_is_the_sum_of_its_years(rate: float, years: int) -> None:
    parts = math.fsum((1.0 + rate) ** -t for t in range(1, years + 1))
    assert float(annuity_factor(rate, years)) == pytest.approx(parts, rel=1e-9)


def test_annuity_takes_many_lifetimes_at_once() -> None:
    assert annuity_factor(0.0, [1, 10, 25]).tolist() == [1.0, 10.0, 25.0]
    tiny = annuity_factor(1e-12, 25)  # the closed form without log1p loses all digits here
    assert float(tiny) == pytest.approx(25.0, rel=1e-9)


@given(RATES, MONEY, st.lists(MONEY, min_size=1, max_size=30))
def test_payback_is_when_the_balance_turns(
    rate: float, outlay: float, income: list[float]
) -> None:
    cash = np.array([-outlay, *income])
    today = cash * (1.0 + rate) ** -np.arange(len(cash))
    years = discounted_payback(rate, cash)
    if math.isnan(years):
        assert today.sum() < 0
        return
    whole, part = int(years), years - int(years)
    paid = today[: whole + 1].sum() + (part * today[whole + 1] if part else 0.0)
    assert paid == pytest.approx(0.0, abs=1e-9 * outlay)


@pytest.mark.parametrize("cash", [[], [math.nan, 1.0], [-1.0, math.inf]])
def test_payback_of_nothing_known_is_nan(cash: Sequence[float]) -> None:
    assert math.isnan(discounted_payback(0.1, cash))


def test_nothing_owed_is_paid_back_at_once() -> None:
    assert discounted_payback(0.1, [0.0, 5.0]) == 0.0


@given(RATES, YEARS, MONEY, MONEY, MONEY)
def test_levelised_cost_is_the_fixed_charge_form(
    rate: float, years: int, capex: float, yearly: float, output: float
) -> None:
    # sam.nrel.gov/financial-models/lcoe-calculator.html: (FCR x TCC + FOC) / AEP + VOC.
    charge = rate / (1.0 - (1.0 + rate) ** -years)
    found = levelised_cost(rate, [years], capex=[capex], yearly=[yearly], output=[output])
    assert found == pytest.approx((charge * capex + yearly) / output, rel=1e-9)


def test_no_output_has_no_levelised_cost() -> None:
    assert math.isnan(levelised_cost(0.1, [10], capex=[1.0], yearly=[1.0], output=[0.0]))


# --- accounts ---------------------------------------------------------------------------------


def test_a_plant_by_hand() -> None:
    # 10 years at 10 %: factor (1 - 1.1^-10) / 0.1 = 6.144567; 27 million a year.
    frame = economics(make_facility(), money_of(money_row("C1")))
    assert value(frame, "npv_mcny", "C1") == pytest.approx(27 * 6.144567 - 100, abs=1e-4)
    assert value(frame, "levelised_cost", "C1") == pytest.approx(100 / 6.144567 + 15, abs=1e-5)
    # 100 / 27 = 3.7037 is the factor at 23.88 %: 0.2388 / (1 - 1.2388^-10) = 1 / 3.696.
    assert value(frame, "irr", "C1") == pytest.approx(0.2379, abs=2e-3)
    assert value(frame, "capex_mcny", "C1") == 100.0
    assert value(frame, "opex_mcny_yr", "C1") == 15.0
    assert value(frame, "revenue_mcny_yr", "C1") == 40.0
    assert value(frame, "subsidy_mcny_yr", "C1") == 2.0
    assert value(frame, "output_per_yr", "C1") == 1e6
    # 1.1^-1 … 1.1^-4 sum to 3.169865, with the fifth to 3.790787: 100 / 27 lies between.
    assert value(frame, "payback_yr", "C1") == pytest.approx(
        4 + (100 / 27 - 3.169865) / 0.620921, abs=1e-4
    )


def test_frame_has_its_columns_units_and_order() -> None:
    rows = [money_row(site, case) for site in ("C2", "C1") for case in ("high", "low", "base")]
    frame = economics(make_facility(), money_of(*rows))
    assert tuple(frame.columns) == RESULT_FRAMES["economics"]
    assert frame["candidate_id"].drop_duplicates().tolist() == ["", "C1", "C2"]
    for _, part in frame.groupby("candidate_id"):
        assert part["case"].drop_duplicates().tolist() == ["low", "base", "high"]
    units = frame.drop_duplicates("item").set_index("item")["unit"]
    assert units["levelised_cost"] == "CNY/kg"
    assert units["output_per_yr"] == "kg/yr"
    assert set(frame["facility"]) == {"plant"}


AMOUNTS = st.fixed_dictionaries(
    {
        "capex_mcny": MONEY,
        "fixed_mcny_yr": MONEY,
        "variable_mcny_yr": MONEY,
        "revenue_mcny_yr": MONEY,
        "subsidy_mcny_yr": MONEY,
        "output_per_yr": st.floats(1.0, 1e8),
        "lifetime_yr": YEARS.map(float),
    }
)


@settings(max_examples=30)
@given(st.lists(AMOUNTS, min_size=1, max_size=5), RATES)
def test_sites_add_up_to_the_type(plants: list[dict[str, float]], rate: float) -> None:
    rows = [money_row(f"C{k}", **plant) for k, plant in enumerate(plants)]
    frame = economics(make_facility(rate=rate), money_of(*rows))
    sums = frame[frame["candidate_id"] != WHOLE].groupby("item")["value"].sum()
    for item in (
        "capex_mcny",
        "opex_mcny_yr",
        "revenue_mcny_yr",
        "subsidy_mcny_yr",
        "output_per_yr",
        "npv_mcny",
    ):
        scale = sum(abs(v) for plant in plants for v in plant.values()) * 40
        assert value(frame, item) == pytest.approx(sums[item], rel=1e-9, abs=1e-12 * scale)


@settings(max_examples=30)
@given(st.lists(AMOUNTS, min_size=1, max_size=5), RATES)
def test_a_price_of_the_levelised_cost_is_worth_nothing(
    plants: list[dict[str, float]], rate: float
) -> None:
    rows = [money_row(f"C{k}", **plant) for k, plant in enumerate(plants)]
    first = economics(make_facility(rate=rate), money_of(*rows))
    price = value(first, "levelised_cost")
    priced = [
        {**row, "revenue_mcny_yr": price * row["output_per_yr"] / 1e6, "subsidy_mcny_yr": 0.0}
        for row in rows
    ]
    again = economics(make_facility(rate=rate), money_of(*priced))
    scale = sum(plant["capex_mcny"] + 40 * plant["variable_mcny_yr"] for plant in plants)
    turnover = 40 * sum(row["revenue_mcny_yr"] for row in priced)
    assert abs(value(again, "npv_mcny")) <= 1e-9 * (scale + turnover)


@settings(max_examples=30)
@given(AMOUNTS, RATES)
def test_payments_and_annuities_give_one_value(plant: dict[str, float], rate: float) -> None:
    frame = economics(make_facility(rate=rate), money_of(money_row("C1", **plant)))
    yearly = (
        plant["revenue_mcny_yr"]
        + plant["subsidy_mcny_yr"]
        - plant["fixed_mcny_yr"]
        - plant["variable_mcny_yr"]
    )
    assume(abs(yearly) > 1e-6)  # else its sign is a matter of rounding
    cash = [-plant["capex_mcny"], *[yearly] * int(plant["lifetime_yr"])]
    scale = plant["capex_mcny"] + 40 * (abs(yearly) + 1.0)
    assert value(frame, "npv_mcny") == pytest.approx(
        net_present_value(rate, cash), abs=1e-9 * scale
    )
    assert value(frame, "irr") == pytest.approx(internal_rate(cash), rel=1e-4, nan_ok=True)


def test_each_site_runs_its_own_lifetime() -> None:
    rows = [
        money_row("C1", lifetime_yr=1.0, capex_mcny=10.0, subsidy_mcny_yr=0.0),
        money_row("C2", lifetime_yr=3.0, capex_mcny=20.0, subsidy_mcny_yr=0.0),
    ]
    frame = economics(make_facility(rate=0.0), money_of(*rows))
    assert value(frame, "npv_mcny") == pytest.approx(25 * 4 - 30)
    assert value(frame, "irr") == pytest.approx(internal_rate([-30, 50, 25, 25]))


@pytest.mark.parametrize("column", ["revenue_mcny_yr", "lifetime_yr"])
def test_what_is_not_known_stays_unknown(column: str) -> None:
    frame = economics(
        make_facility(), money_of(money_row("C1", **{column: math.nan}), money_row("C2"))
    )
    for item in ("npv_mcny", "irr", "payback_yr"):
        assert math.isnan(value(frame, item, "C1"))
        assert math.isnan(value(frame, item))
        assert not math.isnan(value(frame, item, "C2"))
    assert value(frame, "capex_mcny") == 200.0


def test_cost_without_known_price_is_still_told() -> None:
    frame = economics(make_facility(), money_of(money_row("C1", revenue_mcny_yr=math.nan)))
    assert value(frame, "levelised_cost") == pytest.approx(100 / 6.144567 + 15, abs=1e-5)


def test_nothing_built_and_nothing_sold() -> None:
    idle = dict.fromkeys(MONEY_COLUMNS[2:8], 0.0)
    frame = economics(make_facility(), money_of(money_row("C1", **idle)))
    assert value(frame, "npv_mcny") == 0.0
    for item in ("irr", "payback_yr", "levelised_cost"):
        assert math.isnan(value(frame, item))


def test_no_sites_have_no_accounts() -> None:
    facility = make_facility(rate=None)
    assert tuple(economics(facility, money_of()).columns) == RESULT_FRAMES["economics"]
    assert not len(economics(facility, money_of()))
    assert tuple(sensitivity(facility, money_of()).columns) == RESULT_FRAMES["sensitivity"]


def test_the_caller_keeps_what_it_gave() -> None:
    money = money_of(money_row("C2"), money_row("C1"))
    before = money.copy()
    economics(make_facility(), money)
    sensitivity(make_facility(), money)
    pd.testing.assert_frame_equal(money, before)


@pytest.mark.parametrize(
    ("amounts", "told"),
    [
        ({"revenue_mcny_yr": -1.0}, "revenue_mcny_yr"),
        ({"variable_mcny_yr": -0.5}, "variable_mcny_yr"),
        ({"capex_mcny": math.inf}, "capex_mcny"),
        ({"lifetime_yr": 0.0}, "lifetime_yr"),
        ({"lifetime_yr": 9.5}, "lifetime_yr"),
        ({"case": "worst"}, "case"),
    ],
)
def test_bad_money_is_one_line(amounts: dict[str, float | str], told: str) -> None:
    with pytest.raises(InputError) as refused:
        economics(make_facility(), money_of({**money_row("C1"), **amounts}))
    (problem,) = refused.value.problems
    assert problem.where == f"facility plant, money, {told}"
    assert "\n" not in str(problem)


def test_all_bad_money_is_told_at_once() -> None:
    rows = [
        money_row("C1", revenue_mcny_yr=-1.0, lifetime_yr=0.0),
        money_row("C1", output_unit="kWh"),
    ]
    with pytest.raises(InputError) as refused:
        sensitivity(make_facility(), money_of(*rows))
    assert len(refused.value.problems) == 4
    assert "first C1 (base): -1" in str(refused.value)


@pytest.mark.parametrize("rate", [None, -0.01, math.inf])
def test_without_a_discount_rate_nothing_is_worth_anything(rate: float | None) -> None:
    with pytest.raises(ConfigError, match="discount_rate"):
        economics(make_facility(rate=rate), money_of(money_row("C1")))


# --- sensitivity ------------------------------------------------------------------------------


def npv(frame: pd.DataFrame, factor: str, change: float) -> float:
    is_it = (frame["factor"] == factor) & np.isclose(frame["change"], change)
    (found,) = frame.loc[is_it & (frame["item"] == "npv_mcny"), "value"]
    return float(found)


def test_sensitivities_by_hand() -> None:
    frame = sensitivity(make_facility(), money_of(money_row("C1")))
    f = 6.144567
    plan = 27 * f - 100
    expected = {
        "price": plan + 0.3 * 40 * f,
        "subsidy": plan + 0.3 * 2 * f,
        "capex": plan - 0.3 * 100,
        "opex": plan - 0.3 * 5 * f,
        "energy": plan - 0.3 * 10 * f,
        "output": plan + 0.3 * 32 * f,
        "discount_rate": 27 * float(annuity_factor(0.13, 10)) - 100,
    }
    for factor, after in expected.items():
        assert npv(frame, factor, 0.3) == pytest.approx(after, abs=1e-3), factor
        assert npv(frame, factor, 0.0) == pytest.approx(plan, abs=1e-3), factor
    assert set(frame["factor"]) == set(expected)
    assert tuple(frame.columns) == RESULT_FRAMES["sensitivity"]


@settings(max_examples=30)
@given(AMOUNTS, RATES)
def test_value_goes_one_way_with_each_factor(plant: dict[str, float], rate: float) -> None:
    facility = make_facility(rate=rate, changes={"a": -0.2, "b": -0.1, "c": 0.2})
    frame = sensitivity(facility, money_of(money_row("C1", **plant)))
    values = frame[frame["item"] == "npv_mcny"].pivot_table(
        index="factor", columns="change", values="value"
    )
    for factor in ("price", "subsidy"):
        assert (np.diff(values.loc[factor]) >= 0).all()
    for factor in ("capex", "opex", "energy"):
        assert (np.diff(values.loc[factor]) <= 0).all()


def test_the_case_planned_for_is_the_one_looked_at() -> None:
    rows = [money_row("C1", "base"), money_row("C1", "high", revenue_mcny_yr=60.0)]
    facility = make_facility(case="high")
    frame = sensitivity(facility, money_of(*rows))
    whole = economics(facility, money_of(*rows))
    assert npv(frame, "price", 0.0) == value(whole, "npv_mcny", case="high")
    assert npv(frame, "price", 0.0) != value(whole, "npv_mcny", case="base")


@pytest.mark.parametrize("changes", [{}, {"all": -1.5}, {"none": math.nan}])
def test_changes_that_mean_nothing_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="sensitivity_changes"):
        sensitivity(make_facility(changes=changes), money_of(money_row("C1")))


def test_the_page_on_money_says_what_python_answers() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert tried > 4
    assert failed == 0


def test_the_page_on_money_names_every_measure() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in MEASURES if f"`{name}`" not in text] == []


@pytest.mark.parametrize("module", [cash, _rollout])
def test_examples_of_the_docstrings_hold(module: ModuleType) -> None:
    failed, tried = doctest.testmod(module)
    assert tried
    assert not failed
