"""What a reader of the map page sees and does, in Chromium from a file with no network."""

import random
import re
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import ceil, isnan
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pyproj import Transformer

from maps.style import (
    SCORE_BREAKS,
    SCORE_COLOURS,
    SURFACE_OPACITY,
    SURFACE_STEPS,
    score_class,
    surface_colours,
)
from siting.model import Result
from tests.browser.conftest import DESKTOP, PHONE, OpenMap
from tests.requirements import require_osgeo
from tests.sample import (
    FORMULA_NAME,
    NASTY_NAMES,
    SCRIPT_NAME,
    SEPARATOR_NAME,
    STATEMENT_NAME,
    TABLE_NAME,
    TEMPLATE_NAME,
    sample_result,
)

pytestmark = pytest.mark.browser


def _numbers(rows: Locator) -> list[float]:
    return [float(text) for text in rows.all_inner_texts()]


def _centre(page: Page, lon: float, lat: float, zoom: float) -> None:
    page.evaluate(
        "([lat, lon, zoom]) => void Siting.app.map.setView([lat, lon], zoom, {animate: false})",
        [lat, lon, zoom],
    )


def _pixel(page: Page, pane: str, lon: float, lat: float) -> str:
    """Return the colour that a pane's canvas shows at a place, as #rrggbb."""
    return page.evaluate(
        """async ([pane, lat, lon]) => {
          await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
          const map = Siting.app.map, canvas = map.getPane(pane).querySelector("canvas");
          const box = canvas.getBoundingClientRect(), frame = map.getContainer().getBoundingClientRect();
          const at = map.latLngToContainerPoint([lat, lon]), ratio = canvas.width / box.width;
          const pen = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d");
          pen.drawImage(canvas, Math.round((at.x + frame.left - box.left) * ratio),
            Math.round((at.y + frame.top - box.top) * ratio), 1, 1, 0, 0, 1, 1);
          const spot = pen.getImageData(0, 0, 1, 1).data;
          return "#" + [...spot.slice(0, 3)].map(part => part.toString(16).padStart(2, "0")).join("");
        }""",
        [pane, lat, lon],
    )


# The pixel of the scored ground at a place, before it is made translucent.
_PICTURE_PIXEL = """async ([lat, lon]) => {
  const map = Siting.app.map, image = map.getPane("surface").querySelector("img");
  await image.decode();
  const box = image.getBoundingClientRect(), frame = map.getContainer().getBoundingClientRect();
  const at = map.latLngToContainerPoint([lat, lon]);
  const x = (at.x + frame.left - box.left) / box.width, y = (at.y + frame.top - box.top) / box.height;
  const pen = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d");
  pen.drawImage(image, Math.floor(x * image.naturalWidth), Math.floor(y * image.naturalHeight), 1, 1, 0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data];
}"""

# The pixel of the saved picture at a place, all layers of the plan away, with or without the scored ground.
_SAVED_PIXEL = """async ([lat, lon, isShown]) => {
  const app = Siting.app, map = app.map, groups = app.facilities[0].groups;
  Object.keys(groups).forEach((kind) => groups[kind].remove());
  Object.keys(app.base.layers).filter((key) => key !== "land").forEach((key) => app.base.layers[key].remove());
  if (isShown) groups.surface.addTo(map);
  const image = map.getPane("surface").querySelector("img");
  if (image) await image.decode();
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const canvas = Siting.picture(app), ratio = window.devicePixelRatio || 1, at = map.latLngToContainerPoint([lat, lon]);
  return [...canvas.getContext("2d").getImageData(Math.round(at.x * ratio), Math.round((at.y + 54) * ratio), 1, 1).data];
}"""


# ---- the whole plan is on the map ------------------------------------------------------------


def test_every_site_of_every_facility_is_drawn(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    sites = sample_result().sites
    for tab, key in enumerate(("hydrogen", "charging", "shore_power")):
        page.locator(f"#tab-{tab}").click()
        expected = int((sites["facility"] == key).sum())
        expect(page.locator("#map .pin")).to_have_count(expected)
        expect(page.locator("#table tbody tr")).to_have_count(expected)


@pytest.mark.real
def test_map_of_qingdao_draws_every_site(
    open_map: OpenMap, qingdao_map: Path, qingdao: Result
) -> None:
    assert qingdao_map.stat().st_size <= 1.5e6
    page = open_map(qingdao_map)
    for tab, facility in enumerate(qingdao.study.facilities):
        page.locator(f"#tab-{tab}").click()
        expected = len(qingdao.plans[facility.key].sites)
        expect(page.locator("#map .pin")).to_have_count(expected)
        inside = page.evaluate(
            """() => { const map = document.getElementById("map").getBoundingClientRect();
              return [...document.querySelectorAll("#map .pin")].filter(pin => {
                const box = pin.getBoundingClientRect();
                return box.left > map.left && box.right < map.right && box.top > map.top && box.bottom < map.bottom;
              }).length; }"""
        )
        assert inside == expected


@pytest.mark.real
@pytest.mark.parametrize("zoom", [8.5, 10, 11.5, 13])
def test_labels_do_not_pile_up(open_map: OpenMap, qingdao_map: Path, zoom: float) -> None:
    page = open_map(qingdao_map)
    _centre(page, 120.3, 36.08, zoom)
    boxes = page.evaluate(
        """() => { Siting.app.base.labels.draw(); return Siting.app.base.labels.shown.map(label => {
          const box = label.box, move = label.move || [0, 0];
          return [box[0] + move[0], box[1] + move[1], box[2] + move[0], box[3] + move[1]]; }); }"""
    )
    assert len(boxes) >= 3
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]


def test_candidates_wear_the_colour_of_their_score(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    # C002 scores 0.65 and is not chosen, so no pin hides it.
    _centre(page, 120.36, 36.10, 12)
    assert score_class(0.65) == 3
    assert _pixel(page, "dots", 120.36, 36.10) == SCORE_COLOURS[3]


def test_base_map_shows_land_and_sea(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    _centre(page, 120.26, 36.12, 12)
    assert _pixel(page, "land", 120.26, 36.12) == "#d6e4ee"
    assert _pixel(page, "land", 120.21, 36.12) == "#fdfcf9"
    page.locator("#theme").click()
    assert _pixel(page, "land", 120.26, 36.12) == "#0d1a26"


def test_layer_tree_and_legend_go_together(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    legend = page.locator(".legend")
    expect(legend).not_to_contain_text("需求点：未覆盖")
    page.locator(".leaflet-control-layers-toggle").focus()
    page.keyboard.press("Enter")
    name = page.locator(".leaflet-layerstree-header-name:visible", has_text="需求点")
    name.hover()  # Leaflet ignores a click in the very moment in which the tree opens
    name.click()
    expect(legend).to_contain_text("需求点：未覆盖")
    # The red ring of D03, which no site reaches.
    _centre(page, 120.46, 36.16, 12)
    assert _pixel(page, "dots", 120.46, 36.16) == "#ffffff"


def test_scored_ground_lies_under_the_roads_where_its_cells_are(
    open_map: OpenMap, sample_map: Path
) -> None:
    page, result = open_map(sample_map), sample_result()
    page.locator(".leaflet-control-layers-toggle").focus()
    page.keyboard.press("Enter")
    name = page.locator(".leaflet-layerstree-header-name:visible", has_text="适宜性分布")
    expect(name).to_have_count(1)  # only hydrogen has one
    name.hover()
    name.click()
    legend = page.locator(".legend")
    expect(legend).to_contain_text("5 km网格")
    expect(legend).to_contain_text("区位指标占权重80%")
    back = Transformer.from_crs(result.crs, "EPSG:4326", always_xy=True)
    page.locator(".leaflet-image-layer.surface").wait_for()
    for cell in result.suitability.itertuples():
        lon, lat = back.transform(cell.x, cell.y)
        _centre(page, lon, lat, 11)
        shown = page.evaluate(_PICTURE_PIXEL, [lat, lon])
        if cell.is_barred or isnan(cell.score):
            assert shown[3] == 0
            continue
        step = min(ceil(cell.score * SURFACE_STEPS) - 1, SURFACE_STEPS - 1)
        assert "#" + bytes(shown[:3]).hex() == surface_colours()[step]
    # It goes with its facility type, and into the picture that is saved.
    page.get_by_role("tab", name="充电站").click()
    expect(page.locator(".leaflet-image-layer.surface")).to_have_count(0)


def test_scored_ground_follows_the_weights_and_explains_itself(
    open_map: OpenMap, sample_map: Path
) -> None:
    page, result = open_map(sample_map), sample_result()
    page.evaluate("() => void Siting.app.facilities[0].groups.surface.addTo(Siting.app.map)")
    page.locator(".leaflet-image-layer.surface").wait_for()
    plan = page.locator(".leaflet-image-layer.surface").get_attribute("src")
    page.evaluate("() => void Siting.app.weigh([10, 70, 20])")
    expect(page.locator(".legend")).to_contain_text("按您调整的权重；区位指标占权重80%")
    cells = result.suitability
    values = result.suitability_values.pivot_table("value", ["x", "y"], "criterion")
    score = (10 * values["demand"] + 70 * values["grid"]) / 80
    back, looked = Transformer.from_crs(result.crs, "EPSG:4326", always_xy=True), 0
    for cell in cells[~cells["is_barred"] & cells["score"].notna()].itertuples():
        worth = score[cell.x, cell.y]
        if abs(worth * SURFACE_STEPS - round(worth * SURFACE_STEPS)) < 0.1:
            continue  # on a break a byte a value cannot tell the side
        lon, lat = back.transform(cell.x, cell.y)
        _centre(page, lon, lat, 11)
        shown = page.evaluate(_PICTURE_PIXEL, [lat, lon])
        assert "#" + bytes(shown[:3]).hex() == surface_colours()[ceil(worth * SURFACE_STEPS) - 1]
        looked += 1
    assert looked > 10
    for kind in ("candidates", "areas", "sites"):
        page.evaluate("kind => void Siting.app.facilities[0].groups[kind].remove()", kind)
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card = page.locator(".leaflet-popup .card")
    expect(card.locator("h3")).to_have_text("此处的适宜性")
    assert float(card.locator(".sum b").inner_text()) == pytest.approx(100 * worth, abs=0.3)
    assert sum(_numbers(card.locator(".bars b"))) == pytest.approx(
        float(card.locator(".sum b").inner_text()), abs=0.01
    )
    page.evaluate("() => void Siting.app.resetPlan()")
    expect(page.locator(".leaflet-image-layer.surface")).to_have_attribute("src", plan or "")


def test_saved_picture_holds_the_scored_ground(open_map: OpenMap, sample_map: Path) -> None:
    page, result = open_map(sample_map), sample_result()
    cell = result.suitability.iloc[-1]
    back = Transformer.from_crs(result.crs, "EPSG:4326", always_xy=True)
    lon, lat = back.transform(cell["x"], cell["y"])
    _centre(page, lon, lat, 13)
    colours = [page.evaluate(_SAVED_PIXEL, [lat, lon, False])]
    colours += [page.evaluate(_SAVED_PIXEL, [lat, lon, True])]
    assert colours[0] != colours[1]
    step = min(ceil(cell["score"] * SURFACE_STEPS) - 1, SURFACE_STEPS - 1)
    fill = bytes.fromhex(surface_colours()[step][1:])
    for at in range(3):
        expected = SURFACE_OPACITY * fill[at] + (1 - SURFACE_OPACITY) * colours[0][at]
        assert colours[1][at] == pytest.approx(expected, abs=2)


def test_tree_names_every_group(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator(".leaflet-control-layers-toggle").focus()
    page.keyboard.press("Enter")
    names = page.locator(".leaflet-layerstree-header-name:visible").all_inner_texts()
    facilities = ["加氢站", "充电站", "港口岸电"]
    assert [name.strip() for name in names if name.strip() in facilities] == facilities
    assert "选定站点" in [name.strip() for name in names]


# ---- why this site ---------------------------------------------------------------------------


def test_card_explains_the_score(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#table tbody tr").first.click()
    card = page.locator(".leaflet-popup .card")
    expect(card.locator("h3")).to_have_text("前湾集疏运枢纽")
    parts = _numbers(card.locator(".bars b"))
    assert parts == [45.0, 24.0, 10.0]
    assert _numbers(card.locator(".sum b")) == [pytest.approx(sum(parts))] == [79.0]
    expect(card.locator(".score")).to_contain_text("第 1 名 / 3")
    expect(card.locator(".bars li").first).to_contain_text(
        "原值 36 kg/日 · 权重 50% · 标准化 0.90"
    )
    expect(card).to_contain_text("规则：2 项通过，0 项不通过，0 项待踏勘")


def test_card_tells_how_sure_the_rank_is_and_why(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#table tbody tr").first.click()
    card = page.locator(".leaflet-popup .card")
    expect(card.locator(".score")).to_contain_text("权重变动时 90% 的名次：1–2；进入前 2 名：25%")
    reasons = card.locator("details", has_text="主要有利与不利因素")
    reasons.locator("summary").click()
    # Ranked are C001, C002 and C003: demand 0.9 against 0.733 on average, with weight 0.5.
    expect(reasons).to_contain_text("与平均相差 +8.3 分")
    expect(reasons).to_contain_text("不利")
    expect(reasons).to_contain_text("与平均相差 −2.7 分")
    expect(reasons).to_contain_text("最近的更优候选点")
    expect(reasons).to_contain_text("即可超过")


@pytest.mark.real
def test_shown_contributions_always_add_up(open_map: OpenMap, qingdao_map: Path) -> None:
    page = open_map(qingdao_map)
    for row in range(3, 44, 6):
        page.locator("#table tbody tr").nth(row).click()
        card = page.locator(".leaflet-popup .card")
        parts = _numbers(card.locator(".bars b"))
        assert len(parts) >= 6
        assert round(sum(parts), 1) == _numbers(card.locator(".sum b"))[0]


def test_card_tells_whom_the_site_serves(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#table tbody tr").first.click()
    card = page.locator(".leaflet-popup .card")
    card.locator("summary", has_text="需求点").click()
    expect(card).to_contain_text("前湾港区")
    expect(card).to_contain_text("1,200 kg/日 · 6.5 分钟 · 5.2 km")
    expect(card).to_contain_text("54.5%")


def test_excluded_candidate_names_its_rule(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#views button").nth(2).click()
    expect(page.locator("#table tbody tr")).to_have_count(2)
    page.locator("#table tbody tr", has_text="C005").click()
    card = page.locator(".leaflet-popup .card")
    expect(card.locator(".verdict.bad")).to_contain_text("不占自然保护地")
    expect(card.locator(".verdict.bad")).to_contain_text("行动计划 49 条")
    card.locator("summary", has_text="规则").click()
    expect(card.locator(".rule-fail")).to_contain_text("余量 -120 m")


def test_unknown_score_is_said_not_shown_as_zero(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#views button").nth(2).click()
    row = page.locator("#table tbody tr", has_text="C004")
    expect(row.locator("td").nth(2)).to_have_text("–")
    row.click()
    expect(page.locator(".leaflet-popup .card")).to_contain_text("得分未知")


# ---- traffic, years, rules and sizes ---------------------------------------------------------


def test_flows_are_drawn_with_their_classes(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.evaluate("() => void Siting.app.facilities[0].groups.flows.addTo(Siting.app.map)")
    legend = page.locator(".legend")
    expect(legend).to_contain_text("货流（辆/日，双向合计）")
    expect(legend).to_contain_text("另有 1 对起讫共 110 辆/日未绘路径")
    _centre(page, 120.12, 36.14, 12)
    assert _pixel(page, "dots", 120.12, 36.14) != "#000000"
    page.evaluate(
        "() => Siting.app.facilities[0].groups.flows.eachLayer(line => line.fire('click', {latlng: line.getCenter()}))"
    )
    card = page.locator(".leaflet-popup .card")
    expect(card).to_contain_text("前湾港区 → 胶州物流园")
    expect(card).to_contain_text("120 辆/日")


def test_tree_offers_flows_only_where_there_are_some(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator(".leaflet-control-layers-toggle").focus()
    page.keyboard.press("Enter")
    names = page.locator(".leaflet-layerstree-header-name").all_text_contents()
    assert sum("货流" in name for name in names) == 1


@pytest.mark.real
def test_plan_of_a_year_shows_what_is_open_by_then(
    open_map: OpenMap, qingdao_map: Path, qingdao: Result
) -> None:
    page = open_map(qingdao_map)
    key = qingdao.study.facilities[0].key
    sites = qingdao.sites[qingdao.sites["facility"] == key]
    told = qingdao.roll_out[qingdao.roll_out["facility"] == key].set_index("year")
    for number, year in enumerate(told.index):
        page.locator("#phases button").nth(number).click()
        expected = int((sites["year"] <= year).sum())
        expect(page.locator("#map .pin")).to_have_count(expected)
        expect(page.locator("#map .pin-fresh")).to_have_count(int((sites["year"] == year).sum()))
        expect(page.locator("#table tbody tr")).to_have_count(expected)
        spent = told["spent_mcny"][: number + 1].sum() / 100
        line = page.locator("#phases p").first
        expect(line).to_contain_text(f"到 {year} 年：{int(told['sites'][year])} 座")
        expect(line).to_contain_text(f"{told['served_share'][year]:.1%}")
        found = re.search(r"累计投资 ([\d.]+) 亿元", line.inner_text())
        assert found is not None
        assert float(found[1]) == pytest.approx(spent, rel=5e-3)
    page.locator("#phases button").last.click()
    expect(page.locator("#map .pin")).to_have_count(len(sites))


def test_year_stays_in_the_address(open_map: OpenMap, sample_map: Path) -> None:
    first = open_map(sample_map)
    first.locator("#phases button", has_text="2028").click()
    expect(first.locator("#phases")).to_contain_text("到 2028 年：2 座")
    expect(first.locator("#phases")).to_contain_text("各类设施合计：3 座")
    second = open_map(sample_map, fragment=first.evaluate("location.hash"))
    expect(second.locator("#phases button[aria-pressed=true]")).to_have_text("2028")


def test_demand_served_later_is_open_until_then(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.evaluate("() => void Siting.app.facilities[1].groups.demand.addTo(Siting.app.map)")
    page.locator("#tab-1").click()
    # Of no known year: only the whole plan has these sites.
    page.locator("#phases button", has_text="2026").click()
    expect(page.locator("#map .pin")).to_have_count(0)
    fills = """() => { const found = []; Siting.app.facilities[1].groups.demand.eachLayer(
      dot => found.push(dot.options.fillColor)); return found; }"""
    assert set(page.evaluate(fills)) == {"#ffffff"}
    page.locator("#phases button").last.click()
    assert set(page.evaluate(fills)) == {"#4a5560", "#ffffff"}


def test_rule_shows_its_ground_and_its_candidates(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#exclusions summary").click()
    row = page.locator("#exclusions tbody tr").first
    expect(row).to_contain_text("不占自然保护地")
    assert row.locator("td").all_inner_texts() == ["121", "880", "2"]
    assert page.locator("#exclusions tbody tr").nth(1).locator("td").all_inner_texts() == [
        "–",
        "880",
        "0",
    ]
    row.locator("button").click()
    expect(page.locator("#views button[aria-pressed=true]")).to_contain_text("已排除")
    expect(page.locator("#table tbody tr")).to_have_count(2)
    expect(page.locator(".legend")).to_contain_text("排除：不占自然保护地（2）")
    expect(row.locator("button")).to_be_focused()
    row.locator("button").click()
    expect(page.locator("#exclusions .tag")).to_have_count(0)


def test_card_tells_how_large_and_how_dear_the_site_is(
    open_map: OpenMap, sample_map: Path
) -> None:
    page = open_map(sample_map)
    page.locator("#table tbody tr").first.click()
    card = page.locator(".leaflet-popup .card")
    for text in ("标准型 {{7*7}}", "2,000 kg/日", "60%", "2026", "3,000 m²"):
        expect(card).to_contain_text(text)
    card.locator("summary", has_text="投资与收益").click()
    expect(card).to_contain_text("0.125 亿元 （0.063 亿元—0.188 亿元）")
    expect(card.locator("details", has_text="投资与收益")).to_contain_text("投资回收期无")
    card.locator("summary", has_text="供应来源").click()
    expect(card).to_contain_text("约 18 km · 到站成本 4.35 元")
    card.locator("summary", has_text="净减排").click()
    expect(card.locator("details", has_text="净减排")).to_contain_text("NOx11.5")


@pytest.mark.real
def test_part_served_demand_counts_in_the_share(
    open_map: OpenMap, qingdao_map: Path, qingdao: Result
) -> None:
    page = open_map(qingdao_map)
    for tab, facility in enumerate(qingdao.study.facilities):
        page.locator(f"#tab-{tab}").click()
        demand = qingdao.demand[qingdao.demand["facility"] == facility.key]
        served = qingdao.allocation[qingdao.allocation["facility"] == facility.key]
        share = served["demand"].sum() / demand["demand"].sum()
        expect(page.locator("#figures")).to_contain_text(f"{share:.1%}")


@pytest.mark.real
def test_card_of_part_served_demand_says_how_much(
    open_map: OpenMap, qingdao_map: Path, qingdao: Result
) -> None:
    page, key = open_map(qingdao_map), qingdao.study.facilities[0].key
    demand = qingdao.demand[qingdao.demand["facility"] == key].reset_index(drop=True)
    routes = qingdao.allocation[qingdao.allocation["facility"] == key]
    served = demand["demand_id"].map(routes.groupby("demand_id")["demand"].sum()).astype(float)
    share = served / demand["demand"]
    row = int(share[(share > 0.01) & (share < 0.99)].index[0])
    page.evaluate(
        """([row, lat, lon]) => Siting.app.openCard(
          L.latLng(lat, lon), () => Siting.cards.demand(Siting.app, 0, row))""",
        [row, 36.1, 120.3],
    )
    card = page.locator(".leaflet-popup .card")
    expect(card).to_contain_text("方案服务")
    expect(card).to_contain_text(f"{share[row]:.1%}")


# ---- table, map and search in step -----------------------------------------------------------


def test_map_and_table_follow_each_other(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#table tbody tr").nth(1).click()
    expect(page.locator(".pin-on")).to_have_text("2")
    page.keyboard.press("Escape")
    expect(page.locator(".leaflet-popup")).to_have_count(0)
    expect(page.locator(".pin-on")).to_have_count(0)
    # A pin that still moves with the map would be missed.
    expect(page.locator(".leaflet-pan-anim, .leaflet-zoom-anim")).to_have_count(0)
    page.locator("#map .pin", has_text="1").click()
    expect(page.locator("#table tr[aria-current]")).to_contain_text("C001")


def test_click_on_a_dot_shows_its_row(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    _centre(page, 120.36, 36.10, 12)
    box = page.locator("#map").bounding_box()
    assert box is not None
    at = page.evaluate("() => Siting.app.map.latLngToContainerPoint([36.10, 120.36])")
    page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])
    expect(page.locator(".leaflet-popup .card")).to_contain_text("C002")
    # C002 is not chosen: the list changes to the one that holds it.
    expect(page.locator("#table tr[aria-current]")).to_contain_text("C002")
    expect(page.locator("#views button[aria-pressed=true]")).to_contain_text("合格候选")


@pytest.mark.parametrize(
    ("query", "steps", "found"),
    [
        ("c003", 1, "C003"),
        ("胶州湾", 1, "C003"),
        ("railway STATION", 1, "C006"),
        ("Qianwan hub", 2, "C001"),
        ("N01", 1, "N01"),
        ("qwjsy", 1, "C001"),
        ("JZWHT", 1, "C003"),
        ("膠州灣", 1, "C003"),
    ],
)
def test_search_by_keyboard(
    open_map: OpenMap, sample_map: Path, query: str, steps: int, found: str
) -> None:
    page = open_map(sample_map)
    page.locator("#search").focus()
    page.keyboard.type(query)
    expect(page.locator("#search")).to_have_attribute("aria-expanded", "true")
    for _ in range(steps):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#found li[aria-selected=true]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup .card")).to_contain_text(found)
    expect(page.locator("#found")).to_be_hidden()


@pytest.mark.real
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("hd", "黄岛区"),
        ("djk", "董家口港区"),
        ("jzs", "胶州市"),
        ("ls", "崂山区"),
        ("黃島", "黄岛区"),
    ],
)
def test_search_by_initials_and_in_either_script(
    open_map: OpenMap, qingdao_map: Path, query: str, name: str
) -> None:
    page = open_map(qingdao_map)
    page.locator("#search").fill(query)
    found = page.locator("#found li > span").all_inner_texts()
    assert name in found
    where = "() => Siting.app.map.getCenter().lat.toFixed(3) + Siting.app.map.getZoom()"
    before = page.evaluate(where)
    page.locator("#found li", has_text=name).first.click()
    assert page.evaluate(where) != before


def test_search_that_finds_nothing_says_so(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#search").fill("no such place")
    expect(page.locator("#search-status")).to_have_text("没有符合的结果")
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup")).to_have_count(0)


def test_table_sorts_by_what_is_clicked(open_map: OpenMap, qingdao_map: Path) -> None:
    page = open_map(qingdao_map)
    page.locator("#table th", has_text="需求占比").locator("button").click()
    shares = [float(t.rstrip("%")) for t in page.locator("#table td:last-child").all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    expect(page.locator("#table th[aria-sort=descending]")).to_contain_text("需求占比")
    page.locator("#table th", has_text="需求占比").locator("button").click()
    again = [float(t.rstrip("%")) for t in page.locator("#table td:last-child").all_inner_texts()]
    assert again == sorted(shares)


def test_facility_tabs_take_arrow_keys_and_keep_the_layers(
    open_map: OpenMap, sample_map: Path
) -> None:
    page = open_map(sample_map)
    page.locator("#tab-0").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-1")).to_be_focused()
    expect(page.locator("#tab-1")).to_have_attribute("aria-selected", "true")
    shown = "(i) => Object.values(Siting.app.facilities[i].groups).filter(g => Siting.app.map.hasLayer(g)).length"
    assert [page.evaluate(shown, i) for i in range(3)] == [0, 3, 0]


# ---- words and looks -------------------------------------------------------------------------


def test_language_changes_everything_at_once(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    assert page.title() == "青岛样例《甲 & 乙》"
    page.locator("#table tbody tr").first.click()
    page.locator("#language").select_option("en")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.title() == 'Qingdao sample <b>"A & B"</b>'
    expect(page.locator(".leaflet-popup h3")).to_have_text("Qianwan hub")
    expect(page.locator("#tab-0")).to_have_text("Hydrogen refuelling")
    expect(page.locator(".legend summary")).to_have_text("Legend")
    expect(page.locator("#notice")).to_have_text(
        "For internal research; not reviewed, not for publication"
    )
    page.keyboard.press("Escape")
    page.locator("#about-open").click()
    shown = page.locator("body").inner_text()
    left = re.findall("[\u4e00-\u9fff]+", _without_names(shown))
    assert left == []


def _without_names(text: str) -> str:
    """Drop what is Chinese by right: the languages to choose from, and texts of the data."""
    result = sample_result()
    names = {"简体中文", "繁體中文", *result.study.sources.values()}
    names |= {rule.clause for facility in result.study.facilities for rule in facility.rules}
    for frame in (result.candidates, result.sites, result.demand):
        names |= {str(name) for name in (*frame["name_zh"], *frame["district"])}
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return text


def test_outcome_is_told_in_plain_words(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    expect(page.locator("#figures")).to_contain_text("86.4%")
    expect(page.locator("#outcome .verdict.good")).to_contain_text("已证明最优")
    page.locator("#tab-2").click()
    expect(page.locator("#outcome .verdict.warn")).to_contain_text("20.00%")


def test_dialog_holds_sources_notices_and_licences(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#about-open").click()
    about = page.locator("#about")
    for text in ("海岸线为示意", "starter:qingdao/townships.csv", "CC BY 4.0", "EPSG:4549"):
        expect(about).to_contain_text(text)
    about.locator("summary", has_text="leaflet 1.9.4").click()
    expect(about.locator("pre").first).to_contain_text("Volodymyr Agafonkin")
    page.keyboard.press("Escape")
    expect(about).to_be_hidden()


def test_leaflet_credit_stands_without_a_flag(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    credit = page.locator(".credits")
    expect(credit.locator("a")).to_have_attribute("href", "https://leafletjs.com")
    expect(credit).to_contain_text("Qingdao starter pack")
    assert credit.locator("svg, img").count() == 0


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_not_approved_line_is_always_in_view(
    open_map: OpenMap, sample_map: Path, device: dict[str, Any]
) -> None:
    page = open_map(sample_map, device=device)
    notice = page.locator("#notice")
    expect(notice).to_have_text("内部研究用图，未经审核")
    expect(notice).to_be_in_viewport(ratio=1)
    page.evaluate("void dispatchEvent(new Event('beforeprint'))")
    expect(notice).to_be_visible()
    page.evaluate("void dispatchEvent(new Event('afterprint'))")


@pytest.mark.real
@pytest.mark.parametrize("language", ["", "en", "hant"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_notice_is_whole(
    open_map: OpenMap, qingdao_map: Path, device: dict[str, Any], language: str
) -> None:
    page = open_map(qingdao_map, device=device, fragment=f"#l={language}")
    cut = """() => { const node = document.getElementById("notice");
      return node.scrollWidth > node.clientWidth || node.scrollHeight > node.clientHeight; }"""
    assert not page.evaluate(cut)


@pytest.mark.real
def test_no_name_hides_under_a_panel(open_map: OpenMap, qingdao_map: Path) -> None:
    page = open_map(qingdao_map, fragment="#f=shore_power&l=en")
    hidden = page.evaluate(
        """() => { const labels = Siting.app.base.labels; labels.draw(); const panels = labels._controlBoxes();
          return labels.shown.filter(label => panels.some(panel => {
            const box = label.box, move = label.move || [0, 0];
            return box[0] + move[0] < panel[2] && box[2] + move[0] > panel[0] && box[1] + move[1] < panel[3] && box[3] + move[1] > panel[1];
          })).map(label => label.text || label.item.shield); }"""
    )
    assert hidden == []
    assert page.locator(".legend").count() == 1


# The share of the pixels of a PDF's first page that have a colour: GDAL's PDF driver draws the page.
_SHARE_ON_PAPER = """
import sys
from osgeo import gdal
gdal.UseExceptions()
gdal.SetConfigOption("GDAL_PDF_DPI", "72")
page = gdal.Open(f"PDF:1:{sys.argv[1]}")
bands = [page.GetRasterBand(n).ReadRaster() for n in (1, 2, 3)]
print(sum(dot == tuple(bytes.fromhex(sys.argv[2])) for dot in zip(*bands)) / len(bands[0]))
"""


@pytest.mark.real
def test_paper_has_the_whole_map(open_map: OpenMap, qingdao_map: Path, tmp_path: Path) -> None:
    page, path = open_map(qingdao_map, fragment="#t=dark"), tmp_path / "map.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    for colour, least in (("d6e4ee", 0.02), ("fdfcf9", 0.02), ("f5f3ee", 0.02)):  # sea, city, land
        command = [require_osgeo(), "-c", _SHARE_ON_PAPER, path, colour]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert float(done.stdout) > least, colour


def test_paper_is_light_and_leaves_the_screen_as_it_was(
    open_map: OpenMap, sample_map: Path
) -> None:
    page = open_map(sample_map, fragment="#t=dark")
    view = "() => [Siting.app.map.getZoom(), Siting.app.map.getCenter().lat.toFixed(4)]"
    before = page.evaluate(view)
    page.evaluate("void dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    expect(page.locator(".tools")).to_be_hidden()
    page.evaluate("void dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(view) == before


def test_every_control_has_a_name(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#table tbody tr").first.click()
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, a[href], input, select, [role=tab], summary")]
          .filter(node => node.offsetParent && !(node.getAttribute("aria-label") || node.textContent.trim() ||
            node.title || (node.labels && node.labels.length))).map(node => node.outerHTML.slice(0, 90))"""
    )
    assert nameless == []


# ---- phone -----------------------------------------------------------------------------------


def test_phone_has_no_sideways_scroll_and_room_for_fingers(
    open_map: OpenMap, qingdao_map: Path
) -> None:
    page = open_map(qingdao_map, device=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.getElementById('panel').scrollWidth") <= 390
    small = page.evaluate(
        """() => [...document.querySelectorAll("#head button, #views button, #search, #table tbody tr, #map a[role=button], .legend summary")]
          .filter(node => node.offsetParent && node.getBoundingClientRect().height < 44)
          .map(node => node.id || node.className || node.innerText)"""
    )
    assert small == []


def test_phone_shows_the_card_in_the_sheet(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map, device=PHONE)
    page.locator("#table tbody tr").first.tap()
    expect(page.locator("#card h3")).to_have_text("前湾集疏运枢纽")
    expect(page.locator(".leaflet-popup")).to_have_count(0)
    expect(page.locator("#table")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#card .close").tap()
    expect(page.locator("#table")).to_be_visible()


def test_sheet_steps_by_tap_without_touching_the_map(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map, device=PHONE)
    levels = []
    for _ in range(3):
        page.locator("#sheet").tap()
        levels.append(page.evaluate("document.body.dataset.sheet"))
    assert levels == ["full", "peek", "half"]
    expect(page.locator("#card h3")).to_have_count(0)


# ---- the address -----------------------------------------------------------------------------


def test_address_brings_the_same_view_back(open_map: OpenMap, sample_map: Path) -> None:
    first = open_map(sample_map)
    first.locator("#language").select_option("en")
    first.locator("#tab-1").click()
    first.locator("#table tbody tr", has_text="C008").click()
    fragment = first.evaluate("location.hash")
    second = open_map(sample_map, fragment=fragment)
    expect(second.locator(".leaflet-popup .card")).to_contain_text("C008")
    expect(second.locator("#tab-1")).to_have_attribute("aria-selected", "true")
    assert second.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize(
    "fragment",
    [
        "#f=nothing&s=%3Cimg%20src%3Dx%3E&l=xx&t=url(javascript:1)&v=99/999/999",
        "#v=NaN/NaN/NaN&s=%E0%A4%A&&&=&__proto__=1",
        "#v=9/36.1&f=toString",
        "#y=2027&l=__proto__&t=constructor&v=9/36.1/120.2/7",
        "#y=%00&w=hydrogen,1e9;__proto__,1&a=hydrogen,%ff;;,,&r=;",
        "#" + "y=2026&" * 5000,
    ],
)
def test_hostile_address_changes_nothing(
    open_map: OpenMap, sample_map: Path, fragment: str
) -> None:
    page = open_map(sample_map, fragment=fragment)
    expect(page.locator("#map .pin")).to_have_count(2)
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"


# ---- safety ----------------------------------------------------------------------------------


def test_hostile_names_are_shown_and_not_run(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    shown = ""
    for _ in range(2):
        for tab in range(3):
            page.locator(f"#tab-{tab}").click()
            for view in range(3):
                page.locator("#views button").nth(view).click()
                for row in page.locator("#table tbody tr[data-row]").all():
                    row.click()
                    shown += page.locator(".leaflet-popup .card").text_content() or ""
            shown += page.locator("#table").text_content() or ""
        page.locator("#about-open").click()
        shown += page.locator("#about").text_content() or ""
        page.keyboard.press("Escape")
        page.locator("#search").fill("a")
        shown += page.locator("#found").text_content() or ""
        page.locator("#search").fill("")
        page.locator("#language").select_option("en")
    expected = (
        TEMPLATE_NAME,
        STATEMENT_NAME,
        SCRIPT_NAME,
        FORMULA_NAME,
        SEPARATOR_NAME,
        TABLE_NAME,
    )
    assert set(expected) == set(NASTY_NAMES)
    assert [name for name in expected if name not in shown] == []
    assert page.evaluate("window.pwned === undefined")
    assert page.locator("img, #panel iframe, #map iframe").count() == 0


def test_hostile_names_stay_names_under_the_pointer(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#language").select_option("en")
    _centre(page, 120.36, 36.10, 12)
    box = page.locator("#map").bounding_box()
    assert box is not None
    at = page.evaluate("() => Siting.app.map.latLngToContainerPoint([36.10, 120.36])")
    page.mouse.move(box["x"] + at["x"], box["y"] + at["y"])
    expect(page.locator(".leaflet-tooltip")).to_contain_text(SCRIPT_NAME)
    assert page.evaluate("window.pwned === undefined")


class _Counter(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def host() -> Iterator[str]:
    """A server on this machine, which a page with a hole could reach."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Counter) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        _Counter.asked.clear()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


_LEAK = """async host => {
  const blocked = [];
  document.addEventListener("securitypolicyviolation", event => blocked.push(event.effectiveDirective));
  const add = (tag, more) => document.body.appendChild(Object.assign(document.createElement(tag), more));
  add("img", {src: host + "/img"});
  add("script", {src: host + "/script"});
  add("script", {textContent: "window.inline = 1"});
  add("img", {src: "data:,"}).setAttribute("onerror", "window.inline = 1");
  add("iframe", {src: host + "/frame"});
  add("link", {rel: "stylesheet", href: host + "/style"});
  await fetch(host + "/fetch", {mode: "no-cors"}).catch(() => 0);
  await new Promise(done => setTimeout(done, 300));
  return [...new Set(blocked)].sort();
}"""


def test_policy_stops_every_way_out(
    browser: Browser, sample_map: Path, host: str, tmp_path: Path
) -> None:
    page = browser.new_page()
    bare = tmp_path / "bare.html"
    bare.write_text("<!DOCTYPE html><title>no policy</title><body>", encoding="utf-8")
    page.goto(bare.as_uri())
    assert page.evaluate(_LEAK, host) == []
    assert {"/img", "/script", "/frame", "/style", "/fetch"} <= set(_Counter.asked)
    _Counter.asked.clear()
    page.goto(sample_map.as_uri())
    page.wait_for_selector("body.ready")
    stopped = page.evaluate(_LEAK, host)
    assert {"connect-src", "frame-src", "img-src", "script-src-attr", "script-src-elem"} <= set(
        stopped
    )
    assert page.evaluate("window.inline === undefined")
    assert _Counter.asked == []
    page.close()


# ---- pure functions --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def core(browser: Browser, sample_map: Path) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(sample_map.as_uri())
    page.wait_for_selector("body.ready")
    yield page
    page.close()


def test_score_classes_agree_with_the_other_outputs(core: Page) -> None:
    scores = [0.0, 0.2, 0.2000001, 0.4, 0.5, 0.6, 0.79, 0.8, 0.81, 1.0]
    got = core.evaluate(
        "([scores, breaks]) => scores.map(score => Siting.core.scoreClass(score, breaks))",
        [scores, list(SCORE_BREAKS)],
    )
    assert got == [score_class(score) for score in scores]
    assert core.evaluate("Siting.core.scoreClass(null, [0.5])") == score_class(float("nan"))


def test_rounded_parts_add_up_to_the_rounded_whole(core: Page) -> None:
    draw = random.Random(7)  # noqa: S311  # examples, no secrets
    cases = [[draw.random() * 30 for _ in range(draw.randint(1, 9))] for _ in range(200)]
    shown = core.evaluate("cases => cases.map(parts => Siting.core.addUp(parts, 1))", cases)
    for parts, rounded in zip(cases, shown, strict=True):
        assert round(sum(rounded), 1) == pytest.approx(
            round(sum(parts) * 10 + 1e-9) / 10, abs=1e-6
        )
        assert all(abs(a - b) <= 0.1 for a, b in zip(parts, rounded, strict=True))


@pytest.mark.parametrize("colour", ["#0072b2", "#009e73", "#d55e00", "#fee838", "#777777"])
def test_text_on_a_colour_is_legible(core: Page, colour: str) -> None:
    def luminance(value: str) -> float:
        parts = [int(value[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    text = core.evaluate("colour => Siting.core.textOn(colour)", colour)
    dark, light = sorted((luminance(colour), luminance(text)))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_order_puts_the_unknown_last(core: Page) -> None:
    order = "([values, descending]) => Siting.core.order(values, descending)"
    assert core.evaluate(order, [[2, None, 1, 2], False]) == [2, 0, 3, 1]
    assert core.evaluate(order, [[2, None, 1, 2], True]) == [0, 3, 2, 1]
