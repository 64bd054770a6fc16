"""Outputs: the stored result, the interactive map, the GeoPackage, tables and the report.

Importing this module loads nothing heavy; ``write`` does.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from maps.target import MANIFEST_FILE, check_target, whole
from siting.errors import OutputError, Problem, SitingError

if TYPE_CHECKING:
    from siting.model import Label, Progress, Result, TileSource

__all__ = ["OUTPUTS", "check_target", "write"]

MAP_FILE = "map.html"
GPKG_FILE = "sites.gpkg"
SCORES_FILE = "scores.csv"
SURFACE_FOLDER = "surfaces"
RESULT_FOLDER = "result"
LANGUAGES: tuple[Literal["zh", "en"], ...] = ("zh", "en")
REPORT_FILES = tuple(
    f"{name}-{language}.{ending}"
    for name, ending in (("report", "html"), ("report", "docx"), ("tables", "xlsx"))
    for language in LANGUAGES
)

OUTPUTS = (
    *(MAP_FILE, GPKG_FILE, SCORES_FILE, *REPORT_FILES),
    *(SURFACE_FOLDER, MANIFEST_FILE, RESULT_FOLDER),
)
"""Names of the files and folders that ``write`` makes, the ones people open first; the surfaces only
where a facility type has a scored ground."""


def write(
    result: "Result",
    directory: Path,
    *,
    wording: Mapping[str, "Label"],
    versions: Mapping[str, str],
    tiles: "TileSource | None" = None,
    overwrite: bool = False,
    progress: "Progress | None" = None,
) -> tuple[Path, ...]:
    """Write all outputs of a result into a folder: whole or not at all.

    Everything is written beside the folder and moved there when complete; an earlier result is
    replaced only then. Equal results give equal bytes, ``manifest.json`` aside.

    Parameters
    ----------
    wording
        The words of the map's user interface, by key.
    versions
        Name and version of the program and its libraries, for the manifest.
    tiles
        The online background that the map may load; None is a map that asks for nothing.
    overwrite
        Whether an earlier result in the folder may be replaced.
    progress
        Called with the share done, 0 … 1, and what comes next.

    Returns
    -------
    tuple[Path, ...]
        Where the outputs lie, in the order of ``OUTPUTS``, those that there are.

    Raises
    ------
    OutputError
        If the folder may not be written to, or an output cannot be written.
    """
    target = check_target(directory, overwrite=overwrite)
    tell = progress or _tell_nobody
    try:
        with whole(target) as folder:
            _fill(result, folder, wording=wording, versions=versions, tiles=tiles, tell=tell)
    except OSError as error:
        if isinstance(error, SitingError):
            raise
        problem = Problem(
            where=str(directory),
            what="the result cannot be written",
            got=f"{error.strerror or error} {Path(error.filename or '').name}",
            mend="Make room or choose another folder with --out; nothing was changed.",
        )
        raise OutputError(problem) from error
    tell(1.0, "written")
    return tuple(target / name for name in OUTPUTS if (target / name).exists())


def _fill(
    result: "Result",
    folder: Path,
    *,
    wording: Mapping[str, "Label"],
    versions: Mapping[str, str],
    tiles: "TileSource | None",
    tell: "Progress",
) -> None:
    from maps import gpkg, manifest, page, store, surfaces, tables  # noqa: PLC0415 - heavy libraries

    tell(0.0, "storing the result")
    (folder / RESULT_FOLDER).mkdir()
    stored = store.write_result(result, folder / RESULT_FOLDER)
    tell(0.2, "writing the GeoPackage")
    gpkg.write_gpkg(result, folder / GPKG_FILE)
    rasters = surfaces.write_surfaces(result, folder / SURFACE_FOLDER)
    tell(0.3, "writing tables")
    # The byte-order mark tells Excel that the Chinese is UTF-8.
    _write_text(folder / SCORES_FILE, "\ufeff" + tables.render_scores(result))
    tell(0.4, "writing the report")
    _write_reports(result, folder)
    tell(0.8, "drawing the map")
    _write_text(folder / MAP_FILE, page.render(result, wording=wording, tiles=tiles))
    tell(0.9, "writing the manifest")
    names = [path.relative_to(folder) for path in (*stored, *rasters)]
    names += [Path(name) for name in (MAP_FILE, GPKG_FILE, SCORES_FILE, *REPORT_FILES)]
    text = manifest.render_manifest(
        result,
        versions=versions,
        files={name.as_posix(): folder / name for name in names},
        created=datetime.now(UTC),
    )
    _write_text(folder / MANIFEST_FILE, text)


def _write_reports(result: "Result", folder: Path) -> None:
    from maps.chapters import document  # noqa: PLC0415 - heavy libraries
    from maps.report_docx import write_docx  # noqa: PLC0415
    from maps.report_html import render_html  # noqa: PLC0415
    from maps.report_xlsx import write_xlsx  # noqa: PLC0415

    for language in LANGUAGES:
        told = document(result, language)
        _write_text(folder / f"report-{language}.html", render_html(told))
        write_docx(told, folder / f"report-{language}.docx")
        write_xlsx(told, folder / f"tables-{language}.xlsx")


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def _tell_nobody(_fraction: float, _message: str) -> None:
    """Stand in where nobody wants to hear of progress."""
