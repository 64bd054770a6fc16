"""Distances against SciPy, the overlay against whole arrays, slopes against planes worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from pyproj import Transformer
from scipy import ndimage

from siting.errors import ConfigError, InputError
from siting.model import Grid
from siting.surface import (
    Bar,
    Marks,
    Term,
    cell_sizes_m,
    distance_rows,
    distance_to,
    limits,
    mark,
    overlay,
    sample,
    sample_slope_deg,
    slope_deg,
    within_rows,
)
from siting.surface.distance import n_strips

SQUARE = (10.0, 10.0)
UTM = "EPSG:32650"

masks = hnp.arrays(
    np.bool_,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24),
    elements=st.booleans(),
)
sparse = st.builds(lambda mask, keep: mask & (keep > 0.8), masks, st.floats(0, 1))
sides = st.floats(0.3, 300.0)
few = settings(max_examples=60, deadline=None)


def marked(mask: NDArray[np.bool_], cell_m: tuple[float, float], strip_rows: int) -> Marks:
    return mark(lambda a, b: mask[a:b], mask.shape, cell_m=cell_m, strip_rows=strip_rows)


def whole(marks: Marks) -> NDArray[np.float32]:
    count = n_strips(marks.shape[0], marks.strip_rows)
    return np.concatenate([distance_rows(marks, k) for k in range(count)])


def by_scipy(mask: NDArray[np.bool_], cell_m: tuple[float, float]) -> NDArray[np.float64]:
    if not mask.any():
        return np.full(mask.shape, np.inf)
    return np.asarray(ndimage.distance_transform_edt(~mask, sampling=cell_m))


@few
@given(mask=masks | sparse, strip_rows=st.integers(1, 30), side=st.sampled_from([1.0, 10.0, 30.0]))
def test_distances_are_those_of_scipy_to_the_bit(
    mask: NDArray[np.bool_], strip_rows: int, side: float
) -> None:
    found = whole(marked(mask, (side, side), strip_rows))
    np.testing.assert_array_equal(found, by_scipy(mask, (side, side)).astype(np.float32))


@few
@given(mask=masks, strip_rows=st.integers(1, 30), high=sides, wide=sides)
def test_cells_need_not_be_square(
    mask: NDArray[np.bool_], strip_rows: int, high: float, wide: float
) -> None:
    found = whole(marked(mask, (high, wide), strip_rows))
    np.testing.assert_allclose(found, by_scipy(mask, (high, wide)), rtol=1e-6)


@few
@given(mask=masks, strip_rows=st.integers(1, 30), cells=st.integers(0, 30))
def test_a_buffer_is_the_distance_up_to_its_radius_and_the_edge_belongs_to_it(
    mask: NDArray[np.bool_], strip_rows: int, cells: int
) -> None:
    marks = marked(mask, SQUARE, strip_rows)
    count = n_strips(mask.shape[0], strip_rows)
    found = np.concatenate([within_rows(marks, k, 10.0 * cells) for k in range(count)])
    np.testing.assert_array_equal(found, by_scipy(mask, SQUARE) <= 10.0 * cells)


def test_a_buffer_of_a_diagonal_counts_exactly() -> None:
    mask = np.zeros((1, 7), np.bool_)
    mask[0, 0] = True
    three_four_five = np.zeros((5, 4), np.bool_)
    three_four_five[0, 0] = True
    assert within_rows(marked(mask, SQUARE, 1), 0, 49.999).sum() == 5
    assert within_rows(marked(three_four_five, SQUARE, 5), 0, 50.0)[4, 3]
    assert not within_rows(marked(three_four_five, SQUARE, 5), 0, 49.999)[4, 3]


@few
@given(mask=masks, strip_rows=st.integers(1, 30), high=sides, wide=sides, radius_m=sides)
def test_without_the_compiler_the_answers_are_the_same(
    mask: NDArray[np.bool_], strip_rows: int, high: float, wide: float, radius_m: float
) -> None:
    plain = mark(
        lambda a, b: mask[a:b],
        mask.shape,
        cell_m=(high, wide),
        strip_rows=strip_rows,
        is_compiled=False,
    )
    compiled = marked(mask, (high, wide), strip_rows)
    np.testing.assert_allclose(whole(plain), whole(compiled), rtol=1e-6)
    exact = by_scipy(mask, (high, wide))
    is_clear = np.abs(exact - radius_m) > 1e-6 * radius_m  # a tie may round either way
    count = n_strips(mask.shape[0], strip_rows)
    for k in range(count):
        rows = slice(k * strip_rows, min((k + 1) * strip_rows, mask.shape[0]))
        same = within_rows(plain, k, radius_m) == within_rows(compiled, k, radius_m)
        assert same[is_clear[rows]].all()


def test_long_columns_and_far_marks_stay_exact() -> None:
    mask = np.zeros((3, 40_000), np.bool_)
    mask[2, 0] = True
    found = distance_to(mask, cell_m=(1.0, 1.0))
    assert found[2, -1] == 39_999.0
    assert found[0, -1] == np.float32(np.hypot(39_999.0, 2.0))


@pytest.mark.parametrize(
    ("shape", "cell_m", "strip_rows"),
    [
        ((0, 3), SQUARE, 1),
        ((3, 0), SQUARE, 1),
        ((3, 3), (0.0, 1.0), 1),
        ((3, 3), (1.0, np.nan), 1),
        ((3, 3), SQUARE, 0),
        ((3, 1 << 27), SQUARE, 1),
    ],
)
def test_no_raster_of_that_shape(
    shape: tuple[int, int], cell_m: tuple[float, float], strip_rows: int
) -> None:
    with pytest.raises(InputError, match="no raster of that shape"):
        mark(lambda a, b: np.zeros((b - a, 1)), shape, cell_m=cell_m, strip_rows=strip_rows)


# -- overlay ---------------------------------------------------------------------------------------

VALUES = np.array([[0, 50, 100], [150, 200, 250], [np.nan, 10, 20]], np.float32)
MASK = np.array([[1, 0, 0], [0, 0, 0], [0, 0, 0]], np.bool_)


def strips(
    terms: list[Term], bars: list[Bar], strip_rows: int = 2
) -> tuple[NDArray[np.float32], ...]:
    found = list(overlay(terms, bars, shape=(3, 3), strip_rows=strip_rows))
    assert [strip.start for strip in found] == list(range(0, 3, strip_rows))
    return tuple(
        np.concatenate([getattr(s, name) for s in found]) for name in ("score", "is_free")
    )


def test_worth_goes_straight_from_low_to_high_and_what_is_unknown_stays_so() -> None:
    term = Term(values=lambda a, b: VALUES[a:b], weight=2.0, low=50.0, high=150.0)
    score, is_free = strips([term], [])
    np.testing.assert_allclose(score, [[0, 0, 1], [2, 2, 2], [np.nan, 0, 0]])
    assert is_free.all()


def test_less_may_be_better_and_distances_are_a_criterion() -> None:
    near = Term(values=marked(MASK, SQUARE, 2), weight=1.0, low=20.0, high=0.0)
    score, _ = strips([near], [])
    root = (20 - 200**0.5) / 20
    np.testing.assert_allclose(score, [[1, 0.5, 0], [0.5, root, 0], [0, 0, 0]], atol=1e-6)


def test_a_bar_reaches_as_far_as_its_clearance_and_leaves_the_score() -> None:
    term = Term(values=lambda a, b: VALUES[a:b], weight=1.0, low=0.0, high=250.0)
    score, is_free = strips([term], [Bar(marks=marked(MASK, SQUARE, 2), clearance_m=10.0)])
    np.testing.assert_array_equal(is_free, [[0, 0, 1], [0, 1, 1], [1, 1, 1]])
    assert score[0, 1] == np.float32(0.2)


def test_the_overlay_does_not_depend_on_the_strips() -> None:
    rng = np.random.default_rng(7)
    values, mask = rng.random((3, 3)), rng.random((3, 3)) < 0.4
    answers = [
        strips(
            [
                Term(values=lambda a, b: values[a:b], weight=0.7, low=0.1, high=0.9),
                Term(values=marked(mask, SQUARE, n), weight=0.3, low=40.0, high=0.0),
            ],
            [Bar(marks=marked(mask, SQUARE, n), clearance_m=10.0)],
            n,
        )
        for n in (1, 2, 3)
    ]
    for score, is_free in answers[1:]:
        np.testing.assert_array_equal(score, answers[0][0])
        np.testing.assert_array_equal(is_free, answers[0][1])


def test_the_plain_overlay_is_the_compiled_one(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).normal(size=(3, 3)).astype(np.float32)
    values[1, 1] = np.nan
    term = Term(values=lambda a, b: values[a:b], weight=0.37, low=1.3, high=-0.6)
    compiled, _ = strips([term], [])
    monkeypatch.setattr(limits, "HAS_NUMBA", False)
    plain, _ = strips([term], [])
    np.testing.assert_array_equal(plain, compiled)


def test_bad_numbers_are_refused_all_at_once() -> None:
    rows = Term(values=lambda a, b: VALUES[a:b], weight=-1.0, low=0.0, high=1.0)
    flat = Term(values=lambda a, b: VALUES[a:b], weight=1.0, low=2.0, high=2.0)
    bar = Bar(marks=marked(MASK, SQUARE, 2), clearance_m=np.nan)
    with pytest.raises(ConfigError) as caught:
        strips([rows, flat], [bar])
    assert len(caught.value.problems) == 3


def test_marks_of_another_shape_or_other_strips_are_refused() -> None:
    for other in (marked(MASK[:2], SQUARE, 2), marked(MASK, SQUARE, 3)):
        with pytest.raises(InputError, match="do not lie on one another"):
            strips([], [Bar(marks=other)])


# -- cells under places ----------------------------------------------------------------------------


def plane(east: float, south: float, *, transform: tuple[float, ...], crs: str) -> Grid:
    """Return heights that rise by these metres a column and a row."""
    heights = np.add.outer(south * np.arange(9.0), east * np.arange(9.0)).astype(np.float32)
    return Grid(values=heights, transform=transform, crs=crs)  # type: ignore[arg-type]


def test_a_plane_has_its_slope_everywhere() -> None:
    found = slope_deg(
        np.add.outer(40.0 * np.arange(4.0), 30.0 * np.arange(5.0)).astype(np.float32),
        np.full(2, 100.0),
        np.full(2, 100.0),
    )
    np.testing.assert_allclose(found, np.full((2, 3), np.degrees(np.arctan(0.5))), rtol=1e-6)


def test_one_unknown_height_of_nine_makes_the_slope_unknown() -> None:
    for k in range(9):
        heights = np.ones((3, 3), np.float32)
        heights.ravel()[k] = np.nan
        assert np.isnan(slope_deg(heights, np.ones(1), np.ones(1))).all()


def test_degrees_are_measured_in_metres_where_they_lie() -> None:
    # At 60 N a degree of longitude is half as long, so the same rise is steeper.
    step = 0.001
    transform = (step, 0.0, 120.0, 0.0, -step, 60.0)
    grid = plane(10.0, 0.0, transform=transform, crs="EPSG:4326")
    x, y = np.array([120.0 + 4.5 * step]), np.array([60.0 - 4.5 * step])
    (height_m,), (width_m,) = cell_sizes_m(grid, np.array([4]))
    assert width_m == pytest.approx(55.8, abs=0.1)
    assert height_m == pytest.approx(111.4, abs=0.1)
    found = sample_slope_deg(grid, x, y, crs="EPSG:4326")
    np.testing.assert_allclose(found, np.degrees(np.arctan(10.0 / width_m)), rtol=1e-5)


def test_the_stretched_metres_of_web_mercator_are_not_taken_for_metres() -> None:
    grid = plane(0.0, 0.0, transform=(100.0, 0.0, 0.0, 0.0, -100.0, 8_400_000.0), crs="EPSG:3857")
    heights, widths = cell_sizes_m(grid, np.array([0]))
    assert heights[0] == pytest.approx(50.0, abs=0.7)
    assert widths[0] == pytest.approx(50.0, abs=0.7)


def test_a_place_gets_the_cell_it_lies_in_whatever_its_crs() -> None:
    values = np.arange(600 * 700, dtype=np.float32).reshape(600, 700)
    grid = Grid(values=values, transform=(30.0, 0.0, 400_000.0, 0.0, -30.0, 4_000_000.0), crs=UTM)
    rng = np.random.default_rng(3)
    row, column = rng.integers(0, 600, 200), rng.integers(0, 700, 200)
    x = 400_000.0 + 30.0 * (column + rng.uniform(0.1, 0.9, 200))
    y = 4_000_000.0 - 30.0 * (row + rng.uniform(0.1, 0.9, 200))
    np.testing.assert_array_equal(sample(grid, x, y, crs=UTM), values[row, column])
    lon, lat = Transformer.from_crs(UTM, "EPSG:4326", always_xy=True).transform(x, y)
    np.testing.assert_array_equal(sample(grid, lon, lat, crs="EPSG:4326"), values[row, column])


def test_beyond_the_raster_nothing_is_known() -> None:
    grid = plane(1.0, 1.0, transform=(10.0, 0.0, 0.0, 0.0, -10.0, 90.0), crs=UTM)
    x = np.array([-0.1, 90.1, 45.0, 45.0, np.inf, 45.0])
    y = np.array([45.0, 45.0, -0.1, 90.1, 45.0, 45.0])
    assert np.isnan(sample(grid, x, y, crs=UTM)).tolist() == [True] * 5 + [False]
    # The outermost cells lack neighbours.
    slopes = sample_slope_deg(grid, np.array([5.0, 15.0]), np.array([45.0, 45.0]), crs=UTM)
    assert np.isnan(slopes).tolist() == [True, False]


def test_no_places_give_no_values() -> None:
    grid = plane(1.0, 1.0, transform=(10.0, 0.0, 0.0, 0.0, -10.0, 90.0), crs=UTM)
    assert sample(grid, np.array([]), np.array([]), crs=UTM).shape == (0,)
