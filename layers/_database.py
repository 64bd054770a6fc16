"""PostGIS: a table or view of a database as a layer. Needs the extra ``postgis``."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from layers._crs import declared_crs
from layers._raw import RawLayer, place
from siting.address import hide_password, split_table
from siting.errors import CrsError, InputError, Problem
from siting.model import LayerSpec
from siting.schema import LayerSchema

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement, Connection, Table

_PATIENCE_S = 10
_STATEMENT_MS = 120_000


def read_database(spec: LayerSpec, schema: LayerSchema) -> RawLayer:
    """Return the rows of a table or view, in a transaction that cannot write.

    The table is looked up in the database's catalogue and named by quoted identifiers: its name is
    never part of a query's text.

    Raises
    ------
    InputError
        When the server cannot be reached or refuses us, the table is not there, or it has no
        geometry column, or several. What is wrong with the CRS is in ``faults``.
    """
    with _connected(spec) as connection:
        table = _find_table(connection, spec)
        column = None if schema.geometry == "none" else _geometry_column(table, spec)
        cells, shapes = _read_rows(connection, table, column)
        found = None if column is None else _crs_of(connection, column)
    crs: CRS | None = None
    faults: tuple[CrsError, ...] = ()
    if column is not None:
        try:
            crs = declared_crs(spec, found)
        except CrsError as error:
            faults = (error,)
    return RawLayer(spec=spec, schema=schema, cells=cells, geometry=shapes, crs=crs, faults=faults)


def hash_rows(raw: RawLayer) -> str:
    """Return a SHA-256 of rows in whatever order the database gave them, in hexadecimal."""
    shapes = [] if raw.geometry is None else shapely.to_wkb(raw.geometry).tolist()
    texts = [list(map(str, raw.cells[column].tolist())) for column in raw.cells.columns]
    digest = hashlib.sha256(repr(list(raw.cells.columns)).encode())
    for row in sorted(map(repr, zip(*texts, shapes, strict=True))):
        digest.update(row.encode())
    return digest.hexdigest()


@contextmanager
def _connected(spec: LayerSpec) -> Iterator["Connection"]:
    """Give a read-only connection; what the driver says comes out as one line, no password in it."""
    try:
        import geoalchemy2  # noqa: F401, PLC0415 - knows the type geometry
        import sqlalchemy  # noqa: PLC0415
    except ImportError as error:
        problem = Problem(
            where=place(spec),
            what="reading a database needs the extra postgis",
            got=str(error),
            mend="pip install 'hydrogen-siting[postgis]'",
        )
        raise InputError(problem) from error
    options = f"-c default_transaction_read_only=on -c statement_timeout={_STATEMENT_MS}"
    try:
        url = sqlalchemy.make_url(spec.path).set(drivername="postgresql+psycopg")
        engine = sqlalchemy.create_engine(
            url,
            poolclass=sqlalchemy.NullPool,
            connect_args={"connect_timeout": _PATIENCE_S, "options": options},
        )
        with engine.connect() as connection:
            yield connection
    except (sqlalchemy.exc.SQLAlchemyError, ValueError, shapely.errors.ShapelyError) as error:
        if isinstance(error, InputError):
            raise
        said = str(getattr(error, "orig", None) or error)
        # Not "from error": its text may hold the password.
        raise InputError(
            Problem(
                where=place(spec),
                what="the database cannot be read",
                got=hide_password(said, spec.path),
                expected="postgresql://user@host:port/database that lets us in",
                mend="Check address, user and password (PGPASSWORD or ~/.pgpass keep it out of files).",
            )
        ) from None


def _find_table(connection: "Connection", spec: LayerSpec) -> "Table":
    from sqlalchemy import MetaData, Table, inspect  # noqa: PLC0415

    schema, name = split_table(spec.layer or "")
    known = inspect(connection)
    in_schema = schema if schema is not None else known.default_schema_name
    schemas = known.get_schema_names()
    there = (
        [
            *known.get_table_names(in_schema),
            *known.get_view_names(in_schema),
            *known.get_materialized_view_names(in_schema),
        ]
        if in_schema in schemas
        else []
    )
    if name in there:
        return Table(name, MetaData(), schema=schema, autoload_with=connection)
    raise InputError(
        Problem(
            where=place(spec),
            what="no such table or view in the database",
            got=repr(spec.layer),
            expected=f"one of {', '.join(sorted(there)[:20])}"
            if there
            else f"a schema of {', '.join(sorted(schemas)[:20])}",
            mend='Name it as layer = "schema.table", without quotes.',
        )
    )


def _geometry_column(table: "Table", spec: LayerSpec) -> "Column[Any]":
    from geoalchemy2 import Geography, Geometry  # noqa: PLC0415

    found = [column for column in table.columns if isinstance(column.type, Geometry | Geography)]
    if len(found) == 1:
        return found[0]
    raise InputError(
        Problem(
            where=place(spec),
            what="table has several geometry columns" if found else "table has no geometry column",
            got=", ".join(column.name for column in found or table.columns),
            expected="one column of type geometry or geography",
            mend="Make a view that has one.",
        )
    )


def _read_rows(
    connection: "Connection", table: "Table", column: "Column[Any] | None"
) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    from sqlalchemy import LargeBinary, func, select  # noqa: PLC0415

    others = [other for other in table.columns if other is not column]
    asked: list[ColumnElement[Any]] = list(others)
    if column is not None:
        asked.append(func.ST_AsEWKB(column, type_=LargeBinary).label("_shape"))
    rows = connection.execute(select(*asked)).all()
    values = {
        other.name: pd.Series([_plain(row[k]) for row in rows], dtype=object)
        for k, other in enumerate(others)
    }
    cells = pd.DataFrame(values, index=range(len(rows)))
    shapes = np.full(len(rows), None, dtype=object)
    if column is not None:
        known = [None if row[-1] is None else bytes(row[-1]) for row in rows]
        shapes[:] = shapely.from_wkb(np.array(known, dtype=object))
    return cells, shapes


def _plain(value: object) -> object:
    """Return a cell as files have it: a flag is 0 or 1, a NUMERIC a number."""
    if isinstance(value, bool):
        return int(value)
    return float(value) if isinstance(value, Decimal) else value


def _crs_of(connection: "Connection", column: "Column[Any]") -> CRS | None:
    """Return the CRS of a geometry column: by its authority, else by its text; None if undeclared."""
    from sqlalchemy import text  # noqa: PLC0415

    srid = int(getattr(column.type, "srid", 0) or 0)
    row = connection.execute(
        text("SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = :srid"),
        {"srid": srid},
    ).one_or_none()
    if row is None:
        return None
    authority, code, wkt = row
    with suppress(CRSError):
        return CRS.from_authority(str(authority), str(code))
    with suppress(CRSError):
        return CRS.from_wkt(str(wkt))
    return None
