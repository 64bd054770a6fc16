"""Two plans on two maps: the page of ``siting compare``, and the plan beside the reader's changes."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from maps.comparison_map import render_comparison
from siting.compare import compare
from siting.config import load_wording
from siting.model import Result
from tests.browser.conftest import DESKTOP, PHONE, OpenMap
from tests.sample import NASTY_NAMES, SCRIPT_NAME
from tests.test_compare import BEFORE, chosen_as

_WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
_VIEWS = """() => [Siting.app.map, Siting.app.twin].map(map => {
  const centre = map.getCenter();
  return [map.getZoom(), Math.round(centre.lat * 1e4), Math.round(centre.lng * 1e4)];
})"""


def after() -> Result:
    """Return a plan in which one site moved, one was kept, one dropped and one added."""
    return chosen_as(
        BEFORE,
        {
            "hydrogen": {"C002": ["D01", "D03"], "C003": ["D02"]},
            "charging": {"C007": ["T03"], "C008": ["T02"]},
            "shore_power": {"B01": ["B01"]},
        },
    )


def write(a: Result, b: Result, folder: Path, *, names: tuple[str, str] = ("a", "b")) -> Path:
    found = compare(a, b, takeover_km=20.0)
    text = render_comparison(
        (a, b),
        found.frames,
        labels=found.labels,
        names=names,
        only=(found.only_a, found.only_b),
        takeover_km=found.takeover_km,
        wording=load_wording(),
    )
    path = folder / "compare-map.html"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(BEFORE, after(), tmp_path_factory.mktemp("compared"))


def same(views: Sequence[Sequence[float]]) -> bool:
    """Tell whether two maps show the same place, to a pixel and a bit."""
    (zoom, lat, lon), (other, y, x) = views
    pixel = 1e4 * 360 / (256 * 2**zoom)
    return zoom == other and max(abs(lat - y), abs(lon - x)) <= 1.2 * pixel + 1


# --- the page of two plans -------------------------------------------------------------------


def test_every_change_has_a_shape_a_colour_and_a_word(open_map: OpenMap, compared: Path) -> None:
    page = open_map(compared, fragment="#l=en")
    assert page.locator("#counts").inner_text() == "1 kept, 1 moved, 0 dropped, 0 added."
    looks = page.evaluate(
        """() => Object.keys(Siting.changeShapes).map(change => [
            Siting.changeShapes[change], Siting.theme.look(Siting.app.data.style.layers, "change_" + change).fill, Siting.dom.t("cmp_" + change)])"""
    )
    assert len(looks) == 4
    assert all(len(set(column)) == 4 for column in zip(*looks, strict=True))
    keys = page.locator("#keys li").all_inner_texts()
    assert [key.strip() for key in keys[:4]] == ["moved", "dropped", "added", "kept"]
    assert page.locator("#keys svg.icon path").count() >= 4
    page.locator("#tab-1").click()
    assert page.locator("#list .change").all_inner_texts()[:2] == ["dropped", "added"]
    assert page.locator("#tab-1").get_attribute("aria-selected") == "true"


def test_each_map_shows_its_plan_and_hollow_what_only_the_other_has(
    open_map: OpenMap, compared: Path
) -> None:
    page = open_map(compared)
    drawn = """side => {
      const found = {};
      const halo = Siting.theme.labels().halo;
      Siting.app.maps[side].eachLayer(layer => {
        if (!layer.options.shape || !["cross", "triangle", "diamond", "circle"].includes(layer.options.shape)) return;
        if (layer.options.pane !== "dots") return;
        const at = layer.getLatLng(), key = layer.options.shape + " " + at.lng.toFixed(2);
        found[key] = layer.options.fillColor === halo ? "hollow" : "full";
      });
      return found;
    }"""
    assert page.evaluate(drawn, "a") == {
        "circle 120.05": "full",
        "diamond 120.19": "full",
        "diamond 120.36": "hollow",
    }
    assert page.evaluate(drawn, "b") == {
        "circle 120.05": "full",
        "diamond 120.19": "hollow",
        "diamond 120.36": "full",
    }


def test_the_maps_move_together(open_map: OpenMap, compared: Path) -> None:
    page = open_map(compared)
    assert same(page.evaluate(_VIEWS))
    start = page.evaluate(_VIEWS)
    for side in ("#side-a", "#side-b"):
        box = page.locator(side).bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 60, y + 30, steps=4)
        assert same(page.evaluate(_VIEWS))
        page.mouse.up()
        page.wait_for_timeout(400)
        assert same(page.evaluate(_VIEWS))
        page.mouse.wheel(0, -400)
        page.wait_for_timeout(700)
        assert same(page.evaluate(_VIEWS))
    assert page.evaluate(_VIEWS) != start
    page.locator(".leaflet-control-zoom-out").click()
    page.wait_for_timeout(600)
    assert same(page.evaluate(_VIEWS))
    page.set_viewport_size({"width": 1000, "height": 640})
    page.wait_for_timeout(300)
    assert same(page.evaluate(_VIEWS))
    sizes = page.evaluate("[Siting.app.map, Siting.app.twin].map(map => map.getSize().x)")
    assert abs(sizes[0] - sizes[1]) <= 2


def test_the_list_moves_both_maps_and_the_card_tells_why(
    open_map: OpenMap, compared: Path
) -> None:
    page = open_map(compared, fragment="#l=en")
    entry = page.locator("#list .marked button").first
    entry.click()
    assert same(page.evaluate(_VIEWS))
    assert entry.get_attribute("aria-current") == "true"
    told = page.locator("#card").inner_text()
    found = compare(BEFORE, after(), takeover_km=20.0)
    causes = found.frames["causes"].query(
        "facility == 'hydrogen' and candidate_id in ['C001', 'C002']"
    )
    assert len(causes) >= 2
    for row in causes.to_dict("records"):
        assert f"{row['candidate_id']}: {row['en']}" in told
    assert "moved by" in told
    assert page.evaluate(
        "[Siting.app.map, Siting.app.twin].map(map => map.getBounds().contains([36.01, 120.19]) && map.getBounds().contains([36.10, 120.36]))"
    ) == [True, True]
    page.keyboard.press("Escape")
    assert page.locator("#card").is_hidden()
    assert page.evaluate("document.activeElement.dataset.row") is not None


def test_totals_are_those_of_the_comparison(open_map: OpenMap, compared: Path) -> None:
    page = open_map(compared, fragment="#l=en")
    frame = compare(BEFORE, after(), takeover_km=20.0).frames["totals"]
    rows = frame[frame["facility"] == "hydrogen"]
    cells = page.locator("#list .two tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
    )
    assert len(cells) == len(rows)
    assert cells[0][1:] == ["2", "2", "±0"]
    share = rows.set_index("figure").loc["coverage_share"]
    line = next(row for row in cells if row[0] == "coverage")
    assert line[1:3] == [f"{share['a']:.1%}", f"{share['b']:.1%}"]
    assert f"{share['b']:.1%} covered" in page.locator("#side-b .caption").inner_text()


def test_languages_theme_and_address_come_back(open_map: OpenMap, compared: Path) -> None:
    page = open_map(compared)
    assert page.locator("#title").inner_text() == "两个方案的对比"
    page.locator("#language").select_option("zh-Hant")
    assert page.locator("#title").inner_text() == "兩個方案的對比"
    page.locator("#theme").click()
    page.locator("#tab-1").click()
    page.locator("#list .marked button").first.click()
    fragment = page.evaluate("location.hash")
    again = open_map(compared, fragment=fragment)
    assert again.locator("html").get_attribute("lang") == "zh-Hant"
    assert again.locator("html").get_attribute("data-theme") == "dark"
    assert again.locator("#tab-1").get_attribute("aria-selected") == "true"
    assert again.locator("#card .change").inner_text() == "取消"
    again.locator("#language").select_option("en")
    assert again.locator("#card .change").inner_text() == "dropped"


@pytest.mark.parametrize(
    "fragment", ["#v=99/0/0&f=nothing&s=<b>", "#s=__proto__&f=constructor", "#v=a/b/c&l=%ff"]
)
def test_a_strange_address_is_passed_over(
    open_map: OpenMap, compared: Path, fragment: str
) -> None:
    page = open_map(compared, fragment=fragment)
    assert page.locator("#card").is_hidden()
    assert same(page.evaluate(_VIEWS))


def test_on_a_phone_the_maps_are_stacked(open_map: OpenMap, compared: Path) -> None:
    page = open_map(compared, device=PHONE)
    a, b = (page.locator(f"#side-{side}").bounding_box() for side in "ab")
    assert a
    assert b
    assert a["x"] == b["x"]
    assert b["y"] >= a["y"] + a["height"] - 3
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    low = page.locator("#head button, #head select, #list button, summary").evaluate_all(
        "nodes => nodes.filter(node => node.offsetParent && node.getBoundingClientRect().height < 40).length"
    )
    assert low == 0
    page.locator("#list .marked button").first.tap()
    assert page.locator("#card h3").is_visible()
    assert same(page.evaluate(_VIEWS))
    page.locator("#card .close").tap()
    assert page.locator("#list").is_visible()


def test_print_shows_both_maps_in_light_colours(open_map: OpenMap, compared: Path) -> None:
    page = open_map(compared, fragment="#t=dark")
    page.evaluate("() => void window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("html").get_attribute("data-theme") == "light"
    assert page.locator(".tools").is_hidden()
    for side in "ab":
        assert page.locator(f"#side-{side} .caption").is_visible()
    assert same(page.evaluate(_VIEWS))
    page.evaluate("() => void window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert len(page.pdf()) > 10_000


@pytest.mark.parametrize("device", [DESKTOP, PHONE])
@pytest.mark.parametrize("fragment", ["", "#t=dark&l=en&s=C002"])
def test_no_barrier(
    open_map: OpenMap, compared: Path, device: dict[str, Any], fragment: str
) -> None:
    page = open_map(compared, device=device, fragment=fragment)
    found = Axe().run(page, options=_WCAG)
    assert [row["id"] for row in found.response["violations"]] == []


def test_hostile_names_are_shown_literally(open_map: OpenMap, tmp_path: Path) -> None:
    page = open_map(write(BEFORE, after(), tmp_path, names=(SCRIPT_NAME, NASTY_NAMES[0])))
    assert SCRIPT_NAME in page.locator("#side-a .caption").inner_text()
    assert NASTY_NAMES[0] in page.locator("#side-b .caption").inner_text()
    assert "{{7*7}}" in page.locator("#list").inner_text()
    assert page.evaluate("window.pwned") is None


def test_equal_plans_say_so(open_map: OpenMap, tmp_path: Path) -> None:
    page = open_map(write(BEFORE, BEFORE, tmp_path), fragment="#l=en")
    assert "Both plans have the same sites." in page.locator("#list").inner_text()


def test_sites_without_a_place_are_listed_all_the_same(open_map: OpenMap, tmp_path: Path) -> None:
    nowhere = after()
    sites = nowhere.sites.copy()
    sites.loc[sites["candidate_id"] == "C002", "geometry"] = None
    page = open_map(write(BEFORE, replace(nowhere, sites=sites), tmp_path))
    page.locator("#list .marked button").first.click()
    assert page.locator("#card h3").is_visible()


def test_the_same_plans_give_the_same_bytes(compared: Path, tmp_path: Path) -> None:
    assert write(BEFORE, after(), tmp_path).read_bytes() == compared.read_bytes()
    told = re.search(r"img-src ([^;]*)", compared.read_text("utf-8"))
    assert told
    assert told[1] == "data: blob:"


def test_only_columns_that_are_named_leave_the_house(compared: Path) -> None:
    text = compared.read_text("utf-8")
    found = re.search(r'id="siting-data">(.*?)</script>', text, flags=re.DOTALL)
    assert found
    data: Mapping[str, Any] = json.loads(found[1])
    sites = data["facilities"][0]["sites"]
    assert set(sites) == {"change", "distance_m", "why", "a", "b"}
    assert set(sites["a"]) == {
        *("id", "zh", "en", "size_zh", "size_en", "lon", "lat", "rank", "score"),
        *("demand_served", "cost_mcny", "year", "area"),
    }


# --- the plan beside the reader's changes ----------------------------------------------------

_TOGGLE = """id => { const entry = Siting.app.facilities[Siting.app.state.facility];
  Siting.app.toggle(entry.facility.candidates.id.indexOf(id)); }"""


def _beside(page: Page) -> Page:
    page.evaluate(_TOGGLE, "C002")
    page.evaluate(_TOGGLE, "C001")
    page.locator("#beside-toggle").click()
    page.wait_for_selector("#beside")
    return page


def test_the_plan_stands_beside_the_changes(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map, fragment="#l=en")
    assert page.locator("#beside-toggle").count() == 0
    _beside(page)
    assert "Changed: 2 sites (+1 −1)" in page.locator("#map > .caption").inner_text()
    plan = page.locator("#beside .caption").inner_text()
    assert plan.startswith("Plan: 2 sites")
    cover = page.evaluate("Siting.app.facilities[0].live.coverage()")
    assert f"{cover['before'] / cover['all']:.1%} covered" in plan
    assert page.locator("#beside .pin").count() == 2
    assert page.locator("#beside .pin-gone").count() == 1
    shown = page.evaluate(
        "[Siting.app.map.getSize(), Siting.app.beside.map().getSize()].map(s => s.x)"
    )
    assert abs(shown[0] - shown[1]) <= 3


def test_both_maps_of_the_page_move_together(open_map: OpenMap, sample_map: Path) -> None:
    page = _beside(open_map(sample_map))
    views = _VIEWS.replace("Siting.app.twin", "Siting.app.beside.map()")
    page.evaluate("() => void Siting.app.map.panBy([80, 40], {animate: false})")
    assert same(page.evaluate(views))
    page.evaluate("() => void Siting.app.beside.map().setZoom(12, {animate: false})")
    assert same(page.evaluate(views))
    page.evaluate("() => void Siting.app.beside.map().setZoom(13)")
    page.wait_for_timeout(600)
    assert same(page.evaluate(views))


def test_the_comparison_follows_and_ends_with_the_changes(
    open_map: OpenMap, sample_map: Path
) -> None:
    page = _beside(open_map(sample_map))
    page.locator("#theme").click()
    page.locator("#language").select_option("en")
    assert page.locator("#beside .caption").inner_text().startswith("Plan: 2 sites")
    width = page.evaluate("Siting.app.map.getSize().x")
    page.evaluate("() => void Siting.app.resetPlan()")
    assert page.locator("#beside").count() == 0
    assert page.evaluate("Siting.app.map.getSize().x") > 1.8 * width
    page.evaluate("() => void Siting.app.weigh([0, 0, 100])")
    page.locator("#beside-toggle").click()
    assert "weights changed" in page.locator("#map > .caption").inner_text()
    page.locator("#beside .close").click()
    assert page.locator("#beside").count() == 0
    assert page.evaluate("document.activeElement.id") == "beside-toggle"


@pytest.mark.parametrize("device", [DESKTOP, PHONE])
def test_no_barrier_with_two_maps(
    open_map: OpenMap, sample_map: Path, device: dict[str, Any]
) -> None:
    page = _beside(open_map(sample_map, device=device))
    found = Axe().run(page, options=_WCAG)
    assert [row["id"] for row in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") == device["viewport"]["width"]
