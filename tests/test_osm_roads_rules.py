"""Roads from OSM: lorries' limits, closed barriers between ways, and files that are no map of today."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import osmium
import pytest
from osmium.osm import mutable

from layers._osm_roads import read_roads
from layers._osm_roads_tags import describe, free_flow_kmh
from layers._osm_roads_ways import _places_by_filter, _places_by_index, read_ways
from siting.errors import InputError
from tests.test_osm_roads import ROAD, read, turn, write

GATE = {"barrier": "gate", "access": "private"}


@pytest.mark.parametrize(
    ("tags", "car", "lorry"),
    [
        ({"access": "permissive"}, "yes", "yes"),
        ({"hgv": "discouraged"}, "yes", "restricted"),
        ({"hgv": "destination;delivery"}, "yes", "restricted"),
        ({"hgv": "designated", "access": "destination"}, "restricted", "yes"),
        ({"maxweight": "3500 kg"}, "yes", "no"),
        ({"maxweight": "3,5 t"}, "yes", "no"),
        ({"maxweightrating:hgv": "7.5"}, "yes", "no"),
        ({"maxweight": "none"}, "yes", "yes"),
        ({"maxheight": "12'6\""}, "yes", "no"),
        ({"maxheight": "14 ft"}, "yes", "yes"),
        ({"maxwidth": "2.3"}, "yes", "no"),
        ({"maxwidth": "3"}, "yes", "yes"),
    ],
)
def test_limits_in_the_units_of_the_sign(tags: Mapping[str, str], car: str, lorry: str) -> None:
    told = describe(ROAD | tags)
    assert (told["motor_vehicle"], told["hgv"]) == (car, lorry)


@pytest.mark.parametrize(
    ("tags", "hazmat"),
    [
        ({}, ""),
        ({"hazmat": "designated"}, "yes"),
        ({"hazmat": "destination"}, "restricted"),
        ({"hazmat": "yes", "hazmat:D": "no"}, "no"),
        ({"hazmat:A": "no"}, ""),
    ],
)
def test_dangerous_goods(tags: Mapping[str, str], hazmat: str) -> None:
    assert describe(ROAD | tags)["hazmat"] == hazmat


@pytest.mark.parametrize(
    ("maxspeed", "kmh"),
    [
        ("DE:zone:30", 24.0),
        ("DE:zone30", 24.0),
        ("50 kph", 40.0),
        ("GB:nsl_single", 77.28),
        ("160", 128.0),
        ("161", 65.0),
        ("999", 65.0),
        ("999;50", 40.0),
    ],
)
def test_zones_and_slips_of_the_pen(maxspeed: str, kmh: float) -> None:
    assert free_flow_kmh(ROAD | {"maxspeed": maxspeed}) == pytest.approx(kmh)


def test_a_closed_gate_between_two_ways_forbids_going_on(tmp_path: Path) -> None:
    ways = {1: ([1, 2], ROAD), 2: ([2, 3], ROAD)}
    _, edges, turns = read(write(tmp_path / "a.osm.pbf", ways, barriers={2: GATE}))
    assert edges["motor_vehicle"].tolist() == ["yes", "yes"]
    names = ["id", "from_edge", "via_node", "to_edge", "restriction"]
    assert turns[names].to_numpy().tolist() == [
        ["barrier 2-0", "2-0", "2", "1-0", "no_entry"],
        ["barrier 2-1", "1-0", "2", "2-0", "no_entry"],
    ]


def test_a_gate_at_a_crossing_closes_no_street(tmp_path: Path) -> None:
    ways = {1: ([1, 2, 3], ROAD), 2: ([2, 4], ROAD)}
    path = write(tmp_path / "a.osm.pbf", ways, barriers={2: GATE, 4: GATE})
    assert read(path)[2].empty


def test_restrictions_for_lorries_spare_the_others(tmp_path: Path) -> None:
    ways = {1: ([1, 2], ROAD), 2: ([2, 3], ROAD)}
    tags, members = turn("", ("from", "w", 1), ("via", "n", 2), ("to", "w", 2))
    tags = {"type": "restriction", "restriction:hgv": "no_left_turn", "except": "forestry"}
    square = ({"type": "multipolygon", "highway": "pedestrian"}, [("outer", "w", 1)])
    path = write(tmp_path / "a.osm.pbf", ways, turns={8: (tags, members), 9: square})
    found = read(path)[2]
    assert found["restriction"].tolist() == ["no_left_turn"]
    spared = set(found["except"].iloc[0].split(";"))
    assert {"motorcar", "bus", "psv", "forestry"} <= spared
    assert not spared & {"hgv", "hazmat", ""}
    assert found.attrs["told"] == ()  # the square is no restriction that was left out


def refuse(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_roads(str(path))
    assert len(caught.value.problems) == 1
    return str(caught.value)


@pytest.mark.parametrize(("name", "versions"), [("a.osm.pbf", (1, 2)), ("a.osh.pbf", (2,))])
def test_a_history_is_told(tmp_path: Path, name: str, versions: tuple[int, ...]) -> None:
    path = tmp_path / name
    with osmium.SimpleWriter(str(path)) as writer:
        for number in (1, 2):
            writer.add_node(mutable.Node(id=number, location=(7 + number / 100, 43.0)))
        for version in versions:
            writer.add_way(mutable.Way(id=5, version=version, nodes=[1, 2], tags=ROAD))
    assert refuse(path).startswith(f"{name}: is a history, not a state of the map (got ")


def test_numbers_of_an_editor_are_told(tmp_path: Path) -> None:
    for ways in ({-4: ([1, 2], ROAD)}, {4: ([-1, 2], ROAD)}):
        path = write(tmp_path / "josm.osm", ways)
        assert "numbers of an editor, not of OSM" in refuse(path)


def test_places_are_the_same_by_index_and_by_filter(tmp_path: Path) -> None:
    places = {n: (7 + 0.01 * n, 43.0) for n in (1, 2, 3, 9)}
    path = write(tmp_path / "a.osm.pbf", {1: ([1, 2, 5, 9, 3], ROAD)}, places=places)
    numbers = np.array([1, 2, 3, 5, 9])
    one, other = _places_by_index(str(path), numbers), _places_by_filter(str(path), numbers)
    assert one.tolist()[:3] == other.tolist()[:3] == [[7.01, 43.0], [7.02, 43.0], [7.03, 43.0]]
    assert str(one.tolist()) == str(other.tolist())
    assert read_ways(str(path)).n_missing == 1
