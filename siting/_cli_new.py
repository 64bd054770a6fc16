"""``siting new``: a study of one's own city from a file of OpenStreetMap and what one has besides."""

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from siting.errors import ConfigError, MissingFileError, OutputError, Problem

if TYPE_CHECKING:
    from siting._config_new import NewStudy
    from siting.model import Inputs

_FACILITIES = ("hydrogen", "charging", "shore_power")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_Path = click.Path(path_type=Path)


@click.command()
@click.argument("name")
@click.option("--osm", type=_Path, help="Extract of OpenStreetMap: FILE.osm.pbf.")
@click.option(
    "--place", help="Name of the city: its boundary; without --osm its data too, online."
)
@click.option("--boundary", type=_Path, help="Polygon of the study area, any format and CRS.")
@click.option("--demand", type=_Path, help="Where people live: points with a population.")
@click.option("--population", type=_Path, help="Raster of persons per cell.")
@click.option("--elevation", type=_Path, help="Raster of heights, metres.")
@click.option("--land-cover", type=_Path, help="Raster of land cover classes.")
@click.option("--layer", "own", multiple=True, metavar="KIND=FILE", help="A layer of your own.")
@click.option("--facility", "wanted", multiple=True, type=click.Choice(_FACILITIES))
@click.option("--crs", default="auto", show_default=True, help="Metric CRS of the study.")
@click.option("--out", type=_Path, default=Path(), help="Where the folder NAME is made.")
@click.option("--overwrite", is_flag=True, help="Replace a study of that name.")
def new(
    *,
    name: str,
    osm: Path | None,
    place: str | None,
    boundary: Path | None,
    demand: Path | None,
    population: Path | None,
    elevation: Path | None,
    land_cover: Path | None,
    own: tuple[str, ...],
    wanted: tuple[str, ...],
    crs: str,
    out: Path,
    overwrite: bool,
) -> None:
    """Write a study NAME (a folder) that `siting run NAME/NAME.toml` plans as it is."""
    folder = _target(name, out, overwrite=overwrite)
    brought = _own_layers(own)
    if demand or population:
        brought["townships"] = demand or population or Path()
    grids = {"elevation": elevation, "land_cover": land_cover}
    given = {kind: path for kind, path in grids.items() if path is not None}
    _require_files([osm, boundary, *brought.values(), *given.values()])
    folder.parent.mkdir(parents=True, exist_ok=True)
    # A neighbour of the folder, so that paths from it are those from the folder itself.
    made = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=folder.parent))
    try:
        source, extract, outline = _osm_and_boundary(made, name, osm, place, boundary)
        data = _Data(extract=extract, outline=outline, layers=brought, grids=given)
        asked = _describe(data, wanted or _FACILITIES, made, folder)
        asked = replace(asked, name=name, title=place or name, crs=crs, source=source)
        _write(made, asked)
        asked = _counted(made, asked)
        _write(made, asked)
        _put_in_place(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    _tell(asked, folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    """The files of a new study: the OSM extract, the boundary, and what the user brings."""

    extract: Path
    outline: Path | None
    layers: Mapping[str, Path]
    grids: Mapping[str, Path]


def _target(name: str, out: Path, *, overwrite: bool) -> Path:
    if not _NAME.fullmatch(name):
        expected = "a-z, 0-9, - and _, a letter first"
        raise ConfigError(
            Problem(where="siting new", what="not a name", got=repr(name), expected=expected)
        )
    folder = (out / name).resolve()
    is_study = (folder / f"{name}.toml").is_file()
    if folder.exists() and not (overwrite and is_study):
        mend = "Add --overwrite, or take another name." if is_study else "Take another name."
        what = "holds a study" if is_study else "is there and is no study of this name"
        raise OutputError(Problem(where=str(out / name), what=what, mend=mend))
    return folder


def _own_layers(own: Sequence[str]) -> dict[str, Path]:
    from siting.schema import LAYERS  # noqa: PLC0415

    found: dict[str, Path] = {}
    for text in own:
        kind, sign, file = text.partition("=")
        if kind not in LAYERS or not sign or not file or kind in found:
            what = "given twice" if kind in found else "not KIND=FILE"
            expected = f"KIND one of {', '.join(LAYERS)}"
            problem = Problem(where="--layer", what=what, got=repr(text), expected=expected)
            raise ConfigError(problem)
        found[kind] = Path(file)
    return found


def _require_files(paths: Sequence[Path | None]) -> None:
    missing = [path for path in paths if path is not None and not path.exists()]
    if missing:
        problems = [Problem(where=str(path), what="no such file") for path in missing]
        raise MissingFileError(*problems)


def _osm_and_boundary(
    made: Path, name: str, osm: Path | None, place: str | None, boundary: Path | None
) -> tuple[str, Path, Path | None]:
    """Return where the OSM data come from, their file and that of the boundary, made if need be."""
    if osm is not None:
        if place is not None and boundary is None:
            from layers._osm_place import write_place  # noqa: PLC0415

            boundary = made / "boundary.geojson"
            write_place(osm, place, boundary)
        return f"OpenStreetMap, {osm.name}", osm, boundary
    if place is None:
        mend = "Add --osm FILE.osm.pbf, or --place NAME to download it."
        raise ConfigError(Problem(where="siting new", what="no OpenStreetMap data", mend=mend))
    from layers.overpass import download  # noqa: PLC0415

    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hydrogen-siting"
    got = download(place, made / f"{name}.osm.pbf", cache=cache / "osm")
    return f"{got.source}, {got.date}", got.osm, boundary or got.boundary


def _describe(data: _Data, wanted: Sequence[str], made: Path, folder: Path) -> "NewStudy":
    """Look at the OSM file, and put what there is beside what the user brings."""
    import layers  # noqa: PLC0415
    from siting._config_new import Found, NewStudy, plannable  # noqa: PLC0415

    def refer(path: Path) -> str:
        inside = path.is_relative_to(made)
        return path.name if inside else Path(os.path.relpath(path.resolve(), folder)).as_posix()

    outline = data.outline
    survey = layers.survey(str(data.extract), None if outline is None else str(outline))
    found: dict[str, Found] = {}
    for kind, told in survey.items():
        if kind in data.layers:
            found[kind] = Found(file=refer(data.layers[kind]))
        elif told.rows:
            found[kind] = Found(
                file=refer(data.extract), rows=told.rows, is_osm=True, note=told.note
            )
        else:
            found[kind] = Found(file=None, why=told.why)
    kept, left_out = plannable(wanted, found)
    if not kept:
        why = "; ".join(en for _, en in left_out.values())
        raise ConfigError(Problem(where="siting new", what="nothing can be planned", got=why))
    return NewStudy(
        name="",
        edition=datetime.now(UTC).date().isoformat(),
        facilities=kept,
        layers=found,
        left_out=left_out,
        grids={kind: refer(path) for kind, path in data.grids.items()},
        boundary=None if outline is None else refer(outline),
    )


def _counted(made: Path, asked: "NewStudy") -> "NewStudy":
    """Read the layers once, as a run will, and count people and candidates."""
    import layers  # noqa: PLC0415
    from siting.config import load_study  # noqa: PLC0415
    from siting.facilities import FREIGHT_LAYERS  # noqa: PLC0415

    inputs = layers.read(load_study(made / f"{asked.name}.toml"))
    towns = inputs.layers.get("townships")
    rows = {record.kind: record.rows_kept for record in inputs.provenance}
    found = {
        kind: replace(layer, rows=rows.get(kind, layer.rows))
        for kind, layer in asked.layers.items()
    }
    return replace(
        asked,
        layers=found,
        population=None if towns is None else float(towns["population"].sum()),
        is_proxy=towns is not None and bool((towns["basis"] == "road_length").all()),
        candidates=len(inputs.layers.get("candidates", ())),
        freight=tuple(name for name in FREIGHT_LAYERS if _has_freight(inputs, name)),
    )


def _has_freight(inputs: "Inputs", name: str) -> bool:
    """Tell whether a layer has places that lorries go to."""
    from siting.facilities import PARKS_WITHOUT_FREIGHT  # noqa: PLC0415

    if name not in inputs.layers:
        return False
    places = inputs.layers[name]
    return name != "parks" or not places["type"].isin(PARKS_WITHOUT_FREIGHT).all()


def _write(made: Path, asked: "NewStudy") -> None:
    from siting._config_new import files_of  # noqa: PLC0415

    for name, text in files_of(asked).items():
        (made / name).write_text(text, encoding="utf-8", newline="\n")


def _put_in_place(made: Path, folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    made.chmod(0o755)
    made.rename(folder)


def _tell(asked: "NewStudy", folder: Path) -> None:
    for kind, found in asked.layers.items():
        rows = "" if found.rows is None else f"{found.rows} rows"
        click.echo(f"{kind:<20} {rows or found.why if found.file is None else rows}")
    for key, (_, why) in asked.left_out.items():
        click.echo(f"not planned: {key}, {why}", err=True)
    shown = os.path.relpath(folder / f"{asked.name}.toml")
    click.echo(f"next: siting run {shown}")
