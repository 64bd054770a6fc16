"""Numbers that are text: which mark they use, and what they are."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# 12,5 and 1234,5 can only be decimal; 1,234,567 and 1,234.5 only thousands; 1,234 may be either.
_DECIMAL: Final = re.compile(
    r"[+-]?(\d*,(\d{1,2}|\d{4,})|(0|\d{4,}),\d*|\d{1,3}(\.\d{3})+,\d+)(e[+-]?\d+)?"
)
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}((,\d{3}){2,}(\.\d+)?|,\d{3}\.\d*)")
_EITHER: Final = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_SPACED: Final = re.compile(r"[+-]?[1-9]\d{0,2}( \d{3})+([.,]\d+)?")
_POINTED: Final = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+,\d+")
_MINUS: Final = str.maketrans({"−": "-", "–": "-"})


class Numbers(NamedTuple):
    """``numbers`` are NaN where blank or no number; ``mended`` counts texts that Python cannot read."""

    numbers: NDArray[np.float64]
    mended: int


def to_numbers(texts: Sequence[str], decimal: str) -> Numbers:
    """Return trimmed texts as numbers.

    Full-width digits, a typographic minus and groups of three digits are read, units are not. A text
    whose mark is in doubt (``decimal`` is ``?``) is no number.

    Examples
    --------
    >>> to_numbers(["1,234", "１２", "1 234", "12 km", ""], ".").numbers.tolist()
    [1234.0, 12.0, 1234.0, nan, nan]
    >>> to_numbers(["1,234"], ",").numbers.tolist(), to_numbers(["1,234"], "?").numbers.tolist()
    ([1.234], [nan])
    """
    plain = pd.to_numeric(pd.Series(texts, dtype="str"), errors="coerce").to_numpy(np.float64)
    values = plain.copy()
    mended = 0
    for index in np.flatnonzero(np.isnan(plain)).tolist():
        if texts[index]:
            values[index] = _read(texts[index], decimal)
            mended += not np.isnan(values[index])
    return Numbers(values, mended)


def find_decimal(texts: Iterable[str], *, in_doubt: str) -> str:
    """Return the decimal mark that the cells of a file prove, ``in_doubt`` where none does.

    ``?`` stands for cells that prove both.
    """
    is_comma = is_point = False
    for text in texts:
        if not {",", "，"} & set(text):
            continue
        folded = _fold(text)
        is_comma = is_comma or _DECIMAL.fullmatch(folded) is not None
        is_point = is_point or _THOUSANDS.fullmatch(folded) is not None
    if is_comma and is_point:
        return "?"
    return "," if is_comma else "." if is_point else in_doubt


def is_in_doubt(text: str) -> bool:
    """Tell whether a text is a number under either mark, and a different one."""
    return _EITHER.fullmatch(_fold(text)) is not None


def _read(text: str, decimal: str) -> float:
    folded = _fold(text)
    if _SPACED.fullmatch(folded):
        folded = folded.replace(" ", "")
    if "," in folded:
        folded = _without_commas(folded, decimal)
    try:
        # float() takes 1_000 and infinity, which no table means
        return float(folded) if not re.search(r"[^\d.e+-]", folded, re.IGNORECASE) else np.nan
    except ValueError:
        return np.nan


def _without_commas(text: str, decimal: str) -> str:
    if _POINTED.fullmatch(text) and decimal == ",":
        return text.replace(".", "").replace(",", ".")
    if decimal == "," and text.count(",") == 1 and "." not in text:
        return text.replace(",", ".")
    if decimal != "," and _THOUSANDS.fullmatch(text):
        return text.replace(",", "")
    if decimal == "." and _EITHER.fullmatch(text):
        return text.replace(",", "")
    return text


def _fold(text: str) -> str:
    """Return a text in ASCII digits and plain spaces, thin and non-breaking ones among them."""
    return unicodedata.normalize("NFKC", text).translate(_MINUS).strip()
