"""The hand check of the built-in study: is this a plan that a planner in Qingdao would recognise?

Places are checked on the pack's raw files with shapely and pyproj, not through the program's rules.
"""

import csv
import json
import re
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

import layers
from siting.model import Result, SolveStatus
from tests.planned import planned

pytestmark = pytest.mark.real

PACK = layers.starter_path("qingdao")
ELLIPSOID = Geod(ellps="WGS84")
TO_METRES = Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True)
TO_DEGREES = Transformer.from_crs("EPSG:4549", "EPSG:4326", always_xy=True)
# 青岛市氢能产业发展规划（2020-2030年）: at least 50 stations, 300 M Nm3 a year, by 2030.
PLANNED_STATIONS = 50
PLANNED_KG_PER_DAY = 73_900
QQCT = (120.2045, 36.0070)
DONGJIAKOU = (119.790, 35.600)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return planned(tmp_path_factory, "qingdao")


@cache
def table(name: str) -> dict[str, dict[str, str]]:
    text = (PACK / f"{name}.csv").read_text(encoding="utf-8-sig")
    return {row["id"]: row for row in csv.DictReader(text.splitlines())}


@cache
def drawing(name: str) -> tuple[tuple[dict[str, str], BaseGeometry], ...]:
    features = json.loads((PACK / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
    return tuple((row["properties"], shape(row["geometry"])) for row in features)


def place_of(row: dict[str, str]) -> Point:
    return Point(float(row["lon"]), float(row["lat"]))


def in_metres(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.transform(
        geometry, lambda xy: np.column_stack(TO_METRES.transform(xy[:, 0], xy[:, 1]))
    )


def km_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(ELLIPSOID.inv(*one, *other)[2]) / 1000


def chosen(result: Result, *facilities: str) -> list[str]:
    return [site for facility in facilities for site in result.plans[facility].sites]


def stations(result: Result, *facilities: str) -> Iterator[tuple[str, Point]]:
    """Yield the chosen sites with the places that the pack gives them."""
    for site in chosen(result, *facilities):
        yield site, place_of(table("candidates")[site])


def shore_ranks(result: Result) -> dict[str, float]:
    rows = result.candidates[result.candidates["facility"] == "shore_power"]
    return dict(zip(rows["candidate_id"], rows["rank"], strict=True))


# What was asked


def test_all_types_propose_sites_and_prove_it(result: Result) -> None:
    counts = {key: len(plan.sites) for key, plan in result.plans.items()}
    assert counts["hydrogen"] == 44
    assert counts["charging"] == 60
    assert 15 <= counts["shore_power"] <= 50
    assert 5 <= counts["airport_power"] <= 10
    assert {plan.status for plan in result.plans.values()} == {SolveStatus.OPTIMAL}
    assert result.plans["shore_power"].facts["spent_mcny"] <= 140


def test_stations_and_hydrogen_agree_with_the_city_s_plan(result: Result) -> None:
    in_service = [row for row in table("energy").values() if row["type"] == "h2_station"]
    assert len(result.plans["hydrogen"].sites) + len(in_service) == PLANNED_STATIONS
    rows = result.demand[result.demand["facility"] == "hydrogen"]
    assert rows["demand_high"].sum() == pytest.approx(PLANNED_KG_PER_DAY)
    # 1.48 t a day and station, as the plan has it.
    per_station = (rows["demand"].sum() + rows["existing_served"].sum()) / PLANNED_STATIONS
    assert per_station == pytest.approx(1478)
    # What stations in service take is no more than they can give.
    capacity = sum(float(row["capacity"] or 0) for row in in_service)
    assert 0 < rows["existing_served"].sum() <= capacity + 1e-6


# Where sites lie


def test_places_are_the_pack_s_places(result: Result) -> None:
    tables = {"shore_power": "berths", "airport_power": "airport_stands"}
    for row in result.candidates.itertuples():
        name = tables.get(row.facility, "candidates")
        lon, lat = TO_DEGREES.transform(row.geometry.x, row.geometry.y)
        want = place_of(table(name)[row.candidate_id])
        assert km_between((lon, lat), (want.x, want.y)) < 1e-5


def test_stations_stand_on_land_and_inside_the_city(result: Result) -> None:
    land = shapely.union_all([polygon for _, polygon in drawing("land")])
    city = shapely.union_all([polygon for _, polygon in drawing("districts")])
    for site, place in stations(result, "hydrogen", "charging"):
        assert land.contains(place), site
        assert city.contains(place), site


def test_stations_stand_outside_hard_protected_areas(result: Result) -> None:
    hard = [polygon for row, polygon in drawing("protected") if row["constraint"] == "hard"]
    assert len(hard) > 5
    kept_out = shapely.union_all(hard)
    for site, place in stations(result, "hydrogen", "charging"):
        assert not kept_out.intersects(place), site


def test_stations_keep_off_the_shore_unless_they_are_the_port_s(result: Result) -> None:
    coast = shapely.union_all([in_metres(line) for _, line in drawing("coastline")])
    for site, place in stations(result, "hydrogen", "charging"):
        if table("candidates")[site]["type"] not in {"port_gate", "bonded_zone"}:
            assert coast.distance(in_metres(place)) > 100, site


def test_the_candidate_in_the_river_corridor_is_excluded(result: Result) -> None:
    place = place_of(table("candidates")["C066"])
    (corridor,) = [row for row, polygon in drawing("protected") if polygon.contains(place)]
    assert (corridor["constraint"], "大沽河" in corridor["name_zh"]) == ("hard", True)
    for facility in ("hydrogen", "charging"):
        rules = result.rules[
            (result.rules["facility"] == facility) & (result.rules["candidate_id"] == "C066")
        ]
        assert rules.loc[rules["outcome"] == "fail", "rule"].tolist() == ["protected_area"]
        assert "C066" not in chosen(result, facility)


def test_shore_power_stands_at_berths(result: Result) -> None:
    sites = chosen(result, "shore_power")
    assert set(sites) <= set(table("berths"))
    coast = shapely.union_all([in_metres(line) for _, line in drawing("coastline")])
    for site in sites:
        assert coast.distance(in_metres(place_of(table("berths")[site]))) < 2000, site


def test_candidates_of_a_type_suit_it(result: Result) -> None:
    for site in chosen(result, "hydrogen"):
        assert table("candidates")[site]["suits_hydrogen"] == "1"
    for site in chosen(result, "charging"):
        row = table("candidates")[site]
        assert "1" in (row["suits_charging_car"], row["suits_charging_truck"])


# The places that a planner looks for first


@pytest.mark.parametrize(
    ("port", "least"), [(QQCT, 2), (DONGJIAKOU, 1)], ids=["QQCT", "Dongjiakou"]
)
def test_hydrogen_is_at_the_two_ports(
    result: Result, port: tuple[float, float], least: int
) -> None:
    # Both ports have a station today (青岛港), and most trucks start there.
    near = [
        site
        for site, place in stations(result, "hydrogen")
        if km_between(port, (place.x, place.y)) <= 5
    ]
    assert len(near) >= least
    kinds = {table("candidates")[site]["type"] for site in near}
    assert "port_gate" in kinds


def test_hydrogen_is_on_the_expressway_corridors(result: Result) -> None:
    rows = [table("candidates")[site] for site in chosen(result, "hydrogen")]
    on_expressway = [row for row in rows if row["type"].startswith("expressway_")]
    assert len(on_expressway) >= 10
    roads = {road for row in on_expressway for road in re.findall(r"[GS]\d{1,4}", row["name_zh"])}
    assert {"G15", "G20"} <= roads
    assert len(roads) >= 6
    # 青岛服务区 on G20 is one of the six service areas of the provincial plan.
    assert "C004" in {row["id"] for row in on_expressway}


def test_every_district_gets_a_station(result: Result) -> None:
    districts = {row["name_zh"]: polygon for row, polygon in drawing("districts")}
    served = {
        name
        for name, polygon in districts.items()
        for _, place in stations(result, "hydrogen", "charging")
        if polygon.contains(place)
    }
    assert served == set(districts)
    assert len(districts) == 10


def test_the_cruise_and_container_berths_lead_shore_power(result: Result) -> None:
    ranks, sites = shore_ranks(result), chosen(result, "shore_power")
    berths = table("berths")
    first = sorted(ranks, key=lambda key: (np.isnan(ranks[key]), ranks[key]))
    assert {berths[key]["cargo"] for key in first[:5]} == {"cruise", "container"}
    assert ranks["B26"] <= 3  # the one berth for the largest cruise ships
    assert "B26" in sites
    qqct = [key for key, row in berths.items() if row["terminal"] == "QQCT"]
    assert len(qqct) >= 3
    assert all(ranks[key] <= 6 and key in sites for key in qqct)
    large = [
        key
        for key, row in berths.items()
        if row["cargo"] == "container" and float(row["tonnage_class_t"]) >= 100_000
    ]
    assert len(large) >= 7
    assert set(large) <= set(sites)


def test_oil_gas_and_chemical_berths_are_exempt(result: Result) -> None:
    berths = table("berths")
    exempt = {key for key, row in berths.items() if row["exempt"] == "yes"}
    assert {berths[key]["cargo"] for key in exempt} == {"oil", "LNG", "chemical"}
    assert {key for key, row in berths.items() if row["cargo"] in {"oil", "LNG", "chemical"}} == (
        exempt
    )
    fails = result.rules[
        (result.rules["rule"] == "berth_exempt") & (result.rules["outcome"] == "fail")
    ]
    assert set(fails["candidate_id"]) == exempt
    assert not exempt & set(chosen(result, "shore_power"))
    rows = result.demand[result.demand["demand_id"].isin(exempt)]
    assert (rows.loc[rows["facility"] == "shore_power", "demand_high"] == 0).all()


# How good it is


def test_most_of_the_demand_is_covered_but_not_all(result: Result) -> None:
    for facility in ("hydrogen", "charging"):
        rows = result.demand[result.demand["facility"] == facility]
        served = result.allocation.loc[result.allocation["facility"] == facility, "demand"].sum()
        share = served / rows["demand"].sum()
        assert 0.8 < share < 1, facility
        assert share == pytest.approx(result.plans[facility].facts["coverage_share"], rel=1e-6)
        # Who is only served in part does not count as covered.
        assert rows.loc[rows["is_covered"], "demand"].sum() < served
    assert 0.7 < result.plans["shore_power"].facts["coverage_share"] <= 1


def test_no_station_serves_more_than_it_can(result: Result) -> None:
    for facility in ("hydrogen", "charging"):
        sites = result.sites[result.sites["facility"] == facility]
        assert (sites["demand_served"] <= sites["capacity"] * (1 + 1e-6)).all()
        assert sites["utilisation"].between(0.0, 1.0 + 1e-6).all()
    # The sizes that a station comes in (kg in 12 hours).
    kg = result.sites.loc[result.sites["facility"] == "hydrogen", "capacity"]
    assert set(kg) <= {500.0, 1000.0, 2000.0}


def test_every_score_is_between_0_and_1_and_tells_sites_apart(result: Result) -> None:
    scores = result.candidates["score"]
    # Only who reaches no road has none, and rules keep that one out.
    unknown = scores.isna()
    assert (result.candidates.loc[unknown, "access_m"].isna()).all()
    assert result.candidates.loc[unknown, "is_excluded"].all()
    assert unknown.sum() <= 2
    assert scores[~unknown].between(0, 1).all()
    for facility, part in result.candidates.groupby("facility"):
        assert part["score"].max() - part["score"].min() > 0.2, facility


def test_chosen_sites_score_better_than_the_others(result: Result) -> None:
    for facility, part in result.candidates[~result.candidates["is_excluded"]].groupby("facility"):
        means = part.groupby("is_chosen")["score"].mean()
        assert means[True] > means[False] - 0.02, facility
    # The best hydrogen candidates are taken, unless their neighbours serve all there is to serve.
    rows = result.candidates[result.candidates["facility"] == "hydrogen"]
    assert rows.loc[rows["rank"] <= 10, "is_chosen"].sum() >= 8


# Along the roads


def test_heavy_trucks_never_pass_the_tunnel(result: Result) -> None:
    closed = [
        in_metres(shapely.from_wkt(row["wkt"]))
        for row in table("road_edges").values()
        if row["hgv"] == "no" or row["highway"] == "ferry"
    ]
    tunnels = [row for row in table("road_edges").values() if "胶州湾隧道" in row["tunnel"]]
    assert tunnels
    assert all(row["hgv"] == "no" for row in tunnels)
    strip = shapely.union_all([line.buffer(1) for line in closed])
    ways = result.allocation[result.allocation["facility"] == "hydrogen"]
    assert len(ways) > 100
    for way in ways.geometry:
        assert way.intersection(strip).length < 100  # crosses it, at most
    spent = ways["time_min"].max()
    assert spent <= 15


def test_service_areas_hold_no_sea(result: Result) -> None:
    land = shapely.union_all([in_metres(polygon) for _, polygon in drawing("land")])
    shapely.prepare(land)
    for row in result.service_areas.itertuples():
        assert row.geometry.difference(land).area < 1, row.candidate_id


def test_service_areas_are_no_hulls_and_no_circles(result: Result) -> None:
    areas = result.service_areas.geometry
    assert len(areas) == 104
    convexity = areas.area / areas.convex_hull.area
    assert (convexity < 0.9).mean() > 0.9
    assert convexity.median() < 0.6
    roundness = 4 * np.pi * areas.area / areas.length**2  # 1 for a circle
    assert roundness.max() < 0.6


def test_service_areas_differ_by_what_is_reached_in_the_time(result: Result) -> None:
    sizes = result.service_areas.groupby("facility")["area_km2"]
    # A truck's quarter of an hour reaches farther than ten minutes by car, neither across the city.
    assert sizes.median()["hydrogen"] > sizes.median()["charging"]
    assert sizes.max().max() < 600
    assert sizes.min().min() > 5


def test_times_are_no_straight_lines(result: Result) -> None:
    ways = result.allocation[result.allocation["facility"].isin(["hydrogen", "charging"])]
    line_km = np.array([km_of_ends(way) for way in ways.geometry])
    far = line_km > 2
    detour = ways["distance_km"].to_numpy()[far] / line_km[far]
    assert detour.min() >= 0.9
    assert 1.05 < np.median(detour) < 1.8


def km_of_ends(way: BaseGeometry) -> float:
    (a, b) = (TO_DEGREES.transform(*way.coords[k]) for k in (0, -1))
    return km_between(a, b)
