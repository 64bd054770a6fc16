"""Shapefiles: all parts there and whole, and the code page that their text is really in."""

import struct
from pathlib import Path
from typing import Final, NamedTuple

from layers._raw import RawLayer, place
from layers._text import CHINESE, is_valid, known_encoding, looks_chinese
from layers._vector import read_vector
from siting.errors import InputError, Problem
from siting.model import LayerSpec
from siting.schema import LayerSchema

_PARTS: Final = (".shp", ".shx", ".dbf")
_HEADER: Final = 100  # bytes of .shp and .shx; their length stands at byte 24 in 16-bit words
_SAMPLE: Final = 8 * 2**20
# Names in .cpg files and marks in .dbf headers that are no encodings of Python by themselves.
_PAGES: Final = {
    "936": "gbk",
    "54936": "gb18030",
    "950": "big5",
    "65001": "utf-8",
    "88591": "latin-1",
}
_MARKS: Final = {0x4D: "gbk", 0x4F: "big5", 0x03: "cp1252"}
_DEFAULT: Final = "ISO-8859-1"
_MEND: Final = 'Say what it is: encoding = "GB18030", say.'


class _Page(NamedTuple):
    """Encoding of a shapefile's text as it is, and a sentence where that was not to be expected."""

    encoding: str
    told: tuple[str, ...] = ()


def read_shapefile(spec: LayerSpec, schema: LayerSchema) -> RawLayer:
    """Return the rows of a shapefile.

    Text is in the encoding that the layer names; else in the one of the .cpg file or the .dbf header,
    unless the bytes are plainly UTF-8 or Chinese and that is told.

    Raises
    ------
    InputError
        When a part is missing or cut off, or the text is in no encoding that can be told. What is wrong
        with places or CRS is in ``faults``.
    """
    parts = _find_parts(spec)
    _check_whole(spec, parts)
    page = _find_page(spec, parts[".dbf"], parts.get(".cpg"))
    return read_vector(spec, schema, encoding=page.encoding, repairs=page.told)


def _find_parts(spec: LayerSpec) -> dict[str, Path]:
    path = Path(spec.path)
    beside = [other for other in path.parent.iterdir() if other.stem == path.stem]
    parts = {other.suffix.lower(): other for other in sorted(beside, reverse=True)}
    missing = [suffix for suffix in _PARTS if suffix not in parts]
    if missing:
        raise InputError(
            Problem(
                where=place(spec),
                what="shapefile is not complete",
                got=f"no {' and no '.join(missing)}",
                expected=".shp, .shx and .dbf beside each other",
                mend="Copy all files of this name.",
            )
        )
    return parts


def _check_whole(spec: LayerSpec, parts: dict[str, Path]) -> None:
    problems = []
    for suffix in _PARTS:
        with parts[suffix].open("rb") as file:
            head = file.read(_HEADER)
        here, said = parts[suffix].stat().st_size, _said_size(suffix, head)
        if said is None or here < said:
            got = f"{here} bytes" + ("" if said is None else f" of {said}")
            problems.append(
                Problem(
                    where=place(spec),
                    what=f"shapefile is cut off ({suffix})",
                    got=got,
                    expected="the whole file",
                    mend="Copy or download it again.",
                )
            )
    if problems:
        raise InputError(*problems)


def _said_size(suffix: str, head: bytes) -> int | None:
    """Return how long a part says it is, None where not even its header is whole."""
    if suffix == ".dbf":
        if len(head) < 32:  # noqa: PLR2004 - rows, then the bytes of the header and of a row
            return None
        rows, header, row = struct.unpack_from("<IHH", head, 4)
        return int(header + rows * row)
    if len(head) < _HEADER:
        return None
    return 2 * int(struct.unpack_from(">i", head, 24)[0])


def _find_page(spec: LayerSpec, dbf: Path, cpg: Path | None) -> _Page:
    if spec.encoding is not None:
        return _Page(known_encoding(spec.encoding, spec))
    with dbf.open("rb") as file:
        data = file.read(_SAMPLE)
    said = cpg.read_text("ascii", "replace").strip() if cpg else ""
    declared = _declared(said, data[29], spec)
    texts = [text for text in _texts(data) if not text.isascii()]
    if not texts:
        return _Page(declared or _DEFAULT)
    return _judge(spec, texts, declared, f".cpg says {said}" if said else "no code page is named")


def _judge(spec: LayerSpec, texts: list[bytes], declared: str | None, said: str) -> _Page:
    """Weigh what is declared against the bytes. A cell may end in half a character."""

    def fits(encoding: str) -> bool:
        return all(is_valid(text, encoding, is_cut=True) for text in texts)

    if declared == "utf-8" and fits("utf-8"):
        return _Page("UTF-8")
    is_chinese = fits(CHINESE) and looks_chinese(texts)
    for encoding, is_it in (("UTF-8", fits("utf-8")), (CHINESE, is_chinese)):
        if is_it:
            is_told = declared is None or declared.lower() != encoding.lower()
            return _Page(encoding, (f"text read as {encoding}; {said}",) if is_told else ())
    if declared is None:
        return _Page(_DEFAULT, (f"text read as {_DEFAULT}; {said}",))
    if fits(declared):
        return _Page(declared)
    raise InputError(
        Problem(
            where=place(spec),
            what=f"text is not {declared.upper()}",
            got=f"{said}, and neither UTF-8 nor GBK",
            expected="text in one encoding",
            mend=_MEND,
        )
    )


def _declared(said: str, mark: int, spec: LayerSpec) -> str | None:
    """Return Python's name of the encoding that .cpg or .dbf name, None for none that is known."""
    name = said.upper().removeprefix("ANSI").removeprefix("OEM").replace(" ", "").strip("-_")
    if not name:
        return _MARKS.get(mark) and known_encoding(_MARKS[mark], spec)
    try:
        return known_encoding(_PAGES.get(name, f"cp{name}" if name.isdecimal() else name), spec)
    except InputError:
        return None


def _texts(data: bytes) -> list[bytes]:
    """Return the names of the columns and the cells of text in the bytes of a .dbf file."""
    rows, header, width = struct.unpack_from("<IHH", data, 4)
    fields, at = [], 1
    names = []
    for start in range(32, header - 32, 32):
        field = data[start : start + 32]
        if len(field) < 32 or field[0] == 0x0D:  # noqa: PLR2004 - the end of the fields
            break
        names.append(field[:11].split(b"\0")[0])
        if field[11:12] == b"C":
            fields.append((at, at + field[16]))
        at += field[16]
    here = min(rows, (len(data) - header) // max(1, width))
    cells = [
        data[header + row * width + start : header + row * width + stop].rstrip(b" \0")
        for row in range(here)
        for start, stop in fields
    ]
    return names + cells
