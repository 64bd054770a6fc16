"""Styled Layer Descriptors (OGC SLD 1.1 with Symbology Encoding) made of the looks of the layers.

For GeoServer, ArcGIS and older programs, which do not read QML.
"""

from xml.etree.ElementTree import Element, SubElement, tostring

from maps._looks import Look, LookClass, Symbol
from maps.style import LayerStyle

_XMLNS = {
    "xmlns": "http://www.opengis.net/sld",
    "xmlns:se": "http://www.opengis.net/se",
    "xmlns:ogc": "http://www.opengis.net/ogc",
    "version": "1.1.0",
}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def sld(name: str, look: Look) -> str:
    """Return the SLD text of a look.

    Parameters
    ----------
    name
        Of the layer.
    """
    root = Element("StyledLayerDescriptor", _XMLNS)
    layer = SubElement(root, "NamedLayer")
    _text(layer, "se:Name", name)
    style = SubElement(layer, "UserStyle")
    _text(style, "se:Name", name)
    rules = SubElement(style, "se:FeatureTypeStyle")
    for part in look.classes:
        rule = SubElement(rules, "se:Rule")
        _text(rule, "se:Name", part.label or name)
        if look.attribute:
            _filter(SubElement(rule, "ogc:Filter"), look, part)
        _symbolizer(rule, part.symbol)
    return _HEAD + tostring(root, encoding="unicode")


def _filter(parent: Element, look: Look, part: LookClass) -> None:
    attribute = look.attribute
    if part.low is None or part.high is None:
        # A flag is stored as 1 or 0; no program takes the word "true" for it everywhere.
        value = str(int(part.value == "true")) if look.is_flag else part.value
        _compare(parent, "PropertyIsEqualTo", attribute, value)
        return
    both = SubElement(parent, "ogc:And")
    lower = "PropertyIsGreaterThanOrEqualTo" if part.is_first else "PropertyIsGreaterThan"
    _compare(both, lower, attribute, f"{part.low:g}")
    _compare(both, "PropertyIsLessThanOrEqualTo", attribute, f"{part.high:g}")


def _compare(parent: Element, how: str, attribute: str, value: str) -> None:
    element = SubElement(parent, f"ogc:{how}")
    _text(element, "ogc:PropertyName", attribute)
    _text(element, "ogc:Literal", value)


def _symbolizer(rule: Element, symbol: Symbol) -> None:
    if symbol.kind == "line":
        _stroke(SubElement(rule, "se:LineSymbolizer"), symbol.style)
    elif symbol.kind == "fill":
        area = SubElement(rule, "se:PolygonSymbolizer")
        _fill(area, symbol.style)
        _stroke(area, symbol.style)
    else:
        graphic = SubElement(SubElement(rule, "se:PointSymbolizer"), "se:Graphic")
        mark = SubElement(graphic, "se:Mark")
        # Every diamond is a square that stands on its corner; SLD knows the square alone.
        is_diamond = symbol.shape == "diamond"
        _text(mark, "se:WellKnownName", "square" if is_diamond else symbol.shape)
        _fill(mark, symbol.style)
        _stroke(mark, symbol.style)
        size = symbol.size_px / 2**0.5 if is_diamond else symbol.size_px
        _text(graphic, "se:Size", f"{size:.4g}")
        if is_diamond:
            _text(SubElement(graphic, "se:Rotation"), "ogc:Literal", "45")


def _fill(parent: Element, style: LayerStyle) -> None:
    if not style.fill:
        return
    fill = SubElement(parent, "se:Fill")
    _parameter(fill, "fill", style.fill)
    if style.fill_opacity < 1:
        _parameter(fill, "fill-opacity", f"{style.fill_opacity:g}")


def _stroke(parent: Element, style: LayerStyle) -> None:
    if not style.width_px:
        return
    stroke = SubElement(parent, "se:Stroke")
    _parameter(stroke, "stroke", style.stroke)
    _parameter(stroke, "stroke-width", f"{style.width_px:g}")
    if style.dash:
        _parameter(stroke, "stroke-dasharray", " ".join(f"{length:g}" for length in style.dash))


def _parameter(parent: Element, name: str, value: str) -> None:
    SubElement(parent, "se:SvgParameter", name=name).text = value


def _text(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text
