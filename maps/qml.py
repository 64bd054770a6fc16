"""QGIS styles (QML) of the GeoPackage's layers, from the palette of ``maps.style``.

Built as XML trees, never as text: labels come from the study's files.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias
from xml.etree.ElementTree import Element, SubElement, tostring

from maps.style import (
    LAYER_STYLES,
    SCORE_COLOURS,
    SCORE_RADII_PX,
    LayerStyle,
    facility_colour,
    score_ranges,
)
from siting.model import FacilitySpec, Study

_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_VERSION = "3.22.16"
_MM_PER_PX = 25.4 / 96
_OUTLINE = LayerStyle(stroke="#232323", width_px=0.8)
_SITE_SIZE_PX = 14.0

Properties: TypeAlias = Mapping[str, str]
Look: TypeAlias = Callable[[str], Properties]


def layer_styles(study: Study) -> dict[str, str]:
    """Return the QML text of each styled layer by the layer's name."""
    return {
        "candidates": _graduated_by_score(),
        "sites": _by_facility(study, "marker", _site_marker),
        "service_areas": _by_facility(study, "fill", _area_fill),
        "districts": _single("fill", _fill(LAYER_STYLES["districts"])),
        "roads": _single("line", _line(LAYER_STYLES["roads"])),
    }


def _graduated_by_score() -> str:
    renderer = _renderer("graduatedSymbol", attr="score", graduatedMethod="GraduatedColor")
    ranges, symbols = SubElement(renderer, "ranges"), SubElement(renderer, "symbols")
    for number, (low, high) in enumerate(score_ranges()):
        SubElement(
            ranges,
            "range",
            lower=f"{low:.2f}",
            upper=f"{high:.2f}",
            symbol=str(number),
            label=f"{low:.1f} – {high:.1f}",
            render="true",
        )
        marker = _marker(SCORE_COLOURS[number], size_px=2 * SCORE_RADII_PX[number])
        _symbol(symbols, number, "marker", marker)
    return _document(renderer)


def _by_facility(study: Study, kind: str, look: Look) -> str:
    renderer = _renderer("categorizedSymbol", attr="facility")
    categories, symbols = SubElement(renderer, "categories"), SubElement(renderer, "symbols")
    for number, facility in enumerate(study.facilities):
        SubElement(
            categories,
            "category",
            symbol=str(number),
            value=_xml_text(facility.key),
            label=_xml_text(_title(facility)),
            render="true",
        )
        colour = facility_colour(facility.key, facility.colour, position=number)
        _symbol(symbols, number, kind, look(colour))
    return _document(renderer)


def _single(kind: str, properties: Properties) -> str:
    renderer = _renderer("singleSymbol")
    _symbol(SubElement(renderer, "symbols"), 0, kind, properties)
    return _document(renderer)


def _renderer(kind: str, **attributes: str) -> Element:
    fixed = {"type": kind, "symbollevels": "0", "enableorderby": "0", "forceraster": "0"}
    return Element("renderer-v2", fixed | attributes)


def _symbol(parent: Element, number: int, kind: str, properties: Properties) -> None:
    symbol = SubElement(
        parent, "symbol", type=kind, name=str(number), alpha="1", clip_to_extent="1"
    )
    names = {"class": f"Simple{kind.title()}", "pass": "0"}
    layer = SubElement(symbol, "layer", names, enabled="1", locked="0")
    for key, value in properties.items():
        SubElement(layer, "prop", k=key, v=value)


def _document(renderer: Element) -> str:
    root = Element("qgis", version=_VERSION, styleCategories="Symbology")
    root.append(renderer)
    return _DOCTYPE + tostring(root, encoding="unicode")


def _marker(colour: str, *, size_px: float) -> Properties:
    return {
        "name": "circle",
        "color": _rgba(colour),
        "outline_color": _rgba(_OUTLINE.stroke),
        "outline_width": _mm(_OUTLINE.width_px),
        "outline_width_unit": "MM",
        "size": _mm(size_px),
        "size_unit": "MM",
    }


def _site_marker(colour: str) -> Properties:
    return {**_marker(colour, size_px=_SITE_SIZE_PX), "name": "diamond"}


def _area_fill(colour: str) -> Properties:
    style = LAYER_STYLES["service_areas"]
    return _fill(replace(style, fill=colour, stroke=colour))


def _fill(style: LayerStyle) -> Properties:
    return {
        "color": _rgba(style.fill, opacity=style.fill_opacity) if style.fill else "0,0,0,0",
        "style": "solid" if style.fill else "no",
        "outline_color": _rgba(style.stroke),
        "outline_style": _stroke(style),
        "outline_width": _mm(style.width_px),
        "outline_width_unit": "MM",
    }


def _line(style: LayerStyle) -> Properties:
    return {
        "line_color": _rgba(style.stroke),
        "line_style": _stroke(style),
        "line_width": _mm(style.width_px),
        "line_width_unit": "MM",
    }


def _stroke(style: LayerStyle) -> str:
    return "dash" if style.dash else "solid"


def _rgba(colour: str, *, opacity: float = 1.0) -> str:
    channels = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return ",".join(map(str, [*channels, round(255 * opacity)]))


def _mm(pixels: float) -> str:
    return f"{pixels * _MM_PER_PX:.2f}"


def _title(facility: FacilitySpec) -> str:
    return f"{facility.label.zh} / {facility.label.en}"


def _xml_text(text: str) -> str:
    """Drop what XML 1.0 cannot hold, escaped or not."""
    return "".join(character for character in text if character.isprintable())
