"""The report as one HTML file: loads nothing, runs nothing, prints to A4 and A3."""

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from maps._report_layout import Sheet, lay_out
from maps._report_svg import check_svg
from maps._report_text import (
    WORDS,
    Heading,
    Item,
    Part,
    caption,
    head,
    is_numeric,
    notes,
    number_parts,
    plain,
    row_head,
    show,
)
from maps._report_widths import column_shares, column_widths, is_crowded
from maps.document import Column, Document, Figure, Language, Paragraph, Table

_STYLE: Final = Path(__file__).parent / "web" / "report.css"
_SHORT_ROWS: Final = 8
# Browsers take blanks in such a URL; the others mean something in a URL or in the page.
_URL_UNSAFE: Final = re.compile(rb"[^ !$'()*+,./0-9:;=?@A-Z_a-z~-]")
_LANG: Final[dict[Language, str]] = {"zh": "zh-CN", "en": "en"}


def render_html(document: Document) -> str:
    """Return a document as HTML: self-contained, without script, readable on a phone, printable.

    Figures stand in it as images of their own, so nothing in them can reach the page. Paper: A4
    portrait, A4 landscape for wide tables, A3 landscape for plates; the notice and the page number
    stand at the foot of every page where the browser prints margin boxes (Chromium since 131).
    Same document, same text.

    Raises
    ------
    OutputError
        A figure's SVG is not well-formed, runs something or refers to something outside.
    """
    parts = number_parts(document)
    style = _style(document, parts)
    body = "\n".join(
        (
            f'<a class="skip" href="#text">{WORDS[document.language]["skip"]}</a>',
            *_cover(document),
            *_contents(parts, document.language),
            '<main id="text" tabindex="-1">',
            *(_sheet(sheet, document.language) for sheet in lay_out(parts)),
            "</main>",
        )
    )
    return f"""<!DOCTYPE html>
<html lang="{_LANG[document.language]}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy(style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{_text(document.title)}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def _style(document: Document, parts: Sequence[Part]) -> str:
    """Return the style sheet with the notice at the foot of every page and the widths of columns."""
    foot = f"@page {{ @bottom-left {{ content: {css_string(document.notice)}; }} }}"
    widths = (
        rule
        for part in parts
        if isinstance(part, Item) and isinstance(part.block, Table)
        for rule in _width_rules(part.block, part.anchor, document.language)
    )
    return "\n".join(("", _STYLE.read_text(encoding="utf-8") + foot, *widths, ""))


def _width_rules(table: Table, anchor: str, language: Language) -> Iterable[str]:
    """Yield what each column asks for on a screen and its share of the page."""
    asked, shares = column_widths(table, language), column_shares(table, language)
    for place, (width, part) in enumerate(zip(asked, shares, strict=True), start=1):
        column = f"#{anchor} col:nth-child({place})"
        yield f"{column} {{ --asked: {width}; --share: {100 * part:.2f}%; }}"


def css_string(text: str) -> str:
    r"""Return text as a CSS string that can end neither itself nor the style element.

    Examples
    --------
    >>> css_string('a"</style>')
    '"a\\22 \\3c \\2f style\\3e "'
    """
    letters = " ".join(plain(text).split())
    return (
        f'"{"".join(c if c.isalnum() or c == " " else f"{chr(92)}{ord(c):x} " for c in letters)}"'
    )


def svg_url(svg: bytes) -> str:
    r"""Return a drawing as a URL that holds it, shorter than in base 64.

    Examples
    --------
    >>> svg_url(b"<svg><use href='#a'/></svg>")
    "data:image/svg+xml,%3Csvg%3E%3Cuse href='%23a'/%3E%3C/svg%3E"
    """
    safe = _URL_UNSAFE.sub(lambda found: b"%%%02X" % found[0][0], svg)
    return f"data:image/svg+xml,{safe.decode('ascii')}"


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    rules = ("default-src 'none'", f"style-src 'sha256-{digest}'", "img-src data:")
    return "; ".join((*rules, "base-uri 'none'", "form-action 'none'"))


def _text(text: str) -> str:
    return html.escape(plain(text))


def _cover(document: Document) -> Iterable[str]:
    approval = WORDS[document.language]["approval"].format(_text(document.approval))
    yield '<header class="cover">'
    yield f"<h1>{_text(document.title)}</h1>"
    yield f'<p class="subtitle">{_text(document.subtitle)}</p>'
    yield f'<p class="edition">{_text(document.edition)}</p>'
    if document.approval:
        yield f'<p class="approval">{approval}<span class="blank"></span></p>'
    yield f'<p class="notice">{_text(document.notice)}</p>'
    yield "</header>"


def _contents(parts: Sequence[Part], language: Language) -> Iterable[str]:
    """Yield the table of contents as nested lists, every heading a link."""
    title = WORDS[language]["contents"]
    yield f'<nav class="contents" aria-labelledby="contents">\n<h2 id="contents">{title}</h2>'
    depth = 0
    for part in parts:
        if not isinstance(part, Heading):
            continue
        if part.level > depth:
            yield "<ol>"
        else:
            yield "</li>" + "</ol></li>" * (depth - part.level)
        yield f'<li><a href="#{part.anchor}">{_headline(part)}</a>'
        depth = part.level
    yield "</li></ol>" * depth + "</nav>"


def _headline(heading: Heading) -> str:
    return f'<span class="number">{heading.number}</span> {_text(heading.title)}'


def _sheet(sheet: Sheet, language: Language) -> str:
    lines = [f'<div class="sheet {sheet.page}">']
    for is_bullet, group in groupby(sheet.parts, key=_is_bullet):
        pieces = [_part(part, language) for part in group]
        lines += ["<ul>", *pieces, "</ul>"] if is_bullet else pieces
    return "\n".join((*lines, "</div>"))


def _is_bullet(part: Part) -> bool:
    return (
        isinstance(part, Item)
        and isinstance(part.block, Paragraph)
        and part.block.kind == "bullet"
    )


def _part(part: Part, language: Language) -> str:
    if isinstance(part, Heading):
        tag = f"h{part.level + 1}"
        return f'<{tag} id="{part.anchor}">{_headline(part)}</{tag}>'
    if isinstance(part.block, Paragraph):
        return _paragraph(part.block, language)
    if isinstance(part.block, Table):
        return _table(part.block, part, language)
    return _figure(part.block, part, language)


def _paragraph(paragraph: Paragraph, language: Language) -> str:
    text = _text(paragraph.text)
    if paragraph.kind == "bullet":
        return f"<li>{text}</li>"
    if paragraph.kind == "warning":
        word = WORDS[language]["warning"]
        return f'<p class="warning"><strong>{word}</strong>{text}</p>'
    return f'<p class="note">{text}</p>' if paragraph.kind == "note" else f"<p>{text}</p>"


def _table(table: Table, item: Item, language: Language) -> str:
    words = html.escape(caption(item.label, table.caption, language))
    heads = "".join(_head(column, language) for column in table.columns)
    lines = [
        f'<div class="{_kind(table, language)}" id="{item.anchor}">',
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{item.anchor}-caption">',
        f'<table><caption><span id="{item.anchor}-caption">{words}</span></caption>',
        f"<colgroup>{'<col>' * len(table.columns)}</colgroup>",
        f"<thead><tr>{heads}</tr></thead>",
        "<tbody>",
        *_rows(table, language),
        "</tbody></table></div>",
        *(f'<p class="note">{html.escape(note)}</p>' for note in notes(table, language)),
        "</div>",
    ]
    return "\n".join(lines)


def _kind(table: Table, language: Language) -> str:
    """Return the classes of a table: a short one is not parted, a crowded one set smaller."""
    kinds = {
        "wide": table.is_wide,
        "short": len(table.rows) <= _SHORT_ROWS,
        "crowded": is_crowded(table, language),
    }
    return " ".join(("table", *(kind for kind, is_so in kinds.items() if is_so)))


def _head(column: Column, language: Language) -> str:
    """Return a head whose unit stays whole."""
    title = plain(column.head)
    unit = head(column, language)[len(title) :]
    words = f"{html.escape(title)}<wbr><span>{html.escape(unit)}</span>" if unit else _text(title)
    return f'<th scope="col"{_side(is_numeric(column))}>{words}</th>'


def _rows(table: Table, language: Language) -> Iterable[str]:
    if not table.rows:
        yield f'<tr><td colspan="{len(table.columns)}">{WORDS[language]["none"]}</td></tr>'
    name_at = row_head(table)
    last = len(table.rows) - 1 if table.total else -1
    for place, row in enumerate(table.rows):
        cells = "".join(
            f'<th scope="row"{_side(is_numeric(column))}>{_text(show(cell, column))}</th>'
            if at == name_at
            else f"<td{_side(is_numeric(column))}>{_text(show(cell, column))}</td>"
            for at, (column, cell) in enumerate(zip(table.columns, row, strict=True))
        )
        kind = ' class="total"' if place == last else ""
        yield f"<tr{kind}>{cells}</tr>"


def _side(is_number: bool) -> str:  # noqa: FBT001  # one fact of the cell
    return ' class="n"' if is_number else ""


def _figure(figure: Figure, item: Item, language: Language) -> str:
    svg = figure.draw("svg")
    check_svg(svg, where=f"figure {figure.key}")
    image = html.escape(svg_url(svg), quote=False)
    words = html.escape(caption(item.label, figure.caption, language))
    return "\n".join(
        (
            f'<figure id="{item.anchor}">',
            f'<div class="scroll" role="region" tabindex="0" aria-label="{words}">',
            f'<img src="{image}" alt="{_text(figure.alt)}">',
            f"</div><figcaption>{words}</figcaption></figure>",
        )
    )
