"""Laws of the coordinate systems: there and back, and what a shift may not do."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from pyproj import CRS, Geod, Transformer

from layers._crs_guess import _names
from siting.crs import LONLAT, find_misplaced
from siting.datum import BD09, CHINA, GCJ02, is_shifted, shift, unshift

WEST, SOUTH, EAST, NORTH = CHINA
GEOD = Geod(ellps="WGS84")
DATUMS = pytest.mark.parametrize("datum", [GCJ02, BD09])
in_china = st.lists(
    st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH)), min_size=1, max_size=20
).map(np.array)
anywhere = arrays(
    np.float64, st.tuples(st.integers(0, 20), st.just(2)), elements=st.floats(-90, 90)
)


def metres(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    return np.asarray(GEOD.inv(*start.T, *end.T)[2])


@DATUMS
@given(places=in_china)
def test_a_shifted_place_comes_back(datum: str, places: np.ndarray) -> None:
    # Half a metre is asked for; the iteration goes on to a micrometre.
    assert metres(unshift(shift(places, datum), datum), places).max() < 1e-4


@DATUMS
@given(places=in_china)
def test_what_comes_back_is_shown_where_it_was(datum: str, places: np.ndarray) -> None:
    places = places[is_shifted(places, margin_deg=-0.05)]  # the edge has a seam
    back = unshift(places, datum)
    assert metres(shift(back, datum), places).max(initial=0) < 1e-4


@DATUMS
@given(places=in_china)
def test_a_shift_moves_by_hundreds_of_metres_and_never_by_kilometres(
    datum: str, places: np.ndarray
) -> None:
    assert metres(shift(places, datum), places).max() < 3000


@DATUMS
@given(places=anywhere)
def test_nothing_is_shifted_outside_of_the_box(datum: str, places: np.ndarray) -> None:
    outside = ~is_shifted(places)
    assert (shift(places, datum)[outside] == places[outside]).all()
    far = ~is_shifted(places, margin_deg=0.05)
    assert (unshift(places, datum)[far] == places[far]).all()


@DATUMS
@given(places=in_china)
def test_a_shift_of_many_is_the_shift_of_each(datum: str, places: np.ndarray) -> None:
    each = np.vstack([shift(place[None], datum) for place in places])
    np.testing.assert_allclose(shift(places, datum), each, rtol=0, atol=1e-12)
    back = np.vstack([unshift(place[None], datum) for place in places])
    np.testing.assert_allclose(unshift(places, datum), back, rtol=0, atol=1e-9)


@settings(max_examples=8)  # PROJ's list of systems is searched every time
@given(lon=st.floats(74, 134.9), lat=st.floats(18, 53))
def test_the_zone_of_a_place_is_among_those_that_would_fit(lon: float, lat: float) -> None:
    """With and without its number in front, and of no other zone."""
    zone = round(lon / 3)
    code = 4513 + zone - 25
    for epsg, other in ((code, code + 21), (code + 21, code)):
        place = np.array([Transformer.from_crs(LONLAT, epsg, always_xy=True).transform(lon, lat)])
        # EPSG's box of a zone ends at the coast; within it the zone is named.
        area = CRS.from_epsg(epsg).area_of_use
        assert area is not None
        if not area.south <= lat <= area.north:
            continue
        names = list(_names(place, (lon, lat)))
        assert f"EPSG:{epsg} (CGCS2000)" in names
        assert f"EPSG:{other} (CGCS2000)" not in names
        assert not find_misplaced(*place.T, CRS.from_epsg(epsg)).outside.any()
        assert find_misplaced(*place.T, CRS.from_epsg(other)).outside.all()
