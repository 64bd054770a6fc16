"""Archives (.zip, .kmz): one member and its companions, unpacked into a private folder and read there."""

import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

from layers._raw import RawLayer, place
from layers._text import CHINESE
from siting.errors import InputError, Problem, SitingError
from siting.model import LayerSpec
from siting.schema import LayerSchema

# A shapefile of many like numbers shrinks to a fiftieth; a bomb to a thousandth.
_MOST_RATIO: Final = 200
_RATIO_FROM_BYTES: Final = 10 * 2**20  # small members may shrink as they like
_MOST_BYTES: Final = 2 * 2**30
_MOST_MEMBERS: Final = 10_000
_CHUNK: Final = 2**20

# What the module zipfile raises over damaged bytes.
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, LookupError, ValueError),
    *(EOFError, OSError, RuntimeError, NotImplementedError),
)
_DATA: Final = (
    *(".csv", ".tsv", ".txt", ".xlsx", ".parquet", ".geoparquet", ".shp", ".gpkg", ".geojson"),
    *(".json", ".fgb", ".kml", ".gml", ".tab", ".mif", ".dxf", ".pbf", ".tif", ".tiff"),
)
_ARCHIVES: Final = (".zip", ".kmz", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar", ".tgz")
_MEND: Final = "Unpack it yourself, look at it, and name the file inside."


def read_archive(spec: LayerSpec, schema: LayerSchema) -> RawLayer:
    """Return the rows of the one file of data in an archive, or of the one that ``layer`` names.

    Nothing is unpacked outside of a temporary folder, which is gone afterwards.

    Raises
    ------
    InputError
        When the archive is broken, encrypted, may be a bomb, has names that lead out of it, links or
        archives inside, or does not say which file is meant. Else what the reader of the file says.
    """
    from layers._source import read_file  # noqa: PLC0415 - it names this module

    check_archive(spec, "a ZIP archive")
    with tempfile.TemporaryDirectory(prefix="siting-") as folder:
        with _opened(spec, "a ZIP archive") as archive:
            member = _choose(spec, archive.namelist())
            inner = _unpack(spec, archive, member, Path(folder))
        raw = read_file(inner, schema)
    # What is told of the layer is told of the archive: it is what the user has, and what is hashed.
    return replace(raw, spec=replace(raw.spec, path=spec.path, layer=spec.layer))


def check_archive(spec: LayerSpec, noun: str) -> None:
    """Refuse an archive that is broken or not safe to unpack, from its table of contents alone.

    Raises
    ------
    InputError
        One problem for each reason.
    """
    with _opened(spec, noun) as archive:
        members = archive.infolist()
    problems = [
        Problem(where=place(spec), what=what, got=got, expected=expected, mend=_MEND)
        for what, got, expected in (*_bad_names(members), *_bad_sizes(members))
    ]
    if problems:
        raise InputError(*problems)


@contextmanager
def _opened(spec: LayerSpec, noun: str) -> Iterator[zipfile.ZipFile]:
    """Open an archive, and tell what goes wrong while it is read as one problem."""
    try:
        with zipfile.ZipFile(spec.path, metadata_encoding=_names_in(spec.path)) as archive:
            yield archive
    except SitingError:
        raise
    except _BROKEN as error:
        raise InputError(
            Problem(
                where=place(spec),
                what="archive cannot be read",
                got=str(error),
                expected=noun,
                mend="Copy or download it again.",
            )
        ) from error


def _names_in(path: str) -> str:
    """Return the encoding of names that do not say theirs: macOS writes UTF-8, Windows in China GBK."""
    for encoding in ("utf-8", CHINESE):
        with suppress(UnicodeDecodeError), zipfile.ZipFile(path, metadata_encoding=encoding):
            return encoding
    return "cp437"


def _bad_names(members: Sequence[zipfile.ZipInfo]) -> Iterator[tuple[str, str, str]]:
    """Yield what, got and expected of members that would not stay where they belong."""
    for member in members:
        name = member.orig_filename
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if ".." in parts or name.startswith(("/", "\\")) or ":" in (parts or ("",))[0]:
            yield "archive has a name that leads out of it", repr(name), "plain relative names"
        elif stat.S_ISLNK(member.external_attr >> 16):
            yield "archive holds a link", repr(name), "files"
        elif member.flag_bits & 1:
            yield "archive is encrypted", repr(name), "an archive without a password"


def _bad_sizes(members: Sequence[zipfile.ZipInfo]) -> Iterator[tuple[str, str, str]]:
    if len(members) > _MOST_MEMBERS:
        yield "archive has too many members", str(len(members)), f"at most {_MOST_MEMBERS}"
    total = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if total > _MOST_BYTES:
        yield "archive unpacks to too much", _size(total), f"at most {_size(_MOST_BYTES)}"
    elif total > _RATIO_FROM_BYTES and total > _MOST_RATIO * packed:
        got = f"{_size(total)} from {_size(packed)}"
        yield "archive may be a bomb", got, f"at most {_MOST_RATIO} times its size"


def _size(count: int) -> str:
    return f"{count / 2**20:.0f} MiB" if count >= 2**20 else f"{count / 2**10:.0f} KiB"


def _choose(spec: LayerSpec, names: Sequence[str]) -> str:
    """Return the member that is meant: by ``layer``, as the only one, or named like the kind."""
    files = [name for name in names if not name.endswith("/") and "__MACOSX" not in name]
    data = [name for name in files if PurePosixPath(name).suffix.lower() in _DATA]
    for wanted in filter(None, (spec.layer, spec.kind if len(data) > 1 else None)):
        hits = [name for name in data if wanted in {name, *_short(name)}]
        if len(hits) == 1:
            return hits[0]
    if len(data) == 1:
        return data[0]
    if spec.layer is not None and data:
        raise _unclear(spec, "archive has no such file", repr(spec.layer), " or ".join(data))
    if data:
        what = "archive holds several files of data"
        raise _unclear(spec, what, ", ".join(data), f"one, or one named {spec.kind}")
    nested = [name for name in files if PurePosixPath(name).suffix.lower() in _ARCHIVES]
    raise InputError(
        Problem(
            where=place(spec),
            what="archive holds an archive" if nested else "archive holds no file of data",
            got=", ".join(nested or files),
            expected=", ".join(_DATA[:9]) + " …",
            mend=_MEND,
        )
    )


def _unclear(spec: LayerSpec, what: str, got: str, expected: str) -> InputError:
    mend = 'Name the file: layer = "its name".'
    return InputError(Problem(where=place(spec), what=what, got=got, expected=expected, mend=mend))


def _short(name: str) -> tuple[str, str]:
    return PurePosixPath(name).name, PurePosixPath(name).stem


def _unpack(spec: LayerSpec, archive: zipfile.ZipFile, member: str, folder: Path) -> LayerSpec:
    """Unpack a member and its companions (.dbf, .prj …) under plain names; return where it is."""
    chosen = PurePosixPath(member)
    for info in archive.infolist():
        name = PurePosixPath(info.filename)
        if name.with_suffix("") == chosen.with_suffix("") and name.suffix:
            target = folder / f"data{name.suffix.lower()}"
            # The module zipfile stops at the size that was checked, whatever the bytes say.
            with archive.open(info) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file, _CHUNK)
    inside = spec.layer if spec.layer not in {member, *_short(member)} else None
    path = folder / f"data{chosen.suffix.lower()}"
    return replace(spec, path=str(path), reference=f"{spec.reference}/{member}", layer=inside)
