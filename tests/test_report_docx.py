"""The report for Word: every cell is in it, looks have names, paper and fields are right."""

import re
from dataclasses import replace
from io import BytesIO
from itertools import chain
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from docx.document import Document as Word
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from hypothesis import given, settings

from maps._report_docx_styles import LOOKS
from maps._report_zip import without_dates
from maps.document import Chapter, Document, Figure, Paragraph
from maps.report_docx import write_docx
from tests.report_documents import (
    all_figures,
    all_paragraphs,
    all_tables,
    documents,
    drawing,
    fit,
    sample_document,
    says,
)


def _write(document: Document, folder: Path) -> Word:
    path = folder / "report.docx"
    write_docx(document, path)
    return docx.Document(str(path))


def _text(element: BaseOxmlElement) -> str:
    """Return the text below an element as Word shows it."""
    signs = {qn("w:br"): "\n", qn("w:tab"): "\t"}
    found = element.iter(qn("w:t"), *signs)
    return "".join(signs.get(part.tag, part.text or "") for part in found)


def _rows(word: Word) -> list[list[list[str]]]:
    """Return the texts of all cells by table and row."""
    return [
        [[_text(cell) for cell in row.iter(qn("w:tc"))] for row in table._tbl.iter(qn("w:tr"))]
        for table in word.tables
    ]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Word:
    return _write(sample_document(), tmp_path_factory.mktemp("docx"))


# ---- everything is said ----------------------------------------------------------------------


@settings(max_examples=25)
@given(document=documents())
def test_every_cell_is_said_where_it_stands(
    tmp_path_factory: pytest.TempPathFactory, document: Document
) -> None:
    word = _write(document, tmp_path_factory.mktemp("docx"))
    tables = all_tables(document)
    written = _rows(word)
    assert len(written) == len(tables)
    for (head, *rows), table in zip(written, tables, strict=True):
        assert len(head) == len(table.columns)
        assert all(
            fit(column.head) in said and fit(column.unit) in said
            for column, said in zip(table.columns, head, strict=True)
        )
        if not table.rows:
            assert rows in ([["（无）"]], [["(none)"]])
            continue
        assert [len(row) for row in rows] == [len(table.columns)] * len(table.rows)
        for said, cell, column in zip(
            chain.from_iterable(rows),
            chain.from_iterable(table.rows),
            list(table.columns) * len(rows),
            strict=True,
        ):
            assert says(said, cell, column)


@settings(max_examples=25)
@given(document=documents())
def test_every_other_word_is_said_too(
    tmp_path_factory: pytest.TempPathFactory, document: Document
) -> None:
    word = _write(document, tmp_path_factory.mktemp("docx"))
    told = "\0".join(_text(line._p) for line in word.paragraphs)
    cover = (document.title, document.subtitle, document.edition, document.notice)
    words = [
        *(*cover, document.approval),
        *(chapter.title for chapter in document.chapters),
        *(paragraph.text for paragraph in all_paragraphs(document)),
        *(block.caption for block in (*all_tables(document), *all_figures(document))),
        *(note for table in all_tables(document) for note in table.notes),
    ]
    assert [text for text in words if fit(text) not in told] == []
    frames = word.element.body.iter(qn("wp:docPr"))
    assert [frame.get("descr") for frame in frames] == [
        fit(figure.alt) for figure in all_figures(document)
    ]


def test_the_notice_stands_above_and_the_number_below_every_page(sample: Word) -> None:
    for section in sample.sections:
        assert section.header.paragraphs[0].text == sample_document().notice
        foot = section.footer.paragraphs[0]._p
        fields = [text.text.strip() for text in foot.iter(qn("w:instrText"))]
        assert fields == ["PAGE", "NUMPAGES"]


# ---- looks have names ------------------------------------------------------------------------


def test_no_paragraph_is_set_by_hand(sample: Word) -> None:
    body = sample.element.body
    styles = {style.get(qn("w:val")) for style in body.iter(qn("w:pStyle"))}
    known = {style.style_id for style in sample.styles}
    assert styles <= known
    names = {line.style.name for line in sample.paragraphs}
    assert names <= LOOKS.keys()
    allowed = {qn(tag) for tag in ("w:pStyle", "w:sectPr")}
    assert {part.tag for look in body.iter(qn("w:pPr")) for part in look} <= allowed
    by_hand = {part.tag for look in body.iter(qn("w:rPr")) for part in look}
    assert by_hand <= {qn("w:rStyle"), qn("w:noProof")}


def test_every_look_has_a_latin_and_an_east_asian_font(sample: Word) -> None:
    for name in LOOKS:
        look = sample.styles[name].element.find(qn("w:rPr"))
        fonts = look.find(qn("w:rFonts"))
        assert fonts.get(qn("w:eastAsia")) in {"宋体", "黑体"}
        assert fonts.get(qn("w:ascii")) in {"Times New Roman", "Arial"}
        assert not any("Theme" in key for key in fonts.attrib)


def test_word_opens_it_as_a_file_of_today(sample: Word) -> None:
    settings = {
        setting.get(qn("w:name")): setting.get(qn("w:val"))
        for setting in sample.settings.element.iter(qn("w:compatSetting"))
    }
    assert settings["compatibilityMode"] == "15"


def test_headings_carry_outline_levels_and_the_contents_are_a_field(sample: Word) -> None:
    for level in (1, 2, 3):
        look = sample.styles[f"Heading {level}"].element.find(qn("w:pPr"))
        assert look.find(qn("w:outlineLvl")).get(qn("w:val")) == str(level - 1)
    fields = [text.text.strip() for text in sample.element.body.iter(qn("w:instrText"))]
    assert [field for field in fields if field.startswith("TOC")] == ['TOC \\o "1-3" \\h \\z \\u']
    contents = [line.text for line in sample.paragraphs if line.style.name.startswith("toc")]
    headings = [line.text for line in sample.paragraphs if line.style.name.startswith("Heading")]
    assert contents == headings
    assert "6.1 加氢站" in headings


def test_links_of_the_contents_lead_to_headings(sample: Word) -> None:
    marks = [mark.get(qn("w:name")) for mark in sample.element.body.iter(qn("w:bookmarkStart"))]
    links = [link.get(qn("w:anchor")) for link in sample.element.body.iter(qn("w:hyperlink"))]
    assert links == marks
    assert len(marks) == len(set(marks)) == len(sample_document().chapters)
    assert max(map(len, marks)) <= 40  # Word takes no longer ones


@settings(max_examples=20)
@given(document=documents())
def test_fields_are_whole_and_numbers_unique(
    tmp_path_factory: pytest.TempPathFactory, document: Document
) -> None:
    body = _write(document, tmp_path_factory.mktemp("docx")).element.body
    kinds = [mark.get(qn("w:fldCharType")) for mark in body.iter(qn("w:fldChar"))]
    assert kinds == ["begin", "separate", "end"] * (len(kinds) // 3)
    for tag, key in (("wp:docPr", "id"), ("w:bookmarkStart", qn("w:id"))):
        numbers = [part.get(key) for part in body.iter(qn(tag))]
        assert len(numbers) == len(set(numbers))
    # A table must be parted from the next and from the end by a paragraph.
    tags = [part.tag for part in body]
    assert tags[-1] == qn("w:sectPr")
    assert all(tags[at + 1] == qn("w:p") for at, tag in enumerate(tags) if tag == qn("w:tbl"))


def test_captions_count_themselves(sample: Word) -> None:
    captions = [line for line in sample.paragraphs if line.style.name.endswith("Caption")]
    fields = [text.text.strip() for line in captions for text in line._p.iter(qn("w:instrText"))]
    assert fields == [f"SEQ {line.text[0]} \\* ARABIC" for line in captions]
    tables = [line.text for line in captions if line.text.startswith("表")]
    assert [int(re.findall(r"\d+", text)[0]) for text in tables] == list(range(1, 15))


# ---- paper -----------------------------------------------------------------------------------


def test_wide_tables_lie_down_and_plates_have_a_page_of_a3_each(sample: Word) -> None:
    paper = [
        (round(section.page_width.mm), round(section.page_height.mm))
        for section in sample.sections
    ]
    a4, lying, a3 = (210, 297), (297, 210), (420, 297)
    assert paper == [a4, a4, lying, a4, a3, a3, a3, a4]


def test_no_empty_paragraph_holds_a_section_break(sample: Word) -> None:
    lines = [line._p for line in sample.paragraphs]
    broken = [line for line in lines if line.find(f".//{qn('w:sectPr')}") is not None]
    assert len(broken) == len(sample.sections) - 1
    end_of_contents, *others = broken
    assert end_of_contents.find(f".//{qn('w:fldChar')}").get(qn("w:fldCharType")) == "end"
    # Only a table cannot hold the break itself.
    empty = [line for line in others if not _text(line)]
    assert [line.getprevious().tag for line in empty] == [qn("w:tbl")]


@pytest.mark.parametrize("size", [(420, 297), (100, 900), (4000, 10)])
@pytest.mark.parametrize("is_plate", [True, False])
def test_pictures_fit_their_page_and_keep_their_shape(
    tmp_path: Path, size: tuple[int, int], *, is_plate: bool
) -> None:
    figure = Figure(key="f", caption="c", alt="a", draw=drawing(*size), is_plate=is_plate)
    chapter = Chapter(title="x", level=1, blocks=(figure,))
    word = _write(replace(sample_document(), chapters=(chapter,)), tmp_path)
    (picture,) = word.inline_shapes
    section = word.sections[-1]
    room = (
        section.page_width - section.left_margin - section.right_margin,
        section.page_height - section.top_margin - section.bottom_margin,
    )
    assert picture.width <= room[0]
    assert picture.height <= 0.95 * room[1]
    assert picture.width / picture.height == pytest.approx(size[0] / size[1], rel=0.01)
    assert picture.width > 0.9 * room[0] or picture.height > 0.5 * room[1]


def test_heads_of_tables_are_repeated_and_columns_fill_the_page(sample: Word) -> None:
    for table in sample.tables:
        head, *rows = table._tbl.tr_lst
        assert head.find(f".//{qn('w:tblHeader')}") is not None
        assert not any(row.find(f".//{qn('w:tblHeader')}") is not None for row in rows)
    widths = [
        sum(int(column.get(qn("w:w"))) for column in table._tbl.iter(qn("w:gridCol")))
        for table in sample.tables
    ]
    a4, lying = (210 - 44) * 1440 / 25.4, (297 - 36) * 1440 / 25.4
    assert widths == pytest.approx([a4] * 5 + [lying] + [a4] * 8, abs=12)


# ---- the file --------------------------------------------------------------------------------


def test_same_document_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = tmp_path / "one.docx", tmp_path / "other.docx"
    write_docx(sample_document(), one)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    write_docx(sample_document(), other)
    assert one.read_bytes() == other.read_bytes()
    with ZipFile(one) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        facts = archive.read("docProps/core.xml").decode()
    assert re.findall(r"\d{4}-\d\d-\d\dT", facts) == ["1980-01-01T"] * 2
    assert "python-docx" not in facts


def test_a_zip_without_dates_holds_the_same() -> None:
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        archive.writestr("b.xml", "b" * 1000)
        archive.writestr("a/c.bin", b"\x00")
    with ZipFile(BytesIO(without_dates(target.getvalue()))) as archive:
        assert archive.namelist() == ["b.xml", "a/c.bin"]
        assert [archive.read(name) for name in archive.namelist()] == [b"b" * 1000, b"\x00"]


def test_nothing_in_the_file_refers_to_the_outside(tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    hostile = Paragraph(text="x" + chr(0) + "</w:t><w:instrText>DDEAUTO c</w:instrText>")
    chapter = Chapter(title="INCLUDETEXT \\\\x", level=1, blocks=(hostile,))
    write_docx(replace(sample_document(), chapters=(chapter,)), path)
    with ZipFile(path) as archive:
        links = [
            archive.read(name).decode() for name in archive.namelist() if name.endswith(".rels")
        ]
        body = archive.read("word/document.xml").decode()
    assert not any("External" in text for text in links)
    assert re.findall(r"<w:instrText[^>]*>([^<]*)", body) == [' TOC \\o "1-3" \\h \\z \\u ']
