"""Which rows of a layer are candidates, and which district a place lies in."""

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from siting.candidates import districts_of, propose
from siting.errors import InputError, MissingLayerError
from siting.model import Inputs
from tests import stubs
from tests.stubs import facility, inputs, points, shapes

DISTRICTS = shapes(
    [
        shapely.box(0, 0, 10000, 10000),
        shapely.box(10000, 0, 20000, 10000),
        shapely.box(30000, 0, 40000, 10000),
    ],
    id=["Q1", "Q2", "Q3"],
    name_zh=["市南区", "市北区", ""],
    name_en=["Shinan", "Shibei", "Laoshan"],
)


def world(**more: object) -> Inputs:
    sites = points(
        [(15, 5), (5, 5), (31, 5), (6, 5)],
        id=["C3", "C1", "C2", "C0"],
        type=["hub", "depot", "hub", "hub"],
        suits_hydrogen=[1, 1, 0, 1],
        suits_bus=[0, 0, 1, 0],
        land_m2=[1.0, 2.0, 3.0, 4.0],
    )
    return inputs(**({"candidates": sites, "districts": DISTRICTS} | more))


def ids(frame: pd.DataFrame) -> list[str]:
    return frame["candidate_id"].to_list()


def test_rows_come_sorted_with_their_columns_type_and_district() -> None:
    found = propose(world(), facility(key="hydrogen"))
    assert ids(found) == ["C0", "C1", "C2", "C3"]
    assert found.index.to_list() == [0, 1, 2, 3]
    assert found["district"].to_list() == ["市南区", "市南区", "Laoshan", "市北区"]
    assert found["land_m2"].to_list() == [4.0, 2.0, 3.0, 1.0]
    assert (found["facility"] == "hydrogen").all()
    assert found.crs == stubs.CRS


def test_any_flag_will_do_and_every_condition_must_hold() -> None:
    both = facility(candidate_flags=("suits_hydrogen", "suits_bus"))
    assert ids(propose(world(), both)) == ["C0", "C1", "C2", "C3"]
    assert ids(propose(world(), facility(candidate_flags=("suits_bus",)))) == ["C2"]
    narrow = facility(
        candidate_flags=("suits_hydrogen",),
        candidate_where={"type": ("hub",), "land_m2": (1.0, 2.0, 3.0)},
    )
    assert ids(propose(world(), narrow)) == ["C3"]


def test_the_type_may_stand_in_another_column() -> None:
    found = propose(world(), facility(candidate_type="land_m2"))
    assert found["type"].to_list() == ["4.0", "2.0", "3.0", "1.0"]


def test_the_layer_is_left_alone() -> None:
    asked = world()
    before = asked.layers["candidates"].copy(deep=True)
    propose(asked, facility(candidate_flags=("suits_bus",)))
    assert_geodataframe_equal(asked.layers["candidates"], before)


def test_the_order_of_the_layer_does_not_matter() -> None:
    turned = world(
        candidates=world().layers["candidates"][::-1], districts=DISTRICTS.iloc[[2, 0, 1]]
    )
    assert_geodataframe_equal(propose(turned, facility()), propose(world(), facility()))


def test_a_place_outside_belongs_to_the_nearest_district() -> None:
    places = points([(24, 5), (26, 5), (-1, 5)]).geometry
    assert districts_of(places, world()) == ["市北区", "Laoshan", "市南区"]


def test_a_place_on_the_border_belongs_to_the_first_district() -> None:
    on_border = points([(10, 5), (25, 5)]).geometry
    assert districts_of(on_border, world()) == ["市南区", "市北区"]
    turned = world(districts=DISTRICTS[::-1])
    assert districts_of(on_border, turned) == ["市南区", "市北区"]


def test_without_districts_the_name_is_empty() -> None:
    places = points([(5, 5), (6, 5)]).geometry
    assert districts_of(places, inputs()) == ["", ""]
    assert districts_of(places, inputs(districts=DISTRICTS.iloc[:0])) == ["", ""]
    assert districts_of(places.iloc[:0], world()) == []


def test_a_missing_layer_is_named() -> None:
    asked = facility(candidate_layer="berths")
    with pytest.raises(MissingLayerError, match=r"no layer berths.*candidates, districts"):
        propose(world(), asked)


@pytest.mark.parametrize(
    "facts",
    [
        {"candidate_type": "cargo"},
        {"candidate_flags": ("cargo",)},
        {"candidate_where": {"cargo": ("oil",)}},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_a_missing_column_is_named(facts: dict[str, object]) -> None:
    with pytest.raises(MissingLayerError, match=r"layer candidates: no column cargo"):
        propose(world(), facility(**facts))


def test_no_row_left_says_what_was_wanted() -> None:
    asked = facility(candidate_flags=("suits_bus",), candidate_where={"type": ("depot",)})
    with pytest.raises(InputError, match=r"type one of depot and 1 in one of suits_bus"):
        propose(world(), asked)
    with pytest.raises(InputError, match=r"rows with any id"):
        propose(world(candidates=world().layers["candidates"].iloc[:0]), facility())


def test_ids_sort_as_text() -> None:
    sites = points([1, 2, 3], id=["10", "9", "2"], type="hub")
    found = propose(world(candidates=sites), facility())
    assert ids(found) == sorted(["10", "9", "2"])
    np.testing.assert_array_equal(found.geometry.x, [1000.0, 3000.0, 2000.0])
