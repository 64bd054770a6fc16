"""Size, opening, panning and re-ranking of the map page, with folium's own way beside it, from files with no network.

Run ``python benchmarks/bench_map.py [--repeat N] [--only NAME …]`` (``make bench-map``). Opening ends when the second frame
after loading is there and every canvas has been read back, so that what is only queued does not count as drawn. A change of
weights ends with the frame that shows it. Opening is the median of N, panning and weights the median and 95 % of their frames.
Folium's pages hold the same features with a hint each, its scripts inlined from our vendored Leaflet.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from _map_cases import DATA, porto, with_candidates, with_demand, with_roads

from maps import page
from maps.offline import OfflineFigure, read_assets
from siting import plan
from siting.config import load_wording
from siting.model import Result

POLY_LINES = 5_000

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
_SHOW_DEMAND = "() => void Siting.app.facilities[0].groups.demand.addTo(Siting.app.map)"
_READY = """addEventListener("load", () => requestAnimationFrame(() => requestAnimationFrame(() => {
  document.querySelectorAll("canvas").forEach(c => c.width && c.getContext("2d").getImageData(0, 0, 1, 1));
  window.drawnAt = performance.now(); document.documentElement.setAttribute("data-drawn", "yes");
})))"""
_MAP = "Object.values(window).find(v => v instanceof L.Map)"
_PAN = (
    """async () => { const map = window.Siting ? Siting.app.map : MAP, took = [];
  for (const by of [[150, 90], [-150, 90], [-150, -90], [150, -90]]) {
    let going = true, last = performance.now();
    map.once("moveend", () => { going = false; });
    map.panBy(by, {duration: 0.4});
    for (let left = 3; left > 0; left -= going ? 0 : 1) {
      await new Promise(requestAnimationFrame);
      took.push(performance.now() - last); last = performance.now();
    }
  } return took; }"""
).replace("MAP", _MAP)
_WEIGH = """async moves => {
  const n = Siting.app.facilities[0].facility.criteria.length, took = [];
  for (let move = 0; move < moves; move += 1) {
    const points = Array.from({length: n}, (_, k) => (move * 37 + k * 53) % 100 + 1), start = performance.now();
    Siting.app.weigh(points);
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    took.push(performance.now() - start);
  } return took; }"""
# Folium's pages know no weights; the nearest it has is a new style for every feature.
_RESTYLE = """async moves => { const took = [], layers = Object.values(window).filter(v => v instanceof L.GeoJSON || v instanceof L.CircleMarker);
  for (let move = 0; move < moves; move += 1) {
    const start = performance.now(), colour = () => ({fillColor: "hsl(" + Math.floor(Math.random() * 360) + ",60%,50%)"});
    layers.forEach(layer => layer.setStyle(layer instanceof L.GeoJSON ? colour : colour()));
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    took.push(performance.now() - start);
  } return took; }"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One map: the result, what folium draws of it, and the budget."""

    result: Callable[[], Result]
    peers: Mapping[str, Callable[[Result], folium.Map]]
    megabytes: float
    seconds: float
    weights_ms: float | None = None
    shows: str = ""


def geojson(result: Result) -> folium.Map:
    """Return candidates, demand and roads as folium.GeoJson layers on canvas."""
    drawn = _empty_map(result)
    for frame in (result.candidates, result.demand, result.layers.get("road_edges")):
        if frame is None or not len(frame):
            continue
        names = [n for n in ("candidate_id", "demand_id", "highway") if n in frame][:1]
        shown = gpd.GeoDataFrame(frame[[*names, "geometry"]]).to_crs("EPSG:4326")
        folium.GeoJson(
            shown.to_json(),
            marker=folium.CircleMarker(radius=3, weight=1, fill=True),
            tooltip=folium.GeoJsonTooltip(fields=names),
        ).add_to(drawn)
    return drawn


def circle_markers(result: Result) -> folium.Map:
    """Return one folium.CircleMarker a demand point or candidate."""
    drawn = _empty_map(result)
    frame = result.demand if len(result.demand) > len(result.candidates) else result.candidates
    places = frame.to_crs("EPSG:4326").geometry
    ids = frame["demand_id" if "demand_id" in frame else "candidate_id"]
    for name, place in zip(ids, places, strict=True):
        folium.CircleMarker((place.y, place.x), radius=3, tooltip=str(name)).add_to(drawn)
    return drawn


def poly_lines(result: Result) -> folium.Map:
    """Return one folium.PolyLine a road edge, of the first edges only: all of them take minutes to write."""
    drawn = _empty_map(result)
    edges = result.layers["road_edges"].iloc[:POLY_LINES].to_crs("EPSG:4326")
    for kind, line in zip(edges["highway"], edges.geometry, strict=True):
        folium.PolyLine([(y, x) for x, y in line.coords], tooltip=str(kind)).add_to(drawn)
    return drawn


def _empty_map(result: Result) -> folium.Map:
    west, south, east, north = result.candidates.to_crs("EPSG:4326").total_bounds
    return folium.Map(
        ((south + north) / 2, (west + east) / 2), tiles=None, zoom_start=11, max_zoom=18, prefer_canvas=True
    )  # fmt: skip


def _rendered(drawn: folium.Map) -> str:
    figure = OfflineFigure(read_assets(), title="folium", lang="en")
    figure.add_child(drawn)
    return figure.render()


_DOTS = {"GeoJson": geojson, "CircleMarker": circle_markers}
CASES: Mapping[str, Case] = {
    "qingdao": Case(result=lambda: plan("qingdao"), peers={"GeoJson": geojson}, megabytes=1.5, seconds=1),
    "porto": Case(result=porto, peers={"GeoJson": geojson, f"PolyLine, {POLY_LINES} only": poly_lines}, megabytes=10, seconds=3),
    "50k demand": Case(result=lambda: with_demand(50_000), peers={"GeoJson": geojson}, megabytes=5, seconds=2, shows=_SHOW_DEMAND),
    "200k edges": Case(result=lambda: with_roads(200_000), peers={"GeoJson": geojson}, megabytes=10, seconds=3),
    "10k candidates": Case(result=lambda: with_candidates(10_000), peers=_DOTS, megabytes=5, seconds=2, weights_ms=70),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured of one page."""

    megabytes: float
    written_s: float
    drawn_s: float
    pan_ms: tuple[float, float]
    weights_ms: tuple[float, float] | None

    def row(self, name: str) -> str:
        """Return the figures as a line."""
        weights = "{:5.0f} {:5.0f}".format(*self.weights_ms) if self.weights_ms else "    –     –"
        pan = "{:5.0f} {:5.0f}".format(*self.pan_ms)
        return f"{name:<30}{self.megabytes:7.2f} {self.written_s:7.2f} {self.drawn_s:7.2f}  {pan}  {weights}"


def measured(browser: Browser, write: Callable[[], str], case: Case, repeat: int) -> Figures:
    """Return the figures of a page; the pages of both sides are handled alike."""
    started = time.perf_counter()
    text = write()
    written = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.html"
        path.write_text(text, encoding="utf-8")
        opened, pans, weights = [], [], []
        for _ in range(repeat):
            context = browser.new_context(offline=True, viewport={"width": 1360, "height": 860})
            shown = context.new_page()
            shown.add_init_script(_READY)
            shown.goto(path.as_uri(), timeout=300_000)
            shown.wait_for_selector("html[data-drawn]", timeout=300_000)
            opened.append(_drawn_s(shown, case))
            pans += shown.evaluate(_PAN)
            if case.weights_ms:
                weights += _weigh(shown)
            context.close()
    percent = {name: tuple(np.percentile(times, [50, 95])) for name, times in (("pan", pans), ("weights", weights or [0]))}  # fmt: skip
    return Figures(
        megabytes=len(text.encode()) / 1e6,
        written_s=written,
        drawn_s=statistics.median(opened),
        pan_ms=percent["pan"],
        weights_ms=percent["weights"] if weights else None,
    )


def _drawn_s(shown: Page, case: Case) -> float:
    """Return the seconds until all is drawn; a layer that starts hidden is shown and its time added."""
    milliseconds = shown.evaluate("drawnAt")
    if case.shows and shown.evaluate("Boolean(window.Siting)"):
        started = time.perf_counter()
        shown.evaluate(case.shows)
        shown.evaluate("""async () => { await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
          document.querySelectorAll("canvas").forEach(c => c.width && c.getContext("2d").getImageData(0, 0, 1, 1)); }""")
        milliseconds += 1000 * (time.perf_counter() - started)
    return float(milliseconds) / 1000


def _weigh(shown: Page) -> list[float]:
    is_ours = shown.evaluate("Boolean(window.Siting)")
    if is_ours:
        shown.locator("#views button").nth(1).click()
    script = _WEIGH if is_ours else _RESTYLE
    shown.evaluate(script, 5)
    return list(shown.evaluate(script, 40))


def main() -> None:
    """Print a line for each page and, for folium's, the ratios to ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=CASES)
    asked = parser.parse_args()
    print(f"medians of {asked.repeat}; folium {folium.__version__}")
    print(f"{'':<30}     MB   write   drawn  pan50 pan95   w50   w95")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_FLAGS)
        for name, case in CASES.items():
            if asked.only and name not in asked.only:
                continue
            if name == "porto" and not (DATA / "osm" / "porto_drive_edges.parquet").exists():
                print(f"{name:<30}skipped: no test data osm/porto_drive_edges.parquet")
                continue
            _compare(browser, name, case, asked.repeat)
        browser.close()


def _compare(browser: Browser, name: str, case: Case, repeat: int) -> None:
    result, wording = case.result(), load_wording()
    ours = measured(browser, lambda: page.render(result, wording=wording), case, repeat)
    budget = f"{case.megabytes} MB, {case.seconds} s"
    budget += f", {case.weights_ms:.0f} ms" if case.weights_ms else ""
    is_kept = ours.megabytes <= case.megabytes and ours.drawn_s <= case.seconds
    is_kept &= not (case.weights_ms and ours.weights_ms) or ours.weights_ms[1] <= case.weights_ms
    print(ours.row(name), f" budget {budget}: {'kept' if is_kept else 'NOT KEPT'}", flush=True)
    for peer, draw in case.peers.items():
        other = measured(browser, lambda draw=draw: _rendered(draw(result)), case, repeat)
        ratios = (
            f" x {other.megabytes / ours.megabytes:.1f} MB, x {other.drawn_s / ours.drawn_s:.1f} s"
        )
        print(other.row(f"  folium.{peer}"), ratios, flush=True)


if __name__ == "__main__":
    main()
