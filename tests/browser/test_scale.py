"""Layers of many rows: drawn on one canvas, found by the pointer, ranked again, and what is left out is said."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from benchmarks._map_cases import with_demand
from maps import page as map_page
from maps.style import SCORE_COLOURS, score_class
from siting.config import load_wording
from siting.errors import OutputError
from siting.model import Result
from tests.browser.conftest import OpenMap
from tests.sample import CRS, NASTY_NAMES, sample_result

pytestmark = pytest.mark.browser

POINTS, STREETS, CANDIDATES = 50_000, 122, 3_000
ROW = 12_345
TWO_UNITS = "𠮷田"


def _repeated(frame: gpd.GeoDataFrame, places: NDArray[np.float64]) -> gpd.GeoDataFrame:
    one = frame[frame["facility"] == "hydrogen"].iloc[:1].drop(columns="geometry")
    rows = pd.DataFrame(one.loc[one.index.repeat(len(places))]).reset_index(drop=True)
    return gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(*places.T), crs=CRS)


def _corner(result: Result) -> NDArray[np.float64]:
    return np.array(result.candidates.total_bounds[:2])


def _demand(result: Result, rng: np.random.Generator) -> gpd.GeoDataFrame:
    places = _corner(result) + rng.uniform(0, 40_000, (POINTS, 2))
    names = [f"需求点 {row}" for row in range(POINTS)]
    names[: len(NASTY_NAMES)] = NASTY_NAMES
    names[10:13] = [TWO_UNITS + "一", TWO_UNITS + "二", ""]
    return _repeated(result.demand, places).assign(
        demand_id=[f"D{row:06d}" for row in range(POINTS)],
        name_zh=names,
        name_en="",
        kind=rng.choice(["port", "park"], POINTS),
        demand=rng.lognormal(size=POINTS),
        is_covered=rng.random(POINTS) < 0.5,
    )


def _streets(result: Result) -> gpd.GeoDataFrame:
    """Return a grid of streets, the first in each direction a motorway."""
    at = np.stack(np.meshgrid(np.arange(STREETS), np.arange(STREETS), indexing="ij"), axis=-1)
    nodes = at * 330.0 + _corner(result)
    along = np.stack([nodes[:-1], nodes[1:]], axis=2).reshape(-1, 2, 2)
    down = np.stack([nodes[:, :-1], nodes[:, 1:]], axis=2).reshape(-1, 2, 2)
    is_first = np.concatenate([at[:-1, :, 1].ravel() == 0, at[:, :-1, 0].ravel() == 0])
    return gpd.GeoDataFrame(
        {"highway": np.where(is_first, "motorway", "residential"), "ref": np.where(is_first, "G20", "")},
        geometry=shapely.linestrings(np.concatenate([along, down])),
        crs=CRS,
    )  # fmt: skip


def _candidates(
    result: Result, rng: np.random.Generator
) -> tuple[gpd.GeoDataFrame, NDArray[np.float64], pd.DataFrame]:
    """Return candidates, their values (a column a criterion) and the same as a table of criteria."""
    places = _corner(result) + rng.uniform(0, 40_000, (CANDIDATES, 2))
    ids = [f"X{row:05d}" for row in range(CANDIDATES)]
    frame = _repeated(result.candidates, places).assign(candidate_id=ids, is_chosen=False)
    keys = [criterion.key for criterion in result.study.facilities[0].criteria]
    values = rng.uniform(0, 1, (CANDIDATES, len(keys)))
    criteria = pd.DataFrame(
        {"facility": "hydrogen", "candidate_id": np.repeat(ids, len(keys)), "criterion": keys * CANDIDATES}
    )  # fmt: skip
    flat = values.ravel()
    return frame, values, criteria.assign(raw=flat, value=flat, weight=0.0, contribution=flat)


@pytest.fixture(scope="module")
def large() -> tuple[Result, NDArray[np.float64]]:
    result, rng = sample_result(), np.random.default_rng(4)
    candidates, values, criteria = _candidates(result, rng)
    layers = {**result.layers, "road_edges": _streets(result)}
    demand = _demand(result, rng)
    return replace(
        result, candidates=candidates, criteria=criteria, demand=demand, layers=layers
    ), values


@pytest.fixture(scope="module")
def large_map(
    large: tuple[Result, NDArray[np.float64]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return _write(large[0], tmp_path_factory.mktemp("large"))


def _write(result: Result, folder: Path) -> Path:
    path = folder / "map.html"
    path.write_text(map_page.render(result, wording=load_wording()), encoding="utf-8")
    return path


def _show(page: Page, *kinds: str) -> None:
    """Show these layers of the first facility type and no others."""
    page.evaluate(
        """kinds => { const app = Siting.app, groups = app.facilities[0].groups;
          Object.keys(groups).forEach(kind => groups[kind].remove());
          kinds.forEach(kind => groups[kind].addTo(app.map)); }""",
        list(kinds),
    )


def _point_at(page: Page, place: shapely.Point, *, zoom: float = 17) -> tuple[float, float]:
    """Centre the map on a place and return where it is on the screen, once all is drawn."""
    lonlat = gpd.GeoSeries([place], crs=CRS).to_crs("EPSG:4326").iloc[0]
    at = page.evaluate(
        """async ([lat, lon, zoom]) => { const map = Siting.app.map;
          map.setView([lat, lon], zoom, {animate: false});
          await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
          const box = map.getContainer().getBoundingClientRect(), at = map.latLngToContainerPoint([lat, lon]);
          return [box.left + at.x, box.top + at.y]; }""",
        [lonlat.y, lonlat.x, zoom],
    )
    return at[0], at[1]


def _colour_at(page: Page, pane: str, x: float, y: float) -> str:
    return page.evaluate(
        """([pane, x, y]) => { const canvas = Siting.app.map.getPane(pane).querySelector("canvas");
          const box = canvas.getBoundingClientRect(), ratio = canvas.width / box.width;
          const pen = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d");
          pen.drawImage(canvas, Math.round((x - box.left) * ratio), Math.round((y - box.top) * ratio), 1, 1, 0, 0, 1, 1);
          const spot = pen.getImageData(0, 0, 1, 1).data;
          return "#" + [...spot.slice(0, 3)].map(part => part.toString(16).padStart(2, "0")).join(""); }""",
        [pane, x, y],
    )


# ---- many rows -------------------------------------------------------------------------------


@pytest.mark.slow
def test_packed_columns_come_back_as_they_were(
    open_map: OpenMap, large_map: Path, large: tuple[Result, NDArray[np.float64]]
) -> None:
    demand = large[0].demand
    page = open_map(large_map)
    told: Any = page.evaluate(
        "() => { const d = Siting.app.data.facilities[0].demand; return {zh: d.zh, id: d.id, kind: d.kind, covered: d.covered, low: d.low, lat: d.lat, lon: d.lon}; }"
    )
    assert [told["zh"], told["id"], told["kind"]] == [
        demand[n].tolist() for n in ("name_zh", "demand_id", "kind")
    ]
    assert told["covered"] == demand["is_covered"].astype(int).tolist()
    assert told["low"] == demand["demand_low"].round(3).tolist()
    places = demand.to_crs("EPSG:4326").geometry
    np.testing.assert_allclose([told["lon"], told["lat"]], [places.x, places.y], atol=0.51e-5)


@pytest.mark.slow
def test_point_under_the_pointer_is_found_and_opens_its_card(
    open_map: OpenMap, large_map: Path, large: tuple[Result, NDArray[np.float64]]
) -> None:
    assert large_map.stat().st_size <= 5e6
    page = open_map(large_map)
    _show(page, "demand")
    x, y = _point_at(page, large[0].demand.geometry[ROW])
    page.mouse.move(x + 1, y)
    expect(page.locator(".leaflet-tooltip")).to_have_text(f"需求点 {ROW}")
    page.mouse.click(x + 1, y)
    expect(page.locator(".leaflet-popup .card h3")).to_have_text(f"需求点 {ROW}")
    page.keyboard.press("Escape")
    expect(page.locator(".leaflet-popup")).to_have_count(0)
    page.mouse.move(x + 60, y + 60)
    expect(page.locator(".leaflet-tooltip")).to_have_count(0)


@pytest.mark.slow
def test_road_under_the_pointer_tells_its_number(
    open_map: OpenMap, large_map: Path, large: tuple[Result, NDArray[np.float64]]
) -> None:
    page = open_map(large_map)
    _show(page)
    motorway = large[0].layers["road_edges"].geometry[0]
    x, y = _point_at(page, motorway.interpolate(0.5, normalized=True), zoom=15)
    page.mouse.move(x, y)
    expect(page.locator(".leaflet-tooltip")).to_have_text("G20 · 高速公路")
    page.mouse.click(x, y)
    card = page.locator(".leaflet-popup .card")
    expect(card.locator("h3")).to_have_text("G20")
    expect(card).to_contain_text("0.33 km")


@pytest.mark.slow
def test_small_roads_wait_for_a_closer_look(open_map: OpenMap, large_map: Path) -> None:
    page = open_map(large_map)
    page.evaluate("() => void Siting.app.map.setZoom(10, {animate: false})")
    expect(page.locator(".legend")).to_contain_text("放大后显示支路")
    page.evaluate("() => void Siting.app.map.setZoom(12, {animate: false})")
    expect(page.locator(".legend")).not_to_contain_text("放大后显示支路")


@pytest.mark.slow
def test_many_candidates_are_ranked_and_coloured_anew(
    open_map: OpenMap, large_map: Path, large: tuple[Result, NDArray[np.float64]]
) -> None:
    result, values = large
    page = open_map(large_map)
    page.evaluate("Siting.app.weigh([10, 0, 90])")
    scores = values @ np.array([0.1, 0.0, 0.9])
    page.locator("#views button").nth(1).click()
    best = np.lexsort((np.arange(CANDIDATES), -scores))[:20]
    shown = page.evaluate("Siting.app.rows().slice(0, 20)")
    assert shown == best.tolist()
    _show(page, "candidates")
    for row in (int(best[0]), int(best[-1]), int(np.argmin(scores))):
        x, y = _point_at(page, result.candidates.geometry[row])
        assert _colour_at(page, "many", x, y) == SCORE_COLOURS[score_class(scores[row])]
    page.mouse.click(x, y)
    expect(page.locator("#table tr[aria-current]")).to_contain_text(f"X{np.argmin(scores):05d}")


# ---- what is not there is said ---------------------------------------------------------------


def test_thinned_layers_say_so_and_totals_count_all(
    open_map: OpenMap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maps._page_many.MAX_ROWS", 2)
    page = open_map(_write(sample_result(), tmp_path))
    _show(page, "sites", "candidates", "demand")
    legend = page.locator(".legend")
    expect(legend).to_contain_text("只画需求最大的 2 个，共 3 个")
    expect(legend).to_contain_text("只含名次最前的 2 个，共 5 个")
    expect(page.locator("#figures")).to_contain_text("1,900 / 2,200")
    # The chosen ones are never thinned away.
    expect(page.locator("#map .pin")).to_have_count(2)


@pytest.mark.slow
def test_a_million_points_are_thinned_and_the_page_says_so(
    open_map: OpenMap, tmp_path: Path
) -> None:
    result = with_demand(1_000_000)
    path = _write(result, tmp_path)
    assert path.stat().st_size < 20e6
    page = open_map(path)
    _show(page, "demand")
    expect(page.locator(".legend")).to_contain_text("只画需求最大的 200,000 个，共 1,000,000 个")
    demand = result.demand[result.demand["facility"] == "hydrogen"]["demand"]
    expect(page.locator("#figures")).to_contain_text(f"{demand.sum():,.0f}")


def test_rows_without_a_place_are_counted_and_break_nothing(
    open_map: OpenMap, tmp_path: Path
) -> None:
    result = sample_result()
    nowhere = shapely.Point(np.nan, np.nan)
    candidates, demand = result.candidates.copy(), result.demand.copy()
    candidates.loc[candidates["candidate_id"] == "C002", "geometry"] = nowhere
    demand.loc[demand["demand_id"] == "D03", "geometry"] = None
    roads = result.layers["road_edges"].copy()
    with np.errstate(invalid="ignore"):
        roads.loc[0, "geometry"] = shapely.LineString([(np.nan, np.nan), (np.nan, np.nan)])
    lost = replace(
        result, candidates=candidates, demand=demand, layers={**result.layers, "road_edges": roads}
    )
    page = open_map(_write(lost, tmp_path))
    _show(page, "candidates", "demand")
    expect(page.locator(".legend h4")).to_contain_text("1 个没有坐标，不在图上")
    expect(page.locator(".legend li", has_text="需求点：未覆盖")).to_contain_text(
        "1 个没有坐标，不在图上"
    )
    page.locator("#views button").nth(1).click()
    expect(page.locator("#table tbody tr")).to_have_count(3)
    page.locator("#table tbody tr", has_text="C002").click()


def test_layers_without_features_draw_nothing_and_say_so(
    open_map: OpenMap, tmp_path: Path
) -> None:
    result = sample_result()
    kinds = ("candidates", "criteria", "rules", "demand", "sites", "allocation", "service_areas")
    empty = {name: getattr(result, name).iloc[:0] for name in (*kinds, "reach", "reasons")}
    page = open_map(_write(replace(result, **empty, layers={}), tmp_path))
    _show(page, "sites", "candidates", "demand", "routes")
    expect(page.locator(".legend li", has_text="需求点：未覆盖")).to_contain_text("（无要素）")
    expect(page.locator(".legend li", has_text="其他道路")).to_contain_text("（无要素）")
    expect(page.locator(".legend h4")).to_contain_text("（无要素）")


@pytest.mark.parametrize(
    ("table", "column"), [("candidates", "candidate_id"), ("demand", "demand_id")]
)
def test_colliding_ids_are_refused_in_one_line(table: str, column: str) -> None:
    frame = getattr(sample_result(), table)
    twice = pd.concat([frame, frame.iloc[[0]]], ignore_index=True)
    with pytest.raises(OutputError, match=f"1 rows repeat the {column}") as caught:
        map_page.render(replace(sample_result(), **{table: twice}), wording=load_wording())
    assert "\n" not in str(caught.value)
    assert str(frame[column].iloc[0]) in str(caught.value)
