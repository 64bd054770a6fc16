"""Every licence's attribution is printed on the map, once."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from maps import page as map_page
from siting.config import load_wording
from tests.browser.conftest import DESKTOP, PHONE, OpenMap
from tests.sample import SCRIPT_NAME, sample_result

pytestmark = pytest.mark.browser

OWNERS = (
    "© OpenStreetMap contributors",
    "WorldPop (CC BY 4.0)",
    "© OpenStreetMap contributors",
    SCRIPT_NAME,
    "青岛市",
    "",
)


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_attribution_stands_on_the_map_once(
    open_map: OpenMap, tmp_path: Path, device: dict[str, object]
) -> None:
    result = sample_result()
    record, *_ = result.provenance
    records = tuple(
        replace(record, kind=f"k{n}", attribution=name) for n, name in enumerate(OWNERS)
    )
    path = tmp_path / "map.html"
    page_text = map_page.render(replace(result, provenance=records), wording=load_wording())
    path.write_text(page_text, encoding="utf-8")
    page = open_map(path, device=device)
    credit = page.locator(".credits")
    known = [name for name in dict.fromkeys(OWNERS) if name]
    expect(credit).to_have_text("Leaflet · " + ", ".join(known))
    expect(credit).to_be_visible()
    page.evaluate("void dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(credit).to_be_visible()
    page.emulate_media(media="screen")
    page.evaluate("void dispatchEvent(new Event('afterprint'))")
