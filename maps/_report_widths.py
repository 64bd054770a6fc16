"""How wide a table's columns are, in half-width characters, from what stands in them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import sqrt
from typing import Final
from unicodedata import combining, east_asian_width

from maps._report_text import head, is_numeric, plain, show
from maps.document import Column, Language, Table

CAPACITY: Final = 100
CAPACITY_WIDE: Final = 156
"""Characters at 8.5 pt across the text of A4 upright and lying down."""

_SCREEN, _WRAP, _PADDING = 140, 40, 2
_MOST_WORD, _MOST_HEAD, _LONG_NUMBER = 12, 14, 24
_BOLD = 1.15  # bold letters against plain ones
_USUAL = 0.9  # the share of the cells that a column suits without wrapping
_WORDS: Final = re.compile(r"[^\s\u2e80-\uffef]+")


@dataclass(frozen=True, slots=True)
class _Need:
    """What a column wants so that little wraps, and what it must have so that no word breaks."""

    wanted: float
    least: float
    keeps: bool


def measure(text: str) -> int:
    """Return the width of text in half-width characters, that of its longest line.

    Examples
    --------
    >>> measure("abc"), measure("加氢站"), measure("")
    (3, 6, 0)
    """
    return max(
        len(line) if line.isascii() else sum(map(_width, line)) for line in text.split("\n")
    )


@cache
def _width(char: str) -> int:
    if combining(char):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def column_widths(table: Table, language: Language) -> tuple[int, ...]:
    """Return the width of each column where the table may be wider than the page, padding included.

    Long texts wrap; where several stand side by side they do so at 40 or more.
    """
    needs = [
        need if need.keeps else _Need(need.wanted, min(need.wanted, _WRAP), keeps=False)
        for need in _needs(table, language)
    ]
    return tuple(round(width) for width in _squeeze(needs, _SCREEN))


def column_shares(table: Table, language: Language) -> tuple[float, ...]:
    """Return the share of the page's width for each column; they sum to 1.

    Where the page is too narrow the long columns of text give way; numbers and short ones keep what
    they need.
    """
    squeezed = _squeeze(_needs(table, language), _capacity(table))
    total = sum(squeezed)
    return tuple(width / total for width in squeezed)


def is_crowded(table: Table, language: Language) -> bool:
    """Return whether a table does not fit its page without breaking words at the usual size."""
    return sum(need.least for need in _needs(table, language)) > 0.85 * _capacity(table)


def _capacity(table: Table) -> int:
    return CAPACITY_WIDE if table.is_wide else CAPACITY


def _needs(table: Table, language: Language) -> list[_Need]:
    return [
        _need(column, tuple(show(row[at], column) for row in table.rows), language)
        for at, column in enumerate(table.columns)
    ]


# Three writers ask several times for the same table. By what is shown of the cells: 1, 1.0 and True
# are equal, and shown in different ways.
@lru_cache(maxsize=4096)
def _need(column: Column, shown: tuple[str, ...], language: Language) -> _Need:
    title = _head_width(column, language)
    widths = sorted(map(measure, shown)) or [0]
    if is_numeric(column) and widths[-1] <= _LONG_NUMBER:
        width = _PADDING + max(title, widths[-1])
        return _Need(width, width, keeps=True)
    usual = widths[min(int(_USUAL * len(widths)), len(widths) - 1)]
    word = max((_longest_word(text) for text in shown), default=0)
    least = _PADDING + max(title, min(_MOST_WORD, word))
    return _Need(max(least, _PADDING + usual), least, keeps=False)


def _head_width(column: Column, language: Language) -> float:
    """Return what a head needs: its longest word, or half of it over two lines."""
    title = plain(column.head)
    unit = head(column, language)[len(title) :]
    words = max(_longest_word(title), _longest_word(unit), 4)
    return min(_MOST_HEAD, _BOLD * max(words, -(-measure(title) // 2), -(-measure(unit) // 2)))


def _longest_word(text: str) -> int:
    """Return the longest piece that cannot be parted; Chinese may break anywhere."""
    words: Iterable[str] = _WORDS.findall(text)
    return max(map(measure, words), default=0)


def _squeeze(needs: Sequence[_Need], capacity: int) -> list[float]:
    """Return widths that fit where they can: what wants more than its part gives way."""
    room = capacity - sum(need.wanted for need in needs if need.keeps)
    free = sorted(need.wanted for need in needs if not need.keeps)
    while free and free[0] <= room / len(free):
        room -= free.pop(0)
    limit = free[0] if free else float("inf")
    # The square root: twice the text gets more of the room, but not twice as much.
    weights = sum(map(sqrt, free))
    return [
        max(need.least, room * sqrt(need.wanted) / weights)
        if not need.keeps and need.wanted >= limit
        else need.wanted
        for need in needs
    ]
