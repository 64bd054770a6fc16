"""Online tiles: only where they were asked for, from their hosts alone, under the data, and never needed."""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, Route

from maps import page as map_page
from siting._config_tiles import load_tiles
from siting.cli import main
from siting.config import load_wording
from siting.datum import GCJ02, shift
from siting.errors import ConfigError
from siting.model import TileSource
from tests.browser.conftest import DESKTOP, PHONE, OpenMap, sample_with_pairs

NAMES = ("tianditu-vec", "tianditu-img", "osm", "amap")
_KEY = "0123secret4567"


def picture(red: int, green: int, blue: int) -> bytes:
    """Return a tile of one colour as PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    rows = b"".join(b"\0" + bytes((red, green, blue)) * 256 for _ in range(256))
    head = struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


_TILE = picture(200, 220, 180)


def source(**changes: Any) -> TileSource:
    """Return a source on a host that does not exist."""
    plain: dict[str, Any] = {
        "name": "near",
        "urls": ("https://{host}/{z}/{x}/{y}.png",),
        "hosts": ("tiles.example.org",),
        "crs": "wgs84",
        "attribution": "© Example tiles",
        "max_zoom": 16,
        "needs_key": False,
        "wants_referrer": False,
    }
    return replace(load_tiles("osm"), **(plain | changes))


def write(tiles: TileSource | None, folder: Path) -> Path:
    path = folder / "map.html"
    text = map_page.render(sample_with_pairs(), wording=load_wording(), tiles=tiles)
    path.write_text(text, encoding="utf-8")
    return path


class Served:
    """The requests that left the page, and what the page said."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.said: list[str] = []

    def strangers(self, *hosts: str) -> list[str]:
        return [url for url in self.asked if url.split("/")[2] not in hosts]


OpenTiled = Callable[..., tuple[Page, Served]]


@pytest.fixture
def open_tiled(browser: Browser) -> Iterator[OpenTiled]:
    """Open a file whose requests are answered here; nothing reaches a network.

    Afterwards no message may be left; where tiles are refused, the browser says so of each.
    """
    contexts, told = [], []

    def open_file(
        path: Path, answer: Callable[[Route], None], *, device: dict[str, Any] = DESKTOP
    ) -> tuple[Page, Served]:
        context = browser.new_context(**device)
        contexts.append(context)
        served = Served()
        told.append(served)

        def handle(route: Route) -> None:
            served.asked.append(route.request.url)
            answer(route)

        context.route(re.compile("^https?:"), handle)
        page = context.new_page()
        page.on("console", lambda message: served.said.append(message.text))
        page.on("pageerror", lambda error: served.said.append(f"error: {error}"))
        page.goto(path.as_uri())
        page.wait_for_selector("body.ready")
        return page, served

    yield open_file
    for context in contexts:
        context.close()
    refused = "Failed to load resource"
    assert [line for one in told for line in one.said if not line.startswith(refused)] == []


def serve(route: Route) -> None:
    route.fulfill(body=_TILE, content_type="image/png")


def refuse(route: Route) -> None:
    route.fulfill(status=403, body="no", content_type="text/plain")


def policy(path: Path) -> str:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', path.read_text("utf-8"))
    assert found
    return found[1]


# --- what the file says ----------------------------------------------------------------------


def test_a_file_without_tiles_names_no_host(tmp_path: Path) -> None:
    path = write(None, tmp_path)
    assert "https:" not in policy(path)
    assert "Siting.tiles = " not in path.read_text("utf-8")
    assert "Siting.gcj02 = " not in path.read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_with_tiles_names_exactly_their_hosts(tmp_path: Path, name: str) -> None:
    tiles = load_tiles(name)
    told = policy(write(tiles, tmp_path))
    images = " ".join(f"https://{host}" for host in tiles.hosts)
    assert f"img-src data: blob: {images};" in told
    assert told.count("https:") == len(tiles.hosts)
    assert "connect-src" not in told


def test_an_unknown_name_is_one_error_that_lists_the_names(tmp_path: Path) -> None:
    command = ["run", "qingdao", "--tiles", "gaode", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: --tiles: no such source of tiles (got 'gaode'")
    assert all(name in done.stderr for name in NAMES)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('urls = ["https://elsewhere.org/{z}/{x}/{y}.png?{host}"]', "start with the host"),
        ('urls = ["https://{host}/{z}/{x}.png"]', "not each place once"),
        ('urls = ["https://{host}/{z}/{x}/{y}?tk={key}"]', "not each place once"),
        ("urls = []", "urls"),
        ('hosts = ["*.example.org"]', "hosts"),
        ('hosts = ["a.org https://b.org"]', "hosts"),
        ('crs = "bd09"', "crs"),
        ("token = 1", "unknown key"),
    ],
)
def test_a_source_that_could_lead_elsewhere_is_refused(
    tmp_path: Path, line: str, told: str
) -> None:
    key = line.split(" ", maxsplit=1)[0]
    lines = {
        "label": 'label = { zh = "底图", zh_hant = "底圖", en = "ground" }',
        "urls": 'urls = ["https://{host}/{z}/{x}/{y}.png"]',
        "hosts": 'hosts = ["tiles.example.org"]',
        "crs": 'crs = "wgs84"',
        "attribution": 'attribution = "me"',
        "max_zoom": "max_zoom = 18",
        "needs_key": "needs_key = false",
        key: line,
    }
    path = tmp_path / "tiles.toml"
    path.write_text("\n".join(["[own]", *lines.values()]), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_tiles("own", path=path)
    assert told in str(refused.value)


# --- what the page does ----------------------------------------------------------------------


def test_tiles_lie_under_the_data_and_come_from_their_host_alone(
    open_tiled: OpenTiled, tmp_path: Path
) -> None:
    page, served = open_tiled(write(source(), tmp_path), serve)
    page.wait_for_selector(".tiles-credit:not([hidden])")
    assert served.asked
    assert served.strangers("tiles.example.org") == []
    assert page.locator(".tiles-credit").inner_text() == "© Example tiles"
    order = page.evaluate(
        """() => ["tiles", "areas", "dots", "marker"].map(
            name => Number(getComputedStyle(Siting.app.map.getPane(name + (name === "marker" ? "Pane" : ""))).zIndex))"""
    )
    assert order == sorted(order)
    assert page.evaluate("Siting.app.map.hasLayer(Siting.app.base.ground)") is False
    page.locator(".leaflet-control-layers").hover()
    page.locator("#tiles-on").uncheck()
    assert page.evaluate("Siting.app.map.hasLayer(Siting.app.base.ground)") is True
    assert page.locator(".tiles-credit").is_hidden()
    assert page.locator(".leaflet-tile").count() == 0


@pytest.mark.parametrize("device", [DESKTOP, PHONE])
def test_failing_tiles_give_way_to_the_vector_base_with_a_notice(
    open_tiled: OpenTiled, tmp_path: Path, device: dict[str, Any]
) -> None:
    page, served = open_tiled(write(source(), tmp_path), refuse, device=device)
    page.wait_for_selector(".tiles-notice:not([hidden])")
    assert "内置底图" in page.locator(".tiles-notice").inner_text()
    assert page.locator(".leaflet-tile").count() == 0
    assert page.evaluate("Siting.app.map.hasLayer(Siting.app.base.ground)") is True
    n = len(served.asked)
    page.evaluate("() => void Siting.app.map.panBy([300, 0], {animate: false})")
    page.wait_for_timeout(100)
    assert len(served.asked) == n
    page.locator("#language").select_option("en")
    assert "cannot be loaded" in page.locator(".tiles-notice").inner_text()
    page.locator(".tiles-notice button").first.click()
    page.wait_for_selector(".tiles-notice:not([hidden])")
    assert len(served.asked) > n
    page.locator(".tiles-notice button").last.click()
    assert page.locator(".tiles-notice").is_hidden()


def test_tiles_that_never_come_are_waited_for_no_longer_than_needed(
    open_tiled: OpenTiled, tmp_path: Path
) -> None:
    page, _ = open_tiled(write(source(), tmp_path), lambda _route: None)
    page.wait_for_selector(".tiles-notice:not([hidden])", timeout=12_000)
    assert page.evaluate("Siting.app.map.hasLayer(Siting.app.base.ground)") is True


def test_one_missing_tile_is_no_failure(open_tiled: OpenTiled, tmp_path: Path) -> None:
    first: list[str] = []

    def answer(route: Route) -> None:
        first.append(route.request.url)
        (refuse if len(first) == 1 else serve)(route)

    page, _ = open_tiled(write(source(), tmp_path), answer)
    page.wait_for_selector(".tiles-credit:not([hidden])")
    page.wait_for_timeout(200)
    assert page.locator(".tiles-notice").is_hidden()


def test_a_key_is_typed_and_kept_nowhere(open_tiled: OpenTiled, tmp_path: Path) -> None:
    keyed = source(needs_key=True, urls=("https://{host}/{z}/{x}/{y}?tk={key}",))
    path = write(keyed, tmp_path)
    page, served = open_tiled(path, serve)
    assert served.asked == []
    page.locator(".leaflet-control-layers").hover()
    page.locator("#tiles-on").click()
    assert page.locator(".tiles-notice").is_visible()
    assert page.locator("#tiles-on").is_checked() is False
    page.locator("#tiles-key").fill(_KEY)
    # The box stays open under the one who types, wherever the pointer goes.
    page.mouse.move(300, 600)
    assert page.locator("#tiles-key").is_visible()
    page.locator("#tiles-key").press("Enter")
    page.wait_for_selector(".tiles-credit:not([hidden])")
    assert served.asked
    assert all(url.endswith(f"?tk={_KEY}") for url in served.asked)
    page.evaluate("() => void Siting.app.map.panBy([200, 0], {animate: false})")
    page.wait_for_timeout(300)
    kept = page.evaluate(
        """() => [location.href, document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage),
            JSON.stringify(history.state), Siting.app.save.tomlText()].join(" ")"""
    )
    assert _KEY not in kept
    assert _KEY not in path.read_text("utf-8")
    page.reload()
    page.wait_for_selector("body.ready")
    assert page.locator("#tiles-key").input_value() == ""


def test_a_key_is_no_part_of_an_address(open_tiled: OpenTiled, tmp_path: Path) -> None:
    keyed = source(needs_key=True, urls=("https://{host}/{z}/{x}/{y}?tk={key}",))
    page, served = open_tiled(write(keyed, tmp_path), serve)
    page.locator(".leaflet-control-layers").hover()
    page.locator("#tiles-key").fill("a&b=/../{z}#c")
    page.locator("#tiles-key").press("Enter")
    page.wait_for_selector(".tiles-credit:not([hidden])")
    assert all(url.endswith("?tk=a%26b%3D%2F..%2F%7Bz%7D%23c") for url in served.asked)


def test_a_source_that_refuses_files_is_not_asked_by_one(
    open_tiled: OpenTiled, tmp_path: Path
) -> None:
    page, served = open_tiled(write(source(wants_referrer=True), tmp_path), serve)
    page.wait_for_timeout(200)
    assert served.asked == []
    page.locator(".leaflet-control-layers").hover()
    assert "只为网站上的页面提供图片" in page.locator(".tiles-box").inner_text()


def test_the_picture_is_saved_with_the_vector_base(open_tiled: OpenTiled, tmp_path: Path) -> None:
    page, _ = open_tiled(write(source(), tmp_path), serve)
    page.wait_for_selector(".tiles-credit:not([hidden])")
    with page.expect_download() as saved:
        page.locator("#save-png").click()
    target = tmp_path / "saved.png"
    saved.value.save_as(target)
    assert target.read_bytes().startswith(b"\x89PNG")
    page.wait_for_timeout(100)
    assert page.evaluate("Siting.app.map.hasLayer(Siting.app.base.ground)") is False


# --- GCJ-02 ----------------------------------------------------------------------------------

_PLACES = np.array(
    [
        [120.38, 36.07],
        [120.33, 36.1],
        [120.43, 36.16],
        [120.22, 36.0],
        [120.57, 36.17],
        [120.3, 36.2],
    ]
)
# Distance in pixels between where the tile that a GCJ-02 server would draw shows a place, and the place of the data.
_MISFIT = """([places, shown]) => {
  const map = Siting.app.map, z = map.getZoom(), size = map.getSize(), frame = map.getContainer().getBoundingClientRect();
  const tiles = {};
  document.querySelectorAll(".leaflet-tile").forEach(tile => { tiles[tile.src.split("/").slice(-3).join("/")] = tile; });
  return places.map((place, i) => {
    const at = map.latLngToContainerPoint([place[1], place[0]]);
    if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) return null;
    const drawn = L.CRS.EPSG3857.latLngToPoint(L.latLng(shown[i][1], shown[i][0]), z);
    const x = Math.floor(drawn.x / 256), y = Math.floor(drawn.y / 256), tile = tiles[z + "/" + x + "/" + y + ".png"];
    if (!tile) return 999;
    const box = tile.getBoundingClientRect();
    const along = box.width * (drawn.x / 256 - x), down = box.height * (drawn.y / 256 - y);
    return Math.hypot(box.left - frame.left + along - at.x, box.top - frame.top + down - at.y);
  }).filter(value => value !== null);
}"""


@pytest.mark.parametrize("crs", ["gcj02", "wgs84"])
def test_shifted_tiles_line_up_with_the_data(
    open_tiled: OpenTiled, tmp_path: Path, crs: str
) -> None:
    page, _ = open_tiled(write(source(crs=crs), tmp_path), serve)
    shown = shift(_PLACES, GCJ02) if crs == "gcj02" else _PLACES
    seen = 0
    for zoom in range(10, 17):
        for by in ([0, 0], [260, 90]):
            page.evaluate(
                """([lat, lon, zoom, by]) => {
                  Siting.app.map.setView([lat, lon], zoom, {animate: false});
                  Siting.app.map.panBy(by, {animate: false}); }""",
                [36.12, 120.38, zoom, by],
            )
            page.wait_for_timeout(60)
            misfits = page.evaluate(_MISFIT, [_PLACES.tolist(), shown.tolist()])
            assert all(misfit <= 2.0 for misfit in misfits), (zoom, by, misfits)
            seen += len(misfits)
    assert seen >= 30


def test_shifted_tiles_meet_without_a_seam(open_tiled: OpenTiled, tmp_path: Path) -> None:
    page, _ = open_tiled(write(source(crs="gcj02"), tmp_path), serve)
    for zoom in (10, 12, 15):
        page.evaluate(
            "zoom => void Siting.app.map.setView([36.12, 120.38], zoom, {animate: false})", zoom
        )
        page.wait_for_timeout(60)
        gaps = page.evaluate(
            """() => {
              const boxes = {};
              document.querySelectorAll(".leaflet-tile").forEach(tile => {
                const at = tile.src.split("/").slice(-2).map(parseFloat);
                boxes[at] = tile.getBoundingClientRect();
              });
              return Object.keys(boxes).map(key => {
                const [x, y] = key.split(",").map(Number), right = boxes[[x + 1, y]], below = boxes[[x, y + 1]], own = boxes[key];
                return [right ? right.left - own.right : 0, below ? below.top - own.bottom : 0];
              }).flat();
            }"""
        )
        assert len(gaps) > 10
        assert max(map(abs, gaps)) < 1.01


def test_unshifted_tiles_would_lie_apart(open_tiled: OpenTiled, tmp_path: Path) -> None:
    page, _ = open_tiled(write(source(crs="wgs84"), tmp_path), serve)
    page.evaluate("() => void Siting.app.map.setView([36.12, 120.38], 13, {animate: false})")
    page.wait_for_timeout(100)
    misfits = page.evaluate(_MISFIT, [_PLACES.tolist(), shift(_PLACES, GCJ02).tolist()])
    assert misfits
    assert min(misfits) > 20


def test_the_shift_is_that_of_python(open_tiled: OpenTiled, tmp_path: Path) -> None:
    page, _ = open_tiled(write(source(crs="gcj02"), tmp_path), serve)
    rng = np.random.default_rng(8)
    places = np.column_stack([rng.uniform(70, 140, 200), rng.uniform(0, 57, 200)])
    found = page.evaluate("places => places.map(Siting.gcj02.shift)", places.tolist())
    assert np.abs(np.array(found) - shift(places, GCJ02)).max() < 1e-9


def test_the_data_are_never_shifted(open_tiled: OpenTiled, tmp_path: Path) -> None:
    page, _ = open_tiled(write(source(crs="gcj02"), tmp_path), serve)
    at = page.evaluate(
        """() => { const table = Siting.app.facilities[0].facility.candidates; return [table.lon[0], table.lat[0]]; }"""
    )
    assert at == [120.19, 36.01]


def test_a_file_with_tiles_asks_nothing_beyond_its_policy(
    open_map: OpenMap, tmp_path: Path
) -> None:
    keyed = source(needs_key=True, urls=("https://{host}/{z}/{x}/{y}?tk={key}",))
    page = open_map(write(keyed, tmp_path))
    assert page.locator("#tiles-on").count() == 1
