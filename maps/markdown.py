"""Markdown from text that nobody may trust: every piece is escaped, nothing is a template."""

import re
from collections.abc import Iterable, Sequence
from math import isfinite

MISSING = "—"

# Everything that starts a construct somewhere in CommonMark or GitHub's tables, maths and notes.
_ACTIVE = re.compile(r"([\\`*_{}\[\]#|~$])")
_LEADING = re.compile(r"^([-+=]|\d+(?=[.)]))")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str) -> str:
    r"""Return text that Markdown shows literally and on one line.

    Examples
    --------
    >>> escape("a | <b>"), escape("# x"), escape("- y")
    ('a \\| &lt;b&gt;', '\\# x', '\\- y')
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = _ACTIVE.sub(r"\\\1", "".join(_HTML.get(c, c) for c in line))
    return _LEADING.sub(_defuse, line)


def _defuse(match: re.Match[str]) -> str:
    """Escape a list or heading mark at the start; a number's mark is the dot after it."""
    mark = match.group(1)
    return f"&#{ord(mark[0])};{mark[1:]}" if mark.isdigit() else f"\\{mark}"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; cells are escaped already. A table without rows says so."""
    body = [f"| {' | '.join(row)} |" for row in rows]
    if not body:
        return ["（无 / none）", ""]
    rule = " | ".join("---" for _ in headers)
    return [f"| {' | '.join(headers)} |", f"| {rule} |", *body, ""]


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands marks and fixed decimals; a dash for the unknown.

    Examples
    --------
    >>> number(1234.5, 1), number(float("nan"))
    ('1,234.5', '—')
    """
    return f"{value:,.{digits}f}" if value is not None and isfinite(value) else MISSING


def amount(value: float | None) -> str:
    """Return a quantity to four significant digits, not in scientific notation.

    Examples
    --------
    >>> amount(1234567.0), amount(0.01234), amount(2.0)
    ('1,235,000', '0.01234', '2')
    """
    if value is None or not isfinite(value):
        return MISSING
    rounded = float(f"{value:.4g}")
    text = f"{rounded:,.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def share(value: float | None) -> str:
    """Return a share as a percentage with one decimal; a dash for the unknown."""
    return f"{100 * value:.1f} %" if value is not None and isfinite(value) else MISSING
