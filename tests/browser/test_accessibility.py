"""The page against axe-core: WCAG 2.0, 2.1 and 2.2, levels A and AA, in every dress it wears."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser

OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
"""axe-core is MPL-2.0 and serves the tests alone; nothing of it is in the page."""


@pytest.fixture
def open_for_axe(browser: Browser, sample_map: Path) -> Iterator[Any]:
    """Open the sample where axe may run: the page's own policy would stop its script."""
    contexts = []

    def open_page(device: dict[str, Any], fragment: str) -> Page:
        context = browser.new_context(offline=True, bypass_csp=True, **device)
        contexts.append(context)
        page = context.new_page()
        page.goto(sample_map.as_uri() + fragment)
        page.wait_for_selector("body.ready")
        return page

    yield open_page
    for context in contexts:
        context.close()


def _violations(page: Page) -> list[str]:
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def _unfold(page: Page, inside: str) -> None:
    page.evaluate(
        "inside => document.querySelectorAll(inside + ' details').forEach(node => { node.open = true; })",
        inside,
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["", "en"], ids=["zh", "en"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_violation_of_a_or_aa(
    open_for_axe: Any, device: dict[str, Any], language: str, theme: str
) -> None:
    page = open_for_axe(device, f"#l={language}&t={theme}&y=2028")
    # Changed weights and sites bring out boxes that stay hidden else.
    page.evaluate("() => { Siting.app.weigh([10, 60, 30]); Siting.app.toggle(1); }")
    page.evaluate("() => { Siting.app.facilities[0].groups.flows.addTo(Siting.app.map); }")
    _unfold(page, "#panel")
    assert _violations(page) == []
    page.locator("#table tbody tr").first.click()
    expect(page.locator(".card h3")).to_be_visible()
    _unfold(page, ".card")
    assert _violations(page) == []
    page.locator(".card .close").click()
    if device is DESKTOP:
        page.locator(".leaflet-control-layers-toggle").focus()
        page.keyboard.press("Enter")
        assert _violations(page) == []
    page.locator("#about-open").click()
    _unfold(page, "#about")
    assert _violations(page) == []


def test_axe_would_find_a_fault(open_for_axe: Any) -> None:
    page = open_for_axe(DESKTOP, "")
    page.evaluate("() => { document.getElementById('search').removeAttribute('aria-label'); }")
    page.evaluate("() => { document.getElementById('search').removeAttribute('placeholder'); }")
    assert [found.split(":")[0] for found in _violations(page)] == ["label"]
