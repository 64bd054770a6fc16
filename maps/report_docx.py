"""The report as a Word document: styles throughout, so that a bureau can set it in its own."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import docx
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.image.image import Image
from docx.section import Section
from docx.shared import Emu, Length, Mm

from maps._report_docx_parts import (
    add_contents,
    add_field,
    add_heading,
    add_line,
    add_table,
    fold_breaks,
    name_pictures,
)
from maps._report_docx_styles import set_styles
from maps._report_layout import Page, Sheet, lay_out
from maps._report_text import (
    WORDS,
    Heading,
    Item,
    Part,
    caption,
    notes,
    number_parts,
    plain,
)
from maps._report_zip import NO_DATE, without_dates
from maps.document import Document, Figure, Language, Paragraph, Table

# Width, height, margin at the sides, above and below in mm: A4, A4 lying, A3 lying.
_PAPER: Final[dict[Page, tuple[float, float, float, float]]] = {
    "portrait": (210, 297, 22, 24),
    "landscape": (297, 210, 18, 20),
    "plate": (420, 297, 15, 18),
}
_UPRIGHT: Final = Mm(_PAPER["portrait"][0] - 2 * _PAPER["portrait"][2])
_CAPTION_MM, _HEADING_MM, _FIGURE_MM = 16.0, 16.0, 150.0
_STYLE_OF: Final = {
    "text": "Body Text",
    "note": "Note",
    "warning": "Warning",
    "bullet": "List Bullet",
}
_BLANK: Final = "_" * 20


def write_docx(document: Document, path: Path) -> None:
    """Write a document for Word: A4, wide tables on A4 lying down, plates on A3.

    Headings carry outline levels and the contents are a field, captions count themselves, heads of
    tables are repeated, the notice stands at the head of every page and its number at the foot. Same
    document, same bytes.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    word = docx.Document()
    parts = number_parts(document)
    set_styles(word, document.language)
    _set_properties(word, document)
    _set_page(word.sections[0], "portrait")
    _set_margins(word.sections[0], document)
    _add_cover(word, document)
    _add_contents(word, parts, document.language)
    _add_sheets(word, lay_out(parts), document.language)
    fold_breaks(word)
    name_pictures(word, list(_pictures(parts)))
    target = io.BytesIO()
    word.save(target)
    path.write_bytes(without_dates(target.getvalue()))


def _set_properties(word: Word, document: Document) -> None:
    facts = word.core_properties
    facts.title, facts.subject = plain(document.title)[:255], plain(document.subtitle)[:255]
    facts.author = facts.last_modified_by = facts.comments = facts.keywords = ""
    facts.language = {"zh": "zh-CN", "en": "en"}[document.language]
    facts.created = facts.modified = NO_DATE
    facts.revision = 1


def _set_page(section: Section, page: Page) -> None:
    width, height, side, edge = _PAPER[page]
    section.orientation = WD_ORIENT.PORTRAIT if page == "portrait" else WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin = section.right_margin = Mm(side)
    section.top_margin = section.bottom_margin = Mm(edge)
    section.header_distance = section.footer_distance = Mm(9)


def _set_margins(section: Section, document: Document) -> None:
    """Put the notice above and the page number below; later sections inherit both."""
    section.header.paragraphs[0].add_run(" ".join(plain(document.notice).split()))
    foot = section.footer.paragraphs[0]
    add_field(foot, "PAGE", "1")
    foot.add_run(" / ")
    add_field(foot, "NUMPAGES", "1")


def _add_cover(word: Word, document: Document) -> None:
    add_line(word, plain(document.title), "Title")
    add_line(word, plain(document.subtitle), "Subtitle")
    add_line(word, plain(document.edition), "Cover Text")
    if document.approval:
        label = WORDS[document.language]["approval"].format(plain(document.approval))
        add_line(word, label + _BLANK, "Cover Text")
    add_line(word, plain(document.notice), "Cover Notice")


def _add_contents(word: Word, parts: Sequence[Part], language: Language) -> None:
    add_line(word, WORDS[language]["contents"], "TOC Heading")
    add_contents(word, [part for part in parts if isinstance(part, Heading)])


def _add_sheets(word: Word, sheets: Sequence[Sheet], language: Language) -> None:
    """Start a section wherever the paper changes; the first text begins on a page of its own."""
    place = 0
    for sheet in sheets:
        _set_page(word.add_section(WD_SECTION.NEW_PAGE), sheet.page)
        above = (
            sum(isinstance(part, Heading) for part in sheet.parts) if sheet.page == "plate" else 0
        )
        for part in sheet.parts:
            if isinstance(part, Heading):
                place += 1
                add_heading(word, part, place)
            else:
                _add_item(word, part, language, headings=above)


def _add_item(word: Word, item: Item, language: Language, *, headings: int) -> None:
    if isinstance(item.block, Paragraph):
        _add_paragraph(word, item.block, language)
    elif isinstance(item.block, Table):
        _add_caption(word, item, item.block.caption, language, style="Caption")
        width, _ = _room(word)
        most = width.twips if item.block.is_wide else min(width.twips, _UPRIGHT.twips)
        add_table(word, item.block, width_twips=most, language=language)
        for note in notes(item.block, language) or [""]:
            add_line(word, note, "Note")
    else:
        _add_picture(word, item.block, headings=headings)
        _add_caption(word, item, item.block.caption, language, style="Figure Caption")


def _add_paragraph(word: Word, paragraph: Paragraph, language: Language) -> None:
    line = add_line(word, "", _STYLE_OF[paragraph.kind])
    if paragraph.kind == "warning":
        line.add_run(WORDS[language]["warning"], style="Strong")
    line.add_run(plain(paragraph.text))


def _add_caption(word: Word, item: Item, text: str, language: Language, *, style: str) -> None:
    """Append a caption whose number is a field, so that Word can list and renumber it."""
    kind = "table" if isinstance(item.block, Table) else "figure"
    prefix = WORDS[language][kind].format("")
    line = add_line(word, prefix, style)
    add_field(line, f"SEQ {prefix.strip()} \\* ARABIC", item.label.removeprefix(prefix))
    line.add_run(caption(item.label, text, language).removeprefix(item.label))


def _add_picture(word: Word, figure: Figure, *, headings: int) -> None:
    png = figure.draw("png")
    width, height = _room(word)
    most = (
        Mm(_FIGURE_MM)
        if not figure.is_plate
        else Emu(height - Mm(_CAPTION_MM) - headings * Mm(_HEADING_MM))
    )
    image = Image.from_blob(png)
    scale = min(width / image.px_width, most / image.px_height)
    add_line(word, "", "Figure").add_run().add_picture(
        io.BytesIO(png), Emu(int(image.px_width * scale)), Emu(int(image.px_height * scale))
    )


def _pictures(parts: Sequence[Part]) -> Iterator[tuple[str, str]]:
    for part in parts:
        if isinstance(part, Item) and isinstance(part.block, Figure):
            yield plain(part.label), plain(part.block.alt)


def _room(word: Word) -> tuple[Length, Length]:
    """Return width and height of the text on the current page."""
    section = word.sections[-1]
    sides = (section.left_margin or 0) + (section.right_margin or 0)
    edges = (section.top_margin or 0) + (section.bottom_margin or 0)
    return Emu((section.page_width or 0) - sides), Emu((section.page_height or 0) - edges)
