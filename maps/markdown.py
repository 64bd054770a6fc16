"""Numbers as text for people; the unknown is a dash."""

from math import isfinite

MISSING = "—"


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
