"""Pieces of WordprocessingML that python-docx has no words for: fields, links, tables with many rows."""

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from docx.document import Document as Word
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import OxmlElement
from docx.text.paragraph import Paragraph as Line

from maps._report_docx_styles import TABLE_STYLE, style_id
from maps._report_text import WORDS, Heading, head, is_numeric, plain, show
from maps._report_widths import column_shares, is_crowded
from maps.document import Language, Table

_CONTENTS: Final = 'TOC \\o "1-3" \\h \\z \\u'


def add_line(word: Word, text: str, style: str) -> Line:
    """Append a paragraph of a style; python-docx's own way looks through all styles each time."""
    line = word.add_paragraph(text)
    line._p.style = style_id(style)  # noqa: SLF001  # python-docx's own door to the XML
    return line


def add_field(line: Line, instruction: str, shown: str) -> None:
    """Append a field that shows something until Word works it out anew."""
    _mark(line, "begin")
    _instruct(line, instruction)
    _mark(line, "separate")
    line.add_run(shown)
    _mark(line, "end")


def _mark(line: Line, kind: str, *, is_stale: bool = False) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    if is_stale:
        mark.set(qn("w:dirty"), "true")
    line.add_run()._r.append(mark)  # noqa: SLF001


def _instruct(line: Line, instruction: str) -> None:
    text = OxmlElement("w:instrText")
    text.set(qn("xml:space"), "preserve")
    text.text = f" {instruction} "
    line.add_run()._r.append(text)  # noqa: SLF001


def add_contents(word: Word, headings: Sequence[Heading]) -> None:
    """Append the table of contents: a field, filled with links so that every viewer shows it."""
    if not headings:
        return
    lines = [add_line(word, "", f"toc {heading.level}") for heading in headings]
    _mark(lines[0], "begin", is_stale=True)
    _instruct(lines[0], _CONTENTS)
    _mark(lines[0], "separate")
    for line, heading in zip(lines, headings, strict=True):
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), _bookmark(heading))
        link.set(qn("w:history"), "1")
        run = line.add_run(headline(heading))._r  # noqa: SLF001
        link.append(run)
        line._p.append(link)  # noqa: SLF001
    # In a line of its own, as Word writes it: working the contents out anew replaces the others.
    _mark(add_line(word, "", "Note"), "end")


def headline(heading: Heading) -> str:
    """Return a heading with its number."""
    return f"{heading.number} {heading.title}"


def add_heading(word: Word, heading: Heading, place: int) -> None:
    """Append a heading that the table of contents leads to; ``place`` numbers the bookmark."""
    line = add_line(word, "", f"Heading {heading.level}")
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(place))
    start.set(qn("w:name"), _bookmark(heading))
    line._p.append(start)  # noqa: SLF001
    line.add_run(headline(heading))
    line._p.append(end)  # noqa: SLF001


def _bookmark(heading: Heading) -> str:
    return f"_Toc_{heading.anchor.replace('-', '_')}"


def add_table(word: Word, table: Table, *, width_twips: int, language: Language) -> None:
    """Append a table whose head is repeated on every page; written as XML, for the sake of time."""
    widths = [round(width_twips * share) for share in column_shares(table, language)]
    heads = [head(column, language) for column in table.columns]
    size = " Small" if is_crowded(table, language) else ""
    rows = [_row(heads, widths, _styles(table, "Table Head", size), is_head=True)]
    last = len(table.rows) - 1 if table.total else -1
    for place, cells in enumerate(table.rows):
        styles = _styles(table, "Table Sum" if place == last else "", size)
        shown = [show(cell, column) for cell, column in zip(cells, table.columns, strict=True)]
        rows.append(_row(shown, widths, styles))
    if not table.rows:
        rows.append(_empty_row(sum(widths), len(widths), WORDS[language]["none"]))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    element = parse_xml(
        f"<w:tbl {nsdecls('w')}><w:tblPr>"
        f'<w:tblStyle w:val="{style_id(TABLE_STYLE)}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblLook w:val="0020" w:firstRow="1"/>'
        f"<w:tblCaption w:val={quoteattr(plain(table.caption))}/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    word.element.body.insert_element_before(element, "w:sectPr")


def _styles(table: Table, name: str, size: str) -> list[str]:
    text, number = (name, f"{name} Number") if name else ("Table Text", "Table Number")
    return [style_id((number if is_numeric(column) else text) + size) for column in table.columns]


def _row(
    texts: Iterable[str], widths: Iterable[int], styles: Iterable[str], *, is_head: bool = False
) -> str:
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr>'
        f'<w:pStyle w:val="{style}"/></w:pPr>{_run(text)}</w:p></w:tc>'
        for text, width, style in zip(texts, widths, styles, strict=True)
    )
    repeated = "<w:tblHeader/>" if is_head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{cells}</w:tr>"


def _empty_row(width: int, columns: int, text: str) -> str:
    return (
        f'<w:tr><w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:gridSpan w:val="{columns}"/>'
        f'</w:tcPr><w:p><w:pPr><w:pStyle w:val="TableText"/></w:pPr>{_run(text)}</w:p></w:tc></w:tr>'
    )


def _run(text: str) -> str:
    """Return text as a run; line ends and tabs have elements of their own."""
    lines = (_tabbed(line) for line in text.split("\n"))
    return f"<w:r>{'<w:br/>'.join(lines)}</w:r>"


def _tabbed(line: str) -> str:
    parts = (f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in line.split("\t"))
    return "<w:tab/>".join(parts)


def name_pictures(word: Word, words: Sequence[tuple[str, str]]) -> None:
    """Give the pictures of a document, in order, their names and the words for who cannot see."""
    numbers = count(1)
    frames = word.element.body.iter(qn("wp:docPr"))
    for frame, (name, alt) in zip(frames, words, strict=True):
        frame.set("id", str(next(numbers)))
        frame.set("name", name)
        frame.set("descr", alt)


def fold_breaks(word: Word) -> None:
    """Move every section break into the paragraph before it.

    python-docx gives a break an empty paragraph of its own, which a full page throws onto the next.
    """
    for line in list(word.element.body.iterchildren(qn("w:p"))):
        before = line.getprevious()
        breaks = line.findall(f"{qn('w:pPr')}/{qn('w:sectPr')}")
        is_empty = not list(line.iterchildren(qn("w:r"), qn("w:hyperlink")))
        if breaks and is_empty and before is not None and before.tag == qn("w:p"):
            before.get_or_add_pPr().append(breaks[0])
            word.element.body.remove(line)
