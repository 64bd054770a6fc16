"""The embedded Qingdao pack keeps what its README says, read plainly from its files."""

import csv
import itertools
import json
from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

pytestmark = pytest.mark.real

PACK = Path(str(files("layers") / "starter" / "qingdao"))
TABLES = (
    "road_nodes",
    "road_edges",
    "gateways",
    "townships",
    "ports",
    "berths",
    "airport_stands",
    "parks",
    "energy",
    "candidates",
    "targets",
    "published",
)
DRAWINGS = ("districts", "land", "coastline", "protected")
ROWS = {
    "road_nodes": 357,
    "road_edges": 578,
    "gateways": 26,
    "townships": 135,
    "ports": 6,
    "berths": 59,
    "airport_stands": 10,
    "parks": 75,
    "energy": 55,
    "candidates": 255,
    "targets": 66,
    "published": 17,
    "districts": 10,
    "land": 7,
    "coastline": 1,
    "protected": 26,
}
WEST, SOUTH, EAST, NORTH = 119.4, 35.45, 121.15, 37.25
ELLIPSOID = Geod(ellps="WGS84")
TO_METRES = Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True)
# 青岛市第七次全国人口普查公报 (2020), permanent residents; domain notes give the sum 10 071 722.
CENSUS = {
    "市南区": 486_643,
    "市北区": 1_096_879,
    "李沧区": 737_281,
    "崂山区": 502_370,
    "城阳区": 1_109_606,
    "黄岛区": 1_903_595,
    "即墨区": 1_336_077,
    "胶州市": 987_820,
    "平度市": 1_191_348,
    "莱西市": 720_103,
}
LENGTH_FACTOR = {
    "motorway": 1.02,
    "trunk": 1.04,
    "trunk_link": 1.06,
    "primary": 1.06,
    "secondary": 1.08,
    "tertiary": 1.10,
    "ferry": 1.0,
}
# km/h: what each class may be assumed to run at
SPEED_RANGE = {
    "motorway": (75, 120),
    "trunk": (45, 80),
    "trunk_link": (40, 60),
    "primary": (40, 70),
    "secondary": (30, 60),
    "tertiary": (20, 40),
    "ferry": (10, 20),
}


@cache
def table(name: str) -> list[dict[str, str]]:
    with (PACK / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def drawing(name: str) -> list[tuple[dict[str, Any], BaseGeometry]]:
    features = json.loads((PACK / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
    return [(item["properties"], shape(item["geometry"])) for item in features]


def rows_of(name: str) -> list[dict[str, Any]]:
    return list(table(name)) if name in TABLES else [facts for facts, _ in drawing(name)]


def lonlat(row: dict[str, str]) -> tuple[float, float]:
    return float(row["lon"]), float(row["lat"])


def metric(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.transform(
        geometry, lambda xy: np.column_stack(TO_METRES.transform(xy[:, 0], xy[:, 1]))
    )


def spot(row: dict[str, str]) -> Point:
    return Point(*TO_METRES.transform(*lonlat(row)))


@cache
def lines() -> dict[str, BaseGeometry]:
    return {edge["id"]: shapely.from_wkt(edge["wkt"]) for edge in table("road_edges")}


@cache
def drawn_km() -> dict[str, float]:
    return {key: ELLIPSOID.geometry_length(line) / 1000 for key, line in lines().items()}


@cache
def nodes() -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in table("road_nodes")}


@cache
def land_m() -> BaseGeometry:
    return metric(shapely.union_all([geometry for _, geometry in drawing("land")]))


@cache
def mainland_m() -> BaseGeometry:
    return next(metric(geometry) for facts, geometry in drawing("land") if facts["id"] == "LAND1")


@cache
def districts_m() -> dict[str, BaseGeometry]:
    return {facts["name_zh"]: metric(geometry) for facts, geometry in drawing("districts")}


@cache
def city_m() -> BaseGeometry:
    return shapely.union_all(list(districts_m().values()))


@cache
def graph(*, closed_to: str = "") -> nx.Graph:
    roads = nx.Graph()
    roads.add_nodes_from(nodes())
    for edge in table("road_edges"):
        if not closed_to or edge[closed_to] != "no":
            roads.add_edge(
                edge["from_id"],
                edge["to_id"],
                table_km=float(edge["length_km"]),
                drawn_km=drawn_km()[edge["id"]],
            )
    return roads


# Rows and fields


@pytest.mark.parametrize("name", ROWS)
def test_row_counts_are_those_of_the_readme(name: str) -> None:
    assert len(rows_of(name)) == ROWS[name]


def test_readme_table_names_the_counts() -> None:
    readme = (PACK / "README.md").read_text(encoding="utf-8")
    for name in (
        "gateways",
        "townships",
        "parks",
        "energy",
        "candidates",
        "targets",
        "published",
    ):
        assert f"| {name}.csv | {ROWS[name]} |" in readme
    for name in ("districts", "protected"):
        assert f"| {name}.geojson | {ROWS[name]} |" in readme
    assert (
        f"| road_nodes.csv, road_edges.csv | {ROWS['road_nodes']} / {ROWS['road_edges']} |"
        in readme
    )


def test_the_pack_holds_data_and_readme_only() -> None:
    expected = {f"{name}.csv" for name in TABLES} | {f"{name}.geojson" for name in DRAWINGS}
    assert {path.name for path in PACK.iterdir()} == expected | {"README.md"}


@pytest.mark.parametrize("name", ROWS)
def test_ids_are_unique_and_filled(name: str) -> None:
    ids = [row["id"] for row in rows_of(name)]
    assert all(ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", ROWS)
def test_common_fields_are_there(name: str) -> None:
    needed = {"id", "name_zh", "name_en", "confidence", "source", "note"}
    if name not in ("targets", "published"):
        needed.add("uncertainty_m")
    assert all(needed <= set(row) for row in rows_of(name))


@pytest.mark.parametrize("name", ROWS)
def test_every_row_has_confidence_and_a_public_source(name: str) -> None:
    for row in rows_of(name):
        assert row["confidence"] in ("A", "B", "C"), row["id"]
        assert row["source"], row["id"]
        assert not row["source"].startswith("/"), row["id"]
        assert "http" not in row["source"], row["id"]


@pytest.mark.parametrize("name", [name for name in ROWS if name not in ("targets", "published")])
def test_uncertainty_is_a_positive_length(name: str) -> None:
    assert all(float(row["uncertainty_m"]) > 0 for row in rows_of(name))


@pytest.mark.parametrize("name", [name for name in TABLES if "lon" in table(name)[0]])
def test_places_lie_in_the_box_of_the_city(name: str) -> None:
    outside = [
        row["id"]
        for row in table(name)
        if not (WEST <= lonlat(row)[0] <= EAST and SOUTH <= lonlat(row)[1] <= NORTH)
    ]
    assert outside == []


@pytest.mark.parametrize("name", [name for name in TABLES if "lon" in table(name)[0]])
def test_no_place_and_no_name_is_there_twice(name: str) -> None:
    for field in (lonlat, lambda row: row["name_zh"], lambda row: row["name_en"]):
        repeated = [
            value for value, times in Counter(map(field, table(name))).items() if times > 1
        ]
        assert repeated == []


# Roads


def test_edges_start_and_end_exactly_at_their_nodes() -> None:
    for edge in table("road_edges"):
        ends = lines()[edge["id"]].coords
        assert ends[0] == lonlat(nodes()[edge["from_id"]]), edge["id"]
        assert ends[-1] == lonlat(nodes()[edge["to_id"]]), edge["id"]


def test_edges_are_two_way_and_no_pair_is_joined_twice() -> None:
    assert {edge["oneway"] for edge in table("road_edges")} == {"0"}
    pairs = {frozenset((edge["from_id"], edge["to_id"])) for edge in table("road_edges")}
    assert len(pairs) == ROWS["road_edges"]
    assert all(len(pair) == 2 for pair in pairs)


def test_network_is_one_component() -> None:
    assert nx.is_connected(graph())
    assert len(graph()) == ROWS["road_nodes"]


@pytest.mark.parametrize("closed_to", ["hgv", "hazmat"])
def test_only_laoshan_and_the_islands_are_closed_to_trucks(closed_to: str) -> None:
    reached = max(nx.connected_components(graph(closed_to=closed_to)), key=len)
    laoshan_scenic_road, islands = {"LQH", "TAIQING", "YANGKOU"}, {"LSD", "ZCD"}
    assert set(nodes()) - reached == laoshan_scenic_road | islands


def test_tunnel_is_closed_to_trucks_and_the_bridge_is_not() -> None:
    tunnel = [edge for edge in table("road_edges") if edge["tunnel"]]
    bridge = [edge for edge in table("road_edges") if edge["bridge"] == "胶州湾大桥"]
    assert [(edge["hgv"], edge["hazmat"]) for edge in tunnel] == [("no", "no")]
    assert {(edge["hgv"], edge["hazmat"]) for edge in bridge} == {("yes", "restricted")}


def test_length_is_plausible_against_the_drawing() -> None:
    for edge in table("road_edges"):
        ratio = float(edge["length_km"]) / drawn_km()[edge["id"]]
        assert 0.93 <= ratio <= 1.35, edge["id"]


@pytest.mark.parametrize("highway", LENGTH_FACTOR)
def test_geodesic_lengths_follow_the_table_of_factors(highway: str) -> None:
    factor = LENGTH_FACTOR[highway]
    edges = [
        edge
        for edge in table("road_edges")
        if edge["highway"] == highway and not edge["length_method"].startswith("published")
    ]
    assert edges
    for edge in edges:
        assert float(edge["length_method"].removeprefix("geodesic x ")) == factor, edge["id"]
        assert float(edge["length_km"]) == pytest.approx(
            factor * drawn_km()[edge["id"]], rel=1e-3, abs=2e-3
        ), edge["id"]


def test_free_flow_speed_fits_the_class() -> None:
    for edge in table("road_edges"):
        low, high = SPEED_RANGE[edge["highway"]]
        assert low <= float(edge["free_flow_kmh"]) <= high, edge["id"]


def test_ferries_are_named_and_leave_the_mainland() -> None:
    """E0511 and E0513 were ferries on land, without the name of a ferry; now they are roads."""
    ferries = [edge for edge in table("road_edges") if edge["highway"] == "ferry"]
    assert [edge["id"] for edge in ferries] == ["E0512", "E0514"]
    for edge in table("road_edges"):
        is_ferry = edge["highway"] == "ferry"
        assert bool(edge["ferry"]) == is_ferry, edge["id"]
        if is_ferry:
            assert not mainland_m().contains(metric(lines()[edge["id"]])), edge["id"]


@pytest.mark.parametrize("edge_id", ["E0511", "E0513"])
def test_the_way_to_the_ferry_is_a_road_on_the_mainland(edge_id: str) -> None:
    edge = next(edge for edge in table("road_edges") if edge["id"] == edge_id)
    ends = [spot(nodes()[edge[end]]) for end in ("from_id", "to_id")]
    assert all(mainland_m().contains(end) for end in ends)
    assert mainland_m().contains(metric(lines()[edge_id]))
    facts = (edge["highway"], edge["free_flow_kmh"], edge["toll"], edge["hgv"], edge["hazmat"])
    assert facts == ("tertiary", "30", "no", "yes", "yes")
    assert "mainland" in edge["note"]


def test_no_road_runs_out_to_sea() -> None:
    shore = land_m().buffer(500)
    for edge in table("road_edges"):
        if not (edge["bridge"] or edge["tunnel"] or edge["ferry"]):
            assert metric(lines()[edge["id"]]).difference(shore).length == 0, edge["id"]


def test_gateways_stand_at_nodes_and_share_all_trucks() -> None:
    for row in table("gateways"):
        assert lonlat(row) == lonlat(nodes()[row["node_id"]]), row["id"]
    assert sum(float(row["truck_share"]) for row in table("gateways")) == pytest.approx(1)


# Published lengths (README, accuracy; sources there): km, nodes on the way, drawn / published - 1


CHAINS = {
    "G2011": (108.0, "G20XZ G15G2011 G2011S16 GJB", -0.013),
    "S21": (130.52, "S16S21 XS21G20 XS21LQ XS21GMN XS21G22 XS21LJC G15S21 S21DJK", 0.032),
    "S21 west coast": (27.0, "GWS21S G15S21 S21DJK", 0.023),
    "Jiaozhou Bay tunnel": (7.8, "TUNQD TUNHD", 0.041),
    "airport expressway": (24.187, "G20JC JCAPT HETAO", -0.144),
    "Shuangbu-Xiazhuang": (9.8, "SHUANGBU XSCQ G20XZ", -0.154),
    "QQCT to Nanshu": (
        149.6,
        "QQCTG QWGN S7602P HDN G15G22 G15G20 G15LXW NS",
        -0.013,
    ),
}


def chain_km(chain: str, measure: str) -> float:
    stops = chain.split()
    return sum(
        nx.shortest_path_length(graph(), start, end, weight="table_km")
        if measure == "table_km"
        else nx.path_weight(
            graph(), nx.shortest_path(graph(), start, end, weight="table_km"), "drawn_km"
        )
        for start, end in itertools.pairwise(stops)
    )


@pytest.mark.parametrize("road", CHAINS)
def test_drawn_length_errs_as_the_readme_says(road: str) -> None:
    published, chain, error = CHAINS[road]
    assert chain_km(chain, "drawn_km") / published - 1 == pytest.approx(error, abs=0.001)


@pytest.mark.parametrize("road", CHAINS)
def test_table_length_is_near_the_published_one(road: str) -> None:
    published, chain, _ = CHAINS[road]
    assert chain_km(chain, "table_km") == pytest.approx(published, rel=0.02)


@pytest.mark.parametrize(
    "road", ["S21", "Jiaozhou Bay tunnel", "airport expressway", "Shuangbu-Xiazhuang"]
)
def test_published_length_is_the_one_in_the_table(road: str) -> None:
    published, chain, _ = CHAINS[road]
    assert chain_km(chain, "table_km") == pytest.approx(published, abs=0.005)


@pytest.mark.parametrize(
    ("road", "published_km", "error"), [("S19", 89.6, -0.106), ("S85", 42.23, 0.018)]
)
def test_drawn_length_of_whole_roads_errs_as_the_readme_says(
    road: str, published_km: float, error: float
) -> None:
    total_km = 0.0
    for edge in table("road_edges"):
        line = metric(lines()[edge["id"]])
        if road == "S85" and edge["name_zh"].startswith("胶州湾大桥"):
            total_km += drawn_km()[edge["id"]]
        elif road == "S19" and edge["ref"] == "S19":
            inside = line.intersection(city_m()).length / line.length
            total_km += drawn_km()[edge["id"]] * inside
    assert total_km / published_km - 1 == pytest.approx(error, abs=0.001)


# Reach


@pytest.mark.parametrize(
    ("name", "limit_km"),
    [("townships", 1.0), ("candidates", 3.0), ("berths", 3.0), ("ports", 3.0), ("parks", 3.0)],
)
def test_places_are_near_the_network(name: str, limit_km: float) -> None:
    roads = shapely.union_all([metric(line) for line in lines().values()])
    far = [row["id"] for row in table(name) if roads.distance(spot(row)) > 1000 * limit_km]
    assert far == []


# Districts and people


def test_districts_tile_the_city() -> None:
    assert set(districts_m()) == set(CENSUS)
    assert all(geometry.is_valid for _, geometry in drawing("districts"))
    for one, other in itertools.combinations(districts_m().values(), 2):
        assert one.intersection(other).area < 1000
    parts = getattr(city_m(), "geoms", [city_m()])
    assert sum(len(part.interiors) for part in parts) == 0
    assert city_m().area / 1e6 == pytest.approx(11_242, abs=1)


def test_populations_add_up_to_the_2020_census() -> None:
    sums: Counter[str] = Counter()
    for row in table("townships"):
        sums[row["district"]] += int(row["pop_2020"])
    assert dict(sums) == CENSUS
    assert sum(sums.values()) == 10_071_722
    assert {facts["name_zh"]: facts["pop_2020"] for facts, _ in drawing("districts")} == CENSUS


def test_seats_lie_in_their_own_district() -> None:
    wrong = [
        row["id"]
        for row in table("townships")
        if districts_m()[row["district"]].distance(spot(row)) > 500
    ]
    assert wrong == []


def test_district_codes_agree_everywhere() -> None:
    codes = {facts["name_zh"]: facts["adcode"] for facts, _ in drawing("districts")}
    for row in table("townships"):
        assert row["adcode"] == codes[row["district"]] == row["id"][1:7], row["id"]


@pytest.mark.parametrize("name", ["districts", "protected"])
def test_stated_areas_are_those_drawn(name: str) -> None:
    for facts, geometry in drawing(name):
        area_km2 = metric(geometry).area / 1e6
        assert area_km2 == pytest.approx(facts["area_km2"], rel=0.03), facts["id"]


def test_all_drawings_are_valid() -> None:
    for name in DRAWINGS:
        assert all(geometry.is_valid for _, geometry in drawing(name)), name


# Candidates and berths


def test_candidates_suit_a_facility_and_repeat_no_berth() -> None:
    flags = ("suits_hydrogen", "suits_charging_car", "suits_charging_truck", "suits_charging_bus")
    assert [key for key in table("candidates")[0] if key.startswith("suits")] == list(flags)
    for row in table("candidates"):
        assert {row[flag] for flag in flags} <= {"0", "1"}, row["id"]
        assert "1" in {row[flag] for flag in flags}, row["id"]
        assert row["type"] != "berth", row["id"]
    berths = {row["name_zh"] for row in table("berths")}
    assert berths.isdisjoint(row["name_zh"] for row in table("candidates"))


def test_the_node_of_a_candidate_is_where_the_candidate_is() -> None:
    for row in table("candidates"):
        if row["node_id"]:
            node = nodes()[row["node_id"]]
            apart_m = ELLIPSOID.inv(*lonlat(row), *lonlat(node))[2]
            assert apart_m <= float(row["uncertainty_m"]), row["id"]


def test_one_candidate_lies_in_a_hard_protected_area() -> None:
    """The one that the README keeps, to show that the mask works."""
    hard = shapely.union_all(
        [geometry for facts, geometry in drawing("protected") if facts["constraint"] == "hard"]
    )
    inside = [row["id"] for row in table("candidates") if hard.contains(Point(lonlat(row)))]
    assert inside == ["C066"]


def test_candidates_are_on_land_within_their_uncertainty() -> None:
    for row in table("candidates"):
        assert land_m().distance(spot(row)) <= float(row["uncertainty_m"]), row["id"]


def test_berths_belong_to_a_port_and_dangerous_cargo_is_exempt() -> None:
    areas = {row["id"] for row in table("ports")}
    for row in table("berths"):
        assert row["port_area"] in areas, row["id"]
        is_dangerous = row["cargo"] in ("oil", "LNG", "chemical")
        assert row["exempt"] == ("yes" if is_dangerous else "no"), row["id"]
    assert sum(int(row["berths"]) for row in table("berths")) == 158


def test_no_berth_is_taken_for_more_hours_than_the_year_has() -> None:
    """B02 was: 2000 calls of 18 h on 4 berths."""
    for row in table("berths"):
        hours = float(row["calls_per_year"]) * float(row["berth_hours"]) / float(row["berths"])
        assert hours <= 8760, row["id"]
