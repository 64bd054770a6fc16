"""The fonts of this machine: whether Chinese can be drawn, and with which."""

from functools import cache

from matplotlib.font_manager import FontEntry, FontProperties, findfont, fontManager, get_font

LATIN = "DejaVu Sans"
"""Travels with matplotlib: there on every machine."""

# In the order of preference: faces made for simplified Chinese, then any with the Han characters.
_FAMILIES = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "Heiti SC", "STHeiti", "SimHei"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Noto Sans CJK JP"),
    *("Noto Serif CJK SC", "Source Han Serif SC", "SimSun", "Songti SC", "FangSong", "KaiTi"),
    *("AR PL UMing CN", "AR PL UKai CN", "Unifont"),
)
_UNKNOWN = "□"


@cache
def chinese_family() -> str | None:
    """Return the family of a font of this machine that has Chinese characters; None without one.

    A family of the list comes first; fonts of other names are not searched for, as few of them are
    fit to print.
    """
    known = {entry.name for entry in fontManager.ttflist if _is_upright(entry)}
    return next((name for name in _FAMILIES if name in known), None)


def families(*, is_chinese: bool) -> list[str]:
    """Return the families to draw with, the first that has a character wins."""
    chinese = chinese_family()
    if chinese is None:
        return [LATIN]
    return [chinese, LATIN] if is_chinese else [LATIN, chinese]


def legible(text: str, *, family: str | None) -> str:
    """Return text with a box in place of every character that no font at hand has.

    Parameters
    ----------
    text
        Plain text of one line.
    family
        The Chinese family, None where the machine has none.

    Examples
    --------
    >>> legible("青 1", family=None)
    '□ 1'
    """
    fonts = [_characters(LATIN)] + ([_characters(family)] if family else [])
    return "".join(c if any(ord(c) in font for font in fonts) else _UNKNOWN for c in text)


def is_legible(text: str, *, family: str | None) -> bool:
    """Return whether every character of a text can be drawn."""
    return legible(text, family=family) == text


@cache
def _characters(family: str) -> frozenset[int]:
    """Return the code points that a family has."""
    return frozenset(get_font(findfont(FontProperties(family=family))).get_charmap())


def _is_upright(entry: FontEntry) -> bool:
    return entry.style == "normal"
