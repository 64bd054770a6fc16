"""Roads from OSM: what tags mean, where ways are cut, and what a broken file is told."""

import gzip
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from osmium.osm import mutable
from pyproj import Geod

from layers._osm_roads import read_roads
from layers._osm_roads_tags import closes, describe, direction, free_flow_kmh, is_drivable
from siting.errors import InputError, MissingFileError
from siting.schema import LAYERS

Refs = Sequence[int]
ROAD = {"highway": "primary"}
TRUST = {"confidence", "uncertainty_m", "source", "note"}


def write(
    path: Path,
    ways: Mapping[int, tuple[Refs, Mapping[str, str]]],
    *,
    places: Mapping[int, tuple[float, float]] | None = None,
    barriers: Mapping[int, Mapping[str, str]] | None = None,
    turns: Mapping[int, tuple[Mapping[str, str], Sequence[tuple[str, str, int]]]] | None = None,
) -> Path:
    """Write an OSM file; nodes without a place lie on a line, 0.01 degrees apart."""
    path.unlink(missing_ok=True)
    numbers = sorted({ref for refs, _ in ways.values() for ref in refs})
    known = {n: (7 + 0.01 * n, 43.0) for n in numbers} if places is None else places
    with osmium.SimpleWriter(str(path)) as writer:
        for number, place in sorted(known.items()):
            tags = (barriers or {}).get(number, {})
            writer.add_node(mutable.Node(id=number, location=place, tags=tags))
        for number, (refs, tags) in sorted(ways.items()):
            writer.add_way(mutable.Way(id=number, nodes=list(refs), tags=tags))
        for number, (tags, members) in sorted((turns or {}).items()):
            told = [(kind, ref, role) for role, kind, ref in members]
            writer.add_relation(mutable.Relation(id=number, members=told, tags=tags))
    return path


def read(path: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    found = read_roads(str(path))
    nodes, edges = found["road_nodes"], found["road_edges"]
    assert isinstance(nodes, gpd.GeoDataFrame)
    assert isinstance(edges, gpd.GeoDataFrame)
    return nodes, edges, found["turn_restrictions"]


def ends(edges: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(edges["from_id"], edges["to_id"], strict=True))


def test_ways_are_cut_where_others_meet_them(tmp_path: Path) -> None:
    path = write(tmp_path / "a.osm.pbf", {1: ([1, 2, 3, 4], ROAD), 2: ([5, 3], ROAD)})
    nodes, edges, turns = read(path)
    assert sorted(nodes["id"]) == ["1", "3", "4", "5"]
    assert dict(zip(nodes["id"], nodes["kind"], strict=True))["3"] == "junction"
    assert edges["id"].tolist() == ["1-0", "1-1", "2-0"]
    assert ends(edges) == [("1", "3"), ("3", "4"), ("5", "3")]
    assert [len(line.coords) for line in edges.geometry] == [3, 2, 2]
    assert turns.empty
    assert edges.crs == nodes.crs == "EPSG:4326"


def test_columns_are_those_of_the_schema(tmp_path: Path) -> None:
    path = write(tmp_path / "a.osm.pbf", {1: ([1, 2], ROAD)})
    for kind, frame in zip(
        ("road_nodes", "road_edges", "turn_restrictions"), read(path), strict=True
    ):
        assert set(frame.columns) - {"geometry"} <= set(LAYERS[kind].names)
        needed = {column.name for column in LAYERS[kind].columns if column.required}
        assert needed <= set(frame.columns)
        assert set(frame.columns) >= TRUST


def test_lengths_are_geodesic(tmp_path: Path) -> None:
    _, edges, _ = read(write(tmp_path / "a.osm.pbf", {1: ([1, 2, 3], ROAD)}))
    geod = Geod(ellps="WGS84")
    assert edges["length_km"].iloc[0] == pytest.approx(
        geod.geometry_length(edges.geometry.iloc[0]) / 1000
    )


@pytest.mark.parametrize(
    ("tags", "way"),
    [
        ({}, 0),
        ({"oneway": "yes"}, 1),
        ({"oneway": "1"}, 1),
        ({"oneway": "-1"}, -1),
        ({"oneway": "no"}, 0),
        ({"oneway": "alternating"}, 0),
        ({"oneway:bus": "yes"}, 0),
        ({"junction": "roundabout"}, 1),
        ({"junction": "roundabout", "oneway": "-1"}, -1),
        ({"highway": "motorway"}, 1),
        ({"highway": "motorway", "oneway": "no"}, 0),
        ({"highway": "motorway_link"}, 1),
        ({"highway": "trunk_link"}, 0),
    ],
)
def test_direction(tags: Mapping[str, str], way: int) -> None:
    assert direction({**ROAD, **tags}) == way


def test_a_way_against_its_drawing_is_turned(tmp_path: Path) -> None:
    path = write(tmp_path / "a.osm.pbf", {1: ([1, 2, 3], ROAD | {"oneway": "-1"})})
    _, edges, _ = read(path)
    assert ends(edges) == [("3", "1")]
    assert edges["oneway"].tolist() == [1]
    assert edges.geometry.iloc[0].coords[0] == pytest.approx((7.03, 43.0))


@pytest.mark.parametrize(
    ("tags", "is_road"),
    [
        (ROAD, True),
        ({"highway": "footway"}, False),
        ({"highway": "construction"}, False),
        ({"building": "yes"}, False),
        (ROAD | {"access": "private"}, False),
        (ROAD | {"access": "no"}, False),
        (ROAD | {"access": "destination"}, True),
        ({"highway": "service", "service": "driveway"}, True),
    ],
)
def test_what_is_a_road(tags: Mapping[str, str], *, is_road: bool) -> None:
    assert is_drivable(tags) == is_road


@pytest.mark.parametrize(
    ("maxspeed", "kmh"),
    [
        ("50", 40.0),
        ("50 km/h", 40.0),
        ("30 mph", 0.8 * 30 * 1.609344),
        ("100;80", 64.0),
        ("PT:urban", 40.0),
        ("DE:rural", 72.0),
        ("walk", 4.0),
        ("none", 104.0),
        ("signals", 65.0),
        ("", 65.0),
        ("0", 65.0),
        ("fast", 65.0),
        ("1", 1.0),
    ],
)
def test_speed(maxspeed: str, kmh: float) -> None:
    assert free_flow_kmh(ROAD | {"maxspeed": maxspeed}) == pytest.approx(kmh)


@pytest.mark.parametrize(
    ("tags", "car", "lorry"),
    [
        ({}, "yes", "yes"),
        ({"access": "destination"}, "restricted", "restricted"),
        ({"access": "no", "motor_vehicle": "yes"}, "yes", "yes"),
        ({"vehicle": "no", "motorcar": "yes"}, "yes", "no"),
        ({"hgv": "no"}, "yes", "no"),
        ({"hgv": "delivery"}, "yes", "restricted"),
        ({"motor_vehicle": "no"}, "no", "no"),
        ({"motor_vehicle": "private"}, "no", "no"),
        ({"maxweight": "3.5"}, "yes", "no"),
        ({"maxweight": "20 t"}, "yes", "restricted"),
        ({"maxweight": "60"}, "yes", "yes"),
        ({"maxheight": "3.8"}, "yes", "no"),
        ({"maxheight": "4.2 m"}, "yes", "yes"),
        ({"maxheight": "default"}, "yes", "yes"),
    ],
)
def test_who_may_drive(tags: Mapping[str, str], car: str, lorry: str) -> None:
    told = describe(ROAD | tags)
    assert (told["motor_vehicle"], told["hgv"]) == (car, lorry)


def test_structures_and_names() -> None:
    told = describe(
        ROAD
        | {
            "bridge": "viaduct",
            "tunnel": "building_passage",
            "name": "山东路",
            "name:en": "Shandong Rd",
            "toll": "yes",
            "hazmat": "no",
            "ref": "G20",
        }
    )
    assert (told["bridge"], told["tunnel"], told["toll"], told["hazmat"]) == (
        "viaduct",
        "",
        "yes",
        "no",
    )
    assert (told["name_zh"], told["name_en"], told["ref"]) == ("山东路", "Shandong Rd", "G20")
    assert describe(ROAD | {"bridge": "no", "tunnel": "yes"})["bridge"] == ""
    assert describe(ROAD | {"ref": "G20"})["name_en"] == ""


@pytest.mark.parametrize(
    ("tags", "shut"),
    [
        ({"barrier": "bollard"}, True),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, False),
        ({"barrier": "gate"}, False),
        ({"barrier": "gate", "access": "private"}, True),
        ({"barrier": "toll_booth"}, False),
    ],
)
def test_barriers(tags: Mapping[str, str], *, shut: bool) -> None:
    assert closes(tags) == shut


def test_a_barrier_between_the_ends_closes_the_road(tmp_path: Path) -> None:
    ways = {1: ([1, 2, 3], ROAD), 2: ([3, 4], ROAD)}
    for node, told in ((2, ["no", "yes"]), (3, ["yes", "yes"])):
        path = write(tmp_path / f"{node}.osm.pbf", ways, barriers={node: {"barrier": "bollard"}})
        _, edges, _ = read(path)
        assert edges["motor_vehicle"].tolist() == told
        assert edges["hgv"].tolist() == told


def test_a_way_whose_nodes_are_cut_off_falls_apart(tmp_path: Path) -> None:
    places = {n: (7 + 0.01 * n, 43.0) for n in (1, 2, 4, 5, 7)}
    path = write(tmp_path / "a.osm.pbf", {1: ([1, 2, 3, 4, 5, 6, 7], ROAD)}, places=places)
    _, edges, _ = read(path)
    assert ends(edges) == [("1", "2"), ("4", "5")]
    assert edges.attrs["told"] == (
        "2 vertices of roads left out: their nodes are not in the file",
    )


def test_loops_and_parallel_roads_stay(tmp_path: Path) -> None:
    ring = ([1, 2, 3, 1], ROAD | {"junction": "roundabout"})
    path = write(tmp_path / "a.osm.pbf", {1: ring, 2: ([1, 4, 2], ROAD), 3: ([1, 2], ROAD)})
    _, edges, _ = read(path)
    assert ends(edges) == [("1", "2"), ("2", "1"), ("1", "2"), ("1", "2")]
    alone = write(tmp_path / "b.osm.pbf", {1: ring})
    assert ends(read(alone)[1]) == [("1", "1")]


def turn(kind: str, *members: tuple[str, str, int], **tags: str) -> tuple[dict[str, str], list[tuple[str, str, int]]]:  # fmt: skip
    return {"type": "restriction", "restriction": kind, **tags}, list(members)


def test_turn_restrictions_name_edges(tmp_path: Path) -> None:
    ways = {1: ([1, 2, 3], ROAD), 2: ([3, 4], ROAD), 3: ([3, 5], ROAD), 4: ([6, 3, 7], ROAD)}
    turns = {
        10: turn("no_left_turn", ("from", "w", 1), ("via", "n", 3), ("to", "w", 2)),
        11: turn("no_entry", ("from", "w", 1), ("from", "w", 2), ("via", "n", 3), ("to", "w", 3)),
        12: turn("no_u_turn", ("from", "w", 1), ("via", "w", 2), ("to", "w", 3)),
        13: turn("no_left_turn", ("from", "w", 1), ("via", "n", 3), ("to", "w", 4)),
        14: turn("only_straight_on", ("from", "w", 1), ("via", "n", 3), ("to", "w", 99)),
        15: ({"type": "restriction", "restriction:hgv": "no_left_turn"}, []),
        16: turn("no_right_turn", ("from", "w", 3), ("via", "n", 3), ("to", "w", 1), **{"except": "bus;hgv"}),
    }  # fmt: skip
    _, _, found = read(write(tmp_path / "a.osm.pbf", ways, turns=turns))
    rows = (
        found[["id", "from_edge", "via_node", "to_edge", "restriction", "except"]]
        .to_numpy()
        .tolist()
    )
    assert rows == [
        ["10-0", "1-0", "3", "2-0", "no_left_turn", ""],
        ["11-0", "1-0", "3", "3-0", "no_entry", ""],
        ["11-1", "2-0", "3", "3-0", "no_entry", ""],
        ["16-0", "3-0", "3", "1-0", "no_right_turn", "bus;hgv"],
    ]
    assert found.attrs["told"][0].startswith("4 turn restrictions left out")


def test_the_same_file_is_read_once_and_a_changed_one_again(tmp_path: Path) -> None:
    path = write(tmp_path / "a.osm.pbf", {1: ([1, 2], ROAD)})
    assert read_roads(str(path)) is read_roads(str(path))
    write(path, {1: ([1, 2], ROAD), 2: ([2, 3, 9], ROAD)})
    assert len(read(path)[1]) == 2


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2"])
def test_xml_says_the_same(tmp_path: Path, suffix: str) -> None:
    ways = {1: ([1, 2, 3, 4], ROAD), 2: ([5, 3], ROAD | {"name": "<路> & \u2028"})}
    one, other = (read(write(tmp_path / f"a{s}", ways)) for s in (".osm.pbf", suffix))
    for a, b in zip(one, other, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(a), pd.DataFrame(b))


def refuse(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_roads(str(path))
    message = str(caught.value)
    assert message.startswith(f"{path.name}: ")
    assert str(path.parent) not in message
    assert "\n" not in message
    return message


def test_broken_files_are_told_in_one_line(tmp_path: Path) -> None:
    whole = write(tmp_path / "a.osm.pbf", {n: ([n, n + 1], ROAD) for n in range(1, 4000)})
    content = whole.read_bytes()
    for name, damaged in (
        ("half.osm.pbf", content[: len(content) // 2]),
        ("huge.osm.pbf", b"\x7f\xff\xff\xff" + content[4:]),
        ("noise.osm.pbf", bytes(range(256)) * 8),
        ("text.osm", b"<osm><way"),
        ("page.osm.pbf", b"<html>not found</html>"),
        ("zipped.osm.gz", gzip.compress(b"<osm>")[:12]),
    ):
        path = tmp_path / name
        path.write_bytes(damaged)
        assert "cannot be read as OSM data" in refuse(path)


def test_a_file_without_roads_is_told(tmp_path: Path) -> None:
    for ways in ({}, {1: ([1, 2], {"building": "yes"})}, {1: ([1], ROAD)}):
        path = write(tmp_path / "none.osm.pbf", ways)
        assert "holds no road that cars may drive" in refuse(path)
    lost = write(tmp_path / "lost.osm.pbf", {1: ([1, 2], ROAD)}, places={})
    assert "holds no road" in refuse(lost)


def test_the_antimeridian_is_told(tmp_path: Path) -> None:
    places = {1: (179.9, -16.8), 2: (-179.9, -16.8)}
    path = write(tmp_path / "fiji.osm.pbf", {1: ([1, 2], ROAD)}, places=places)
    assert "across the antimeridian (got -179.90 to 179.90 E" in refuse(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        read_roads(str(tmp_path / "no.osm.pbf"))


ways_of_any_shape = st.dictionaries(
    st.integers(1, 30),
    st.tuples(
        st.lists(st.integers(1, 12), min_size=1, max_size=8),
        st.sampled_from([ROAD, ROAD | {"oneway": "yes"}, ROAD | {"oneway": "-1"}]),
    ),
    min_size=1,
    max_size=8,
)


@given(ways=ways_of_any_shape)
@settings(max_examples=80, deadline=None)
def test_edges_are_the_ways(ways: dict[int, tuple[list[int], dict[str, str]]], tmp_path_factory: pytest.TempPathFactory) -> None:  # fmt: skip
    """Distances over the cut graph are those over all vertices, and every step is in one edge."""
    lines = {n: (refs, tags) for n, (refs, tags) in ways.items() if len(refs) > 1}
    places = {n: (7 + 0.01 * n, 43 + 0.001 * n * n) for n in range(1, 13)}
    path = write(tmp_path_factory.mktemp("osm") / "a.osm.pbf", ways, places=places)
    if not lines:
        assert "holds no road" in refuse(path)
        return
    nodes, edges, _ = read(path)
    steps = sum(len(refs) - 1 for refs, _ in lines.values())
    assert sum(len(line.coords) - 1 for line in edges.geometry) == steps
    fine, coarse = nx.MultiDiGraph(), nx.MultiDiGraph()
    geod = Geod(ellps="WGS84")
    met = [ref for refs, _ in lines.values() for ref in set(refs)]
    cut = {ref for ref in met if met.count(ref) > 1} | {
        ref for refs, _ in lines.values() for ref in (refs[0], refs[-1])
    }
    for number, (refs, tags) in lines.items():
        # Where a way only meets itself, nobody turns off.
        steps_of = [ref if ref in cut else (number, k) for k, ref in enumerate(refs)]
        for k, (a, b) in enumerate(pairwise(steps_of)):
            km = geod.inv(*places[refs[k]], *places[refs[k + 1]])[2] / 1000
            ahead, back = tags.get("oneway") != "-1", tags.get("oneway") != "yes"
            fine.add_edges_from([(a, b, {"km": km})] * ahead + [(b, a, {"km": km})] * back)
    for row in edges.to_dict("records"):
        a, b, km = int(row["from_id"]), int(row["to_id"]), row["length_km"]
        both = [(a, b, {"km": km})] + [(b, a, {"km": km})] * (row["oneway"] == 0)
        coarse.add_edges_from(both)
    coarse.add_nodes_from(map(int, nodes["id"]))
    for start in map(int, nodes["id"]):
        want = nx.single_source_dijkstra_path_length(fine, start, weight="km")
        got = nx.single_source_dijkstra_path_length(coarse, start, weight="km")
        assert {n: want[n] for n in want if n in coarse} == pytest.approx(got, abs=1e-9)
        assert np.isfinite(list(got.values())).all()
