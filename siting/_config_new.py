"""The files of a new study: a commented TOML and its own copies of the facility types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import InlineTable, Item, Table

from siting._config_files import builtin
from siting.schema import GRIDS, LAYERS

OSM_LICENCE = "ODbL 1.0"
OSM_ATTRIBUTION = "© OpenStreetMap contributors"

_CONTROL_LINES = ("permanent_farmland", "ecological_redline", "growth_boundary")
_NEEDED = {
    "hydrogen": ("candidates", "townships"),
    "charging": ("candidates", "townships"),
    "shore_power": ("berths",),
}
_THOUSAND = 1000.0
# Assumptions that the templates state per 1 000 inhabitants.
_PER_THOUSAND = ("vehicles", "truck_kwh_per_day", "hydrogen_demand")
# Of the candidates, at most this share is chosen, and no more sites than this (own assumption, C).
_SITES = {"hydrogen": (0.05, 10), "charging": (0.10, 20)}
_FREIGHT = ("ports", "parks", "gateways")
_LORRIES = ("truck_share", "truck_kwh_per_day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What there is for one kind of layer: ``file`` as the study names it, None where nothing is."""

    file: str | None
    rows: int | None = None
    is_osm: bool = False
    why: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStudy:
    """What a new study is made of; texts are the user's and go in as values only.

    ``layers`` has every kind of ``siting.schema.LAYERS``, ``grids`` those that are there;
    ``population`` is of the whole study, counted or by proxy as ``is_proxy`` says, None before it
    is known; ``freight`` are the layers with places that lorries go to; ``source`` says where the
    OSM data come from.
    """

    name: str
    edition: str
    facilities: tuple[str, ...]
    layers: Mapping[str, Found]
    grids: Mapping[str, str]
    boundary: str | None
    title: str = ""
    crs: str = "auto"
    source: str = ""
    population: float | None = None
    is_proxy: bool = False
    candidates: int = 0
    freight: tuple[str, ...] = ()
    left_out: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def files_of(new: NewStudy) -> Mapping[str, str]:
    """Return the text of every file of a study's folder by its name."""
    facilities = {f"{key}.toml": facility_text(new, key) for key in new.facilities}
    return {f"{new.name}.toml": study_text(new), **facilities}


def plannable(
    wanted: Sequence[str], layers: Mapping[str, Found]
) -> tuple[tuple[str, ...], Mapping[str, tuple[str, str]]]:
    """Return the facility types whose layers are there, and why the others are not planned (zh, en)."""
    kept: list[str] = []
    left_out: dict[str, tuple[str, str]] = {}
    for key in wanted:
        lacking = [kind for kind in _NEEDED[key] if layers[kind].file is None]
        if not lacking:
            kept.append(key)
            continue
        names = ", ".join(lacking)
        why = "; ".join(layers[kind].why for kind in lacking if layers[kind].why)
        left_out[key] = (f"缺少图层 {names}（{why}）", f"no layer {names} ({why})")
    return tuple(kept), left_out


def study_text(new: NewStudy) -> str:
    """Return the study's TOML."""
    document = tomlkit.document()
    document.add(tomlkit.comment(f"Written by `siting new`. Plan it: siting run {new.name}.toml"))
    document.add("schema_version", tomlkit.item(1))
    document.add("title", _inline({"zh": new.title, "en": new.title}))
    document.add("crs", tomlkit.item(new.crs))
    document.add("edition", tomlkit.item(new.edition))
    document.add("facilities", tomlkit.item([f"{key}.toml" for key in new.facilities]))
    notice = {"zh": "内部研究用图，未经审核，不得公开出版", "en": "For internal research; not reviewed, not for publication"}  # fmt: skip
    document.add("notice", _inline(notice))
    lacks = tomlkit.item("leave_out")
    lacks.comment("what has no data is left out and told; refuse stops instead")
    document.add("missing_data", lacks)
    document.add("sources", _table({"osm": new.source}))
    if new.left_out:
        told = {key: _inline({"zh": zh, "en": en}) for key, (zh, en) in new.left_out.items()}
        document.add("left_out", _table(told))
    origin = {"licence": OSM_LICENCE, "attribution": OSM_ATTRIBUTION}
    document.add("layer_defaults", _table(origin))
    document.add("layers", _layers(new))
    if new.grids:
        document.add("grids", _table({k: _inline({"file": f}) for k, f in new.grids.items()}))
    else:
        document.add(tomlkit.nl())
        document.add(
            tomlkit.comment(f"[grids]: none; a raster of {', '.join(GRIDS)} can be added")
        )
    return tomlkit.dumps(document)


def facility_text(new: NewStudy, key: str) -> str:
    """Return a facility type's TOML: the template with totals and numbers of sites for this city."""
    text = builtin("templates")[key].read_text(encoding="utf-8")
    document = tomlkit.parse(text)
    _scale(document, new)
    _split(document, new)
    if key in _SITES:
        share, most = _SITES[key]
        sites = tomlkit.item(max(1, min(most, int(share * new.candidates))))
        sites.comment(f"own assumption: {share:.0%} of the candidates, at most {most}")
        _at(document, "model", "params")["sites"] = sites
    return tomlkit.dumps(document)


def _layers(new: NewStudy) -> Table:
    table = tomlkit.table()
    for kind in LAYERS:
        found = new.layers[kind]
        if found.file is None:
            table.add(tomlkit.comment(f"{kind}: {_one_line(found.why or LAYERS[kind].about)}"))
            if kind in _CONTROL_LINES:
                table.add(tomlkit.comment(f'{kind} = {{ file = "…" }}'))
            continue
        row: dict[str, str] = {"file": found.file}
        if found.is_osm:
            row |= {"boundary": new.boundary} if new.boundary else {}
        else:
            row |= {"licence": "", "attribution": ""}
            row |= {"crs": "EPSG:4326"} if found.file.lower().endswith((".csv", ".txt")) else {}
        item = _inline(row)
        counted = "" if found.rows is None else f"{found.rows} rows"
        item.comment(_one_line("; ".join(part for part in (counted, found.note) if part)) or kind)
        table.add(kind, item)
    return table


def _scale(document: TOMLDocument, new: NewStudy) -> None:
    """Turn what a template states per 1 000 inhabitants into the city's totals."""
    assumptions = document.get("assumptions", {})
    people = (new.population or 0.0) / _THOUSAND
    basis = f"{new.population or 0:,.0f} inhabitants" + (
        " (a proxy from the length of streets, not a count)" if new.is_proxy else ""
    )
    for key in _PER_THOUSAND:
        if key in assumptions and new.population is not None:
            row = assumptions[key]
            for name in ("value", "low", "high"):
                row[name] = round(float(row[name]) * people, 1)
            row["source"] = f"{row['source']}; {basis}"


def _split(document: TOMLDocument, new: NewStudy) -> None:
    """Leave the places that the study has in the split of lorries; without any, there are none."""
    if "truck_split" not in document.get("tables", {}):
        return
    split = _at(document, "tables", "truck_split", "values")
    for name in _FREIGHT:
        if name not in new.freight:
            split[name] = 0.0
    if new.freight:
        return
    for key in _LORRIES:
        if key in document["assumptions"]:
            row = _at(document, "assumptions", key)
            row["value"] = row["low"] = row["high"] = 0.0
            row["source"] = "no place that lorries go to is known: they are left out of the demand"


def _at(document: TOMLDocument, *names: str) -> Any:
    part: Any = document
    for name in names:
        part = part[name]
    return part


def _inline(values: Mapping[str, str]) -> InlineTable:
    table = tomlkit.inline_table()
    for key, value in values.items():
        table.append(key, value)
    return table


def _table(values: Mapping[str, str | Item]) -> Table:
    table = tomlkit.table()
    for key, value in values.items():
        table.add(key, value)
    return table


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
