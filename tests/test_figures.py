"""The report's figures: the same bytes every time, legible without their fonts, no label upon another."""

import re
import struct
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from matplotlib.figure import Figure as Sheet
from matplotlib.text import Text
from PIL import Image
from shapely import Point, box

from maps import (
    _figure_charts as charts,
    _figure_money as money,
    _figure_plates as plates,
    figures,
    fonts,
)
from maps._figure_base import Pen, brief, pen_for, plate, short, width_of
from maps._figure_compose import _places, cut_outs
from maps._figure_ground import nice_step
from maps._figure_ink import (
    A3_MM,
    MM_PER_INCH,
    MM_PER_PT,
    Curve,
    Drawing,
    Layer,
    Look,
    Marks,
    Shape,
    Words,
    rectangle,
    stroke,
    texts,
)
from maps._figure_labels import Tag, place
from maps._figure_panel import nice_length, wrapped
from maps._figure_plan import MOST_NAMES, plan
from maps._figure_png import to_png
from maps._figure_record import record
from maps._figure_sheet import View, view_of
from maps._figure_signs import circles
from maps._figure_svg import to_svg
from maps._figure_type import EM, typeset
from maps._report_svg import check_svg
from maps.document import Figure, Language
from maps.draft import Draft, numbered_sites
from maps.style import SCORE_COLOURS, facility_colour
from siting.model import Result
from tests.requirements import do_without
from tests.sample import CRS, NASTY_NAMES, sample_result

NAN = float("nan")


def draft(language: Language = "zh", result: Result | None = None) -> Draft:
    return Draft(result=result or sample_result(), language=language)


def every(told: Draft) -> list[Figure]:
    """Return all figures of a result."""
    study = told.result.study
    whole = (
        figures.overall_plate, figures.phase_plate, figures.demand_chart, figures.rollout_chart,
        figures.investment_chart, figures.benefits_chart, figures.coverage_chart,
    )  # fmt: skip
    each = (
        figures.plan_plate, figures.suitability_plate, figures.coverage_plate, figures.demand_plate,
        figures.sensitivity_chart, figures.alternatives_chart,
    )  # fmt: skip
    found = [make(told) for make in whole]
    found += [make(told, facility) for make in each for facility in study.facilities]
    return [figure for figure in found if figure]


FIGURES = {figure.key: figure for figure in every(draft())}
ONE_OF_EACH = (
    "map_overall", "map_plan_hydrogen", "map_suitability_charging", "map_coverage_hydrogen",
    "map_demand_hydrogen", "map_phases", "chart_demand", "chart_roll_out", "chart_investment",
    "chart_benefits", "chart_indicators", "chart_sensitivity_hydrogen", "chart_alternatives_hydrogen",
)  # fmt: skip


def drawn(draw: Callable[..., Drawing], told: Draft, **more: object) -> tuple[Drawing, list[str]]:
    """Return a map with its texts."""
    drawing = draw(pen_for(told), **more)
    return drawing, texts(drawing)


def charted(draw: Callable[..., None], told: Draft, **more: object) -> tuple[Sheet, list[str]]:
    """Return a sheet with what was drawn on it, and its texts."""
    sheet = Sheet(figsize=(A3_MM[0] / MM_PER_INCH, A3_MM[1] / MM_PER_INCH))
    draw(sheet, pen_for(told), **more)
    found = (text.get_text() for text in sheet.findobj(Text) if isinstance(text, Text))
    return sheet, [text for text in found if text]


def hydrogen(told: Draft) -> object:
    return told.result.study.facilities[0]


def test_one_of_each_kind_is_there() -> None:
    assert set(ONE_OF_EACH) <= set(FIGURES)
    assert {key for key, figure in FIGURES.items() if figure.is_plate} == {
        key for key in FIGURES if key.startswith("map_")
    }


@pytest.mark.parametrize("key", ONE_OF_EACH)
def test_a_drawing_is_self_contained_small_and_the_same_again(key: str) -> None:
    svg = FIGURES[key].draw("svg")
    check_svg(svg, where=key)
    assert len(svg) <= 200_000
    assert b"<text" not in svg  # letters are paths: legible without the font
    assert b"<dc:date>" not in svg
    again = {figure.key: figure for figure in every(draft())}[key].draw("svg")
    assert again == svg


@pytest.mark.parametrize(
    ("key", "inches"), [("map_overall", 420 / 25.4), ("chart_demand", 165 / 25.4)]
)
def test_a_picture_has_the_size_of_its_paper(key: str, inches: float) -> None:
    png = FIGURES[key].draw("png")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, _ = struct.unpack(">II", png[16:24])
    assert width / inches == pytest.approx(170 if key == "map_overall" else 200, abs=0.5)
    assert png == FIGURES[key].draw("png")
    assert b"Software" not in png


def test_a_style_of_the_user_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib as mpl  # noqa: PLC0415

    svg = FIGURES["chart_demand"].draw("svg")
    for key, value in {"axes.facecolor": "red", "font.size": 30.0, "svg.fonttype": "none"}.items():
        monkeypatch.setitem(mpl.rcParams, key, value)
    assert FIGURES["chart_demand"].draw("svg") == svg
    assert mpl.rcParams["font.size"] == 30.0  # and the report changes nothing of the user's


def test_every_figure_has_words_for_who_cannot_see_it() -> None:
    for figure in FIGURES.values():
        assert figure.alt
        assert figure.caption


# What stands on a map


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_map_bears_all_that_a_bureau_asks_for(language: Language) -> None:
    _, said = drawn(plates.overall, draft(language))
    text = "\n".join(said)
    wanted = {
        "zh": ("规划布局总图", "图例", "北", "km", "约 1:", "审图号：", "内部研究用图，未经审核", "资料来源", "EPSG:4549", "2026-11-23"),
        "en": ("Plan: all types", "Legend", "N", "km", "about 1:", "Map approval no.:", "not for publication", "Sources", "EPSG:4549", "2026-11-23"),
    }  # fmt: skip
    for words in wanted[language]:
        assert words in text


def test_the_field_for_the_approval_is_empty() -> None:
    _, said = drawn(plates.overall, draft())
    (field,) = (text for text in said if text.startswith("审图号"))
    assert field == "审图号："


def test_numbers_on_the_map_are_those_of_the_list() -> None:
    told = draft("en")
    facility = told.result.study.facilities[0]
    _, said = drawn(plan, told, facility=facility)
    for row in numbered_sites(told.result, facility).to_dict("records"):
        assert any(text.startswith(f"{row['number']} ") for text in said)


def many(n: int) -> Result:
    """Return the sample with n hydrogen sites of long names, close to each other."""
    result = sample_result()
    site = result.sites[result.sites["facility"] == "hydrogen"].iloc[[0] * n]
    rng = np.random.default_rng(n)
    spots = [Point(x, y) for x, y in rng.normal((517_000, 3_987_000), 6_000, (n, 2))]
    names = [f"前湾港第{k}集疏运枢纽加氢合建站" for k in range(n)]
    more = site.assign(
        candidate_id=[f"C{k:03d}" for k in range(n)], name_zh=names, rank=np.arange(n) + 1.0
    )
    sites = gpd.GeoDataFrame(more.drop(columns="geometry"), geometry=spots, crs=CRS)
    return replace(result, sites=sites)


@pytest.mark.parametrize(("n", "named"), [(MOST_NAMES, True), (MOST_NAMES + 1, False)])
def test_many_sites_are_keyed_by_number_and_named_in_the_list(n: int, named: bool) -> None:  # noqa: FBT001
    told = draft("zh", many(n))
    drawing, _ = drawn(plan, told, facility=told.result.study.facilities[0])
    on_maps = [text for text in texts(drawing[:-1]) if re.match(r"\d", text)]
    assert on_maps
    assert any("枢纽" in text for text in on_maps) is named
    assert sum("枢纽" in text for text in texts(drawing[-1:])) == n


def test_a_hundred_sites_stay_small_and_legible() -> None:
    told = draft("zh", many(100))
    figure = figures.plan_plate(told, told.result.study.facilities[0])
    assert figure
    assert len(figure.draw("svg")) <= 250_000


def test_colours_are_those_of_the_interactive_map() -> None:
    told = draft()
    drawing, _ = drawn(plates.overall, told)
    found = {mark.look.fill for mark in marks(drawing)}
    for place_, facility in enumerate(told.result.study.facilities):
        assert facility_colour(facility.key, facility.colour, position=place_) in found
    drawing, said = drawn(plates.suitability, told, facility=told.result.study.facilities[0])
    shown = [mark.look.fill for mark in marks(drawing[-1:])]
    assert shown[:5] == list(reversed(SCORE_COLOURS))
    assert "0.6 – 0.8（3）" in said  # 0.79, 0.65 and 0.70


def marks(drawing: Drawing) -> list[Marks]:
    return [item for layer in drawing for item in layer.items if isinstance(item, Marks)]


@pytest.mark.parametrize(
    "text", [*NASTY_NAMES, r"$\frac{1}{2}$", "$x$", "$x", "\\", "a\nb\x00", "🚢", "\ue000"]
)
def test_a_name_is_drawn_as_it_is_never_as_a_formula(text: str) -> None:
    result = sample_result()
    named = replace(
        result,
        sites=result.sites.assign(name_zh=text, name_en=text),
        layers={**result.layers, "districts": result.layers["districts"].assign(name_zh=text)},
    )
    told = draft("zh", named)
    figure = figures.plan_plate(told, told.result.study.facilities[0])
    assert figure
    svg = figure.draw("svg")
    check_svg(svg, where=figure.key)
    assert b"Oblique" not in svg  # a formula has its letters in italics


def test_without_a_chinese_font_names_become_numbers_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "chinese_family", lambda: None)
    result = sample_result()
    told = draft("zh", replace(result, sites=result.sites.assign(name_en=result.sites["name_zh"])))
    facility = told.result.study.facilities[0]
    _, said = drawn(plan, told, facility=facility)
    assert any(text.startswith("No Chinese font on this machine") for text in said)
    assert "Legend" in said
    drawable = fonts.legible("".join(said), family=None)
    assert drawable == "".join(said)  # nothing is asked of the font that it has not
    figure = figures.plan_plate(told, facility)
    assert figure
    check_svg(figure.draw("svg"), where="plan")  # and no warning of a missing character


def test_a_machine_with_a_font_for_chinese_draws_the_names() -> None:
    if fonts.chinese_family() is None:
        do_without("no Chinese font on this machine (Debian: fonts-noto-cjk)")
    told = draft()
    _, said = drawn(plan, told, facility=told.result.study.facilities[0])
    assert "前湾集疏运枢纽" in said
    assert fonts.is_legible("青岛氢能", family=fonts.chinese_family())
    assert fonts.families(is_chinese=True)[-1] == fonts.LATIN


# Where labels go


VIEW = View(box_mm=(10.0, 10.0, 200.0, 150.0), left=0.0, bottom=0.0, metres_per_mm=100.0)
TAGS = st.lists(
    st.builds(
        Tag,
        x=st.floats(0.0, 20_000.0),
        y=st.floats(0.0, 15_000.0),
        text=st.sampled_from(["1", "25", "3 前湾集疏运枢纽", "Qianwan hub"]),
        radius_mm=st.sampled_from([0.0, 1.0, 2.0]),
    ),
    max_size=25,
)
BOXES = st.lists(
    st.tuples(st.floats(10, 200), st.floats(10, 150)).map(lambda p: (*p, p[0] + 5, p[1] + 5)),
    max_size=4,
)


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@settings(max_examples=60, deadline=None)
@given(tags=TAGS, taken=BOXES)
def test_labels_overlap_neither_each_other_nor_what_is_taken_nor_the_frame(
    tags: list[Tag], taken: list[tuple[float, float, float, float]]
) -> None:
    found = place(tags, VIEW, taken)
    boxes = [item.box for item in found]
    for number, one in enumerate(boxes):
        assert not any(overlap(one, other) for other in [*boxes[:number], *taken])
        assert one[0] >= 10
        assert one[1] >= 10
        assert one[2] <= 210
        assert one[3] <= 160
    signs = [tag for tag in tags if tag.radius_mm]
    for one in boxes:
        for tag in signs:
            x, y = VIEW.to_mm(tag.x, tag.y)
            sign = (x - tag.radius_mm, y - tag.radius_mm, x + tag.radius_mm, y + tag.radius_mm)
            assert not overlap(one, sign)
    assert place(tags, VIEW, taken) == found


def test_a_single_label_stands_right_of_its_sign_and_needs_no_line() -> None:
    (found,) = place([Tag(x=10_000, y=7_000, text="1", radius_mm=1.0)], VIEW)
    x, y = VIEW.to_mm(10_000, 7_000)
    assert found.box[0] > x + 1.0
    assert (found.box[1] + found.box[3]) / 2 == pytest.approx(y)
    assert not found.is_led


@given(x=st.floats(-1e6, 1e6), y=st.floats(-1e6, 1e6))
def test_places_on_the_sheet_and_of_the_land_turn_into_each_other(x: float, y: float) -> None:
    assert VIEW.to_crs(*VIEW.to_mm(x, y)) == (
        pytest.approx(x, abs=1e-6),
        pytest.approx(y, abs=1e-6),
    )


@pytest.mark.parametrize(("width", "height"), [(130, 170), (300, 100), (50, 50), (1, 400)])
def test_the_view_holds_the_whole_study_and_leaves_room_for_the_panel(
    width: float, height: float
) -> None:
    x, y = 500_000.0, 4_000_000.0
    land = box(x, y, x + 1000 * width, y + 1000 * height)
    result = sample_result()
    layers = {"districts": gpd.GeoDataFrame({"id": ["a"]}, geometry=[land], crs=CRS)}
    none = {name: getattr(result, name).iloc[:0] for name in ("candidates", "demand")}
    view = view_of(replace(result, layers=layers, **none))
    x0, y0, x1, y1 = view.bounds
    assert x0 < x < x + 1000 * width < x1
    assert y0 < y < y + 1000 * height < y1
    assert 100 <= A3_MM[0] - view.box_mm[0] - view.box_mm[2] <= 230


def test_a_result_without_any_place_has_a_view() -> None:
    result = sample_result()
    none = {name: getattr(result, name).iloc[:0] for name in ("candidates", "demand")}
    assert view_of(replace(result, layers={}, **none)).metres_per_mm > 0


@settings(max_examples=40, deadline=None)
@given(
    spots=st.lists(st.tuples(st.floats(0, 20_000), st.floats(0, 15_000)), max_size=40),
    height=st.floats(40.0, 140.0),
)
def test_cut_outs_lie_in_the_map_apart_and_hold_several_places(
    spots: list[tuple[float, float]], height: float
) -> None:
    cuts = cut_outs(
        np.array(spots).reshape(-1, 2), VIEW, _places((220.0, 10.0, 410.0, 10.0 + height))
    )
    for number, cut in enumerate(cuts):
        x0, y0, x1, y1 = cut.bounds
        assert x0 >= -1e-6
        assert y0 >= -1e-6
        assert x1 <= 20_000 + 1e-6
        assert y1 <= 15_000 + 1e-6
        assert sum(x0 - 1 <= x <= x1 + 1 and y0 - 1 <= y <= y1 + 1 for x, y in spots) >= 4
        assert not any(overlap(cut.bounds, other.bounds) for other in cuts[:number])


def test_a_dense_place_is_enlarged() -> None:
    spots = [(1_000 + 50 * k, 1_000) for k in range(5)] + [(15_000, 12_000)]
    (cut,) = cut_outs(np.array(spots, dtype=float), VIEW, _places((220.0, 10.0, 410.0, 120.0)))
    assert cut.metres_per_mm == pytest.approx(VIEW.metres_per_mm / 4)
    assert not _places((220.0, 10.0, 410.0, 40.0))  # no room left


# Numbers and words of figures


def test_the_area_of_a_circle_is_its_amount() -> None:
    wide, narrow = circles([400.0, 100.0], 400.0)
    assert wide / narrow == pytest.approx(2.0)
    assert list(circles([0.0, 0.0], 0.0)) == [1.5, 1.5]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (brief(6.6891), "6.69"),
        (brief(73900.4), "73,900"),
        (brief(-203.2), "-203"),
        (brief(-0.0), "0"),
        (brief(NAN), "—"),
        (short("前湾集疏运枢纽", 8), "前湾集…"),
        (short("Qianwan", 24), "Qianwan"),
        (nice_length(37.0), 20.0),
        (nice_length(0.3), 0.2),
        (nice_step(0.0), 0.0),
        (nice_step(9999.0), 5000.0),
        (nice_step(10_000.0), 10_000.0),
        (wrapped("one two three", 8), ["one two", "three"]),
        (wrapped("一二三四五", 4), ["一二", "三四", "五"]),
    ],
)
def test_numbers_and_words_are_cut_to_what_can_be_read(shown: object, expected: object) -> None:
    assert shown == expected


@given(text=st.text(max_size=60), length=st.integers(2, 40))
def test_a_cut_name_is_never_wider(text: str, length: int) -> None:
    assert width_of(short(text, length)) <= max(length, 1)


# Drawings as files

SIZE = (40.0, 30.0)
FAMILIES = (fonts.LATIN,)


def pixel(png: bytes, x_mm: float, y_mm: float) -> tuple[int, ...]:
    """Return the colour at a place of a picture of ``SIZE``, from its lower left corner."""
    image = Image.open(BytesIO(png)).convert("RGB")
    across, down = x_mm / SIZE[0] * image.width, (SIZE[1] - y_mm) / SIZE[1] * image.height
    found = image.getpixel((int(across), int(down)))
    assert isinstance(found, tuple)
    return found


def one(*items: Shape | Curve | Marks | Words, **more: object) -> Drawing:
    return (Layer(items=items, **more),)


RED = Look(fill="#c00000")


def test_a_shape_stands_where_it_is_said_and_a_clip_cuts_it() -> None:
    area = rectangle((10, 5, 30, 25), RED)
    png = to_png(one(area), SIZE, FAMILIES, dpi=100)
    assert pixel(png, 20, 7) == (0xC0, 0, 0)
    assert pixel(png, 20, 3) == pixel(png, 5, 15) == (255, 255, 255)
    cut = to_png(one(area, clip=(0, 0, 15, 30)), SIZE, FAMILIES, dpi=100)
    assert pixel(cut, 12, 10) == (0xC0, 0, 0)
    assert pixel(cut, 20, 10) == (255, 255, 255)
    svg = to_svg(one(area, clip=(0, 0, 15, 30)), SIZE, FAMILIES).decode()
    # Twentieths of a millimetre from the upper left corner.
    assert "<path fill='#c00000' d='M200 500l400 0 0-400-400 0z'/>" in svg
    assert "<rect x='0' y='0' width='300' height='600'/></clipPath>" in svg


def test_a_hole_is_left_open() -> None:
    outer = np.array([(5.0, 5.0), (35, 5), (35, 25), (5, 25)])
    inner = np.array([(15.0, 10.0), (15, 20), (25, 20), (25, 10)])
    png = to_png(one(Shape(lines=(outer, inner), look=RED)), SIZE, FAMILIES, dpi=100)
    assert pixel(png, 10, 15) == (0xC0, 0, 0)
    assert pixel(png, 20, 15) == (255, 255, 255)


def test_a_line_is_as_wide_as_it_is_said() -> None:
    width_pt = 4 / MM_PER_PT  # 4 mm
    line = stroke([(0, 15), (40, 15)], Look(stroke="#0000c0", width_pt=width_pt))
    png = to_png(one(line), SIZE, FAMILIES, dpi=100)
    assert pixel(png, 20, 16.5) == (0, 0, 0xC0)
    assert pixel(png, 20, 17.5) == (255, 255, 255)
    assert b"stroke-width='80'" in to_svg(one(line), SIZE, FAMILIES)


def test_a_half_open_fill_lets_the_ground_through_and_signs_share_one_outline() -> None:
    half = replace(RED, fill_opacity=0.5, stroke="#000000", width_pt=0.3, stroke_opacity=0.5)
    places = np.array([(10.0, 15.0), (20.0, 15.0)])
    drawing = one(Marks(marker="s", size_pt=20, places=places, look=half))
    red, green, _ = pixel(to_png(drawing, SIZE, FAMILIES, dpi=100), 10, 15)
    assert red == pytest.approx(0xE0, abs=3)
    assert green == pytest.approx(0x80, abs=3)
    svg = to_svg(drawing, SIZE, FAMILIES)
    assert svg.count(b"<use ") == 2
    assert svg.count(b"<path ") == 1
    assert b"fill-opacity='0.5'" in svg
    assert b"stroke-opacity='0.5'" in svg


@pytest.mark.parametrize(
    ("across", "up", "inside", "outside"),
    [
        ("left", "bottom", (21, 18), (19, 14)),
        ("right", "top", (19, 12), (21, 16)),
        ("middle", "middle", (20, 15), (20, 21)),
    ],
)
def test_words_stand_on_the_side_that_is_said(
    across: str, up: str, inside: tuple[int, int], outside: tuple[int, int]
) -> None:
    words = Words(x=20, y=15, text="■", size_pt=20, across=across, up=up)  # type: ignore[arg-type]
    png = to_png(one(words), SIZE, FAMILIES, dpi=100)
    assert pixel(png, *inside) == (0x22, 0x22, 0x22)
    assert pixel(png, *outside) == (255, 255, 255)


def test_a_letter_is_drawn_once_however_often_it_stands() -> None:
    words = [Words(x=2, y=y, text="aba a", size_pt=9, has_halo=True) for y in (10, 20)]
    svg = to_svg(one(*words), SIZE, FAMILIES)
    assert svg.count(b"<path ") == 2
    assert svg.count(b"<use ") == 8
    assert svg.count(b"paint-order='stroke'") == 2
    assert to_svg(one(Words(x=1, y=1, text=" ", size_pt=9)), SIZE, FAMILIES).count(b"<g") == 0
    assert to_png(one(Words(x=1, y=1, text="", size_pt=9)), SIZE, FAMILIES, dpi=72)


@given(text=st.text("abc 1.,AV", max_size=8), more=st.text("abc 1", min_size=1, max_size=4))
def test_text_grows_with_its_letters(text: str, more: str) -> None:
    line, longer = (typeset(t, FAMILIES, is_bold=False) for t in (text, text + more))
    assert 0 <= line.width < longer.width
    assert len(line.glyphs) == len(line.places) == len(text)
    assert all(x <= line.width for x, _ in line.places)
    assert typeset("x", FAMILIES, is_bold=True).width > typeset("x", FAMILIES, is_bold=False).width


def test_what_matplotlib_draws_is_noted_in_millimetres() -> None:
    def draw(sheet: Sheet) -> None:
        axes = sheet.add_axes((0.25, 0.25, 0.5, 0.5), xlim=(0, 1), ylim=(0, 1))
        axes.axis("off")
        axes.bar([0.5], [1.0], width=0.5, color="#c00000", alpha=0.5)
        axes.plot([-1, 2], [0.5, 0.5], color="#0000c0", lw=2, ls=(0, (4, 3)))
        axes.text(0, 0, "ab", fontsize=9, weight="bold", va="baseline")
        axes.text(0, 0, "c", rotation=90)

    drawing = record(draw, SIZE, FAMILIES)
    curves = [item for layer in drawing for item in layer.items if isinstance(item, Curve)]
    bar = next(curve for curve in curves if curve.look.fill == "#c00000")
    assert bar.points.min(axis=0) == pytest.approx((15, 7.5))
    assert bar.points.max(axis=0) == pytest.approx((25, 22.5))
    assert bar.look.fill_opacity == 0.5
    line = next(curve for curve in curves if curve.look.stroke == "#0000c0")
    assert line.look.width_pt == 2
    assert line.look.dash == (4, 3)
    (clipped,) = (layer for layer in drawing if line in layer.items)
    assert clipped.clip == pytest.approx((10, 7.5, 20, 15))  # only what sticks out is cut
    (words,) = (item for layer in drawing for item in layer.items if isinstance(item, Words))
    assert (words.x, words.y) == pytest.approx((10, 7.5))
    assert (words.text, words.is_bold, words.size_pt) == ("ab", True, 9)
    turned = curves[-1].points  # of a letter on its side
    assert turned[:, 0].max() <= 10 + 10 * MM_PER_PT
    assert turned[:, 1].min() >= 7.5 - 10 * MM_PER_PT
    assert EM > 0


def test_the_ground_is_drawn_once_for_all_maps_and_anew_for_other_layers() -> None:
    told, other = draft(), draft("en")
    first, again = plates.overall(pen_for(told))[0], plates.phases(pen_for(other))[0]
    assert first.is_ground
    assert again.items == plates.overall(pen_for(other))[0].items
    bare = replace(
        told.result, layers={k: v for k, v in told.result.layers.items() if k == "land"}
    )
    assert len(plates.overall(pen_for(draft("zh", bare)))[0].items) < len(first.items)


def test_both_files_of_a_figure_come_of_one_drawing() -> None:
    made = []

    def compose(pen: Pen) -> Drawing:
        made.append(pen)
        return one(rectangle((0, 0, 1, 1), RED))

    draw = plate(compose, draft())
    assert draw("svg").startswith(b"<svg ")
    assert draw("png").startswith(b"\x89PNG")
    assert len(made) == 1


# Charts


def test_bars_are_as_long_as_the_demand_of_each_case() -> None:
    told = draft("en")
    sheet, said = charted(charts.demand, told)
    heights = [bar.get_height() for bar in sheet.axes[0].containers[0]]
    assert heights == [1100.0, 2200.0, 4400.0]
    assert "base *" in said  # the case that is planned for


def test_the_strongest_factor_stands_on_top_and_unknown_ones_are_left_out() -> None:
    rows = [
        ("hydrogen", name, name, name, change, "npv_mcny", value, "million CNY")
        for name, values in {
            "weak": (9.0, 10.0, 11.0),
            "strong": (0.0, 10.0, 30.0),
            "lost": (NAN, 10.0, NAN),
        }.items()
        for change, value in zip((-0.2, 0.0, 0.2), values, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=list(sample_result().sensitivity.columns))
    sheet, said = charted(money.tornado, draft("en"), mine=frame, title="NPV")
    names = [label.get_text() for label in sheet.axes[0].get_yticklabels()]
    assert names == ["strong", "weak"]
    assert "30  (+20 %)" in said


def test_net_emissions_are_told_even_where_they_rise() -> None:
    result = sample_result()
    worse = result.benefits.assign(net_t=-result.benefits["net_t"])
    _, said = charted(money.benefits, draft("en", replace(result, benefits=worse)))
    assert "-120" in said  # two hydrogen sites of 60 t CO2 each


def test_a_figure_without_anything_to_show_is_none() -> None:
    result = sample_result()
    names = (
        "sites",
        "candidates",
        "demand",
        "service_areas",
        "economics",
        "sensitivity",
        "benefits",
    )
    none = {
        name: getattr(result, name).iloc[:0]
        for name in (*names, "roll_out", "indicators", "curve", "front")
    }
    assert every(draft("zh", replace(result, **none))) == []


def test_a_map_without_any_layer_is_drawn() -> None:
    told = draft("zh", replace(sample_result(), layers={}))
    figure = figures.overall_plate(told)
    assert figure
    check_svg(figure.draw("svg"), where="overall")


def test_the_pen_knows_its_language() -> None:
    pen = Pen(draft=draft("en"), family=None)
    assert pen.say("甲", "A") == "A"
    assert pen.name({"name_zh": "甲", "name_en": ""}, otherwise="7") == "7"
