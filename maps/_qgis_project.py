"""The QGIS project inside the GeoPackage: layers in groups, styled and in order, ready to look at."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element, SubElement, tostring

from maps._looks import Look, facility_looks, layer_looks, title
from maps._qgis_document import (
    canvas_element,
    crs_element,
    metadata_element,
    project_name,
    settings_element,
    zipped,
)
from maps.published import Table
from maps.qml import DOCTYPE, VERSION, alias_element, labels_flag, style_elements
from siting.model import FacilitySpec, Label, Result, Study

# Of a facility type, as they lie upon each other, top first: table, rows, seen in every group.
_OF_A_TYPE = (
    ("sites", "", True),
    ("candidates", '"is_excluded" = 0', False),
    ("excluded", '"is_excluded" = 1', False),
    ("demand", "", False),
    ("flows", "", False),
    ("allocation", "", False),
    ("service_areas", "", False),
)
_SEEN_IN_FIRST = frozenset({"sites", "candidates", "demand", "service_areas"})
_GROUND = ("energy", "districts", "roads", "protected", "land")
_SEEN_GROUND = frozenset({"districts", "roads", "land"})
_EXCLUDED = Label(zh="已排除的候选点", en="excluded candidates")
_BASE = Label(zh="底图", en="base map")
_TABLES = Label(zh="数据表", en="tables")
_TYPES = {"Point": "Point", "MultiLineString": "Line", "MultiPolygon": "Polygon"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """A layer of the project: rows of a table of the package, as they look; ``part`` says which."""

    key: str
    part: str
    name: str
    table: Table
    rows: str
    look: Look | None
    is_seen: bool


def qgis_project(
    result: Result,
    tables: Sequence[Table],
    aliases: Mapping[str, Mapping[str, str]],
    *,
    file_name: str,
    crs: str,
) -> bytes:
    """Return the project as the bytes of a ``.qgz`` file, the same for the same result.

    A group for each facility type, the first one open, above the ground; tables below. The map is
    drawn in the result's metric system, so that nothing looks stretched.

    Parameters
    ----------
    aliases
        Names of the columns of each table.
    file_name
        Of the GeoPackage, beside which QGIS looks for the layers.
    crs
        The system of the geometry.
    """
    groups = _groups(result, {table.name: table for table in tables})
    root = Element("qgis", version=VERSION, projectname=title(result.study.title))
    SubElement(root, "title").text = title(result.study.title)
    root.append(crs_element("projectCrs", result.crs))
    root.append(_tree(groups, file_name))
    root.append(canvas_element(result))
    layers = SubElement(root, "projectlayers")
    for layer in (layer for _, members in groups for layer in members):
        layers.append(_map_layer(layer, aliases[layer.table.name], file_name=file_name, crs=crs))
    root.append(settings_element(result.study))
    root.append(metadata_element(result.study))
    return zipped(project_name(result.study), DOCTYPE + tostring(root, encoding="unicode"))


def _groups(result: Result, tables: Mapping[str, Table]) -> list[tuple[str, list[_Layer]]]:
    study = result.study
    groups = [
        (title(facility.label), _of_a_type(study, facility, tables, is_first=number == 0))
        for number, facility in enumerate(study.facilities)
    ]
    looks = layer_looks(study)
    ground = [
        _Layer(
            key=_key(name),
            part=name,
            name=tables[name].about,
            table=tables[name],
            rows="",
            look=looks[name],
            is_seen=name in _SEEN_GROUND,
        )
        for name in _GROUND
        if len(tables[name].frame)
    ]
    plain = [
        _Layer(
            key=_key(name),
            part=name,
            name=table.about,
            table=table,
            rows="",
            look=None,
            is_seen=False,
        )
        for name, table in tables.items()
        if table.geometry is None
    ]
    return [*groups, (title(_BASE), ground), (title(_TABLES), plain)]


def _of_a_type(
    study: Study, facility: FacilitySpec, tables: Mapping[str, Table], *, is_first: bool
) -> list[_Layer]:
    looks = layer_looks(study) | facility_looks(study, [facility])
    key = facility.key.replace("'", "''")
    layers = []
    for name, rows, is_always_seen in _OF_A_TYPE:
        table = tables["candidates" if name == "excluded" else name]
        mine = table.frame[table.frame["facility"] == facility.key]
        if name in {"candidates", "excluded"}:
            mine = mine[mine["is_excluded"] == (name == "excluded")]
        if mine.empty:
            continue
        about = title(_EXCLUDED) if name == "excluded" else table.about
        wanted = f"\"facility\" = '{key}'"
        layers.append(
            _Layer(
                key=_key(facility.key, name),
                part=name,
                name=about,
                table=table,
                rows=f"{wanted} AND {rows}" if rows else wanted,
                look=_alone(looks[name]),
                is_seen=is_always_seen or (is_first and name in _SEEN_IN_FIRST),
            )
        )
    return layers


def _key(*names: str) -> str:
    """Return an id; QGIS makes up its own in place of one of ten characters or fewer."""
    return re.sub(r"[^A-Za-z0-9_]", "_", "_".join(("siting_layer", *names)))


def _alone(look: Look) -> Look:
    """Return a look without a legend of one class."""
    if look.attribute != "facility":
        return look
    (part,) = look.classes
    return replace(
        look, renderer="singleSymbol", attribute="", classes=(replace(part, label="", value=""),)
    )


def _source(layer: _Layer, file_name: str) -> str:
    found = f"./{file_name}|layername={layer.table.name}"
    return f"{found}|subset={layer.rows}" if layer.rows else found


def _tree(groups: Sequence[tuple[str, Sequence[_Layer]]], file_name: str) -> Element:
    root = Element("layer-tree-group")
    for number, (name, layers) in enumerate(groups):
        is_open = number == 0
        group = SubElement(
            root, "layer-tree-group", name=name, checked="Qt::Checked", expanded=_flag(is_open)
        )
        for layer in layers:
            SubElement(
                group,
                "layer-tree-layer",
                id=layer.key,
                name=layer.name,
                checked="Qt::Checked" if layer.is_seen else "Qt::Unchecked",
                expanded=_flag(is_open and layer.key.endswith("candidates")),
                providerKey="ogr",
                source=_source(layer, file_name),
            )
    root.append(_order(groups))
    return root


def _order(groups: Sequence[tuple[str, Sequence[_Layer]]]) -> Element:
    """Return what lies upon what: the areas of one type shall not veil the sites of another."""
    root = Element("custom-order", enabled="1")
    depth = {name: number for number, (name, _, _) in enumerate(_OF_A_TYPE)}
    layers = [layer for _, members in groups for layer in members]
    for layer in sorted(layers, key=lambda found: depth.get(found.part, len(depth))):
        SubElement(root, "item").text = layer.key
    return root


def _map_layer(layer: _Layer, aliases: Mapping[str, str], *, file_name: str, crs: str) -> Element:
    kind = _TYPES[layer.table.geometry] if layer.table.geometry else "No geometry"
    root = Element("maplayer", type="vector", geometry=kind)
    SubElement(root, "id").text = layer.key
    SubElement(root, "datasource").text = _source(layer, file_name)
    SubElement(root, "layername").text = layer.name
    if layer.look is not None:
        root.append(crs_element("srs", crs))
        root.set("labelsEnabled", labels_flag(layer.look))
    SubElement(root, "provider", encoding="UTF-8").text = "ogr"
    flags = SubElement(root, "flags")
    for name in ("Identifiable", "Removable", "Searchable"):
        SubElement(flags, name).text = "1"
    if layer.look is None:
        root.append(alias_element(aliases))
    else:
        root.extend(style_elements(layer.look, aliases))
    return root


def _flag(value: bool) -> str:  # noqa: FBT001 - a conversion
    return "1" if value else "0"
