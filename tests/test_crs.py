"""The working CRS: chosen, checked, and coordinates that cannot be told apart from good ones."""

import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given
from pyproj import CRS, Transformer
from shapely.geometry import Point

from siting import crs
from siting.errors import CrsError

QINGDAO = (119.5, 35.5, 121.1, 37.2)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        (QINGDAO, "EPSG:4549"),
        ((119.5, 35.45, 121.99, 37.2), "EPSG:4549"),
        ((113.8, 22.4, 114.6, 22.9), "EPSG:4547"),  # Shenzhen, 114 E
        ((75.5, 39.2, 76.3, 39.8), "EPSG:4534"),  # Kashgar, 75 E
        ((134.0, 47.5, 134.6, 48.3), "EPSG:4554"),  # Heixiazi, 135 E
        ((117.0, 34.4, 122.7, 38.4), "EPSG:32650"),  # all Shandong: too wide for a 3-degree zone
        ((24.8, 60.1, 25.2, 60.3), "EPSG:32635"),  # Helsinki
        ((7.40, 43.72, 7.45, 43.76), "EPSG:32632"),  # Monaco
        ((-46.8, -23.7, -46.5, -23.4), "EPSG:32723"),  # São Paulo, south
        ((179.0, -18.0, 179.9, -16.0), "EPSG:32760"),
        ((126.8, 37.4, 127.2, 37.7), "EPSG:32652"),  # Seoul: beyond the box of the zone 126 E
    ],
)
def test_auto_takes_the_zone_that_fits(bounds: crs.Bounds, expected: str) -> None:
    assert crs.working_crs("auto", bounds) == expected


@pytest.mark.parametrize("meridian_deg", range(75, 136, 3))
def test_zone_codes_have_the_central_meridian_they_are_taken_for(meridian_deg: int) -> None:
    zone = CRS.from_epsg(4534 + (meridian_deg - 75) // 3)
    named = {item.name: item.value for item in zone.coordinate_operation.params}
    assert zone.name == f"CGCS2000 / 3-degree Gauss-Kruger CM {meridian_deg}E"
    assert named["Longitude of natural origin"] == meridian_deg
    assert named["False easting"] == 500_000  # no zone number in front


@given(
    west=st.floats(-179, 170),
    south=st.floats(-79, 80),
    wide=st.floats(0.01, 4),
    tall=st.floats(0.01, 4),
)
def test_what_auto_takes_is_accepted_by_name(
    west: float, south: float, wide: float, tall: float
) -> None:
    bounds = (west, south, west + wide, south + tall)
    chosen = crs.working_crs("auto", bounds)
    assert crs.working_crs(chosen, bounds) == chosen
    assert CRS(chosen).is_projected
    assert {axis.unit_name for axis in CRS(chosen).axis_info} == {"metre"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EPSG:4549", "EPSG:4549"),
        ("epsg:4549", "EPSG:4549"),
        ("EPSG:4528", "EPSG:4528"),
        ("EPSG:32651", "EPSG:32651"),
    ],
)
def test_a_fitting_crs_is_taken_as_named(text: str, expected: str) -> None:
    assert crs.working_crs(text, QINGDAO) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("EPSG:4326", "not projected"),
        ("EPSG:4490", "not projected"),
        ("EPSG:4978", "not projected"),
        ("EPSG:5773", "not projected"),
        ("EPSG:2230", "US survey foot"),
        ("EPSG:3857", "Web Mercator"),
        ("EPSG:3395", "lengths err by up to 25"),
        ("EPSG:32633", "does not fit the study"),
        ("EPSG:4534", "does not fit the study"),
        ("EPSG:99999", "unknown coordinate system"),
        ("not a CRS", "unknown coordinate system"),
        ("", "unknown coordinate system"),
        ("+proj=tmerc +lon_0=120.4 +ellps=GRS80 +units=m", "no authority code"),
    ],
)
def test_unfit_crs_is_refused_with_one_that_fits(text: str, words: str) -> None:
    with pytest.raises(CrsError) as caught:
        crs.working_crs(text, QINGDAO)
    message = str(caught.value)
    assert words in message
    assert "Take EPSG:4549" in message
    assert "\n" not in message


@pytest.mark.parametrize("text", ["auto", "EPSG:4549"])
@pytest.mark.parametrize(
    "bounds",
    [
        (36.0, 119.0, 37.0, 121.0),
        (float("nan"), 35.0, 121.0, 37.0),
        (121.0, 35.0, 119.0, 37.0),
        (4e5, 3.9e6, 5e5, 4.1e6),
    ],
)
def test_bounds_off_the_globe_are_refused(text: str, bounds: crs.Bounds) -> None:
    with pytest.raises(CrsError, match="nowhere on Earth"):
        crs.working_crs(text, bounds)


@pytest.mark.parametrize(
    "bounds", [(24.0, 24.0, 60.0, 60.0), (20.0, 85.0, 21.0, 86.0), (-170.0, 10.0, 170.0, 20.0)]
)
def test_no_zone_is_forced_on_a_study_too_large_or_polar(bounds: crs.Bounds) -> None:
    with pytest.raises(CrsError, match="no single metric zone"):
        crs.working_crs("auto", bounds)


@given(
    places=st.lists(st.tuples(st.floats(119.5, 121.1), st.floats(35.5, 37.2)), min_size=1),
)
def test_reprojection_keeps_lon_first_and_comes_back(places: list[tuple[float, float]]) -> None:
    frame = gpd.GeoDataFrame(
        {"id": range(len(places))}, geometry=[Point(place) for place in places], crs=crs.LONLAT
    )
    moved = crs.to_crs(frame, "EPSG:4549")
    # Easting near 500 km is x, northing near 4000 km is y, though EPSG:4549 declares north first.
    assert moved.geometry.x.between(4.5e5, 6.1e5).all()
    assert moved.geometry.y.between(3.9e6, 4.2e6).all()
    back = crs.to_crs(moved, crs.LONLAT)
    np.testing.assert_allclose(np.c_[back.geometry.x, back.geometry.y], places, atol=1e-9)
    assert list(frame.geometry) == [Point(place) for place in places]  # the input is as it was


def test_reprojection_agrees_with_proj() -> None:
    frame = gpd.GeoDataFrame(geometry=[Point(120.38, 36.07)], crs=crs.LONLAT, index=["a"])
    moved = crs.to_crs(frame, "EPSG:4549")
    transformer = Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True)
    assert moved.geometry["a"].coords[0] == pytest.approx(transformer.transform(120.38, 36.07))


def test_reprojection_takes_the_shift_of_the_datum_that_proj_knows() -> None:
    """Beijing 1954 to WGS84 is known to 15 m, to CGCS2000 not at all: the one leads to the other."""
    frame = gpd.GeoDataFrame(geometry=[Point(520_000, 3_990_000)], crs="EPSG:2437")
    moved = crs.to_crs(frame, "EPSG:4549").geometry[0]
    lonlat = Transformer.from_crs("EPSG:2437", "EPSG:4326", always_xy=True)
    there = Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True)
    expected = there.transform(*lonlat.transform(520_000, 3_990_000))
    assert moved.coords[0] == pytest.approx(expected, abs=1e-3)
    straight = frame.to_crs("EPSG:4549").geometry[0]
    assert moved.distance(straight) == pytest.approx(72, abs=1)  # what would be lost


@pytest.mark.parametrize("code", ["EPSG:4490", "EPSG:4528", "EPSG:4498"])
def test_reprojection_within_a_datum_is_direct(code: str) -> None:
    frame = gpd.GeoDataFrame(geometry=[Point(120.38, 36.07)], crs="EPSG:4490").to_crs(code)
    moved = crs.to_crs(frame, "EPSG:4549")
    assert moved.geometry[0].equals_exact(frame.to_crs("EPSG:4549").geometry[0], 0.0)


def test_reprojection_leaves_missing_and_empty_places() -> None:
    frame = gpd.GeoDataFrame(geometry=[None, Point(), Point(120.4, 36.1)], crs=crs.LONLAT)
    moved = crs.to_crs(frame, "EPSG:4549")
    assert moved.geometry[0] is None
    assert moved.geometry[1].is_empty
    assert crs.to_crs(frame.iloc[:0], "EPSG:4549").empty


def test_reprojection_needs_a_crs_to_come_from() -> None:
    with pytest.raises(CrsError, match="coordinate system missing"):
        crs.to_crs(gpd.GeoDataFrame(geometry=[Point(120, 36)]), "EPSG:4549")


def test_reprojection_refuses_places_without_image() -> None:
    frame = gpd.GeoDataFrame(geometry=[Point(1e30, 1e30)], crs="EPSG:4549")
    with pytest.raises(CrsError, match="no image in EPSG:4326"):
        crs.to_crs(frame, crs.LONLAT)


@pytest.mark.parametrize(
    ("x", "y", "code", "verdict"),
    [
        (120.4, 36.1, 4326, "good"),
        (36.1, 120.4, 4326, "swapped"),
        (200.0, 36.1, 4326, "outside"),
        (4.05e7, 3.99e6, 4326, "outside"),
        (520_000, 3.99e6, 4549, "good"),
        (3.99e6, 520_000, 4549, "swapped"),
        (120.4, 36.1, 4549, "outside"),  # degrees under a metric label
        (40_520_000, 3.99e6, 4549, "outside"),  # zone number in front, EPSG:4528 meant
        (40_520_000, 3.99e6, 4528, "good"),
    ],
)
def test_impossible_coordinates_are_found(x: float, y: float, code: int, verdict: str) -> None:
    misplaced = crs.find_misplaced([x], [y], CRS.from_epsg(code))
    assert misplaced.swapped.tolist() == [verdict == "swapped"]
    assert misplaced.outside.tolist() == [verdict == "outside"]


@given(lon=st.floats(-179, 179), lat=st.floats(-85, 85))
def test_swapping_is_always_seen_where_latitude_tells(lon: float, lat: float) -> None:
    assume(abs(lon) > 90)
    assert not crs.find_misplaced([lon], [lat], CRS(crs.LONLAT)).swapped.any()
    assert crs.find_misplaced([lat], [lon], CRS(crs.LONLAT)).swapped.all()


@given(
    lon=st.floats(-80, 80),
    lat=st.floats(-80, 80),
    east=st.floats(-1, 1),
    north=st.floats(-1, 1),
)
def test_swapping_is_seen_against_the_rest_of_the_study(
    lon: float, lat: float, east: float, north: float
) -> None:
    assume(abs(lon - lat) > 7)  # nearer to the diagonal both readings are near the study
    place = np.array([[lon + east, lat + north]])
    assert not crs.find_strays(place, (lon, lat)).swapped.any()
    assert not crs.find_strays(place, (lon, lat)).outside.any()
    assert crs.find_strays(place[:, ::-1], (lon, lat)).swapped.all()


def test_a_far_place_that_is_no_mirror_image_is_outside() -> None:
    strays = crs.find_strays(np.array([[12.0, 36.1], [120.4, 36.1]]), (120.3, 36.2))
    assert strays.outside.tolist() == [True, False]
    assert strays.swapped.tolist() == [False, False]


@pytest.mark.parametrize(
    ("text", "expected"), [("EPSG:4326", "EPSG:4326"), ("+proj=tmerc +lon_0=120.4", "unknown")]
)
def test_authority_names_a_crs(text: str, expected: str) -> None:
    assert crs.authority(CRS(text)) == expected
