"""QGIS styles (QML) made of the looks of the layers.

Built as XML trees, never as text: labels come from the study's files.
"""

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, tostring

from maps._looks import Look, Symbol
from maps.style import SCORE_COLOURS, SURFACE_OPACITY, LayerStyle, class_middles, score_ranges

VERSION = "3.22.16-Białowieża"
"""The QGIS whose files these are like; every later one reads them."""

DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"

_CLOSE = "400000"  # the names of the sites of a whole city would hide the map
_MM_PER_PX = 25.4 / 96
_ALL = "Symbology|Labeling|Fields"
# What a Chinese desktop has, on Windows, Linux and macOS; QGIS takes the first it finds.
_FONTS = ("Microsoft YaHei", "Noto Sans CJK SC", "PingFang SC", "Sans Serif")


def qml(look: Look, aliases: Mapping[str, str]) -> str:
    """Return the QML text of a look.

    Parameters
    ----------
    aliases
        The name to show for each column, in the order of the layer's columns, ``fid`` among them.
    """
    root = Element("qgis", version=VERSION, styleCategories=_ALL, labelsEnabled=labels_flag(look))
    root.extend(style_elements(look, aliases))
    return DOCTYPE + tostring(root, encoding="unicode")


def raster_qml() -> str:
    """Return the QML text of a raster of scores, its ramp in the colours of the score classes."""
    root = Element("qgis", version=VERSION, styleCategories="Symbology")
    drawn = SubElement(
        SubElement(root, "pipe"),
        "rasterrenderer",
        {"type": "singlebandpseudocolor", "band": "1", "opacity": str(SURFACE_OPACITY)},
        classificationMin="0",
        classificationMax="1",
    )
    shader = SubElement(drawn, "rastershader")
    ramp = SubElement(
        shader, "colorrampshader", colorRampType="INTERPOLATED", clip="0", classificationMode="1"
    )
    for middle, (low, high), colour in zip(
        class_middles(), score_ranges(), SCORE_COLOURS, strict=True
    ):
        told = {"value": f"{middle:g}", "label": f"{low:.1f} – {high:.1f}", "color": colour}
        SubElement(ramp, "item", told, alpha="255")
    return DOCTYPE + tostring(root, encoding="unicode")


def labels_flag(look: Look) -> str:
    """Return what the attribute ``labelsEnabled`` of a layer says."""
    return "1" if look.name else "0"


def style_elements(look: Look, aliases: Mapping[str, str]) -> list[Element]:
    """Return renderer, labels and aliases, as a style and a project hold them."""
    found = [_renderer(look), alias_element(aliases)]
    return [*found, _labels(look)] if look.name else found


def alias_element(aliases: Mapping[str, str]) -> Element:
    """Return the names of the columns of a layer or table."""
    root = Element("aliases")
    for number, (column, name) in enumerate(aliases.items()):
        SubElement(root, "alias", index=str(number), field=column, name=name)
    return root


def _renderer(look: Look) -> Element:
    root = Element(
        "renderer-v2", type=look.renderer, symbollevels="0", enableorderby="0", forceraster="0"
    )
    if look.attribute:
        root.set("attr", look.attribute)
    if look.renderer == "graduatedSymbol":
        root.set("graduatedMethod", "GraduatedColor")
        _parts(root, "ranges", look)
    elif look.renderer == "categorizedSymbol":
        _parts(root, "categories", look)
    symbols = SubElement(root, "symbols")
    for number, part in enumerate(look.classes):
        _symbol(symbols, number, part.symbol)
    return root


def _parts(root: Element, name: str, look: Look) -> None:
    parts = SubElement(root, name)
    for number, part in enumerate(look.classes):
        common = {"symbol": str(number), "label": part.label, "render": "true"}
        if part.low is None or part.high is None:
            kind = "bool" if look.is_flag else "string"
            SubElement(parts, "category", common, value=part.value, type=kind)
        else:
            limits = {"lower": f"{part.low:.2f}", "upper": f"{part.high:.2f}"}
            SubElement(parts, "range", common | limits)


def _symbol(parent: Element, number: int, symbol: Symbol) -> None:
    root = SubElement(
        parent, "symbol", type=symbol.kind, name=str(number), alpha="1", clip_to_extent="1"
    )
    names = {"class": f"Simple{symbol.kind.title()}", "pass": "0"}
    layer = SubElement(root, "layer", names, enabled="1", locked="0")
    for key, value in _properties(symbol).items():
        SubElement(layer, "prop", k=key, v=value)


def _properties(symbol: Symbol) -> Mapping[str, str]:
    style = symbol.style
    if symbol.kind == "line":
        return {
            "line_color": _rgba(style.stroke),
            "line_width": _mm(style.width_px),
            "line_width_unit": "MM",
            "joinstyle": "round",
            "capstyle": "round",
            **_dashes("line_style", style),
        }
    outline = {
        "color": _rgba(style.fill, opacity=style.fill_opacity) if style.fill else "0,0,0,0",
        "outline_color": _rgba(style.stroke),
        "outline_width": _mm(style.width_px),
        "outline_width_unit": "MM",
    }
    if symbol.kind == "marker":
        size = {"size": _mm(symbol.size_px), "size_unit": "MM", "name": symbol.shape}
        return {**outline, **size, **_dashes("outline_style", style)}
    inside = {"style": "solid" if style.fill else "no", "joinstyle": "round"}
    return {**outline, **inside, **_dashes("outline_style", style)}


def _dashes(key: str, style: LayerStyle) -> Mapping[str, str]:
    if not style.width_px:
        return {key: "no"}
    return {key: "dash" if style.dash else "solid"}


def _labels(look: Look) -> Element:
    """Return labels from a column: as they stand in it, no expression and no HTML."""
    kind = look.classes[0].symbol.kind if look.classes else "marker"
    is_place = kind == "fill"
    root = Element("labeling", type="simple")
    settings = SubElement(root, "settings", calloutType="simple")
    style = SubElement(
        settings, "text-style", fieldName=look.name, isExpression="0", allowHtml="0",
        fontFamily=_FONTS[0], fontSize="9" if is_place else "7", fontSizeUnit="Point",
        fontWeight="50", textColor="95,105,117,255" if is_place else "35,35,35,255",
        textOpacity="1", namedStyle="Regular",
    )  # fmt: skip
    families = SubElement(style, "families")
    for font in _FONTS:
        SubElement(families, "family", name=font)
    SubElement(
        style, "text-buffer", bufferDraw="1", bufferSize="0.7", bufferSizeUnits="MM",
        bufferColor="255,255,255,255", bufferOpacity="0.8", bufferNoFill="1", bufferJoinStyle="128",
    )  # fmt: skip
    SubElement(settings, "text-format", multilineAlign="3", wrapChar="")
    SubElement(
        settings, "placement", placement="1" if is_place else "6", dist="0.6", distUnits="MM",
        predefinedPositionOrder="TR,TL,BR,BL,R,L,TSR,BSR", priority="9" if is_place else "6",
        centroidInside="1", centroidWhole="1", placementFlags="10", offsetType="1",
    )  # fmt: skip
    SubElement(
        settings, "rendering", drawLabels="1", displayAll="0", obstacle="1", obstacleFactor="1",
        scaleVisibility="0" if is_place else "1", scaleMin="0", scaleMax=_CLOSE, labelPerPart="0", maxNumLabels="2000", limitNumLabels="0",
        fontMinPixelSize="3", fontMaxPixelSize="10000", fontLimitPixelSize="0",
    )  # fmt: skip
    return root


def _rgba(colour: str, *, opacity: float = 1.0) -> str:
    channels = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return ",".join(map(str, [*channels, round(255 * opacity)]))


def _mm(pixels: float) -> str:
    return f"{pixels * _MM_PER_PX:.2f}"
