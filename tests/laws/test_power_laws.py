"""Laws that hold for every facility type that sells power: more demand, prices, cases, balances."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from siting.facilities._emissions import SUBSTANCES
from tests.power_cases import (
    TYPES,
    berths,
    built,
    configured,
    offered,
    set_to,
    stands,
    substations,
)

CASES = ("low", "base", "high")
PORT: dict[str, Callable[..., gpd.GeoDataFrame]] = {
    "shore_power": berths,
    "airport_power": stands,
}
BUSY = {"shore_power": "calls_per_year", "airport_power": "turns_per_day"}
MANY = {"shore_power": 2000.0, "airport_power": 12.0}
CLASSES = {
    "shore_power": ("ship_class", ("<1k TEU", "12-14.5k TEU", "VLCC", "cruise >60k GT", "tug")),
    "airport_power": ("aircraft_class", ("C", "D", "E", "F")),
}
PLACES = {"shore_power": "berths", "airport_power": "stands"}
each_type = pytest.mark.parametrize("key", TYPES)
few = settings(max_examples=25, deadline=None)


@st.composite
def places(draw: st.DrawFn, key: str) -> gpd.GeoDataFrame:
    n = draw(st.integers(1, 4))
    column, classes = CLASSES[key]

    def each(cell: st.SearchStrategy[object]) -> list[object]:
        return draw(st.lists(cell, min_size=n, max_size=n))

    given_ = {
        column: each(st.sampled_from(classes)),
        PLACES[key]: each(st.integers(1, 8)),
        BUSY[key]: each(st.floats(0.0, MANY[key], allow_subnormal=False)),
    }
    if key == "shore_power":
        given_["shore_power"] = each(st.sampled_from(["HV", "LV", "none", "unknown"]))
        given_["exempt"] = each(st.sampled_from(["no", "no", "yes"]))
        given_["berth_hours"] = each(st.floats(0.0, 60.0, allow_subnormal=False))
    else:
        given_["bridge_power"] = each(st.sampled_from(["yes", "none", "unknown"]))
    return PORT[key]([float(i) for i in range(n)], **given_)


@each_type
@given(data=st.data())
@few
def test_cases_rise_and_what_is_there_takes_no_more_than_is_asked(
    key: str, data: st.DataObject
) -> None:
    _, left, _ = offered(key, data.draw(places(key)), configured(key))
    cases = left[[f"demand_{case}" for case in CASES]].to_numpy(float)
    assert np.isfinite(cases).all()
    assert (cases >= 0).all()
    assert (np.diff(cases, axis=1) >= 0).all()
    assert (left["existing_served"] >= 0).all()
    assert (left["demand"] >= 0).all()


@each_type
@given(data=st.data())
@few
def test_a_larger_size_never_costs_or_gives_less(key: str, data: st.DataObject) -> None:
    asked = data.draw(places(key))
    _, left, found = offered(key, asked, configured(key))
    assert set(found["candidate_id"]) == set(left["demand_id"])
    for _, rows in found.groupby("candidate_id"):
        for column in ("capacity", "cost_mcny", "power_mva", "benefit", "land_m2"):
            assert (rows[column] >= 0).all()
            assert (np.diff(rows[column]) >= 0).all(), column
        assert np.all(np.diff(rows["power_mva"]) > 0)


@each_type
@given(data=st.data(), more=st.floats(1.0, 5.0))
@few
def test_more_demand_never_needs_less(key: str, data: st.DataObject, more: float) -> None:
    asked = data.draw(places(key))
    facility = configured(key)
    if (
        key == "shore_power"
    ):  # what is in use takes capacity, and at low voltage it grows with demand
        facility = set_to(facility, energy_in_use=0.0)
        asked["shore_power"] = asked["shore_power"].replace("LV", "none")
    busier = asked.assign(**{BUSY[key]: np.array(asked[BUSY[key]], dtype=float) * more})
    _, _, before = offered(key, asked, facility)
    _, _, after = offered(key, busier, facility)
    for column in ("capacity", "power_mva", "cost_mcny"):
        least = before.groupby("candidate_id")[column].max()
        most = after.groupby("candidate_id")[column].max()
        assert (most >= least * (1.0 - 1e-12)).all(), column


@each_type
@given(data=st.data())
@few
def test_energy_emissions_and_money_balance(key: str, data: st.DataObject) -> None:
    facility = configured(key)
    chosen, found = built(key, data.draw(places(key)), facility, energy=substations([0.0, 3.0]))
    for case in CASES:
        sold = chosen.served[case].sum()
        money = found.money[found.money["case"] == case]
        assert money["output_per_yr"].sum() == pytest.approx(sold * 1000.0)
        bought = money["variable_mcny_yr"].sum() * 1e6
        price = facility.assumptions["electricity_price"].value
        assert bought == pytest.approx(sold * 1000.0 * price)
        grid = found.emissions.query("case == @case and substance == 'CO2'")
        assert grid["added_t"].sum() == pytest.approx(sold * 0.641)
    assert found.supply["amount"].sum() == pytest.approx(chosen.served["base"].sum())
    assert list(found.emissions["substance"][:4]) == list(SUBSTANCES)


@each_type
@given(data=st.data())
@few
def test_emissions_and_money_rise_with_the_case(key: str, data: st.DataObject) -> None:
    _, found = built(key, data.draw(places(key)), configured(key))
    for frame, columns, by in (
        (found.emissions, ["avoided_t", "added_t"], ["candidate_id", "substance"]),
        (found.money, ["variable_mcny_yr", "revenue_mcny_yr", "output_per_yr"], ["candidate_id"]),
    ):
        for _, rows in frame.groupby(by):
            assert rows["case"].to_list() == list(CASES)
            assert (np.diff(rows[columns].to_numpy(float), axis=0) >= 0).all()
    assert found.money.groupby("candidate_id")["capex_mcny"].nunique().eq(1).all()


@each_type
@given(data=st.data())
@few
def test_shortfall_is_what_sites_draw_above_the_headroom(key: str, data: st.DataObject) -> None:
    tight = substations([0.0], capacity=5.0, unit="MVA")
    _, found = built(key, data.draw(places(key)), configured(key), energy=tight)
    amounts = found.equipment.set_index(["candidate_id", "item"])["quantity"]
    short = amounts.xs("shortfall", level="item")
    assert (short >= 0).all()
    assert (short <= amounts.xs("supply", level="item")).all()
    assert amounts.xs("headroom", level="item").to_list() == pytest.approx([1.0] * len(short))
    if key == "airport_power":
        drawn = amounts.xs("supply", level="item").sum() * 0.5
        assert short.sum() == pytest.approx(max(0.0, drawn - 1.0))


@each_type
def test_demand_does_not_touch_what_it_is_given(key: str) -> None:
    asked = PORT[key]([0.0, 1.0])
    before = asked.copy(deep=True)
    offered(key, asked, configured(key))
    built(key, asked, configured(key))
    assert asked.equals(before)
