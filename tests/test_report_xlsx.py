"""The report's tables as a workbook: numbers are numbers, text is text, names are legal."""

import re
from dataclasses import replace
from math import isfinite, isnan
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from openpyxl.cell import Cell as Slot

from maps.document import Cell, Chapter, Column, Document, Table
from maps.report_xlsx import number_format, sheet_names, write_xlsx
from tests.report_documents import HOSTILE, all_tables, documents, fit, sample_document


def _write(document: Document, folder: Path) -> openpyxl.Workbook:
    path = folder / "tables.xlsx"
    write_xlsx(document, path)
    return openpyxl.load_workbook(path)


def _read(text: str) -> str:
    """Return text as Excel shows it: ECMA-376 22.4.2.4 writes odd characters as _xHHHH_."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def _holds(slot: Slot, cell: Cell) -> bool:
    if cell is None or (isinstance(cell, float) and isnan(cell)) or cell == "":
        return slot.value is None
    if isinstance(cell, str):
        return slot.data_type in {"s", "inlineStr"} and _read(str(slot.value)) == fit(cell)
    if not isfinite(cell):
        return slot.value == ("∞" if cell > 0 else "-∞")
    # openpyxl writes sixteen digits.
    return slot.data_type == "n" and slot.value == pytest.approx(cell, rel=1e-15, abs=0)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    return _write(sample_document(), tmp_path_factory.mktemp("xlsx"))


# ---- everything is said ----------------------------------------------------------------------


@settings(max_examples=40)
@given(document=documents())
def test_every_cell_is_there_as_what_it_is(
    tmp_path_factory: pytest.TempPathFactory, document: Document
) -> None:
    book = _write(document, tmp_path_factory.mktemp("xlsx"))
    tables = all_tables(document)
    index, *sheets = book.worksheets
    assert len(sheets) == len(tables)
    for sheet, table in zip(sheets, tables, strict=True):
        for place, row in enumerate(table.rows, start=2):
            for at, cell in enumerate(row, start=1):
                assert _holds(sheet.cell(place, at), cell), (cell, sheet.cell(place, at).value)
        for at, column in enumerate(table.columns, start=1):
            said = _read(str(sheet.cell(1, at).value or ""))
            assert fit(column.head) in said
            assert fit(column.unit) in said
        assert sheet.max_row <= len(table.rows) + 1
    told = "\0".join(_read(str(slot.value)) for row in index.iter_rows() for slot in row)
    notes = [note for table in tables for note in table.notes]
    for text in (document.title, document.notice, *notes, *(table.caption for table in tables)):
        assert fit(text) in told


@settings(max_examples=40)
@given(document=documents())
def test_no_cell_is_a_formula_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, document: Document
) -> None:
    path = tmp_path_factory.mktemp("xlsx") / "tables.xlsx"
    write_xlsx(document, path)
    with ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                text = archive.read(name).decode()
                assert not re.search(r"<f[ >/]|t=\"(e|str)\"", text)
            assert "TargetMode" not in archive.read(name).decode("utf-8", "replace")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "#N/A", "#REF!", "1e5", "TRUE"]
)
def test_text_stays_text_even_when_edited(tmp_path: Path, text: str) -> None:
    table = Table(key="t", caption=text, columns=(Column(head=text),), rows=((text,),))
    chapter = Chapter(title="x", level=1, blocks=(table,))
    book = _write(replace(sample_document(), chapters=(chapter,), title=text), tmp_path)
    places = (book["t"]["A1"], book["t"]["A2"], book.worksheets[0]["A1"])
    assert [slot.data_type for slot in places] == ["s", "s", "s"]
    assert [slot.value for slot in places] == [text.replace("\r", "\n")] * 3
    if text[0] in "=+-@＝":
        assert all(slot.quotePrefix for slot in places)


def test_text_that_looks_like_an_escape_is_escaped(tmp_path: Path) -> None:
    texts = ("_x0041_", "_x000D_x000A_", "_x00_", "x0041_", "__x0041_")
    rows = tuple((text,) for text in texts)
    table = Table(key="t", caption="c", columns=(Column(head="h"),), rows=rows)
    chapter = Chapter(title="x", level=1, blocks=(table,))
    sheet = _write(replace(sample_document(), chapters=(chapter,)), tmp_path)["t"]
    stored = [sheet.cell(row, 1).value for row in range(2, 7)]
    escaped = ["_x005F_x0041_", "_x005F_x000D_x005F_x000A_", "_x00_", "x0041_", "__x005F_x0041_"]
    assert stored == escaped
    assert tuple(map(_read, stored)) == texts


def test_text_longer_than_a_cell_is_cut_and_says_so(tmp_path: Path) -> None:
    rows = (("x" * 40_000,), ("y" * 32_767,))
    table = Table(key="t", caption="c", columns=(Column(head="h"),), rows=rows)
    chapter = Chapter(title="x", level=1, blocks=(table,))
    sheet = _write(replace(sample_document(), chapters=(chapter,)), tmp_path)["t"]
    assert sheet["A2"].value == "x" * 32_766 + "…"
    assert sheet["A3"].value == "y" * 32_767


def test_the_workbook_is_read_by_pandas_as_a_table(tmp_path: Path) -> None:
    path = tmp_path / "tables.xlsx"
    write_xlsx(sample_document(), path)
    frame = pd.read_excel(path, sheet_name="sites_hydrogen")
    assert len(frame) == 60
    assert frame["规模（kg/12 h）"].tolist()[:4] == [500, 1000, 1500, 2000]
    assert frame["利用率"].iloc[1] == pytest.approx(0.025)
    assert frame["投资（百万元）"].isna().tolist()[:8] == [True, *[False] * 6, True]


# ---- names and looks -------------------------------------------------------------------------


@given(st.lists(st.one_of(st.text(max_size=40), st.sampled_from((*HOSTILE, "a", "A", "History")))))
def test_sheet_names_are_legal_and_unique(keys: list[str]) -> None:
    names = sheet_names(keys)
    assert len(names) == len(keys)
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert 1 <= len(name) <= 31
        assert not set(name) & set("[]:*?/\\'")
        assert name == name.strip()
        assert name.lower() != "history"


def test_a_legal_key_is_the_name() -> None:
    assert sheet_names(["index", "sites_hydrogen"]) == ["index", "sites_hydrogen"]


def test_the_index_leads_to_every_sheet(sample: openpyxl.Workbook) -> None:
    index, *sheets = sample.worksheets
    links = [slot.hyperlink.location for slot in index["C"] if slot.hyperlink]
    assert links == [f"'{sheet.title}'!A1" for sheet in sheets]
    captions = [table.caption for table in all_tables(sample_document())]
    assert [slot.value for slot in index["B"]][-len(sheets) :] == captions


def test_heads_are_frozen_and_numbers_have_formats(sample: openpyxl.Workbook) -> None:
    for sheet in sample.worksheets[1:]:
        assert sheet.freeze_panes == "A2"
        assert sheet.print_title_rows == "$1:$1"
    sheet = sample["small_a"]
    formats = [sheet.cell(2, at).number_format for at in range(1, 6)]
    assert formats == ["General", "#,##0", "#,##0.0", "0.0%", "General"]
    # The sum is no part of what a filter sorts.
    assert sheet.auto_filter.ref == "A1:E3"
    assert sheet["A4"].font.bold
    assert not sheet["A3"].font.bold


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (Column(head="", decimals=0), "#,##0"),
        (Column(head="", decimals=3), "#,##0.000"),
        (Column(head="", is_share=True, decimals=0), "0%"),
        (Column(head="", is_share=True, decimals=2), "0.00%"),
        (Column(head=""), "General"),
    ],
)
def test_formats_follow_the_column(column: Column, expected: str) -> None:
    assert number_format(column) == expected


def test_commands_in_page_headers_are_words(tmp_path: Path) -> None:
    title = "R&D &P" + "长" * 300
    table = Table(key="t", caption=title, columns=(Column(head="h"),), rows=())
    chapter = Chapter(title="x", level=1, blocks=(table,))
    sheet = _write(replace(sample_document(), chapters=(chapter,), notice="a&b"), tmp_path)["t"]
    assert str(sheet.oddHeader.left.text).startswith("表1 R&&D &&P")
    assert len(str(sheet.oddHeader.left.text)) <= 250
    assert sheet.oddFooter.left.text == "a&&b"
    assert sheet.oddFooter.right.text == "&P / &N"


# ---- the file --------------------------------------------------------------------------------


def test_same_document_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = tmp_path / "one.xlsx", tmp_path / "other.xlsx"
    write_xlsx(sample_document(), one)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    write_xlsx(sample_document(), other)
    assert one.read_bytes() == other.read_bytes()
    with ZipFile(one) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        facts = archive.read("docProps/core.xml").decode()
    assert re.findall(r"\d{4}-\d\d-\d\dT", facts) == ["1980-01-01T"] * 2
