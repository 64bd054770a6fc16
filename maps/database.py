"""PostGIS: every frame of a result as a table of a schema. Needs the extra ``postgis``."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from maps.published import dtype_of
from maps.target import PROGRAM
from siting.address import hide_password, without_password
from siting.errors import OutputError, Problem
from siting.frames import RESULT_FRAMES, SCHEMA_VERSION
from siting.model import Result

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PATIENCE_S = 10
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_OWN = f"{PROGRAM} result"
_OWN_TABLE = re.compile("|".join([*RESULT_FRAMES, r"layer_[a-z][a-z0-9_]*"]))


def write_database(
    result: Result, address: str, *, schema: str = "siting", overwrite: bool = False
) -> tuple[str, ...]:
    """Write a result into a schema of a PostGIS database: whole or not at all.

    One table for every frame of ``siting.frames.RESULT_FRAMES`` and one ``layer_<kind>`` for every
    layer, in the working CRS, with a spatial index each; the schema's comment says which study it is.
    All of it is one transaction.

    Parameters
    ----------
    address
        ``postgresql://user@host:port/database``; the password may also come from PGPASSWORD or
        ``~/.pgpass``.
    schema
        Made where it is not there. One that is there must be empty, or, with ``overwrite``, bear an
        earlier result; what others put there is not ours to delete.

    Returns
    -------
    tuple[str, ...]
        The tables, as ``schema.table``.

    Raises
    ------
    OutputError
        When the server cannot be reached or refuses us, has no PostGIS, or the schema is taken.
    """
    if not _SCHEMA.fullmatch(schema) or schema.startswith("pg_"):
        expected = "a-z, 0-9 and _, a letter first, not pg_…"
        raise OutputError(
            Problem(
                where="schema", what="not a schema's name", got=repr(schema), expected=expected
            )
        )
    frames = _frames(result)
    with _transaction(address) as connection:
        _make_room(connection, address, schema, overwrite=overwrite)
        for name, frame in frames.items():
            _write_table(connection, frame, name, schema)
        _sign(connection, schema, result)
    return tuple(f"{schema}.{name}" for name in frames)


def _frames(result: Result) -> Mapping[str, pd.DataFrame]:
    frames = {name: getattr(result, name) for name in RESULT_FRAMES}
    return frames | {f"layer_{kind}": frame for kind, frame in sorted(result.layers.items())}


@contextmanager
def _transaction(address: str) -> Iterator["Connection"]:
    """Give a connection whose work is kept only if the block ends well."""
    try:
        import geoalchemy2  # noqa: F401, PLC0415 - knows the type geometry
        import sqlalchemy  # noqa: PLC0415
    except ImportError as error:
        mend = "pip install 'hydrogen-siting[postgis]'"
        problem = Problem(
            where="database", what="needs the extra postgis", got=str(error), mend=mend
        )
        raise OutputError(problem) from error
    try:
        url = sqlalchemy.make_url(address).set(drivername="postgresql+psycopg")
        engine = sqlalchemy.create_engine(
            url, poolclass=sqlalchemy.NullPool, connect_args={"connect_timeout": _PATIENCE_S}
        )
        with engine.begin() as connection:
            yield connection
    except (sqlalchemy.exc.SQLAlchemyError, ValueError) as error:
        said = str(getattr(error, "orig", None) or error)
        # Not "from error": its text may hold the password.
        raise OutputError(
            Problem(
                where=_shown(address),
                what="the result cannot be written into the database; nothing was changed",
                got=hide_password(said, address),
                expected="postgresql://user@host:port/database with PostGIS that lets us write",
                mend="Check address, user, password (PGPASSWORD or ~/.pgpass) and rights.",
            )
        ) from None


def _shown(address: str) -> str:
    try:
        return without_password(address)
    except ValueError:
        return "database"


def _make_room(connection: "Connection", address: str, schema: str, *, overwrite: bool) -> None:
    """Leave an empty schema, or refuse one that holds anything but an earlier result."""
    from sqlalchemy import MetaData, Table, inspect  # noqa: PLC0415
    from sqlalchemy.schema import CreateSchema, DropTable  # noqa: PLC0415

    known = inspect(connection)
    if schema not in known.get_schema_names():
        connection.execute(CreateSchema(schema))
        return
    tables = sorted([*known.get_table_names(schema), *known.get_view_names(schema)])
    is_ours = _comment(connection, schema).startswith(_OWN)
    strangers = [name for name in tables if not (is_ours and _OWN_TABLE.fullmatch(name))]
    if strangers or (tables and not overwrite):
        raise OutputError(
            Problem(
                where=f"{_shown(address)}, schema {schema}",
                what="holds tables that are not ours" if strangers else "holds a result",
                got=", ".join((strangers or tables)[:5]),
                mend="Choose another schema."
                if strangers
                else "Add --overwrite, or choose another schema.",
            )
        )
    for name in tables:
        # Not CASCADE: a view that somebody built on a table shall stop us.
        connection.execute(DropTable(Table(name, MetaData(), schema=schema)))


def _comment(connection: "Connection", schema: str) -> str:
    from sqlalchemy import text  # noqa: PLC0415

    asked = text("SELECT obj_description(to_regnamespace(quote_ident(:name)), 'pg_namespace')")
    return str(connection.execute(asked, {"name": schema}).scalar() or "")


def _write_table(connection: "Connection", frame: pd.DataFrame, name: str, schema: str) -> None:
    if not isinstance(frame, gpd.GeoDataFrame):
        frame.to_sql(name, connection, schema=schema, index=False, method="multi", chunksize=1000)
    elif frame.geometry.notna().any():
        frame.to_postgis(name, connection, schema=schema, index=False)
    else:
        _write_without_places(connection, frame, name, schema)


def _write_without_places(
    connection: "Connection", frame: gpd.GeoDataFrame, name: str, schema: str
) -> None:
    """Write a layer that has no shape at all, whose kind geopandas therefore cannot tell."""
    from geoalchemy2 import Geometry  # noqa: PLC0415

    column = frame.geometry.name
    crs = frame.crs
    number = crs.to_epsg() if crs is not None else None
    plain = pd.DataFrame(frame).astype({column: object})
    if plain.empty and name in RESULT_FRAMES:
        # A frame without rows has forgotten its types: its numbers would become texts.
        plain = plain.astype({c: dtype_of(str(c)) for c in plain.columns if c != column})
    plain.to_sql(
        name,
        connection,
        schema=schema,
        index=False,
        dtype={column: Geometry("GEOMETRY", srid=number or 0)},
    )


def _sign(connection: "Connection", schema: str, result: Result) -> None:
    """Say in the schema's comment whose it is; the text goes in as a quoted literal."""
    from psycopg import sql  # noqa: PLC0415

    said = f"{_OWN}, schema version {SCHEMA_VERSION}: {result.study.title.en} ({result.study.title.zh}), edition {result.study.edition}"
    statement = sql.SQL("COMMENT ON SCHEMA {} IS {}").format(
        sql.Identifier(schema), sql.Literal(said)
    )
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute(statement)
