"""Opens a GeoPackage in QGIS without a screen and tells, as JSON, what QGIS made of it.

Run by the system's Python, which has PyQGIS: ``python3 look_in_qgis.py sites.gpkg PROJECT out.png``.
"""

import json
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsFeatureRequest,
    QgsLayerTreeModel,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRasterLayer,
    QgsRenderContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

_DULL = 2  # colours of a picture with nothing on it


def main(package: str, project: str, picture: str) -> None:
    """Print what QGIS says; the picture shows the project as it opens."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QgsApplication([], False)  # noqa: FBT003 - Qt's own signature
    app.initQgis()
    messages: list[str] = []
    app.messageLog().messageReceived.connect(lambda text, *_: messages.append(text))
    told = {
        "version": Qgis.QGIS_VERSION,
        "styles": {name: _style(package, name) for name in _styled(package)},
        "sld": {name: _sld(package, name, text) for name, text in _slds(package).items()},
        "rasters": {path.stem: _raster(path) for path in Path(package).parent.glob("*/*.tif")},
        "project": _project(package, project, Path(picture)),
        "messages": messages,
    }
    print(json.dumps(told, ensure_ascii=False))  # noqa: T201 - the answer
    QgsProject.instance().clear()
    app.exitQgis()


def _rows(package: str, query: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(f"file:{package}?mode=ro", uri=True) as connection:
        return connection.execute(query).fetchall()


def _styled(package: str) -> list[str]:
    return [name for (name,) in _rows(package, "SELECT f_table_name FROM layer_styles")]


def _slds(package: str) -> dict[str, str]:
    return dict(_rows(package, "SELECT f_table_name, styleSLD FROM layer_styles"))


def _layer(package: str, name: str) -> QgsVectorLayer:
    return QgsVectorLayer(f"{package}|layername={name}", name, "ogr")


def _style(package: str, name: str) -> dict[str, Any]:
    layer = _layer(package, name)
    _, is_loaded = layer.loadDefaultStyle()
    fields = layer.fields()
    return {
        "is_valid": layer.isValid(),
        "is_loaded": is_loaded,
        "aliases": {field.name(): layer.attributeAlias(n) for n, field in enumerate(fields)},
        "is_labelled": layer.labelsEnabled(),
        **_looks(layer),
    }


def _looks(layer: QgsVectorLayer) -> dict[str, Any]:
    renderer = layer.renderer()
    kind = renderer.type()
    # A symbol lives no longer than its range or category, which the list keeps.
    if kind == "graduatedSymbol":
        parts = list(renderer.ranges())
        values = [[part.lowerValue(), part.upperValue()] for part in parts]
    elif kind == "categorizedSymbol":
        parts = list(renderer.categories())
        values = [part.value() for part in parts]
    else:
        parts, values = [], []
    classes = [
        {"label": part.label(), "value": value, **_symbol(part.symbol())}
        for part, value in zip(parts, values)  # noqa: B905 - as long by construction
    ]
    return {
        "renderer": kind,
        "classes": classes or [{"label": "", "value": None, **_symbol(renderer.symbol())}],
        "drawn": _drawn(layer),
    }


def _symbol(symbol: Any) -> dict[str, Any]:
    properties = symbol.symbolLayer(0).properties()
    stroke = properties.get("outline_color", properties.get("line_color", ""))
    channels = [int(part) for part in stroke.split(",")[:3]]
    return {
        "colour": symbol.color().name(),
        "opacity": round(symbol.color().alphaF(), 2),
        "stroke": QColor(*channels).name(),
    }


def _drawn(layer: QgsVectorLayer) -> int:
    """Return how many features the renderer has a symbol for."""
    renderer, context = layer.renderer().clone(), QgsRenderContext()
    renderer.startRender(context, layer.fields())
    count = 0
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        count += renderer.symbolForFeature(feature, context) is not None
    renderer.stopRender(context)
    return count


def _sld(package: str, name: str, text: str) -> dict[str, Any]:
    path = Path(package).with_name(f"{name}.sld")
    path.write_text(text, encoding="utf-8")
    layer = _layer(package, name)
    message, is_loaded = layer.loadSldStyle(str(path))
    renderer = layer.renderer()
    if renderer.type() == "RuleRenderer":
        rules = [
            {"label": rule.label(), "filter": rule.filterExpression(), **_symbol(rule.symbol())}
            for rule in renderer.rootRule().children()
        ]
    else:
        rules = [{"label": "", "filter": "", **_symbol(renderer.symbol())}]
    for rule in rules:
        asked = QgsFeatureRequest().setFilterExpression(rule["filter"] or "true")
        rule["drawn"] = sum(1 for _ in layer.getFeatures(asked))
    return {
        "is_loaded": is_loaded,
        "message": message,
        "renderer": renderer.type(),
        "rules": rules,
    }


def _raster(path: Path) -> dict[str, Any]:
    """Return how a raster looks when it is just opened."""
    layer = QgsRasterLayer(str(path), path.stem)
    renderer = layer.renderer()
    shader = renderer.shader().rasterShaderFunction()
    shades = {str(score): shader.shade(score)[1:4] for score in (0.0, 0.05, 0.2, 0.5, 1.0)}
    return {
        "is_valid": layer.isValid(),
        "bands": [layer.bandName(band + 1) for band in range(layer.bandCount())],
        "renderer": renderer.type(),
        "band": renderer.band(),
        "opacity": round(renderer.opacity(), 2),
        "ramp": [[item.value, item.color.name()] for item in shader.colorRampItemList()],
        "shades": {score: QColor(*channels).name() for score, channels in shades.items()},
    }


def _project(package: str, name: str, picture: Path) -> dict[str, Any]:
    project = QgsProject.instance()
    is_read = project.read(f"geopackage:{package}?projectName={name}")
    root = project.layerTreeRoot()
    model = QgsLayerTreeModel(root)
    nodes = root.findLayers()
    found = [node for node in nodes if node.layer() is not None and node.layer().isValid()]
    return {
        "is_read": is_read,
        "title": project.title(),
        "crs": project.crs().authid(),
        "groups": {
            group.name(): [
                [node.layerId(), node.name(), node.isVisible()] for node in group.findLayers()
            ]
            for group in root.findGroups()
        },
        "invalid": [node.layerId() for node in nodes if node not in found],
        "rows": {node.layerId(): node.layer().featureCount() for node in found},
        "renderers": {
            node.layerId(): node.layer().renderer().type()
            for node in found
            if node.layer().isSpatial()
        },
        "aliases": {
            node.layerId(): [
                node.layer().attributeAlias(n) for n in range(len(node.layer().fields()))
            ]
            for node in found
        },
        "legend": [_legend_text(part) for node in found for part in model.layerLegendNodes(node)],
        "picture": _paint(project, picture),
    }


def _legend_text(node: Any) -> str:
    """Return what a printed legend shows, where QGIS would run expressions."""
    evaluate = getattr(node, "evaluateLabel", None)
    return evaluate() if evaluate else ""


def _paint(project: QgsProject, picture: Path) -> dict[str, Any]:
    settings = QgsMapSettings()
    root = project.layerTreeRoot()
    settings.setLayers([layer for layer in root.layerOrder() if root.findLayer(layer).isVisible()])
    settings.setDestinationCrs(project.crs())
    settings.setTransformContext(project.transformContext())
    settings.setExtent(_opening_view(project))
    settings.setOutputSize(QSize(1400, 1400))
    settings.setOutputDpi(110)
    settings.setBackgroundColor(project.backgroundColor())
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(str(picture))
    colours: dict[str, int] = {}
    for x in range(0, image.width(), 2):
        for y in range(0, image.height(), 2):
            name = image.pixelColor(x, y).name()
            colours[name] = colours.get(name, 0) + 1
    return {
        "errors": [error.message for error in job.errors()],
        "is_blank": len(colours) <= _DULL,
        "colours": colours,
    }


def _opening_view(project: QgsProject) -> Any:
    """Return the extent stored for the map canvas, which the window would take."""
    import zipfile  # noqa: PLC0415
    from io import BytesIO  # noqa: PLC0415
    from xml.etree import ElementTree as ET  # noqa: PLC0415

    from qgis.core import QgsRectangle  # noqa: PLC0415

    package = project.fileName().removeprefix("geopackage:").split("?")[0]
    ((content,),) = _rows(package, "SELECT content FROM qgis_projects")
    archive = zipfile.ZipFile(BytesIO(bytes.fromhex(content)))
    root = ET.fromstring(archive.read(archive.namelist()[0]))  # noqa: S314 - our own
    found = root.find("mapcanvas/extent")
    return QgsRectangle(*(float(found.find(k).text) for k in ("xmin", "ymin", "xmax", "ymax")))


if __name__ == "__main__":
    main(*sys.argv[1:])
