"""The page docs/reference/layers.md, made from the schema: ``python -m tests.reference_layers`` writes it."""

from collections.abc import Iterator
from pathlib import Path

from siting.aliases import ALIASES
from siting.schema import LAYERS, Column, LayerSchema

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "layers.md"

_HEAD = """# Layers and their columns

Made from `siting/schema.py` and `siting/aliases.py` by `python -m tests.reference_layers`; a test keeps it current.

A column is recognised by its own name whatever its case, width and signs (`Name_ZH`, `POPULATION`), by one of its other
names, or by what the study maps: `columns = { population = "常住人口_2020" }`. A name counts only where the column is not
there already and no second one could be it; what was recognised is told by `siting check`. **must** means that the column
must be there, **filled** that every row must have a value. Files: [bring your data](../how-to/bring-your-data.md).

Places come with the file, or from the columns `lon` and `lat` (or `wkt`) of a table:

"""


def page() -> str:
    """Return the text of the page."""
    parts = [_HEAD + _places(), *(_section(schema) for schema in LAYERS.values())]
    return "\n".join(parts)


def _places() -> str:
    rows = [f"| `{name}` | {_others(name)} |" for name in ("lon", "lat", "wkt")]
    return "\n".join(["| column | other names |", "|---|---|", *rows, ""])


def _section(schema: LayerSchema) -> str:
    head = [
        f"## {schema.kind}",
        "",
        f"{schema.about.capitalize()}. Geometry: {schema.geometry}.",
        "",
    ]
    table = ["| column | values | unit | | other names |", "|---|---|---|---|---|"]
    return "\n".join([*head, *table, *map(_row, schema.columns), ""])


def _row(column: Column) -> str:
    need = "must, filled" if column.required and column.filled else ""
    need = need or ("must" if column.required else "filled" if column.filled else "")
    if column.name == "id":
        need = "filled, unique; rows are numbered without it"
    cells = [f"`{column.name}`", _values(column), column.unit, need, _others(column.name)]
    return f"| {' | '.join(cells)} |"


def _values(column: Column) -> str:
    if column.choices:
        return ", ".join(f"`{choice}`" for choice in column.choices)
    if column.dtype == "flag":
        return "0 or 1"
    return " ".join([column.dtype, *_bounds(column)])


def _bounds(column: Column) -> Iterator[str]:
    if column.minimum is not None:
        yield f"≥ {column.minimum:g}"
    if column.maximum is not None:
        yield f"≤ {column.maximum:g}"


def _others(name: str) -> str:
    return "; ".join(", ".join(group) for group in ALIASES.get(name, ()))


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
