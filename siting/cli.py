"""The command line: wiring, logging and exit codes; everything heavy is imported when needed."""

import io
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from siting import __version__
from siting._cli_compare import compare
from siting._cli_explain import explain
from siting._cli_export import export
from siting._cli_new import new
from siting.errors import SitingError

if TYPE_CHECKING:
    from siting.model import Progress, Result

_Command = TypeVar("_Command", bound=Callable[..., Any])
_LIBRARIES = (
    "folium",
    "geopandas",
    "highspy",
    "numpy",
    "pandas",
    "pyogrio",
    "pyproj",
    "scipy",
    "shapely",
)

_PLAN_SHARE = 0.6  # of the wall time of a run; the outputs take the rest


class _Program(click.Group):
    """A group that turns expected errors into one line each and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SitingError as error:
            if ctx.params.get("debug"):
                raise
            for problem in error.problems:
                click.echo(f"error: {problem}", err=True)
            ctx.exit(1)


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="siting")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no notices.")
@click.pass_context
def main(ctx: click.Context, *, debug: bool, quiet: bool) -> None:
    """Propose sites for hydrogen refuelling, charging and shore power, by network distance."""
    level = logging.DEBUG if debug else logging.ERROR if quiet else logging.WARNING
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
    ctx.obj = quiet
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names are Chinese; a terminal that cannot show them shall not stop the answer.
        sys.stdout.reconfigure(errors="replace")


def _facility_option(command: _Command) -> _Command:
    return click.option(
        "--facility",
        "facilities",
        multiple=True,
        metavar="NAME",
        help="Facility type to keep; may be given more than once. Default: all of the study's.",
    )(command)


@main.command()
@click.argument("study", default="qingdao")
@click.option(
    "--out",
    "directory",
    type=click.Path(path_type=Path),
    help="Folder for the outputs. Default: out/<study>.",
)
@_facility_option
@click.option(
    "--sites",
    type=click.Path(path_type=Path),
    help="CSV or GeoPackage with the column role: required, existing or forbidden sites.",
)
@click.option(
    "--with",
    "changes",
    type=click.Path(path_type=Path),
    help="TOML file of changed weights and sites, as the map saves it.",
)
@click.option(
    "--tiles",
    metavar="NAME",
    help="Let the map load an online background: a source of config/tiles.toml. Default: none.",
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier result in the folder.")
@click.pass_obj
def run(
    quiet: bool,  # noqa: FBT001 - click passes the object by position
    *,
    study: str,
    directory: Path | None,
    facilities: tuple[str, ...],
    sites: Path | None,
    changes: Path | None,
    tiles: str | None,
    overwrite: bool,
) -> None:
    """Plan STUDY (a built-in name or a TOML file) and write map, GeoPackage, scores and report."""
    import maps  # noqa: PLC0415
    from siting._config_tiles import load_tiles  # noqa: PLC0415
    from siting.api import ask, part_of, plan  # noqa: PLC0415
    from siting.config import load_wording  # noqa: PLC0415

    asked = ask(study, facilities=facilities, roles=sites, changes=changes)
    source = None if tiles is None else load_tiles(tiles)
    target = directory or Path("out") / asked.name
    maps.check_target(target, overwrite=overwrite)
    with _progress(quiet=quiet) as progress:
        result = plan(asked, progress=part_of(progress, 0.0, _PLAN_SHARE))
        maps.write(
            result,
            target,
            wording=load_wording(),
            versions=_versions(),
            tiles=source,
            overwrite=overwrite,
            progress=part_of(progress, _PLAN_SHARE, 1.0),
        )
    _summarise(result, target, quiet=quiet)


@main.command()
@click.argument("study", default="qingdao")
@_facility_option
def check(*, study: str, facilities: tuple[str, ...]) -> None:
    """Check the configuration and the data of STUDY; print every problem, exit 1 if any."""
    import layers  # noqa: PLC0415
    from siting.config import load_study  # noqa: PLC0415
    from siting.pipeline import check as check_run  # noqa: PLC0415

    asked = load_study(study, facilities=facilities)
    inputs = layers.read(asked)
    check_run(asked, inputs)
    for record in inputs.provenance:
        click.echo(f"{record.kind:<12} {record.rows_kept:>6} rows  {record.reference}")
        for repair in record.repairs:
            click.echo(f"{'':<12} repaired: {repair}")
        for warning in record.warnings:
            click.echo(f"{'':<12} note: {warning}")
    click.echo(f"no problem found; working CRS {inputs.crs}")


main.add_command(compare)
main.add_command(explain)
main.add_command(export)
main.add_command(new)


@contextmanager
def _progress(*, quiet: bool) -> Iterator["Progress | None"]:
    """Show progress on stderr where a person is watching."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.status import Status  # noqa: PLC0415

    with Status("starting", console=Console(stderr=True)) as status:
        yield lambda fraction, message: status.update(f"{fraction:4.0%} {message}")


def _versions() -> dict[str, str]:
    return {
        "hydrogen-siting": __version__,
        **{name: metadata.version(name) for name in _LIBRARIES},
    }


def _summarise(result: "Result", directory: Path, *, quiet: bool) -> None:
    for facility in result.study.facilities:
        plan = result.plans[facility.key]
        share = plan.facts.get("coverage_share", float("nan"))
        click.echo(
            f"{facility.label.en}: {len(plan.sites)} sites, {share:.1%} of the demand, "
            f"{plan.objective:,.0f} of at most {plan.bound:,.0f} {plan.unit} "
            f"({plan.status}, gap {plan.gap:.2%})"
        )
    for notice in () if quiet else result.notices:
        click.echo(f"{notice.level}: {notice.label.en}", err=True)
    for name, file in (
        ("map", "map.html"),
        ("GeoPackage", "sites.gpkg"),
        ("scores", "scores.csv"),
        ("report", "report-zh.html"),
        ("", "report-en.html"),
        ("Word", "report-zh.docx"),
        ("", "report-en.docx"),
        ("tables", "tables-zh.xlsx"),
        ("", "tables-en.xlsx"),
        ("rasters", "surfaces"),
    ):
        if (directory / file).exists():
            click.echo(f"{name:<10} {directory / file}")
