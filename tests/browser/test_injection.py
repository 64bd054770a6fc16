"""Hostile text in every field that reaches the page: shown letter by letter, run nowhere."""

import dataclasses
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import docx
import pandas as pd
import pytest
from docx.oxml.ns import qn
from playwright.sync_api import Browser, Page

from maps import page as map_page
from maps.chapters import document
from maps.report_docx import write_docx
from maps.report_html import render_html
from siting.config import load_wording
from siting.model import Label, Result
from tests.browser.conftest import OpenMap, sample_with_pairs

pytestmark = pytest.mark.browser

PAYLOADS = (
    "{{7*7}}",
    "{% x",
    "{# c",
    "{{ cycler.__init__.__globals__.os.getpid() }}",
    "</script><img src=x onerror=\"window.pwned='yes'\">",
    "<img src=x onerror=window.pwned=1>",
    "=cmd|'/c calc'!A1",
    "行\u2028分\u2029隔",
    "<!-- <script>window.pwned=1</script>",
    "\"'`&amp;${window.pwned=1}",
    "javascript:window.pwned=1",
    "__proto__",
)
_IDS = ("candidate_id", "demand_id", "rival_id", "origin_id", "destination_id", "source_id")
_NAMES = ("name_zh", "name_en", "type", "district", "kind", "role", "status", "ref", "unit")
_TEXTS = (*_NAMES, "size_zh", "size_en", "zh", "en", "substance", "clause")
# Codes that the page knows by heart or that join tables.
_CODES = {"criteria", "rules", "methods", "stability", "roll_out", "curve", "front", "robustness"}


UNSEEN = {
    "candidates.role",  # tells required from existing in the saved file
    "economics.unit",  # of a payback that does not exist
    "energy.unit",  # of an unknown capacity
    "equipment.zh",  # of an unknown quantity, as the next two
    "equipment.en",
    "equipment.unit",
    "protected.kind",
    "road_edges.ref",  # a road sign shows numbers only
}
"""Fields that are in the page, but in the sample are not to be seen."""


class Spoiler:
    """Gives every text a hostile one of its own, the same again for the same id."""

    def __init__(self) -> None:
        self.numbers = itertools.count()
        self.ids: dict[str, str] = {}
        self.made: dict[str, str] = {}

    def text(self, field: str) -> str:
        number = next(self.numbers)
        text = f"{PAYLOADS[number % len(PAYLOADS)]}§{number}§"
        self.made[text] = field
        return text

    def id(self, value: object, field: str) -> object:
        if not isinstance(value, str) or not value:
            return value
        if value not in self.ids:
            self.ids[value] = self.text(field)
        return self.ids[value]

    def frame(self, frame: pd.DataFrame, name: str) -> pd.DataFrame:
        changes: dict[str, Any] = {}
        for column in frame.columns:
            field = f"{name}.{column}"
            if column in _IDS or (column == "id" and name == "energy"):
                changes[column] = [self.id(value, field) for value in frame[column]]
            elif column in _TEXTS and name not in _CODES:
                words = {v: self.text(field) for v in dict.fromkeys(frame[column]) if v}
                changes[column] = [words.get(value, value) for value in frame[column]]
        return frame.assign(**changes)

    def record(self, value: object, field: str) -> Any:
        """Return a record with every free text in it spoiled."""
        free = {"source", "clause", "unit", "licence", "attribution", "reference", "confidence"}
        free |= {"demand_unit", "edition", "date"}
        if isinstance(value, Label):
            return dataclasses.replace(
                value, zh=self.text(f"{field}.zh"), en=self.text(f"{field}.en")
            )
        if isinstance(value, tuple):
            return tuple(self.record(item, field) for item in value)
        if isinstance(value, Mapping) and field.endswith((".assumptions", ".profiles")):
            return {key: self.record(item, field) for key, item in value.items()}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return dataclasses.replace(
                value,
                **{
                    item.name: self.text(f"{field}.{item.name}")
                    if item.name in free and isinstance(getattr(value, item.name), str)
                    else self.record(getattr(value, item.name), f"{field}.{item.name}")
                    for item in dataclasses.fields(value)
                    if item.init
                },
            )
        return value


def _spoiled() -> tuple[Result, Spoiler]:
    """Return the sample with hostile text wherever a text may stand, and what stands where."""
    sample, spoiler = sample_with_pairs(), Spoiler()
    frames = {
        item.name: spoiler.frame(getattr(sample, item.name), item.name)
        for item in dataclasses.fields(sample)
        if isinstance(getattr(sample, item.name), pd.DataFrame)
    }
    study = dataclasses.replace(
        sample.study,
        title=spoiler.record(sample.study.title, "study.title"),
        notice=spoiler.record(sample.study.notice, "study.notice"),
        edition=spoiler.text("study.edition"),
        sources={key: spoiler.text("study.sources") for key in sample.study.sources},
        profiles=spoiler.record(sample.study.profiles, "study.profiles"),
        facilities=spoiler.record(sample.study.facilities, "facility"),
    )
    plans = {
        key: dataclasses.replace(
            plan,
            model=spoiler.text("plan.model"),
            unit=spoiler.text("plan.unit"),
            facts={spoiler.text("plan.facts"): 1.0},
            sites=tuple(str(spoiler.id(site, "plan.sites")) for site in plan.sites),
        )
        for key, plan in sample.plans.items()
    }
    provenance = tuple(
        dataclasses.replace(
            spoiler.record(record, "provenance"), repairs=(spoiler.text("provenance.repairs"),)
        )
        for record in sample.provenance
    )
    result = dataclasses.replace(
        sample,
        **frames,
        study=study,
        plans=plans,
        provenance=provenance,
        notices=spoiler.record(sample.notices, "notices"),
        layers={
            kind: spoiler.frame(layer, kind) if kind != "townships" else layer
            for kind, layer in sample.layers.items()
        },
    )
    return result, spoiler


@pytest.fixture(scope="module")
def hostile() -> tuple[Result, Spoiler]:
    return _spoiled()


@pytest.fixture(scope="module")
def hostile_map(
    hostile: tuple[Result, Spoiler], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("hostile") / "map.html"
    path.write_text(map_page.render(hostile[0], wording=load_wording()), encoding="utf-8")
    return path  # type: ignore[return-value]


def _read(page: Page) -> str:
    """Return everything that a reader can come to see, in the language of the page."""
    seen = [page.title()]

    def look(*selectors: str) -> None:
        for selector in selectors:
            seen.extend(text or "" for text in page.locator(selector).all_text_contents())

    for tab in range(3):
        page.locator(f"#tab-{tab}").click()
        page.evaluate(
            "i => void Siting.app.facilities[i].groups.demand.addTo(Siting.app.map)", tab
        )
        page.evaluate("i => void Siting.app.facilities[i].groups.flows.addTo(Siting.app.map)", tab)
        page.evaluate("i => void Siting.app.showExcluded()", tab)
        page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        look("#panel", ".legend", "#notice", ".credits")
        for view in range(3):
            page.locator("#views button").nth(view).click()
            look("#table")
            for row in page.locator("#table tbody tr[data-row]").all():
                row.click()
                look(".card", "#changes")
    for layer in ("demand", "flows"):
        page.evaluate(
            """layer => { for (const entry of Siting.app.facilities) entry.groups[layer].addTo(Siting.app.map).eachLayer(line => {
              const place = line.getCenter && !line.getRadius ? line.getCenter() : line.getLatLng();
              line.fire("click", { latlng: place }); window.kept = (window.kept || "") +
                [...document.querySelectorAll(".card")].map(card => card.textContent).join(" "); }); }""",
            layer,
        )
    page.evaluate(
        """() => { for (const [name, layer] of Object.entries(Siting.app.base.layers)) { layer.addTo(Siting.app.map);
          if (layer.eachLayer) layer.eachLayer(symbol => { if (!symbol.getRadius) return;
            symbol.fire("click", { latlng: symbol.getLatLng() });
            window.kept += [...document.querySelectorAll(".card")].map(card => card.textContent).join(" "); }); } }"""
    )
    seen.append(page.evaluate("window.kept"))
    seen.append(
        page.evaluate(
            "() => { const labels = Siting.app.base.labels; return Object.values(labels._sources).flat().map(item => item.shield || item.text()).join(' '); }"
        )
    )
    page.locator("#search").fill("§")
    look("#found")
    page.locator("#search").fill("")
    page.locator("#about-open").click()
    look("#about")
    page.keyboard.press("Escape")
    return "\n".join(seen)


def test_every_field_is_shown_letter_by_letter(
    open_map: OpenMap, hostile_map: Path, hostile: tuple[Result, Spoiler]
) -> None:
    page = open_map(hostile_map)
    shown = _read(page)
    page.locator("#language").select_option("en")
    shown += _read(page)
    data = json.dumps(map_page.page_data(hostile[0], wording={}, licences=()), ensure_ascii=False)
    in_page = {
        text: field
        for text, field in hostile[1].made.items()
        if json.dumps(text, ensure_ascii=False)[1:-1] in data
    }
    assert len(in_page) > 150
    assert set(PAYLOADS) == {re.sub("§.*", "", text) for text in in_page}
    # Codes without a word of their own are shown with spaces for their underscores.
    plain = shown.replace("_", " ")
    missing = {field for text, field in in_page.items() if text.replace("_", " ") not in plain}
    assert missing - UNSEEN == set()
    assert page.evaluate("window.pwned === undefined")
    assert page.locator("img, iframe, object, #panel script, #map script").count() == 0


def test_no_template_and_no_markup_comes_of_it(hostile_map: Path) -> None:
    html = hostile_map.read_text(encoding="utf-8")
    island = re.search(r'id="siting-data">(.*?)</script>', html)
    assert island is not None
    rest = html.replace(island[1], "")
    assert re.findall(r"[<>&\u2028\u2029]|\{[{%#]", island[1]) == []
    assert not any(payload in rest for payload in PAYLOADS[1:6])


def test_hostile_cells_of_the_csv_are_guarded(open_map: OpenMap, hostile_map: Path) -> None:
    page = open_map(hostile_map)
    for view in range(3):
        page.locator("#views button").nth(view).click()
        with page.expect_download() as download:
            page.locator("#save-csv").click()
        text = Path(download.value.path()).read_text(encoding="utf-8-sig")
        assert not re.search(r'(^|,)"?[=+@＝＋]', text, flags=re.MULTILINE)


@pytest.mark.parametrize("half", ["\ud800", "a\udfffb"])
def test_half_a_character_does_not_break_the_page(
    open_map: OpenMap, tmp_path: Path, half: str
) -> None:
    sample = sample_with_pairs()
    title = Label(zh=half, en=half)
    facility = dataclasses.replace(sample.study.facilities[0], label=title)
    study = dataclasses.replace(
        sample.study, title=title, facilities=(facility, *sample.study.facilities[1:])
    )
    html = map_page.render(dataclasses.replace(sample, study=study), wording=load_wording())
    path = tmp_path / "map.html"
    path.write_text(html, encoding="utf-8")
    page = open_map(path)
    # The page itself keeps it as it is; only the file's own title cannot.
    assert page.evaluate("document.getElementById('tab-0').textContent") == half


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_shows_every_text_and_runs_none(
    browser: Browser, hostile: tuple[Result, Spoiler], tmp_path: Path, language: str
) -> None:
    told = document(hostile[0], language)  # type: ignore[arg-type]
    path = tmp_path / "report.html"
    path.write_text(render_html(told), encoding="utf-8")
    context = browser.new_context(offline=True)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: said.append(request.url))
    page.goto(path.as_uri())
    seen = page.evaluate("document.body.textContent")
    assert page.evaluate("window.pwned === undefined")
    assert page.locator("script, iframe, object, embed, [onerror], [onload]").count() == 0
    context.close()
    assert [text for text in said if not text.startswith(("data:", "file:"))] == []
    shown = _squeezed(seen)
    fields = {field for text, field in hostile[1].made.items() if _squeezed(text) in shown}
    assert len(fields) > 50
    wanted = {"sites", "candidates", "demand", "provenance", "facility", "notices", "study"}
    assert wanted <= {field.split(".", maxsplit=1)[0] for field in fields}

    write_docx(told, tmp_path / "report.docx")
    body = docx.Document(str(tmp_path / "report.docx")).element.body
    words = _squeezed("".join(node.text or "" for node in body.iter(qn("w:t"))))
    assert {field for text, field in hostile[1].made.items() if _squeezed(text) in words} == fields
    # What Word runs by itself are fields: only ours.
    run = {node.text.split()[0] for node in body.iter(qn("w:instrText"))}
    assert run <= {"TOC", "SEQ", "PAGE", "NUMPAGES"}


def _squeezed(text: str) -> str:
    """Return text without white space, which a reader of a report cannot tell apart."""
    return re.sub(r"[\s\u2028\u2029]+", "", text)
