"""The pages on layers say what the code does."""

import re
import tomllib
from pathlib import Path

from layers._archive import _DATA, _MOST_BYTES, _MOST_MEMBERS, _MOST_RATIO
from layers._geometry import _SLIVER_M2, _SLIVER_WIDTH_M
from layers._rows import LOST_SHARE
from layers._source import _READERS
from siting._config_study import LayerFile
from siting.aliases import ALIASES
from siting.schema import LAYERS
from tests.reference_layers import PAGE, page

HOW_TO = PAGE.parents[1] / "how-to" / "bring-your-data.md"


def test_the_reference_of_the_layers_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_reference_names_every_column_and_alias() -> None:
    text = page()
    for schema in LAYERS.values():
        section = text.split(f"## {schema.kind}\n")[1].split("\n## ")[0]
        for name in schema.names:
            assert f"| `{name}` |" in section
    for groups in ALIASES.values():
        assert all(alias in text for group in groups for alias in group)


def test_every_alias_belongs_to_a_column() -> None:
    names = {name for schema in LAYERS.values() for name in schema.names}
    assert set(ALIASES) <= names | {"lon", "lat", "wkt"}


def test_the_how_to_says_the_limits_of_the_code() -> None:
    text = HOW_TO.read_text(encoding="utf-8")
    for limit in (
        f"{LOST_SHARE:.0%}".replace("%", " %"),
        f"{_SLIVER_M2:g} m²",
        f"{_SLIVER_WIDTH_M * 100:g} cm",
        f"{_MOST_RATIO} times",
        f"{_MOST_BYTES // 2**30} GiB",
        f"{_MOST_MEMBERS:,} members",
    ):
        assert limit in text, limit


def test_the_how_to_names_every_suffix() -> None:
    suffixes = set(re.findall(r"`(\.[a-z]+)`", Path(HOW_TO).read_text(encoding="utf-8")))
    assert set(_READERS) | set(_DATA) <= suffixes | {".geoparquet", ".xlsm", ".tiff", ".osm"}


def test_the_rows_of_the_how_to_are_rows_of_a_study() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    rows = [row for block in blocks for row in tomllib.loads(block)["layers"].items()]
    assert len(rows) >= 4
    for kind, row in rows:
        given = LayerFile.model_validate(row)
        assert set(given.columns) <= set(LAYERS[kind].names)
