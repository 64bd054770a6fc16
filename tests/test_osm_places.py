"""Places from OSM: what the tags mean, and which rows they make."""

import tomllib

import numpy as np
import pytest
import shapely
from hypothesis import given, strategies as st

from layers._osm_candidates import SUITS, draw_candidates
from layers._osm_energy import draw_energy, substation_type
from layers._osm_freight import draw_parks, draw_ports, freight_intensity
from layers._osm_groups import leaders, neighbours
from layers._osm_nature import (
    draw_power_lines,
    draw_protected,
    draw_public_buildings,
    draw_railways,
    draw_water,
)
from layers._osm_tags import count, names_of, power_mw, voltage_kv
from tests.osm_places import CROSS, city, line, point, roads, square
from tests.requirements import ROOT

ANY_TEXT = st.text(max_size=40)


@pytest.mark.parametrize(
    ("tags", "chinese", "english"),
    [
        ({"name": "青岛港", "name:en": "Port of Qingdao"}, "青岛港", "Port of Qingdao"),
        ({"name": "青岛港"}, "青岛港", ""),
        ({"name": "Galp"}, "", "Galp"),
        ({"name": "Порт", "name:zh": "港口"}, "港口", "Порт"),
        ({"name": "Порт", "int_name": "Port"}, "", "Port"),
        ({"name": "中環 Central", "name:zh-Hant": "中環"}, "中環", ""),
        ({"brand": "BP", "ref": "7"}, "", "BP"),
        ({"operator": "国家电网"}, "国家电网", ""),
        ({}, "", ""),
    ],
)
def test_names_are_chinese_or_english(tags: dict[str, str], chinese: str, english: str) -> None:
    assert names_of(tags) == (chinese, english)


@pytest.mark.parametrize(
    ("text", "kv"),
    [("220000;110000", 220.0), ("380000", 380.0), ("10000 V", 10.0), ("9" * 30, np.nan)],
)
def test_the_highest_voltage_counts(text: str, kv: float) -> None:
    assert voltage_kv({"voltage": text}) == pytest.approx(kv, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "mw"),
    [("600 MW", 600.0), ("2,5 MW", 2.5), ("250 kWp", 0.25), ("1 GW", 1000.0), ("yes", np.nan)],
)
def test_powers_are_in_mw(text: str, mw: float) -> None:
    assert power_mw(text) == pytest.approx(mw, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("120", 120.0),
        (" 8 ", 8.0),
        ("~20", np.nan),
        ("-3", np.nan),
        ("1e9", np.nan),
        ("٣", np.nan),
    ],
)
def test_only_plain_digits_are_a_count(text: str, number: float) -> None:
    assert count(text) == pytest.approx(number, nan_ok=True)


@given(text=ANY_TEXT)
def test_whatever_a_tag_says_is_a_sensible_number_or_none(text: str) -> None:
    for value in (count(text), power_mw(text), voltage_kv({"voltage": text})):
        assert np.isnan(value) or 0 <= value < np.inf


@given(
    places=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=25),
    radius=st.integers(1, 300),
)
def test_groups_are_near_their_leader_and_leaders_apart(
    places: list[tuple[int, int]], radius: int
) -> None:
    points = shapely.points(np.array(places, dtype=float).reshape(-1, 2))
    first = leaders(points, radius)
    lead = np.unique(first)
    assert (first[lead] == lead).all()
    assert (shapely.distance(points, points[first]) <= radius).all()
    for index in lead:
        others = points[lead[lead != index]]
        assert (shapely.distance(points[index], others) > radius).all()


@given(places=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12))
def test_neighbours_are_the_nearest_others(places: list[tuple[int, int]]) -> None:
    points = shapely.points(np.array(places, dtype=float).reshape(-1, 2))
    found = neighbours(points, 20.0)
    for index, place in enumerate(points):
        others = [(shapely.distance(place, p), i) for i, p in enumerate(points) if i != index]
        near = min((item for item in others if item[0] <= 20.0), default=None)
        assert found.get(index) == (None if near is None else (near[1], near[0]))


def test_every_type_of_candidate_is_one_the_facility_types_know() -> None:
    known = set()
    for path in (ROOT / "config" / "facilities").glob("*.toml"):
        for criterion in tomllib.loads(path.read_text(encoding="utf-8"))["criteria"]:
            if criterion["params"].get("column") == "type":
                known |= set(criterion["params"]["classes"])
    assert set(SUITS) <= known


def test_candidates_carry_type_flags_and_the_land_that_is_drawn() -> None:
    found = draw_candidates(
        city(
            [
                ("n1", {"amenity": "fuel", "name": "Galp"}, point(0, 0)),
                ("w2", {"amenity": "fuel"}, square(3000, 0, 50)),
                ("w3", {"amenity": "fuel", "building": "roof"}, square(6000, 0, 20)),
                ("n4", {"amenity": "fuel", "fuel:hydrogen": "yes"}, point(9000, 0)),
                ("n5", {"amenity": "bus_station"}, point(0, 500)),
                (
                    "n6",
                    {"amenity": "bus_station", "public_transport": "stop_position"},
                    point(0, 600),
                ),
                ("w7", {"landuse": "industrial"}, square(0, 5000, 400)),
                ("w8", {"landuse": "port"}, square(0, 9000, 400)),
            ]
        )
    )
    rows = found.cells.set_index("id")
    assert rows["type"].to_dict() == {
        "n1": "petrol_cluster",
        "w2": "petrol_cluster",
        "w3": "petrol_cluster",
        "n4": "petrol_cluster",
        "n5": "bus_depot",
        "w7": "industrial_park",
        "w8": "port_gate",
    }
    assert rows["land_m2"].dropna().to_dict() == pytest.approx({"w2": 2500.0}, rel=0.01)
    assert rows["suits_hydrogen"].to_dict() == {**dict.fromkeys(rows.index, 1), "n4": 0}
    assert rows["suits_charging_bus"].loc[lambda flag: flag == 1].index.tolist() == ["n5"]


def test_an_object_of_two_types_is_one_candidate() -> None:
    tags = {"landuse": "depot", "industrial": "depot", "amenity": "bus_station"}
    found = draw_candidates(city([("w1", tags, square(0, 0, 200))]))
    assert found.cells[["id", "type"]].to_numpy().tolist() == [["w1", "bus_depot"]]


def test_fuel_stations_of_one_site_stay_and_name_each_other() -> None:
    found = draw_candidates(
        city(
            [
                ("n1", {"amenity": "fuel"}, point(0, 0)),
                ("w2", {"amenity": "fuel"}, square(60, 0, 30)),
                ("n3", {"amenity": "fuel"}, point(300, 0)),
            ]
        )
    )
    notes = found.cells.set_index("id")["note"]
    assert notes["n1"].startswith("w2 is 60 m away")
    assert notes["w2"].startswith("n1 is 60 m away")
    assert not notes["n3"]


@pytest.mark.parametrize(
    ("tags", "size_m", "rows"),
    [
        ({}, 51.0, 1),
        ({}, 49.0, 0),
        ({"capacity": "100"}, 10.0, 1),
        ({"capacity": "99"}, 10.0, 0),
        ({"parking": "underground"}, 10.0, 1),
        ({"access": "private"}, 200.0, 0),
    ],
)
def test_car_parks_count_from_a_size_on(tags: dict[str, str], size_m: float, rows: int) -> None:
    found = draw_candidates(city([("w1", {"amenity": "parking", **tags}, square(0, 0, size_m))]))
    assert len(found.shapes) == rows


def test_service_areas_lie_along_expressways() -> None:
    edges = roads(("motorway", line((0, 0), (2000, 0))), ("residential", line((0, 0), (0, 5000))))
    tags = {"highway": "services"}
    found = draw_candidates(
        city(
            [("w1", tags, square(500, 300, 100)), ("w2", tags, square(0, 4000, 100))], edges=edges
        )
    )
    assert found.cells["id"].tolist() == ["w1"]


def test_exits_of_an_interchange_are_one_candidate() -> None:
    tags = {"highway": "motorway_junction"}
    found = draw_candidates(
        city([(f"n{number}", tags, point(x, 0)) for number, x in enumerate((0, 400, 900, 1300))])
    )
    assert found.cells[["id", "note"]].to_numpy().tolist() == [
        ["n0", "exits of motorways: 2"],
        ["n2", "exits of motorways: 2"],
    ]


def test_exits_outside_the_boundary_do_not_take_those_inside_with_them() -> None:
    tags = {"highway": "motorway_junction"}
    exits = [("n1", tags, point(1100, 0)), ("n2", tags, point(900, 0))]
    found = draw_candidates(city(exits, boundary=square(0, 0, 2000)))
    assert found.cells[["id", "note"]].to_numpy().tolist() == [["n2", "exits of motorways: 1"]]


def test_parts_of_a_port_are_not_ports_of_their_own() -> None:
    found = draw_ports(
        city(
            [
                ("n1", {"harbour": "yes"}, point(0, 0)),
                ("w2", {"landuse": "port"}, square(0, 0, 500)),
                ("w3", {"industrial": "port", "landuse": "industrial"}, square(0, 0, 500)),
                ("n4", {"amenity": "ferry_terminal"}, point(2000, 0)),
                ("n5", {"harbour": "yes", "leisure": "marina"}, point(4000, 0)),
                ("n6", {"seamark:type": "harbour"}, point(6000, 0)),
            ]
        )
    )
    assert found.cells[["id", "role"]].to_numpy().tolist() == [
        ["w2", "port"],
        ["n4", "ferry terminal"],
        ["n6", "harbour"],
    ]
    assert "2 parts of larger ports" in found.note


def test_parks_have_a_type_and_an_intensity_by_area() -> None:
    found = draw_parks(
        city(
            [
                ("w1", {"landuse": "industrial"}, square(0, 0, 800)),
                ("w2", {"landuse": "industrial"}, square(2000, 0, 350)),
                ("w3", {"landuse": "industrial"}, square(4000, 0, 150)),
                ("w4", {"landuse": "industrial"}, square(6000, 0, 100)),
                ("w5", {"landuse": "retail"}, square(8000, 0, 150)),
                ("w6", {"building": "warehouse"}, square(10_000, 0, 160)),
                ("w7", {"building": "warehouse"}, square(0, 0, 160)),
                ("n8", {"aeroway": "aerodrome", "iata": "OPO"}, point(12_000, 0)),
                ("w9", {"landuse": "industrial", "industrial": "port"}, square(0, 9000, 800)),
            ]
        )
    )
    assert found.cells[["id", "type", "freight_intensity"]].to_numpy().tolist() == [
        ["w1", "park", "H"],
        ["w2", "park", "M"],
        ["w3", "park", "L"],
        ["w5", "poi_commercial", "L"],
        ["w6", "logistics", "H"],
        ["n8", "airport_cargo", "M"],
    ]


@given(kind=st.sampled_from(["park", "logistics"]), area=st.floats(0, 1e7), more=st.floats(0, 1e7))
def test_larger_parks_do_not_have_less_freight(kind: str, area: float, more: float) -> None:
    order = "LMH"
    small, large = freight_intensity(kind, area), freight_intensity(kind, area + more)
    assert order.index(small) <= order.index(large)


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"voltage": "500000;220000"}, "substation_500"),
        ({"voltage": "220000"}, "substation_220"),
        ({"voltage": "110000;20000"}, "substation_110"),
        ({"voltage": "20000"}, "substation_mv"),
        ({"substation": "minor_distribution"}, "substation_mv"),
        ({"substation": "transmission"}, "substation_unknown"),
        ({}, "substation_unknown"),
    ],
)
def test_substations_are_classed_by_voltage(tags: dict[str, str], kind: str) -> None:
    assert substation_type(tags) == kind


def test_energy_keeps_what_is_known_and_says_what_is_not() -> None:
    found = draw_energy(
        city(
            [
                ("w1", {"power": "substation", "voltage": "220000"}, square(0, 0, 100)),
                ("n2", {"amenity": "charging_station", "capacity": "6"}, point(900, 0)),
                ("n3", {"amenity": "charging_station"}, point(1800, 0)),
                ("n4", {"amenity": "fuel", "fuel:h2": "yes"}, point(2700, 0)),
                ("n5", {"amenity": "fuel", "fuel:h2": "no"}, point(3600, 0)),
                (
                    "w6",
                    {"power": "plant", "plant:output:electricity": "600 MW"},
                    square(9000, 0, 900),
                ),
                (
                    "n7",
                    {"power": "generator", "generator:output:electricity": "300 MW"},
                    point(9000, 0),
                ),
                (
                    "n8",
                    {
                        "power": "generator",
                        "generator:source": "wind",
                        "generator:output:electricity": "2 MW",
                    },
                    point(20_000, 0),
                ),
                ("n9", {"power": "generator", "generator:source": "solar"}, point(0, 4000)),
            ]
        )
    )
    rows = found.cells.set_index("id")
    assert rows["type"].to_dict() == {
        "w1": "substation_220",
        "n2": "charging_station",
        "n3": "charging_station",
        "n4": "h2_station",
        "w6": "power_plant",
        "n8": "wind_pv",
    }
    assert rows["capacity"].dropna().to_dict() == {"n2": 240.0, "w6": 600.0, "n8": 2.0}
    assert rows.loc["n2", "unit"] == "kWh/day"


@pytest.mark.parametrize(
    ("tags", "constraint"),
    [
        ({"boundary": "protected_area", "protect_class": "1a"}, "hard"),
        ({"boundary": "protected_area", "protect_class": "5"}, "soft"),
        ({"boundary": "protected_area", "protect_class": "22"}, "soft"),
        ({"boundary": "protected_area"}, "hard"),
        ({"boundary": "national_park", "protect_class": "5"}, "hard"),
        ({"leisure": "nature_reserve"}, "hard"),
    ],
)
def test_protection_is_hard_or_soft_by_its_class(tags: dict[str, str], constraint: str) -> None:
    found = draw_protected(city([("w1", tags, square(0, 0, 100))]))
    assert found.cells["constraint"].tolist() == [constraint]


def test_railways_in_tunnels_and_trams_are_no_obstacle() -> None:
    track = line((0, 0), (500, 0))
    found = draw_railways(
        city(
            [
                ("w1", {"railway": "rail"}, track),
                ("w2", {"railway": "rail", "tunnel": "yes"}, track),
                ("w3", {"railway": "subway", "tunnel": "no"}, track),
                ("w4", {"railway": "tram"}, track),
            ]
        )
    )
    assert found.cells["id"].tolist() == ["w1", "w3"]


def test_lines_carry_their_voltage_and_shapes_of_another_kind_are_left_out() -> None:
    objects = [
        ("w1", {"power": "line", "voltage": "110000"}, line((0, 0), (500, 0))),
        ("w2", {"power": "minor_line"}, line((0, 9), (500, 9))),
        ("w3", {"natural": "water"}, square(0, 0, 90)),
        ("n4", {"natural": "water"}, point(0, 0)),
    ]
    lines = draw_power_lines(city(objects)).cells
    assert lines["voltage_kv"].tolist() == pytest.approx([110.0, np.nan], nan_ok=True)
    assert draw_water(city(objects)).cells["id"].tolist() == ["w3"]


def test_a_school_that_is_a_node_becomes_a_circle() -> None:
    a_city = city(
        [
            ("n1", {"amenity": "school"}, point(0, 0)),
            ("w2", {"building": "hospital"}, square(500, 0, 40)),
        ]
    )
    found = draw_public_buildings(a_city)
    areas = a_city.areas_m2(found.shapes)
    assert shapely.get_dimensions(found.shapes).tolist() == [2, 2]
    assert areas[0] == pytest.approx(np.pi * 20**2, rel=0.03)  # a polygon of 16 corners
    assert found.cells["confidence"].tolist() == ["C", "B"]


def test_places_are_cut_to_the_boundary_and_surroundings_to_a_margin_round_it() -> None:
    a_city = city(
        [
            ("n1", {"amenity": "fuel"}, point(0, 0)),
            ("n2", {"amenity": "fuel"}, point(1500, 0)),
            ("w3", {"natural": "water"}, square(3000, 0, 500)),
            ("w4", {"natural": "water"}, square(9000, 0, 500)),
            ("w5", {"railway": "rail"}, line((0, 0), (90_000, 0))),
        ],
        boundary=square(0, 0, 2000),
    )
    assert draw_candidates(a_city).cells["id"].tolist() == ["n1"]
    assert draw_water(a_city).cells["id"].tolist() == ["w3"]
    track = a_city.to_metric(draw_railways(a_city).shapes)
    assert shapely.length(track) == pytest.approx(6000.0, rel=0.02)


def test_areas_that_cross_themselves_count_once_and_lie_inside() -> None:
    bow = shapely.Polygon([point(*place).coords[0] for place in _BOW])
    found = draw_parks(city([("w1", {"landuse": "industrial"}, bow)]))
    assert found.cells["note"].iloc[0].startswith("4.0 ha")
    assert shapely.make_valid(bow).contains(found.shapes[0])


_BOW = ((0, 0), (400, 200), (400, 0), (0, 200))


def test_what_a_city_lacks_is_said() -> None:
    bare = city(undrawn=[("w1", {"landuse": "port"})], edges=CROSS)
    assert draw_ports(bare).why == (
        "no port, harbour or ferry terminal in the file; "
        "areas left out because cut off or broken: 1"
    )
    assert draw_water(bare).why == "no water drawn as an area in the file"
