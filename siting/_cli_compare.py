"""``siting compare``: which sites moved between two results, and why."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from siting.compare import Comparison
    from siting.model import Result


@click.command()
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option(
    "--language", "--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True
)
@click.option(
    "--within",
    "takeover_km",
    type=float,
    metavar="KM",
    help="How far (straight) a site may have moved. Default: 5.",
)
@click.option(
    "--out",
    "directory",
    type=click.Path(path_type=Path),
    help="New folder for compare-map.html (two maps), compare.html (tables) and CSV files.",
)
def compare(
    *,
    a: Path,
    b: Path,
    language: Literal["zh", "en"],
    takeover_km: float | None,
    directory: Path | None,
) -> None:
    """Compare the results in the folders A (before) and B (after): what changed, and why."""
    from layers.result import read_result  # noqa: PLC0415 - heavy libraries
    from maps.comparison import (  # noqa: PLC0415
        comparison_document,
        render_text,
        write_comparison,
    )
    from maps.target import check_target  # noqa: PLC0415
    from siting.compare import TAKEOVER_KM, compare as put_side_by_side  # noqa: PLC0415

    if directory is not None:
        check_target(directory)
    before, after = read_result(a), read_result(b)
    within_km = TAKEOVER_KM if takeover_km is None else takeover_km
    found = put_side_by_side(before, after, takeover_km=within_km)
    brief, full = (
        comparison_document(
            found.frames,
            labels=found.labels,
            names=(str(a), str(b)),
            only=(found.only_a, found.only_b),
            takeover_km=found.takeover_km,
            notice=after.study.notice,
            language=language,
            is_brief=is_brief,
        )
        for is_brief in (True, False)
    )
    click.echo(render_text(brief))
    if directory is not None:
        # The last part of a path says enough on a map, where it tells the two apart.
        is_told = a.name != b.name and a.name and b.name
        names = (a.name, b.name) if is_told else (str(a), str(b))
        page = _map_page(before, after, found, names=names)
        for path in write_comparison(full, found.frames, directory, map_page=page):
            click.echo(path)


def _map_page(
    before: "Result", after: "Result", found: "Comparison", *, names: tuple[str, str]
) -> str:
    from maps.comparison_map import render_comparison  # noqa: PLC0415 - heavy libraries
    from siting.config import load_wording  # noqa: PLC0415

    return render_comparison(
        (before, after),
        found.frames,
        labels=found.labels,
        names=names,
        only=(found.only_a, found.only_b),
        takeover_km=found.takeover_km,
        wording=load_wording(),
    )
