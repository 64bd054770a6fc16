"""A real browser, no network, and a test fails when the page says or asks for anything."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from maps import page as map_page
from siting.config import load_wording
from siting.model import Result
from tests.planned import planned
from tests.requirements import require
from tests.sample import sample_result

DESKTOP = {"viewport": {"width": 1360, "height": 860}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
# No sandbox: tests run as root in CI; no GPU: the reader's office computer has none either.
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]

OpenMap = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what opens the page of a whole city to the slow tests: seconds each, mostly Chromium's."""
    for item in items:
        if "qingdao_map" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = require("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield browser
        browser.close()


def sample_with_pairs() -> Result:
    """Return the sample with more pairs within reach than the plan serves, added by hand."""
    result = sample_result()
    served = result.allocation[["facility", "demand_id", "candidate_id", "time_min"]]
    more = pd.DataFrame(
        [
            ("hydrogen", "D01", "C002", 14.0),
            ("hydrogen", "D03", "C002", 7.0),
            ("charging", "T03", "C007", 2.0),
        ],
        columns=served.columns,
    )
    pairs = pd.concat([pd.DataFrame(served), more])
    keys = ["facility", "demand_id", "candidate_id"]
    return replace(result, reach=pairs.sort_values(keys, ignore_index=True))


@pytest.fixture(scope="session")
def sample_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(sample_with_pairs(), tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def qingdao(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return planned(tmp_path_factory, "qingdao")


@pytest.fixture(scope="session")
def qingdao_map(qingdao: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(qingdao, tmp_path_factory.mktemp("qingdao"))


def _write(result: Result, folder: Path) -> Path:
    path = folder / "map.html"
    path.write_text(map_page.render(result, wording=load_wording()), encoding="utf-8")
    return path


@pytest.fixture
def open_map(browser: Browser) -> Iterator[OpenMap]:
    """Open a file and wait for the page; afterwards no message, error or request may be left."""
    contexts, said = [], []

    def open_file(path: Path, *, device: dict[str, Any] = DESKTOP, fragment: str = "") -> Page:
        context = browser.new_context(offline=True, **device)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("file:", "data:", "blob:"))
                else said.append(f"request: {request.url}")
            ),
        )
        page.goto(path.as_uri() + fragment)
        page.wait_for_selector("body.ready")
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert said == []
