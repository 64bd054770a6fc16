"""``siting explain``: why a site, or which clause forbids a place."""

import math
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from siting.errors import ConfigError, Problem

if TYPE_CHECKING:
    from siting.model import FacilitySpec, Result

_MARKS = {"pass": "✓", "fail": "✗", "survey": "?"}
_WORDS = {
    "zh": {
        "margin": "余量 {m:,.0f} m",
        "over": "超出 {m:,.0f} m",
        "missing": "无法判断，缺 {what}",
        "unread": "条文未经人工核对",
    },
    "en": {
        "margin": "{m:,.0f} m to spare",
        "over": "{m:,.0f} m too little",
        "missing": "cannot be told, no {what}",
        "unread": "clause not read by a person",
    },
}


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.argument("site_id", required=False)
@click.option("--at", metavar="LON,LAT", help="Any place instead: which clause forbids it.")
@click.option(
    "--facility",
    "facilities",
    multiple=True,
    metavar="NAME",
    help="Facility type to keep; may be given more than once. Default: all of the study's.",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True)
def explain(
    *,
    directory: Path,
    site_id: str | None,
    at: str | None,
    facilities: tuple[str, ...],
    lang: Literal["zh", "en"],
) -> None:
    """Say why SITE_ID of the result in DIRECTORY: criteria, rules, and whom it serves."""
    if (site_id is None) == (at is None):
        expected = "a SITE_ID, or --at LON,LAT"
        raise ConfigError(
            Problem(where="siting explain", what="nothing or two things asked", expected=expected)
        )
    from layers.result import read_result  # noqa: PLC0415

    result = read_result(directory)
    if at is not None:
        place = _degrees(at)
        for line in _of_place(result, place, facilities, lang):
            click.echo(line)
        return
    from siting.explain import explain as tell  # noqa: PLC0415

    click.echo(tell(result, site_id or "", facilities=facilities, language=lang))


def _degrees(at: str) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in at.split(","))
    except ValueError:
        lon = lat = math.nan
    if not (abs(lon) <= 180 and abs(lat) <= 90):  # noqa: PLR2004 - degrees
        expected = "degrees, such as 120.38,36.07"
        problem = Problem(where="--at", what="not a place", got=repr(at), expected=expected)
        raise ConfigError(problem)
    return lon, lat


def _of_place(
    result: "Result", place: tuple[float, float], facilities: tuple[str, ...], lang: str
) -> Iterator[str]:
    """Say what every rule answers there, by the layers that the result keeps."""
    import geopandas as gpd  # noqa: PLC0415

    from siting.config import keep_facilities  # noqa: PLC0415
    from siting.constraints import screen_place  # noqa: PLC0415
    from siting.crs import LONLAT, to_crs  # noqa: PLC0415
    from siting.model import Inputs  # noqa: PLC0415

    lon, lat = place
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([lon], [lat]), crs=LONLAT)
    point: Any = to_crs(frame, result.crs).geometry.iloc[0]
    inputs = Inputs(crs=result.crs, layers=result.layers, provenance=())
    for facility in keep_facilities(result.study, facilities).facilities:
        yield facility.label.zh if lang == "zh" else facility.label.en
        answers = screen_place(point, inputs, facility.rules)
        for row in answers.to_dict("records"):
            yield f"  {_line(facility, row, lang)}"


def _line(facility: "FacilitySpec", row: Mapping[Hashable, Any], lang: str) -> str:
    words = _WORDS[lang]
    label = next(rule.label for rule in facility.rules if rule.key == row["rule"])
    margin = float(str(row["margin_m"]))
    parts = [label.zh if lang == "zh" else label.en]
    if row["missing"]:
        parts.append(words["missing"].format(what=row["missing"]))
    elif not math.isnan(margin):
        parts.append(words["over" if row["outcome"] == "fail" else "margin"].format(m=abs(margin)))
    parts.append(str(row["clause"]))
    if not row["verified"]:
        parts.append(words["unread"])
    return f"{_MARKS[str(row['outcome'])]} {' · '.join(parts)}"
