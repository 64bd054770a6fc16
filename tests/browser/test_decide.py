"""The map answers back: what a reader changes on it, Python computes the same."""

import csv
import io
import random
import struct
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect
from pyproj import Geod

from maps.tables import guard_formula
from siting import plan, scoring
from siting.model import Result
from tests.browser.conftest import PHONE, OpenMap
from tests.sample import FORMULA_NAME, NASTY_NAMES, SCRIPT_NAME, sample_result

pytestmark = pytest.mark.browser

_ORDER = """([index, points]) => {
  const entry = Siting.app.facilities[index], live = entry.live;
  if (!live.setPoints(points)) return null;
  const ids = live.order().map(row => entry.facility.candidates.id[row]);
  live.setPoints(null);
  return ids;
}"""
_COVER = """([index, added, removed]) => {
  const entry = Siting.app.facilities[index], live = entry.live, ids = entry.facility.candidates.id;
  live.setSites(added.map(id => ids.indexOf(id)), removed.map(id => ids.indexOf(id)));
  const cover = live.coverage(), open = live.open().map(row => ids[row]);
  live.setSites([], []);
  return {met: cover.met, all: cover.all, points: cover.points, open};
}"""


def _python_order(result: Result, key: str, points: Sequence[int]) -> list[str]:
    """Return the ids of the ranked candidates, best first, by siting.scoring."""
    spec = next(facility for facility in result.study.facilities if facility.key == key)
    candidates = result.candidates[result.candidates["facility"] == key]
    rows = result.criteria[result.criteria["facility"] == key]
    values = rows.pivot(index="candidate_id", columns="criterion", values="value")
    matrix = values.loc[
        candidates["candidate_id"], [criterion.key for criterion in spec.criteria]
    ].to_numpy(float)
    weights = np.array(points, dtype=float) / sum(points)
    _, scores = scoring.weighted_sum(matrix, weights)
    ids = candidates["candidate_id"].to_numpy(object)
    ranks = scoring.rank(np.where(candidates["is_excluded"], np.nan, scores), ids)
    known = np.flatnonzero(~np.isnan(ranks))
    return list(ids[known[np.argsort(ranks[known])]])


def _vectors(n: int, draw: random.Random) -> list[list[int]]:
    """Points of n criteria: each alone (many scores are equal then), all alike, and by chance."""
    alone = [[100 * (k == at) for k in range(n)] for at in range(n)]
    drawn = [[draw.randint(0, 100) for _ in range(n)] for _ in range(12)]
    return [*alone, [1] * n, [100] * n, *(row for row in drawn if any(row))]


def _covered(result: Result, key: str, sites: Sequence[str]) -> tuple[float, int]:
    """Return the demand within reach of any of the sites, added in row order, and its points."""
    demand = result.demand[result.demand["facility"] == key]
    pairs = result.reach[(result.reach["facility"] == key)]
    reached = set(pairs[pairs["candidate_id"].isin(list(sites))]["demand_id"])
    amounts: NDArray[np.float64] = demand[demand["demand_id"].isin(reached)]["demand"].to_numpy()
    return float(np.add.accumulate(amounts)[-1]) if len(amounts) else 0.0, len(amounts)


def _open_fold(page: Page, name: str) -> None:
    page.locator(f"#{name} > summary").click()


# ---- weights ---------------------------------------------------------------------------------


@pytest.mark.real
def test_order_under_any_weights_is_pythons(
    open_map: OpenMap, qingdao_map: Path, qingdao: Result
) -> None:
    page, draw = open_map(qingdao_map), random.Random(11)  # noqa: S311  # examples, no secrets
    ties = 0
    for index, facility in enumerate(qingdao.study.facilities):
        for points in _vectors(len(facility.criteria), draw):
            expected = _python_order(qingdao, facility.key, points)
            assert page.evaluate(_ORDER, [index, points]) == expected
            ties += points.count(0) == len(points) - 1
    assert ties > 0


@pytest.mark.real
def test_page_starts_with_the_plans_scores_and_ranks(
    open_map: OpenMap, qingdao_map: Path, qingdao: Result
) -> None:
    page = open_map(qingdao_map)
    for index, facility in enumerate(qingdao.study.facilities):
        rows = qingdao.candidates[qingdao.candidates["facility"] == facility.key]
        found = page.evaluate(
            """index => { const entry = Siting.app.facilities[index];
              return entry.facility.candidates.id.map((_, row) => [entry.live.score(row), entry.live.rank(row)]); }""",
            index,
        )
        for (score, rank), expected in zip(found, rows.itertuples(), strict=True):
            assert score == (None if np.isnan(expected.score) else expected.score)
            assert rank == (None if np.isnan(expected.rank) else expected.rank)


def test_no_weight_at_all_is_refused(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    assert page.evaluate(_ORDER, [0, [0, 0, 0]]) is None
    _open_fold(page, "weights")
    for k in range(3):
        page.locator(f"#weight-{k}").fill("0")
    assert [page.locator(f"#weight-{k}").input_value() for k in range(3)] == ["0", "0", "1"]
    expect(page.locator("#weights output")).to_have_text(["0.0%", "0.0%", "100.0%"])


def test_sliders_rank_again_and_reset(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#views button").nth(1).click()
    names = page.locator("#table tbody tr small")
    expect(names.nth(2)).to_contain_text("C002")
    _open_fold(page, "weights")
    expect(page.locator("#weights output")).to_have_text(["50%", "30%", "20%"])
    # Only the way to the grid counts: C002 (0.9) passes C001 (0.8) and C003 (0.5).
    for k, points in enumerate((0, 100, 0)):
        page.locator(f"#weight-{k}").fill(str(points))
    expect(names.nth(0)).to_contain_text("C002")
    row = page.locator("#table tbody tr").first
    expect(row.locator(".move")).to_have_text("第 1 名 ▲2")
    expect(row.locator(".mark_top")).to_have_text("进入前 2 名")
    expect(page.locator("#weights [role=status]")).to_contain_text("有 1 座不在前 2 名")
    expect(page.locator(".legend")).to_contain_text("进入前 2 名，未选定")
    # The chosen sites are still those of the plan.
    expect(page.locator("#map .pin")).to_have_count(2)
    row.click()
    card = page.locator(".leaflet-popup .card")
    expect(card.locator(".score")).to_contain_text("第 1 名 / 3")
    expect(card.locator(".score")).to_contain_text("按方案权重为第 3 名")
    expect(card.locator(".sum b")).to_have_text("90.0")
    page.locator("#weights button").click()
    expect(names.nth(2)).to_contain_text("C002")
    expect(page.locator("#weights output")).to_have_text(["50%", "30%", "20%"])
    expect(page.locator("#weights button")).to_be_disabled()


def test_slider_is_moved_by_keys_and_says_its_share(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    _open_fold(page, "weights")
    slider = page.get_by_label("变电站距离")
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "58.8%")
    expect(slider).to_be_focused()


# ---- sites -----------------------------------------------------------------------------------


@pytest.mark.real
def test_coverage_of_any_sites_is_pythons(
    open_map: OpenMap, qingdao_map: Path, qingdao: Result
) -> None:
    page, draw = open_map(qingdao_map), random.Random(5)  # noqa: S311  # examples, no secrets
    for index, facility in enumerate(qingdao.study.facilities):
        key, planned = facility.key, list(qingdao.plans[facility.key].sites)
        rows = qingdao.candidates[qingdao.candidates["facility"] == key]
        free = sorted(set(rows[rows["rank"].notna()]["candidate_id"]) - set(planned))
        for size in (0, 1, 3, len(planned)):
            added = draw.sample(free, min(size, len(free)))
            removed = draw.sample(planned, size)
            expected = sorted({*planned, *added} - set(removed))
            found = page.evaluate(_COVER, [index, added, removed])
            assert sorted(found["open"]) == expected
            assert (found["met"], found["points"]) == _covered(qingdao, key, expected)
            assert found["all"] == np.add.accumulate(_demand(qingdao, key))[-1]


def _demand(result: Result, key: str) -> NDArray[np.float64]:
    rows = result.demand[result.demand["facility"] == key]
    return rows["demand"].to_numpy(np.float64)


@pytest.mark.real
def test_a_plan_covers_no_more_than_its_sites_reach(
    open_map: OpenMap, qingdao_map: Path, qingdao: Result
) -> None:
    page = open_map(qingdao_map)
    for index, facility in enumerate(qingdao.study.facilities):
        plan_of = qingdao.plans[facility.key]
        found = page.evaluate(_COVER, [index, [], []])
        assert (found["met"], found["points"]) == _covered(qingdao, facility.key, plan_of.sites)
        # A site that is full leaves demand within its reach unserved; never the other way round.
        assert found["met"] / found["all"] >= plan_of.facts["coverage_share"] - 1e-12


def test_card_puts_a_site_in_and_takes_one_out(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#views button").nth(1).click()
    page.locator("#table tbody tr", has_text="C002").click()
    card = page.locator(".leaflet-popup .card")
    # C002 reaches D01 (1200, which C001 serves) and D03 (300, which nobody does).
    expect(card.locator(".choice")).to_contain_text(
        "2 个需求点，需求 1,500 kg/日；加入后新增覆盖 300 kg/日"
    )
    card.locator(".choice button").click()
    expect(card.locator(".verdict")).to_have_text("由您加入，不属于原方案。")
    expect(card.locator(".choice button")).to_be_focused()
    outcome = page.locator("#changes .outcome")
    expect(outcome).to_contain_text(
        "2,200 kg/日（100.0%），比方案 +300 kg/日（+13.64 个百分点）；需求点 3 个（+1）"
    )
    expect(page.locator("#changes-status")).to_have_text(outcome.inner_text())
    expect(page.locator("#map .pin")).to_have_count(3)
    expect(page.locator("#map .pin-new")).to_have_text("+")
    page.keyboard.press("Escape")
    page.locator("#views button").nth(0).click()
    expect(page.locator("#table tbody tr")).to_have_count(3)
    page.locator("#table tbody tr", has_text="C001").click()
    card.locator(".choice button").click()
    expect(outcome).to_contain_text("2,200 kg/日（100.0%）")
    expect(page.locator("#map .pin-off")).to_have_count(1)
    page.locator("#changes .undo").first.click()
    # C003 alone: 700 of 2200.
    expect(outcome).to_contain_text("700 kg/日（31.8%），比方案 −1,200 kg/日")
    page.locator("#changes .tools button").last.click()
    expect(page.locator("#changes")).to_be_hidden()
    expect(page.locator("#map .pin-off, #map .pin-new")).to_have_count(0)


def test_key_changes_the_plan_only_in_the_list_and_the_card(
    open_map: OpenMap, sample_map: Path
) -> None:
    page = open_map(sample_map)
    button = page.locator("#table tbody tr", has_text="C001").locator("button")
    button.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("a")
    expect(page.locator("#changes")).to_contain_text("移出 1 座")
    expect(page.locator("#table tr.gone")).to_contain_text("C001")
    expect(button).to_be_focused()
    page.locator("#search").focus()
    page.keyboard.press("a")
    expect(page.locator("#changes")).to_contain_text("移出 1 座")


def test_demand_on_the_map_follows_the_sites(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    fills = """() => { const app = Siting.app; app.map.addLayer(app.facilities[0].groups.demand);
      return app.facilities[0].groups.demand.getLayers().map(layer => layer.options.color).sort(); }"""
    before = page.evaluate(fills)
    page.evaluate("() => Siting.app.toggle(1)")
    assert len(set(before)) == 2
    assert len(set(page.evaluate(fills))) == 1


def test_excluded_candidate_cannot_be_put_in(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#views button").nth(2).click()
    page.locator("#table tbody tr", has_text="C005").click()
    expect(page.locator(".leaflet-popup .card")).to_be_visible()
    expect(page.locator(".choice")).to_have_count(0)
    page.evaluate("() => Siting.app.toggle(4)")
    expect(page.locator("#changes")).to_be_hidden()


def test_page_without_pairs_says_so(
    open_map: OpenMap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maps import page as map_page  # noqa: PLC0415
    from siting.config import load_wording  # noqa: PLC0415

    monkeypatch.setattr("maps._page_reach.MAX_PAIRS", 0)
    path = tmp_path / "map.html"
    path.write_text(map_page.render(sample_result(), wording=load_wording()), encoding="utf-8")
    page = open_map(path)
    page.evaluate("() => Siting.app.toggle(0)")
    expect(page.locator("#changes .outcome")).to_contain_text("无法显示覆盖变化")


# ---- the changes as a file -------------------------------------------------------------------


def _saved(page: Page, press: str) -> Path:
    with page.expect_download() as waiting:
        page.locator(press).first.click()
    return Path(waiting.value.path())


@pytest.mark.real
def test_saved_changes_are_planned_again(
    open_map: OpenMap, qingdao_map: Path, qingdao: Result, tmp_path: Path
) -> None:
    page = open_map(qingdao_map)
    spec, planned = qingdao.study.facilities[0], qingdao.plans["hydrogen"].sites
    rows = qingdao.candidates[qingdao.candidates["facility"] == spec.key]
    free = sorted(set(rows[rows["rank"].notna()]["candidate_id"]) - set(planned))
    _open_fold(page, "weights")
    page.locator("#weight-0").fill("70")
    page.locator("#weight-3").fill("0")
    points = [int(page.locator(f"#weight-{k}").input_value()) for k in range(len(spec.criteria))]
    page.evaluate(
        """ids => ids.forEach(id => Siting.app.toggle(Siting.app.facilities[0].facility.candidates.id.indexOf(id)))""",
        [free[3], free[40], planned[5]],
    )
    page.locator("#changes .tools button").first.scroll_into_view_if_needed()
    file = tmp_path / "changes.toml"
    file.write_bytes(_saved(page, "#changes .tools button").read_bytes())
    again = plan("qingdao", facilities=["hydrogen"], changes=file)
    ranked = again.candidates[again.candidates["facility"] == "hydrogen"].sort_values("rank")
    order = ranked[ranked["rank"].notna()]["candidate_id"].tolist()
    assert order == _python_order(qingdao, spec.key, points)
    assert order == page.evaluate(_ORDER, [0, points])
    assert sorted(again.plans["hydrogen"].sites) == sorted(
        {*planned, free[3], free[40]} - {planned[5]}
    )
    cover = page.evaluate(_COVER, [0, [free[3], free[40]], [planned[5]]])
    sites = again.plans["hydrogen"].sites
    assert (cover["met"], cover["points"]) == _covered(again, "hydrogen", sites)


@pytest.mark.parametrize(
    "name", [*NASTY_NAMES, "a\nb = 1\t\x00\x7f", '"""', "\\u0041\\", "\ud800x"]
)
def test_any_name_survives_the_file(open_map: OpenMap, sample_map: Path, name: str) -> None:
    page = open_map(sample_map)
    told = page.evaluate(
        """name => Siting.text.toml(name, [{key: name, points: {[name]: 3}, count: 1, roles: {required: [name, name]}}])""",
        name,
    )
    whole = name.replace("\ud800", "\ufffd")
    assert tomllib.loads(told) == {
        "study": whole,
        "facilities": {
            whole: {"weights": {whole: 3}, "sites": {"count": 1, "required": [whole, whole]}}
        },
    }


# ---- the address -----------------------------------------------------------------------------


def test_address_brings_the_changes_back(open_map: OpenMap, sample_map: Path) -> None:
    first = open_map(sample_map)
    _open_fold(first, "weights")
    first.locator("#weight-1").fill("90")
    first.evaluate("() => { Siting.app.toggle(1); Siting.app.toggle(0); }")
    first.locator("#language").select_option("zh-Hant")
    first.locator("#theme").click()
    first.locator("#tab-1").click()
    first.locator("#weight-2").fill("77")
    first.wait_for_timeout(300)
    fragment = first.evaluate("location.hash")
    second = open_map(sample_map, fragment=fragment)
    state = """() => Siting.app.facilities.map(entry => [entry.live.hasWeights() ? entry.live.points() : null,
      entry.live.added(), entry.live.removed()])"""
    assert second.evaluate(state) == first.evaluate(state)
    assert second.evaluate(state)[0] == [[50, 90, 20], [1], [0]]
    assert second.evaluate(state)[1][0] == [50, 30, 77]
    assert second.evaluate("document.documentElement.lang") == "zh-Hant"
    assert second.evaluate("document.documentElement.dataset.theme") == "dark"
    expect(second.locator("#tab-1")).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize(
    "fragment",
    [
        "#w=hydrogen,0,0,0",
        "#w=hydrogen,1,2",
        "#w=hydrogen,1,2,3,4",
        "#w=hydrogen,1e2,5,5",
        "#w=hydrogen,-1,50,50;hydrogen,101,0,0",
        "#w=__proto__,1,2,3;constructor,1,2,3",
        "#w=%E0%A4%A,1,2,3&a=hydrogen,C005,nothing,%3Cimg%3E&r=hydrogen,C002",
        "#a=hydrogen,C001,toString,-1,0;nowhere,C001&r=hydrogen,C005",
        "#w=" + ",".join(["9"] * 12000),
    ],
)
def test_hostile_changes_in_the_address_are_passed_over(
    open_map: OpenMap, sample_map: Path, fragment: str
) -> None:
    page = open_map(sample_map, fragment=fragment)
    expect(page.locator("#changes")).to_be_hidden()
    expect(page.locator("#weights button")).to_be_disabled()
    expect(page.locator("#map .pin")).to_have_count(2)
    assert page.evaluate("({}).hydrogen === undefined")


# ---- phone -----------------------------------------------------------------------------------


def test_phone_has_room_to_decide(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map, device=PHONE)
    page.evaluate("() => Siting.app.toggle(1)")
    page.locator("#sheet").tap()
    for name in ("weights", "filters"):
        page.locator(f"#{name} > summary").tap()
    small: Any = page.evaluate(
        """() => [...document.querySelectorAll("#facility button, #facility input, #facility select, #facility summary")]
          .filter(node => node.offsetParent && !node.closest("label") && node.getBoundingClientRect().height < 40 &&
            !node.classList.contains("link"))
          .map(node => node.outerHTML.slice(0, 80))"""
    )
    assert small == []
    assert page.evaluate("document.getElementById('panel').scrollWidth") <= 390


# ---- filters, table, files, ruler ------------------------------------------------------------


def test_filters_hold_for_map_and_table_alike(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    dots = "() => Siting.app.facilities[0].groups.candidates.getLayers().length"
    page.locator("#views button").nth(1).click()
    assert (page.locator("#table tbody tr").count(), page.evaluate(dots)) == (3, 3)
    _open_fold(page, "filters")
    # Scores are 79, 65 and 70.
    page.locator("#least").fill("66")
    expect(page.locator("#table tbody tr")).to_have_count(2)
    assert page.evaluate(dots) == 2
    page.locator("#filters .checks label", has_text="C001").or_(
        page.locator("#filters .checks label", has_text="港口闸口")
    ).click()
    expect(page.locator("#table tbody tr")).to_have_count(1)
    expect(page.locator("#table tbody tr")).to_contain_text("C003")
    expect(page.locator("#map .pin")).to_have_count(1)
    page.locator("#filters > button").click()
    expect(page.locator("#table tbody tr")).to_have_count(3)
    expect(page.locator("#map .pin")).to_have_count(2)


def test_arrow_keys_go_through_the_table(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#views button").nth(1).click()
    rows = page.locator("#table tbody tr")
    rows.nth(0).locator("button").focus()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1).locator("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup .card")).to_contain_text("C003")
    page.keyboard.press("ArrowUp")
    expect(rows.nth(0).locator("button")).to_be_focused()


def test_csv_holds_the_list_as_it_stands(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#views button").nth(1).click()
    raw = _saved(page, "#save-csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [row["candidate_id"] for row in rows] == ["C001", "C003", "C002"]
    assert [row["rank"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["raw_demand (kg/day)"] == "36"
    assert rows[1]["name_en"] == "'" + FORMULA_NAME
    assert rows[2]["name_en"] == SCRIPT_NAME


@pytest.mark.parametrize(
    "text", [*NASTY_NAMES, "+1", "-1", "@a", "\tx", "\rx", "＝1", 'a"b,c\r\nd', "平"]
)
def test_csv_cell_is_guarded_as_in_the_other_tables(
    open_map: OpenMap, sample_map: Path, text: str
) -> None:
    page = open_map(sample_map)
    told = page.evaluate("text => Siting.text.csv([[text, -1.5, null]])", text)
    rows = list(csv.reader(io.StringIO(told.removeprefix("\ufeff"), newline="")))
    assert rows == [[guard_formula(text), "-1.5", ""]]


def test_picture_shows_the_map_with_its_notice(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    raw = _saved(page, "#save-png").read_bytes()
    assert raw.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", raw[16:24])
    size = page.evaluate(
        "() => { const size = Siting.app.map.getSize(); return [size.x, size.y]; }"
    )
    assert width == size[0]
    assert height > size[1]
    # Land, a pin's colour and the title's ink are in it.
    found = page.evaluate(
        """() => { const canvas = Siting.picture(Siting.app), seen = new Set();
          const spots = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          for (let i = 0; i < spots.length; i += 4) seen.add((spots[i] << 16) + (spots[i + 1] << 8) + spots[i + 2]);
          return [0xfdfcf9, 0x0072b2, 0x1b2733].map(colour => seen.has(colour)); }"""
    )
    assert found == [True, True, True]


def test_length_of_a_line_is_geodesic(open_map: OpenMap, sample_map: Path) -> None:
    page, draw = open_map(sample_map), random.Random(3)  # noqa: S311  # examples, no secrets
    earth = Geod(ellps="WGS84")
    pairs = [
        ((draw.uniform(-80, 80), draw.uniform(-180, 180)), (draw.uniform(-80, 80), 0.0))
        for _ in range(40)
    ]
    pairs += [
        ((36.0, 120.0), (36.0, 120.0)),
        ((0.0, 10.0), (0.0, 11.0)),
        ((36.1, 120.4), (36.1001, 120.4)),
    ]
    for (a, b), (c, d) in pairs:
        found = page.evaluate("([from, to]) => Siting.decide.geodesic(from, to)", [[a, b], [c, d]])
        assert found == pytest.approx(earth.inv(b, a, d, c)[2], abs=1e-3)


def test_ruler_by_pointer_and_by_keys(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator(".measure-button").click()
    bar = page.locator(".measure-bar")
    expect(bar).to_contain_text("逐点单击")
    places = [(36.10, 120.36), (36.24, 120.05)]
    box = page.locator("#map").bounding_box()
    assert box is not None
    for place in places:  # the first is the dot of C002, which must not open now
        at = page.evaluate("place => Siting.app.map.latLngToContainerPoint(place)", list(place))
        page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])
    expect(page.locator(".leaflet-popup")).to_have_count(0)
    km = Geod(ellps="WGS84").inv(120.36, 36.10, 120.05, 36.24)[2] / 1000
    shown = float(bar.locator("b").inner_text().split()[1])
    assert shown == pytest.approx(km, rel=0.02)  # a pixel is some 100 m here
    bar.locator("button").first.click()
    expect(bar).to_contain_text("逐点单击")
    page.locator("#map .leaflet-container").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(bar.locator("b")).to_be_visible()
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()


def test_traditional_chinese_is_the_third_language(open_map: OpenMap, sample_map: Path) -> None:
    page = open_map(sample_map)
    page.locator("#language").select_option("zh-Hant")
    assert page.evaluate("document.documentElement.lang") == "zh-Hant"
    expect(page.locator("#weights > summary")).to_contain_text("調整權重")
    # Names of the data stay as they are.
    expect(page.locator("#tab-0")).to_have_text("加氢站")
    expect(page.locator("#table tbody tr").first).to_contain_text("前湾集疏运枢纽")
