"""Columns of a table as the page takes them: plain lists, or packed texts where the rows are many."""

from base64 import b64encode
from itertools import pairwise
from math import isnan
from typing import Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Json: TypeAlias = object

PLAIN_ROWS: Final = 2_000
"""Above it columns travel packed and the page draws the rows as one canvas layer."""

_ALPHABET: Final = np.frombuffer(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", dtype=np.uint8
)
_LARGEST: Final = 2.0**51  # what JavaScript's numbers still hold exactly, coded


def texts(values: pd.Series) -> list[str]:
    """Return a column of text; an unknown value is empty."""
    return [
        "" if unknown else str(value) for value, unknown in zip(values, values.isna(), strict=True)
    ]


def numbers(values: pd.Series, *, digits: int) -> list[float | None]:
    """Return a column of numbers, rounded; an unknown value is None, a whole one an integer."""
    rounded = pd.to_numeric(values).astype("float64").round(digits)
    return [
        None if isnan(value) else int(value) if value.is_integer() else value
        for value in rounded.tolist()
    ]


def doubles(values: pd.Series) -> str:
    """Return a column of numbers bit by bit, NaN for unknown, as base64 of little-endian doubles.

    What the page computes again from it is then what Python computed, to the last digit.
    """
    return b64encode(pd.to_numeric(values).to_numpy("<f8", na_value=np.nan).tobytes()).decode()


def text_column(values: pd.Series) -> list[str] | dict[str, Json]:
    """Return a column of text; where the rows are many, what they share is written once.

    That is the words and which row has which, or what each row adds to the beginning of the row before.
    """
    plain = texts(values)
    if len(plain) <= PLAIN_ROWS:
        return plain
    words, row = np.unique(np.array(plain, dtype=object), return_inverse=True)
    if 2 * len(words) <= len(plain):
        return {"words": words.tolist(), "vlq": vlq(row)}
    same = [_shared(before, text) for before, text in pairwise(["", *plain])]
    ends = [text[shared:] for text, shared in zip(plain, same, strict=True)]
    # The page counts UTF-16 units: a sign outside the basic plane is two.
    units = [
        shared + sum(letter > "\uffff" for letter in text[:shared])
        for text, shared in zip(plain, same, strict=True)
    ]
    return {"ends": ends, "vlq": vlq(np.array(units))}


def _shared(a: str, b: str) -> int:
    """Return how many letters two texts begin with alike."""
    unlike = (place for place, pair in enumerate(zip(a, b, strict=False)) if pair[0] != pair[1])
    return next(unlike, min(len(a), len(b)))


def number_column(values: pd.Series, *, digits: int) -> list[float | None] | dict[str, Json]:
    """Return a column of numbers, rounded; packed where the rows are many."""
    if len(values) <= PLAIN_ROWS:
        return numbers(values, digits=digits)
    scale = 10**digits
    whole = (pd.to_numeric(values).astype("float64") * scale).round().to_numpy()
    if np.nanmax(np.abs(whole), initial=0.0) > _LARGEST:
        return numbers(values, digits=digits)
    return {"scale": scale, "vlq": vlq(whole)}


def flag_column(values: pd.Series) -> list[int] | dict[str, Json]:
    """Return a column of yes (1) and no (0); packed where the rows are many."""
    flags = [int(flag) for flag in values]
    return flags if len(flags) <= PLAIN_ROWS else {"scale": 1, "vlq": vlq(np.array(flags))}


def vlq(values: NDArray[np.float64] | NDArray[np.int64]) -> str:
    """Return whole numbers as text, six bits a letter, small ones in one letter.

    A variable-length quantity as in source maps: five bits a letter, the lowest first, the sixth
    tells that more follow. Coded is 0 for NaN, else 1 + 2 v, or -2 v where v is negative.

    Parameters
    ----------
    values
        Whole numbers up to 2**51 in size, or NaN, shape ``(n,)``.

    Examples
    --------
    >>> vlq(np.array([0.0, -1.0, 15.0, 16.0, np.nan]))
    'BCfhBA'
    >>> vlq(np.array([]))
    ''
    """
    wide = np.asarray(values, dtype=np.float64)
    known = np.isfinite(wide)
    whole = np.where(known, wide, 0).astype(np.int64)
    codes = np.where(known, np.where(whole >= 0, 2 * whole + 1, -2 * whole), 0)
    letters = np.ones(len(codes), dtype=np.int64)
    rest = codes >> 5
    while rest.any():
        letters += rest > 0
        rest >>= 5
    ends = np.cumsum(letters)
    written = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    for place in range(int(letters.max(initial=0))):
        here = letters > place
        more = np.where(letters[here] > place + 1, 32, 0)
        written[(ends - letters)[here] + place] = (codes[here] >> 5 * place & 31) | more
    return bytes(_ALPHABET[written]).decode("ascii")


def positions(names: pd.Series, among: pd.Series) -> list[int]:
    """Return the row of each name in another column; -1 where it is not there."""
    row_of = {str(name): row for row, name in enumerate(among)}
    return [row_of.get(str(name), -1) for name in names]
