"""Text in the encodings that tables and shapefiles come in, found out where nobody says."""

import codecs
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from layers._raw import place
from siting.errors import InputError, Problem
from siting.model import LayerSpec

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PAIR: Final = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
# Signs and characters of GB 2312: what Chinese text consists of, and Latin-1 text hardly ever.
_USUAL: Final = re.compile(rb"[\xa1-\xa3\xb0-\xf7][\xa1-\xfe]")
_RUN: Final = re.compile(rb"(?:[\xb0-\xf7][\xa1-\xfe]){2}")
_USUAL_SHARE: Final = 0.8
_LEAD_OF_THREE: Final = re.compile(rb"[\xe3-\xef][\x80-\xbf]{2}")
_RARE_LETTERS: Final = ("\u01cd", "\u036f")  # of Pinyin and phonetics, and loose accents
_NUL_SHARE: Final = 0.1
_LOST: Final = "\ufffd"  # stands where a character could not be read
_SAVE: Final = 'Save it as UTF-8, or name it: encoding = "GB18030" (or what it is).'
CHINESE: Final = "GB18030"  # holds GBK and GB 2312
_WIDER: Final = {"gb2312": CHINESE, "gbk": CHINESE, "cp936": CHINESE, "ms936": CHINESE}


def decode(data: bytes, spec: LayerSpec) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file, and a sentence where it is not in UTF-8.

    ``encoding`` of the layer decides; else a byte-order mark, UTF-8, the zero bytes of UTF-16, the
    pairs of bytes of Chinese text.

    Raises
    ------
    InputError
        When the text is in another encoding than named, in none that can be told, or in two.
    """
    if spec.encoding is not None:
        name = known_encoding(spec.encoding, spec)
        return _strict(data, _with_bom(data, name), spec), ()
    for mark, name in _BOMS:
        if data.startswith(mark):
            told = () if name == "utf-8-sig" else ("text read as UTF-16",)
            return _strict(data, name, spec), told
    if b"\0" in data:
        return _strict(data, _utf_16(data, spec), spec), ("text read as UTF-16",)
    if is_valid(data, "utf-8") and not _is_rare(data):
        return data.decode("utf-8"), ()
    _refuse_mixture(data, spec)
    if not is_valid(data, CHINESE) or not looks_chinese([data]):
        raise _unreadable(spec, "text is neither UTF-8 nor GBK", _first_odd(data), _SAVE)
    return data.decode(CHINESE), (f"text read as {CHINESE}",)


def known_encoding(name: str, spec: LayerSpec) -> str:
    """Return Python's name of an encoding; of GBK and GB 2312 that of GB18030, which holds them.

    Raises
    ------
    InputError
        When there is none of that name.
    """
    try:
        python = codecs.lookup(name).name
        "".encode(python)  # rot13 and the like are no encodings of text
    except (LookupError, UnicodeError, ValueError) as error:
        raise InputError(
            Problem(
                where=f"{place(spec)}: encoding",
                what="unknown encoding",
                got=repr(name),
                expected="such as UTF-8, GB18030, Big5 or ISO-8859-1",
            )
        ) from error
    return _WIDER.get(python, python)


def is_valid(data: bytes, encoding: str, *, is_cut: bool = False) -> bool:
    """Tell whether bytes are text; ``is_cut`` allows half a character at the end."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(data, final=not is_cut)
    except UnicodeDecodeError:
        return False
    return True


def looks_chinese(parts: Sequence[bytes]) -> bool:
    """Tell whether bytes beyond ASCII come in the pairs of everyday Chinese characters."""
    pairs = [pair for part in parts for pair in _PAIR.findall(part)]
    usual = sum(_USUAL.fullmatch(pair) is not None for pair in pairs)
    return bool(pairs) and usual >= _USUAL_SHARE * len(pairs)


def find_mojibake(texts: Iterable[str]) -> str:
    """Return the first text that is Chinese read in a Latin encoding, or has lost characters.

    ÇàµºÊÐ is 青岛市. Two characters side by side are needed: ESTAÇÃO has the bytes of one.

    Examples
    --------
    >>> find_mojibake(["São João", "青岛市", "ÇàµºÊÐ"])
    'ÇàµºÊÐ'
    """
    for text in texts:
        if _LOST in text:
            return text
        if text.isascii():
            continue
        with suppress(UnicodeEncodeError):
            data = text.encode("latin-1")
            if _RUN.search(data) and is_valid(data, CHINESE) and looks_chinese([data]):
                return text
    return ""


def _is_rare(data: bytes) -> bool:
    """Tell whether a short Chinese text happens to be UTF-8 as well, of letters that hardly occur.

    The bytes of 前 in GBK are those of ǰ in UTF-8. Text with Chinese in UTF-8 has runs of three bytes.
    """
    if data.isascii() or _LEAD_OF_THREE.search(data):
        return False
    first, last = _RARE_LETTERS
    is_odd = any(first <= c <= last for c in data.decode("utf-8"))
    return is_odd and is_valid(data, CHINESE) and looks_chinese([data])


def _strict(data: bytes, encoding: str, spec: LayerSpec) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        what, got = f"text is not {encoding.upper()}", f"byte {error.start}"
        raise _unreadable(spec, what, got, _SAVE) from error


def _with_bom(data: bytes, encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" and data.startswith(codecs.BOM_UTF8) else encoding


def _utf_16(data: bytes, spec: LayerSpec) -> str:
    """Return the UTF-16 of text without a mark: its zero bytes are mostly first or mostly second."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    most = max(even, odd)
    # 一 (U+4E00) brings a zero byte of its own.
    if 4 * min(even, odd) > most or most < _NUL_SHARE * len(data) / 2:
        raise _unreadable(spec, "not text but binary data", _kind(data), "Name the right file.")
    return "utf-16-be" if even > odd else "utf-16-le"


def _kind(data: bytes) -> str:
    return "an archive or a workbook (PK)" if data.startswith(b"PK") else "zero bytes"


def _refuse_mixture(data: bytes, spec: LayerSpec) -> None:
    """Refuse text of which some lines are UTF-8 and others are not: two tables, glued together."""
    lines = [
        (number, line)
        for number, line in enumerate(data.split(b"\n"), start=1)
        if not line.isascii()
    ]
    utf_8 = [number for number, line in lines if is_valid(line, "utf-8")]
    other = [number for number, line in lines if not is_valid(line, "utf-8")]
    shown = set(utf_8)
    if other and any(number in shown and _LEAD_OF_THREE.search(line) for number, line in lines):
        got = f"line {utf_8[0]} in UTF-8, line {other[0]} not"
        raise _unreadable(spec, "text in two encodings", got, "Save it again as UTF-8.")


def _first_odd(data: bytes) -> str:
    """Say where the first byte stands that is not ASCII."""
    before = data[: next(i for i, byte in enumerate(data) if byte >> 7)]
    line = before.count(b"\n") + 1
    return f"byte {data[len(before)]:#x} in line {line}"


def _unreadable(spec: LayerSpec, what: str, got: str, mend: str) -> InputError:
    return InputError(Problem(where=place(spec), what=what, got=got, mend=mend))
