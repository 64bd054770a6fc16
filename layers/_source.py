"""From a layer's specification to its rows: is the file there, and which reader takes it."""

import hashlib
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from layers._names import name_columns
from layers._raw import RawLayer, place
from siting.errors import InputError, MissingFileError, Problem
from siting.model import LayerSpec
from siting.schema import LAYERS, LayerSchema

Reader: TypeAlias = Callable[[LayerSpec, LayerSchema], RawLayer]

# Named, not imported: OSM, rasters, sheets and databases each cost time to load.
_VECTOR: Final = "layers._vector:read_vector"
_DATABASE: Final = "layers._database:read_database"
_READERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".csv": "layers._table:read_table",
        ".tsv": "layers._table:read_table",
        ".txt": "layers._table:read_table",
        ".xlsx": "layers._sheet:read_sheet",
        ".xlsm": "layers._sheet:read_sheet",
        ".shp": "layers._shapefile:read_shapefile",
        ".parquet": "layers._parquet:read_parquet",
        ".geoparquet": "layers._parquet:read_parquet",
        ".zip": "layers._archive:read_archive",
        ".kmz": "layers._archive:read_archive",
        ".pbf": "layers._osm:read_osm",
        ".osm": "layers._osm:read_osm",
        ".tif": "layers._population:read_population",
        ".tiff": "layers._population:read_population",
    }
)


def read_source(spec: LayerSpec) -> RawLayer:
    """Return the rows of a layer's file.

    A database's address goes to its reader, a suffix without a reader of its own to GDAL. A reader
    takes (spec, schema) and returns a ``RawLayer``; a new kind of file is one module and one row of
    the table above.

    Raises
    ------
    MissingFileError
        When the file is not there.
    InputError
        When the kind is unknown, the file empty or unreadable, or there are no rows.
    """
    schema = _find_schema(spec)
    if is_database(spec):
        raw = _reader(_DATABASE)(spec, schema)
    else:
        _check_file(Path(spec.path), spec)
        raw = read_file(spec, schema)
    if not len(raw.cells):
        raise InputError(
            Problem(
                where=place(spec),
                what="layer has no rows",
                expected="at least one row",
                mend="Fill the file, or take the layer out of the study.",
            )
        )
    return name_columns(raw)


def read_file(spec: LayerSpec, schema: LayerSchema) -> RawLayer:
    """Return the rows of a file that is there, by the reader of its suffix."""
    path = Path(spec.path)
    if path.suffix.lower() == ".xls":
        raise InputError(
            Problem(
                where=place(spec),
                what="old Excel format",
                got=".xls",
                expected=".xlsx",
                mend="Save it as .xlsx or as CSV UTF-8.",
            )
        )
    return _reader(_READERS.get(path.suffix.lower(), _VECTOR))(spec, schema)


def is_database(spec: LayerSpec) -> bool:
    """Tell whether a layer is a table of a database."""
    return spec.path.startswith(("postgresql://", "postgres://"))


def _reader(name: str) -> Reader:
    module, function = name.split(":")
    reader: Reader = getattr(import_module(module), function)
    return reader


def hash_source(raw: RawLayer) -> str:
    """Return the SHA-256 of a file's bytes, or of a table's rows, in hexadecimal.

    Of a shapefile it is the SHA-256 of those of its parts, in the order of their names: the cells are in
    another file than the shapes.
    """
    if is_database(raw.spec):
        from layers._database import hash_rows  # noqa: PLC0415 - its driver is an extra

        return hash_rows(raw)
    path = Path(raw.spec.path)
    is_shape = path.suffix.lower() == ".shp"
    beside = path.parent.iterdir() if is_shape else [path]
    parts = sorted(part for part in beside if part.stem == path.stem and part.is_file())
    digests = []
    for part in parts:
        with part.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256"))
    if len(digests) == 1:
        return digests[0].hexdigest()
    return hashlib.sha256(b"".join(digest.digest() for digest in digests)).hexdigest()


def _find_schema(spec: LayerSpec) -> LayerSchema:
    if spec.kind not in LAYERS:
        raise InputError(
            Problem(
                where=place(spec),
                what="unknown kind of layer",
                got=repr(spec.kind),
                expected=", ".join(LAYERS),
            )
        )
    return LAYERS[spec.kind]


def _check_file(path: Path, spec: LayerSpec) -> None:
    where, got = place(spec), spec.reference
    if path.is_symlink() and not path.exists():
        what, mend = "a link that leads nowhere", "Name the file itself."
        raise InputError(Problem(where=where, what=what, got=got, expected="a file", mend=mend))
    if not path.exists():
        mend = "Check the path; it counts from the folder of the study."
        raise MissingFileError(
            Problem(where=where, what="file not found", got=got, expected="a file", mend=mend)
        )
    if not path.is_file():
        what, mend = "not a file but a directory", "Name the file inside it."
        raise InputError(Problem(where=where, what=what, got=got, expected="a file", mend=mend))
    try:
        with path.open("rb") as file:
            is_empty = not file.read(1)
    except OSError as error:
        what, got = "file cannot be read", error.strerror or ""
        raise InputError(
            Problem(where=where, what=what, got=got, mend="Check its permissions.")
        ) from error
    if is_empty:
        mend = "Copy or download it again."
        raise InputError(Problem(where=where, what="file is empty", got="0 bytes", mend=mend))
