"""``siting export``: a stored result in other formats, or in a database."""

from pathlib import Path

import click

from siting.errors import ConfigError, Problem

_FORMATS = ("gpkg", "parquet", "geojson", "shp", "xlsx", "cog")


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--format", "file_format", type=click.Choice(_FORMATS), default="gpkg", show_default=True
)
@click.option(
    "--crs", default="EPSG:4326", show_default=True, help="Of the geometry, such as 4549."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="New folder. Default: <DIRECTORY>-<format>."
)
@click.option(
    "--database",
    metavar="URL",
    help="Write into PostGIS instead: postgresql://user@host/name, password from PGPASSWORD.",
)
@click.option("--schema", default="siting", show_default=True, help="Schema in the database.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier result in the schema.")
def export(
    *,
    directory: Path,
    file_format: str,
    crs: str,
    out: Path | None,
    database: str | None,
    schema: str,
    overwrite: bool,
) -> None:
    """Write the result in DIRECTORY for other programs; the result itself is not touched."""
    from layers.result import read_result  # noqa: PLC0415 - heavy libraries

    if database is not None:
        from maps.database import write_database  # noqa: PLC0415

        if out is not None:
            what = "--out and --database exclude each other"
            raise ConfigError(Problem(where="siting export", what=what))
        tables = write_database(
            read_result(directory), database, schema=schema, overwrite=overwrite
        )
        click.echo(f"{len(tables)} tables in schema {schema}")
        return
    from maps.export import export as write  # noqa: PLC0415
    from siting.crs import authority, find_crs  # noqa: PLC0415

    named = authority(find_crs(f"EPSG:{crs}" if crs.isdigit() else crs, where="--crs"))
    target = out or directory.with_name(f"{directory.name}-{file_format}")
    for path in write(read_result(directory), target, file_format=file_format, crs=named):
        click.echo(path)
