"""The HTML report as a reader sees it: on a desk, on a phone, in the dark and on paper."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from maps.report_html import render_html
from tests.browser.conftest import DESKTOP, PHONE
from tests.report_documents import HOSTILE, all_figures, fit, sample_document
from tests.requirements import require_osgeo

pytestmark = pytest.mark.browser

OpenReport = Callable[..., Page]

_MM = 72 / 25.4
_PAPER = {"A4": (210, 297), "A4 lying": (297, 210), "A3 lying": (420, 297)}

# What stands on each page of a PDF, as shares of the page: dark dots at the foot, left and right, and
# the ground colour of a table's head. By GDAL, whose PDF driver draws the pages.
_LOOK_AT_PAGES = """
import json, sys
from osgeo import gdal
gdal.UseExceptions()
gdal.SetConfigOption("GDAL_PDF_DPI", "72")
found, number = [], 1
while True:
    try:
        page = gdal.Open(f"PDF:{number}:{sys.argv[1]}")
    except RuntimeError:
        break
    width, height = page.RasterXSize, page.RasterYSize
    bands = [page.GetRasterBand(n).ReadRaster() for n in (1, 2, 3)]
    dots = list(zip(*bands))
    foot = [(i % width, dot) for i, dot in enumerate(dots[int(0.94 * height) * width :])]
    dark = [x for x, dot in foot if max(dot) < 180]
    found.append({
        "size": [width, height],
        "left": sum(x < width / 2 for x in dark),
        "right": sum(x > 0.8 * width for x in dark),
        "heads": sum(dot == (238, 241, 244) for dot in dots),
        "first": next((i // width / height for i, dot in enumerate(dots) if max(dot) < 180), 1.0),
    })
    number += 1
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report-zh.html"
    path.write_text(render_html(sample_document()), encoding="utf-8")
    return path


@pytest.fixture
def open_report(browser: Browser) -> Iterator[OpenReport]:
    """Open the report; afterwards no message, error or request may be left."""
    contexts, said = [], []

    def open_file(path: Path, *, device: dict[str, Any] = DESKTOP, **options: Any) -> Page:
        context = browser.new_context(offline=True, **device, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("request", lambda request: said.append(f"request: {request.url[:60]}"))
        page.goto(path.as_uri())
        said.remove(f"request: {path.as_uri()[:60]}")
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert [line for line in said if not line.startswith("request: data:image/svg+xml")] == []


@pytest.fixture(scope="module")
def pdf(browser: Browser, report: Path) -> Path:
    page = browser.new_page()
    page.goto(report.as_uri())
    path = report.with_suffix(".pdf")
    page.pdf(path=path, prefer_css_page_size=True)
    page.close()
    return path


@pytest.fixture(scope="module")
def sheets(pdf: Path) -> list[dict[str, Any]]:
    command = [require_osgeo(), "-c", _LOOK_AT_PAGES, pdf]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_are_words_and_every_picture_is_there(
    open_report: OpenReport, report: Path, device: dict[str, Any], scheme: str
) -> None:
    page = open_report(report, device=device, color_scheme=scheme)
    for text in HOSTILE:
        said = page.locator("li", has_text=re.compile(".")).evaluate_all(
            "(items, text) => items.filter(item => item.textContent === text).length", fit(text)
        )
        assert said == 1, text
    assert page.evaluate("window.pwned") is None
    images = page.locator("img").evaluate_all(
        "all => Promise.all(all.map(image => image.decode().then(() => image.naturalWidth)))"
    )
    assert len(images) == len(all_figures(sample_document()))
    assert min(images) > 0


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_wide_tables_scroll_inside_and_the_page_does_not(
    open_report: OpenReport, report: Path, device: dict[str, Any]
) -> None:
    page = open_report(report, device=device)
    across = "element => element.scrollWidth - element.clientWidth"
    assert page.evaluate(f"({across})(document.documentElement)") <= 0
    wide = page.locator("#table-6 .scroll")
    if device is PHONE:
        assert wide.evaluate(across) > 0
        wide.evaluate("element => { element.scrollIntoView(); element.scrollLeft = 300; }")
        expect(page.locator("#table-6 caption span")).to_be_in_viewport(ratio=0.9)
    wide.focus()
    assert page.evaluate("document.activeElement.className") == "scroll"
    # The long names do not starve the other columns: a place fits on a few lines.
    place = page.locator("#table-6 tbody tr:first-child td:nth-child(3)")
    assert place.bounding_box()["height"] < 60  # type: ignore[index]


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_contents_lead_to_the_chapters(
    open_report: OpenReport, report: Path, device: dict[str, Any]
) -> None:
    page = open_report(report, device=device)
    page.get_by_role("link", name="6.1 加氢站").click()
    expect(page.locator("#section-6-1")).to_be_in_viewport()
    assert page.locator("nav a").count() == len(sample_document().chapters)


def test_the_policy_lets_nothing_run_or_load(browser: Browser, report: Path) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.ran = 1";
          const image = document.createElement("img");
          image.src = "file:///usr/share/pixmaps/debian-logo.png";
          document.body.append(script, image);
          document.querySelector("h1").setAttribute("style", "color: rgb(1, 2, 3)");
        }"""
    )
    assert page.evaluate("window.ran") is None
    colour = page.locator("h1").evaluate("element => getComputedStyle(element).color")
    assert colour != "rgb(1, 2, 3)"
    assert page.locator("body > img").evaluate("image => image.naturalWidth") == 0
    page.close()


def test_tables_and_plates_are_printed_on_their_paper(pdf: Path) -> None:
    boxes = re.findall(rb"/MediaBox \[([\d. ]+)\]", pdf.read_bytes())
    found = [tuple(round(float(part) / _MM) for part in box.split()[2:]) for box in boxes]
    assert set(found) == set(_PAPER.values())
    assert found.count(_PAPER["A3 lying"]) == 3
    assert found[:3] == [_PAPER["A4"]] * 3  # cover, contents, first chapter
    assert 2 <= found.count(_PAPER["A4 lying"]) <= 8


def test_the_notice_and_the_number_stand_at_the_foot_of_every_page(
    sheets: list[dict[str, Any]],
) -> None:
    assert len(sheets) > 10
    assert min(sheet["left"] for sheet in sheets) > 20
    assert min(sheet["right"] for sheet in sheets) > 3


def test_the_head_of_a_table_is_repeated(sheets: list[dict[str, Any]]) -> None:
    lying = [sheet for sheet in sheets if sheet["size"][0] in range(830, 850)]
    assert len(lying) > 1
    assert min(sheet["heads"] for sheet in lying) > 2000
    assert not any(sheet["heads"] for sheet in sheets[:2])


def test_no_page_is_empty(sheets: list[dict[str, Any]]) -> None:
    """The first dark dot from above stands well above the foot."""
    assert max(sheet["first"] for sheet in sheets) < 0.6
