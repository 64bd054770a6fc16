"""Studies of one's own: copies of the embedded pack and its configuration, to change or damage."""

import csv
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import layers
from siting import _config_files

PACK = layers.starter_path("qingdao")


ROUGH_GAP = 0.02
"""Plans that are proven to 2 % do for most tests, and take seconds less."""


class OwnStudy:
    """A study in a folder: ``tables`` and ``kinds`` are its TOML files, to be changed at will."""

    def __init__(self, folder: Path, facilities: Sequence[str] = ("hydrogen",)) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.tables = builtin("studies", "qingdao")
        self.tables["facilities"] = [f"{key}.toml" for key in facilities]
        self.tables["solver"]["gap"] = ROUGH_GAP
        roles = self.tables["roles"]
        self.tables["roles"] = {key: roles[key] for key in facilities if key in roles}
        self.kinds = {key: stated(builtin("facilities", key)) for key in facilities}

    def write(self) -> Path:
        """Write the TOML files and return the study's."""
        for key, tables in self.kinds.items():
            (self.folder / f"{key}.toml").write_text(to_toml(tables), encoding="utf-8")
        path = self.folder / "study.toml"
        path.write_text(to_toml(self.tables), encoding="utf-8")
        return path

    def rows(self, kind: str) -> list[dict[str, str]]:
        """Return the rows of a table, brought or of the pack."""
        own = self.folder / f"{kind}.csv"
        path = own if own.exists() else PACK / own.name
        text = path.read_text(encoding="utf-8-sig")
        return list(csv.DictReader(text.splitlines()))

    def bring_rows(self, kind: str, rows: Sequence[Mapping[str, str]]) -> None:
        """Bring a table with these rows in place of the pack's."""
        columns = list(self.rows(kind)[0])
        path = self.folder / f"{kind}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=columns)
            writer.writeheader()
            writer.writerows(rows)
        self.tables["layers"][kind]["file"] = path.name

    def bring_change(self, kind: str, row: str, **cells: str) -> None:
        """Bring a table with some cells of the row of this id changed."""
        rows = self.rows(kind)
        next(cell for cell in rows if cell["id"] == row).update(cells)
        self.bring_rows(kind, rows)

    def shapes(self, kind: str) -> dict[str, Any]:
        """Return the pack's GeoJSON of a layer."""
        shapes: dict[str, Any] = json.loads((PACK / f"{kind}.geojson").read_text("utf-8"))
        return shapes

    def bring_shapes(self, kind: str, shapes: Mapping[str, Any]) -> None:
        """Bring a GeoJSON in place of the pack's."""
        self.bring_text(kind, f"{kind}.geojson", json.dumps(shapes, ensure_ascii=False))

    def bring_text(self, kind: str, name: str, text: str) -> None:
        """Bring a file with this text in place of the pack's."""
        (self.folder / name).write_text(text, encoding="utf-8")
        self.tables["layers"][kind]["file"] = name


def stated(kind: dict[str, Any]) -> dict[str, Any]:
    """Return a facility's tables with equal weights stated beside the criteria, judgements left out."""
    rows = kind["criteria"]
    kind.pop("weights", None)
    for row in rows:
        row["weight"] = round(1 / len(rows), 6)
    rows[0]["weight"] = round(1 - sum(row["weight"] for row in rows[1:]), 6)
    return kind


def criterion(kind: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the row of a facility's weight table."""
    (row,) = [row for row in kind["criteria"] if row["key"] == key]
    return row


def weigh(kind: Mapping[str, Any], extra: float) -> None:
    """Add to the weight of the first criterion, so that the sum is no longer 1."""
    kind["criteria"][0]["weight"] = round(kind["criteria"][0]["weight"] + extra, 6)


def builtin(folder: str, name: str) -> dict[str, Any]:
    """Return the tables of a built-in configuration file."""
    text = _config_files.builtin(folder)[name].read_text(encoding="utf-8")
    return tomllib.loads(text)


def to_toml(tables: Mapping[str, Any]) -> str:
    """Return tables as TOML, each top-level key on one line."""
    return "".join(f"{json.dumps(key)} = {_value(value)}\n" for key, value in tables.items())


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        parts = (
            f"{json.dumps(str(k), ensure_ascii=False)} = {_value(v)}" for k, v in value.items()
        )
        return f"{{ {', '.join(parts)} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return json.dumps(value, ensure_ascii=False)
