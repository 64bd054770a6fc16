"""Whatever an extract holds, every kind of layer comes out as its schema says, or empty with a reason."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from shapely.geometry.base import BaseGeometry

from layers import _osm
from layers._osm_objects import _CHOSEN, _LINES
from siting.schema import LAYERS
from tests.osm_places import Tags, city, line, point, roads, spot, square

DIMENSIONS = {"point": 0, "line": 1, "polygon": 2}
BOUNDARY = square(100, 100, 2500)
OTHER_TAGS = {
    "name": st.text(max_size=8),
    "capacity": st.text("0123456789 -~.", max_size=15),
    "voltage": st.text("0123456789;V ", max_size=12),
    "population": st.sampled_from(["900", "-3", "about 90", "9" * 40]),
    "admin_level": st.sampled_from(["2", "8", "10", "x", ""]),
    "protect_class": st.sampled_from(["1a", "5", "?", ""]),
    "tunnel": st.sampled_from(["yes", "no"]),
    "access": st.sampled_from(["private", "yes"]),
    "fuel:h2": st.sampled_from(["yes", "no"]),
    "plant:output:electricity": st.sampled_from(["5 MW", "yes"]),
    "generator:output:electricity": st.sampled_from(["5 MW", "yes"]),
    "iata": st.just("OPO"),
}
ROADS = roads(
    ("residential", line((-2000, 0), (0, 0))),
    ("primary", line((0, 0), (2000, 0))),
    ("motorway", line((0, 0), (0, 2000)), 1),
)

places = st.tuples(st.integers(-1500, 1500), st.integers(-1500, 1500))


@st.composite
def tags(draw: st.DrawFn) -> Tags:
    chosen = draw(st.lists(st.sampled_from(sorted(_CHOSEN)), min_size=1, max_size=3, unique=True))
    kinds = {key: draw(st.sampled_from(_CHOSEN[key].split())) for key in chosen}
    more = draw(st.lists(st.sampled_from(sorted(OTHER_TAGS)), max_size=3, unique=True))
    return {**kinds, **{key: draw(OTHER_TAGS[key]) for key in more}}


@st.composite
def objects(draw: st.DrawFn) -> list[tuple[str, Tags, BaseGeometry]]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        said = draw(tags())
        is_line = any(said.get(key) in values.split() for key, values in _LINES.items())
        corners = draw(st.lists(places, min_size=4, max_size=6, unique=True))
        shape = draw(st.sampled_from(["point", "line", "area"]))
        if shape == "point":
            found.append((f"n{number}", said, point(*corners[0])))
        elif shape == "line" or is_line:
            found.append((f"w{number}", said, line(*corners)))
        else:  # crossing itself as often as not
            ring = shapely.Polygon([spot(*corner) for corner in corners])
            found.append((f"w{number}", said, ring))
    return found


@pytest.mark.parametrize("boundary", [None, BOUNDARY])
@settings(deadline=None, max_examples=30)
@given(found=objects())
def test_every_kind_is_as_its_schema_says(
    boundary: BaseGeometry | None, found: list[tuple[str, Tags, BaseGeometry]]
) -> None:
    a_city = city(found, edges=ROADS, boundary=boundary)
    for kind, draw in _osm._DRAW.items():
        schema, drawn = LAYERS[kind], draw(a_city)
        assert len(drawn.cells) == len(drawn.shapes)
        assert bool(drawn.why) == (len(drawn.shapes) == 0), kind
        if not len(drawn.shapes):
            continue
        assert drawn.cells["id"].is_unique
        assert not shapely.is_empty(drawn.shapes).any()
        if schema.geometry != "none":
            assert set(shapely.get_dimensions(drawn.shapes)) == {DIMENSIONS[schema.geometry]}
        for column in schema.columns:
            if column.required and column.filled:
                assert drawn.cells[column.name].notna().all(), (kind, column.name)
            if column.choices and column.name in drawn.cells:
                assert set(drawn.cells[column.name].dropna()) <= {*column.choices, ""}
            if column.dtype == "number" and column.name in drawn.cells:
                numbers = drawn.cells[column.name].dropna().to_numpy(float)
                assert np.isfinite(numbers).all()
                assert (numbers >= (column.minimum or 0)).all()
        if boundary is not None and schema.geometry == "point" and kind != "gateways":
            assert shapely.intersects(boundary.buffer(1e-9), drawn.shapes).all(), kind
