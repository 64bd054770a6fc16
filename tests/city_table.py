"""Four cities from OpenStreetMap: what exists, what was planned, and why the rest was not.

``python -m tests.city_table`` plans them all and writes ``docs/reference/cities.md``.
"""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

import siting
from siting.cli import main
from siting.config import load_study
from siting.model import LeftOut, Result
from tests.requirements import ROOT, require_data

PAGE = ROOT / "docs" / "reference" / "cities.md"
CITIES: Mapping[str, tuple[str, ...]] = {
    "porto": (),
    "monaco": (),
    "helsinki": (),
    "saopaulo_centre": ("--demand", "saopaulo_centre_hexgrid.csv"),
}
TYPES = ("hydrogen", "charging", "shore_power")
_HEAD = """# Four cities from OpenStreetMap

What `siting new` and `siting run` make of four extracts, none of them edited by hand. The table is written by
`python -m tests.city_table` and compared with a run by `tests/real/test_cities.py`. How many sites are planned
is an assumption of the templates, and so are the totals of demand: the shares tell how well those sites
cover the demand, not how many a city needs.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A planned city: its result, and the number of rows of every layer."""

    name: str
    result: Result
    rows: Mapping[str, int]


def new_city(name: str, folder: Path) -> Path:
    """Write the study of a city as a user does, and return its TOML."""
    options = [
        str(require_data("osm", option)) if option.endswith(".csv") else option
        for option in CITIES[name]
    ]
    osm = require_data("osm", f"{name}.osm.pbf")
    asked = ["new", name, "--osm", str(osm), *options, "--out", str(folder)]
    answer = CliRunner().invoke(main, asked)
    assert answer.exit_code == 0, answer.output
    return folder / name / f"{name}.toml"


def plan_city(name: str, folder: Path) -> City:
    """Write the study of a city and plan it."""
    study = load_study(new_city(name, folder))
    result = siting.plan(study)
    rows = {record.kind: record.rows_kept for record in result.provenance}
    return City(name=name, result=result, rows=rows)


def table(cities: Sequence[City]) -> str:
    """Return the page."""
    return "\n".join([_HEAD, *_layers(cities), "", *_plans(cities), "", *_left_out(cities), ""])


def _layers(cities: Sequence[City]) -> list[str]:
    kinds = list(dict.fromkeys(kind for city in cities for kind in city.rows))
    lines = [
        "## Layers\n",
        "Rows of every layer; – where the city has none.\n",
        _line("layer", *(city.name for city in cities)),
        _line("---", *("---:" for _ in cities)),
    ]
    return lines + [
        _line(kind, *(f"{city.rows[kind]:,}" if kind in city.rows else "–" for city in cities))
        for kind in sorted(kinds)
    ]


def _plans(cities: Sequence[City]) -> list[str]:
    lines = [
        "## Plans\n",
        "Sites, and the share of the demand within the service time of one of them.\n",
        _line("facility type", *(city.name for city in cities)),
        _line("---", *("---" for _ in cities)),
    ]
    return lines + [_line(key, *(_plan(city, key) for city in cities)) for key in TYPES]


def _plan(city: City, key: str) -> str:
    if key not in city.result.plans:
        return f"not planned: {city.result.study.left_out[key].en}"
    plan = city.result.plans[key]
    # Whole per cents: the last digit of the proxy differs from machine to machine.
    return f"{len(plan.sites)} sites, {plan.facts['coverage_share']:.0%}"


def _left_out(cities: Sequence[City]) -> list[str]:
    lines = ["## Left out for want of data\n", _line("city", "facility type", "criteria", "rules")]
    lines.append(_line("---", "---", "---", "---"))
    for city in cities:
        for spec in city.result.study.facilities:
            parts = {
                part: ", ".join(_named(item) for item in spec.left_out if item.part == part)
                for part in ("criterion", "rule")
            }
            lines.append(
                _line(city.name, spec.key, parts["criterion"] or "–", parts["rule"] or "–")
            )
    return lines


def _named(item: LeftOut) -> str:
    return f"{item.key} (no {item.missing})" if item.missing else f"{item.key} (nothing of it)"


def _line(*cells: Any) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def write_page() -> None:
    """Plan all cities and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        cities = [plan_city(name, Path(folder)) for name in CITIES]
    PAGE.write_text(table(cities), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(write_page())
