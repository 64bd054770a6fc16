"""The built-in vehicle profiles: classes in OpenStreetMap's words, speeds within the law they name."""

import tomllib

import pytest

from siting._config_files import builtin
from siting._config_study import ProfileFile
from tests.test_network_turns import cost, graph_of

# OpenStreetMap wiki, "Key:access", land-based vehicles, and the exceptions of "Relation:restriction".
CLASSES = {"motorcar", "hgv", "hazmat", "bus", "psv", "goods", "coach", "tourist_bus"}
PROFILES = builtin("profiles")


def profile(name: str) -> ProfileFile:
    return ProfileFile.model_validate(tomllib.loads(PROFILES[name].read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_says_what_it_is_and_where_its_speeds_are_from(name: str) -> None:
    found = profile(name)
    assert found.vehicle_classes
    assert set(found.vehicle_classes) <= CLASSES
    assert len(found.source) > 20
    # Road traffic safety law, implementing regulation, art. 78.
    most_kmh = 120.0 if name == "car" else 100.0
    assert max(found.max_speed_kmh.values()) <= most_kmh
    assert "ferry" in found.banned["highway"]


def test_a_bus_may_turn_where_buses_are_excepted_and_a_truck_may_not() -> None:
    row = ("SX", "X", "WX", "no_left_turn", "bus;bicycle")
    by_bus, by_truck = (
        cost(graph_of(row, classes=tuple(profile(name).vehicle_classes)), "S", "W")
        for name in ("bus", "heavy_truck")
    )
    assert by_bus < by_truck
