"""Which part of the report stands on which paper: A4 upright, A4 lying down, or a plate on A3."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Literal, TypeAlias

from maps._report_text import Heading, Item, Part
from maps.document import Figure, Paragraph, Table

Page: TypeAlias = Literal["portrait", "landscape", "plate"]

# Rough heights in lines: what fits on half a page lying down, and what each part takes.
_SMALL_LINES, _FIGURE_LINES, _AROUND_LINES, _LINE_CHARS = 22, 22, 3, 45


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Parts that follow each other on pages of one kind; a plate has a sheet of its own."""

    page: Page
    parts: tuple[Part, ...]


def lay_out(parts: Sequence[Part]) -> tuple[Sheet, ...]:
    """Return the parts on their pages.

    A wide table takes a landscape page and the words beside it along, a plate a page of its own; a
    heading stands where what follows it does. What is too little for a page of its own joins the
    landscape pages beside it.
    """
    sheets: list[Sheet] = []
    pages = _without_islands(_pages(parts), parts)
    for page, group in groupby(zip(pages, parts, strict=True), key=itemgetter(0)):
        run: list[Part] = []
        for _, part in group:
            run.append(part)
            if page == "plate" and isinstance(part, Item):
                sheets.append(Sheet(page=page, parts=tuple(run)))
                run = []
        if run:
            sheets.append(Sheet(page=page, parts=tuple(run)))
    return tuple(sheets)


def _pages(parts: Sequence[Part]) -> list[Page]:
    own = [_own_page(part) for part in parts]
    pages: list[Page] = []
    after: Page = "portrait"
    for place in reversed(range(len(parts))):
        page = own[place]
        if page is None:
            page = after if isinstance(parts[place], Heading) else _neighbour(parts, own, place)
        pages.append(page)
        after = page
    return pages[::-1]


def _own_page(part: Part) -> Page | None:
    if isinstance(part, Heading) or isinstance(part.block, Paragraph):
        return None
    if isinstance(part.block, Table):
        return "landscape" if part.block.is_wide else "portrait"
    return "plate" if part.block.is_plate else "portrait"


def _neighbour(parts: Sequence[Part], own: Sequence[Page | None], place: int) -> Page:
    """Return the page for words: that of the section's next table or figure, else of the last one."""
    for way in (range(place + 1, len(parts)), reversed(range(place))):
        for other in way:
            page = own[other]
            if isinstance(parts[other], Heading) or page == "plate":
                break
            if page is not None:
                return page
    return "portrait"


def _without_islands(pages: Sequence[Page], parts: Sequence[Part]) -> list[Page]:
    """Lay down upright runs of few lines that stand beside landscape pages."""
    runs: list[tuple[Page, list[Part]]] = [
        (page, [part for _, part in group])
        for page, group in groupby(zip(pages, parts, strict=True), key=itemgetter(0))
    ]
    found: list[Page] = []
    for place, (page, run) in enumerate(runs):
        beside = {
            other for other, _ in (*runs[max(place - 1, 0) : place], *runs[place + 1 : place + 2])
        }
        is_island = page == "portrait" and "landscape" in beside and _lines(run) <= _SMALL_LINES
        found += ["landscape" if is_island else page] * len(run)
    return found


def _lines(run: Sequence[Part]) -> int:
    """Return about how many lines parts take."""
    return sum(_part_lines(part) for part in run)


def _part_lines(part: Part) -> int:
    if isinstance(part, Heading):
        return _AROUND_LINES
    if isinstance(part.block, Table):
        return len(part.block.rows) + len(part.block.notes) + _AROUND_LINES
    if isinstance(part.block, Figure):
        return _FIGURE_LINES
    return 1 + len(part.block.text) // _LINE_CHARS
