"""``siting explain``: why a site, or which clause forbids a place and what it scores."""

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
        "ground": "区位得分 {score:.1f}（满分 100，{side:,.0f} m 网格，占权重 {share:.0%}）",
        "part": "权重 {weight:.0%} × 价值 {value:.2f} = {points:.1f}",
    },
    "en": {
        "margin": "{m:,.0f} m to spare",
        "over": "{m:,.0f} m too little",
        "missing": "cannot be told, no {what}",
        "unread": "clause not read by a person",
        "ground": "the place scores {score:.1f} of 100 (cell of {side:,.0f} m, {share:.0%} of the weight)",
        "part": "weight {weight:.0%} × value {value:.2f} = {points:.1f}",
    },
}


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.argument("site_id", required=False)
@click.option(
    "--at",
    metavar="LON,LAT",
    help="Any place instead: which clause forbids it, and what the ground scores.",
)
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
    """Say what every rule answers there, by the layers that the result keeps, and what the ground scores."""
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
        yield from (f"  {line}" for line in _ground(result, facility, (point.x, point.y), lang))


def _ground(
    result: "Result", facility: "FacilitySpec", place: tuple[float, float], lang: str
) -> Iterator[str]:
    """Say what a candidate would score there for its place alone; nothing where no cell is scored."""
    cells = result.suitability[result.suitability["facility"] == facility.key]
    half_m = cells["cell_m"] / 2
    is_here = ((cells["x"] - place[0]).abs() <= half_m) & ((cells["y"] - place[1]).abs() <= half_m)
    here = cells[is_here & cells["score"].notna()]
    if here.empty:
        return
    cell, words = here.iloc[0], _WORDS[lang]
    yield "= " + words["ground"].format(
        score=100 * cell["score"], side=cell["cell_m"], share=cell["weight_share"]
    )
    values = result.suitability_values
    rows = values[
        (values["facility"] == facility.key)
        & (values["x"] == cell["x"])
        & (values["y"] == cell["y"])
    ]
    value_of = dict(zip(rows["criterion"], rows["value"], strict=True))
    for spec in facility.criteria:
        if spec.key in value_of:
            weight, value = spec.weight / cell["weight_share"], value_of[spec.key]
            label = spec.label.zh if lang == "zh" else spec.label.en
            told = words["part"].format(weight=weight, value=value, points=100 * weight * value)
            yield f"  {label} · {told}"


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
