"""Emissions avoided and added, and the factors they rest on."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from siting.errors import ConfigError
from siting.facilities._emissions import (
    LOCAL_SUBSTANCES,
    SUBSTANCES,
    Use,
    emissions,
    factors_of,
    grid_factors,
)
from siting.facilities._numbers import table
from siting.facilities._ships import engine_factors
from tests.power_cases import configured, set_to, with_table, without
from tests.requirements import ROOT

SHORE = configured("shore_power")
ENGINE = {"NOx": 10.0, "SO2": 2.0, "PM10": 0.2, "CO2": 700.0}
GRID = {"NOx": 0.1, "SO2": 0.1, "PM10": 0.02, "CO2": 640.0}


def kwh(**sites: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(sites, orient="index", columns=["low", "base", "high"])


def tonnes(found: pd.DataFrame, column: str) -> dict[tuple[str, str, str], float]:
    keys = zip(found["candidate_id"], found["case"], found["substance"], strict=True)
    return dict(zip(keys, found[column], strict=True))


class TestEmissions:
    def test_grams_a_kwh_times_kwh_are_tonnes(self) -> None:
        use = kwh(B1=(0.0, 1e6, 3e6), B2=(1e6, 1e6, 1e6))
        found = emissions(
            avoided=[Use(amount=use, grams=ENGINE)], added=[Use(amount=use, grams=GRID)]
        )
        assert list(found.columns) == ["candidate_id", "case", "substance", "avoided_t", "added_t"]
        assert len(found) == 2 * 3 * 4
        avoided, added = tonnes(found, "avoided_t"), tonnes(found, "added_t")
        assert avoided[("B1", "base", "NOx")] == pytest.approx(10.0)
        assert avoided[("B1", "high", "CO2")] == pytest.approx(2100.0)
        assert avoided[("B1", "low", "SO2")] == 0.0
        assert added[("B2", "high", "PM10")] == pytest.approx(0.02)
        assert added[("B1", "base", "CO2")] == pytest.approx(640.0)

    def test_several_uses_add_up(self) -> None:
        one, two = kwh(B1=(1e6, 2e6, 3e6)), kwh(B1=(5e5, 5e5, 5e5))
        both = emissions(
            avoided=[Use(amount=one, grams=ENGINE), Use(amount=two, grams=GRID)], added=[]
        )
        assert tonnes(both, "avoided_t")[("B1", "base", "NOx")] == pytest.approx(20.0 + 0.05)
        assert (both["added_t"] == 0.0).all()

    def test_uses_may_name_their_sites_in_any_order(self) -> None:
        use = kwh(B1=(1e6, 1e6, 1e6), B2=(2e6, 2e6, 2e6))
        found = emissions(
            avoided=[Use(amount=use, grams=ENGINE)],
            added=[Use(amount=use.iloc[::-1], grams=GRID)],
        )
        assert tonnes(found, "added_t")[("B2", "base", "CO2")] == pytest.approx(1280.0)

    def test_what_is_not_known_stays_so(self) -> None:
        use = kwh(B1=(math.nan, 1e6, 1e6))
        found = emissions(avoided=[Use(amount=use, grams=ENGINE)], added=[])
        assert found.loc[found["case"] == "low", "avoided_t"].isna().all()
        assert found.loc[found["case"] != "low", "avoided_t"].notna().all()

    def test_nothing_used_anywhere_is_no_rows(self) -> None:
        assert emissions(avoided=[], added=[]).empty
        none = Use(amount=kwh().astype(float), grams=ENGINE)
        assert emissions(avoided=[none], added=[none]).empty

    @given(
        st.lists(
            st.tuples(*[st.floats(0.0, 1e12, allow_subnormal=False)] * 3), min_size=1, max_size=6
        )
    )
    def test_sites_balance_with_their_total(self, rows: list[tuple[float, float, float]]) -> None:
        use = kwh(**{f"B{i}": row for i, row in enumerate(rows)})
        whole = use.sum().to_frame("all").T
        parts = emissions(avoided=[Use(amount=use, grams=ENGINE)], added=[])
        total = emissions(avoided=[Use(amount=whole, grams=ENGINE)], added=[])
        summed = parts.groupby(["case", "substance"])["avoided_t"].sum()
        wanted = total.set_index(["case", "substance"])["avoided_t"].loc[summed.index]
        np.testing.assert_allclose(summed, wanted, rtol=1e-12, atol=1e-12)


class TestFactors:
    def test_co2_of_shore_power_on_the_shandong_grid_is_55_g_a_kwh_or_8_percent(self) -> None:
        # Domain notes 0.4: 217 g/kWh x 3.206 = 696 against 641 (Shandong 2022).
        engine, grid = engine_factors(SHORE)["CO2"], grid_factors(SHORE)["CO2"]
        assert engine == pytest.approx(217.0 * 3.206, abs=0.05)
        assert (round(engine), round(grid)) == (696, 641)
        assert round(engine - grid) == 55
        assert round(100.0 * (engine - grid) / engine) == 8

    def test_a_gigawatt_hour_is_counted_net(self) -> None:
        use = kwh(B1=(1e6, 1e6, 1e6))
        found = emissions(
            avoided=[Use(amount=use, grams=engine_factors(SHORE))],
            added=[Use(amount=use, grams=grid_factors(SHORE))],
        )
        net = (found["avoided_t"] - found["added_t"]).to_numpy()[:4]
        assert net == pytest.approx([10.367, 2.037, 0.226, 54.7], abs=0.001)

    def test_the_page_on_shore_power_says_what_is_configured(self) -> None:
        engine, grid = engine_factors(SHORE), grid_factors(SHORE)
        page = (ROOT / "docs/explanation/shore-power.md").read_text(encoding="utf-8")
        rows = {line.split(" | ")[0]: line for line in page.splitlines() if line.startswith("| ")}
        for substance, digits in (("NOx", 2), ("SO2", 2), ("PM10", 2), ("CO2", 0)):
            row = rows[f"| {substance}"]
            assert f"| {engine[substance]:g} " in row
            assert f"| {grid[substance]:.{digits}f} " in row
        assert "**55, or 8 %**" in rows["| CO2"]

    def test_green_power_saves_all_of_it(self) -> None:
        assert grid_factors(set_to(SHORE, grid_co2=0.0))["CO2"] == 0.0

    def test_local_air_comes_first(self) -> None:
        assert SUBSTANCES[:3] == LOCAL_SUBSTANCES == ("NOx", "SO2", "PM10")

    def test_the_mix_weighs_engines_and_fuels(self) -> None:
        mixed = with_table(SHORE, "engine_share", **{"MSD Tier II": 0.75, "MSD Tier III": 0.25})
        assert engine_factors(mixed)["NOx"] == pytest.approx(0.75 * 10.5 + 0.25 * 2.6)
        clean = with_table(SHORE, "fuel_share", **{"MGO 0.1 % S": 1.0})
        assert engine_factors(clean)["SO2"] == 0.42
        assert engine_factors(clean)["PM10"] == 0.107
        assert engine_factors(clean)["NOx"] == engine_factors(SHORE)["NOx"] == 10.5

    def test_an_engine_and_a_fuel_without_factors_are_named_together(self) -> None:
        strange = with_table(SHORE, "engine_share", steam=1.0)
        strange = with_table(strange, "fuel_share", **{"HFO 3.5 % S": 1.0})
        with pytest.raises(ConfigError) as caught:
            engine_factors(strange)
        lines = str(caught.value).splitlines()
        assert len(lines) == 4
        assert "[tables.marine_nox.values]: no emission factor for steam" in lines[0]
        assert all("HFO 3.5 % S of [tables.fuel_share]" in line for line in lines[1:])

    def test_factors_of_the_grid_that_are_missing_are_named_together(self) -> None:
        with pytest.raises(ConfigError) as caught:
            grid_factors(without(SHORE, "grid_co2", "grid_pm10"))
        lines = str(caught.value).splitlines()
        assert [line.split("factor ")[1].split(" (")[0] for line in lines] == [
            "grid_pm10",
            "grid_co2",
        ]

    def test_a_missing_table_or_substance_is_named(self) -> None:
        with pytest.raises(ConfigError, match=r"\[tables\]: no emission factor hovercraft"):
            factors_of(SHORE, "hovercraft")
        with pytest.raises(ConfigError, match=r"tables\.diesel_truck\.values.*factor CO2"):
            factors_of(
                with_table(SHORE, "diesel_truck", NOx=1.0, SO2=1.0, PM10=1.0), "diesel_truck"
            )

    @pytest.mark.parametrize("key", ["diesel_truck", "petrol_car"])
    def test_road_vehicles_have_every_substance(self, key: str) -> None:
        found = factors_of(SHORE, key)
        assert tuple(found) == SUBSTANCES
        # A litre of fuel is 0.745 or 0.835 kg of which 86 % is carbon: 2.3 to 2.7 kg of CO2.
        assert 2200.0 < found["CO2"] < 2700.0
        assert found["CO2"] > 100.0 * found["NOx"] > 0

    def test_later_tiers_emit_less(self) -> None:
        nox = table(SHORE, "marine_nox")
        for engine in ("MSD", "HSD"):
            by_tier = [nox[f"{engine} Tier {tier}"] for tier in ("0", "I", "II", "III")]
            assert by_tier == sorted(by_tier, reverse=True)
