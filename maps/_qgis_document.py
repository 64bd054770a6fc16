"""Parts of a QGIS project that are not layers: its system, opening view, settings and zip file."""

import io
import re
import zipfile
from xml.etree.ElementTree import Element, SubElement

import geopandas as gpd
import numpy as np
from pyproj import CRS

from maps._looks import title
from maps.style import LAYER_STYLES
from siting.model import Result, Study

_MARGIN = 0.03
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # zip knows no earlier date


def project_name(study: Study) -> str:
    """Return the name of the project in the package: the study's, fit for an address."""
    return re.sub(r"[^\w-]+", "_", study.name).strip("_") or "siting"


def crs_element(tag: str, crs: str) -> Element:
    """Return a coordinate system: its text, and its code where it has one."""
    root = Element(tag)
    system = SubElement(root, "spatialrefsys")
    found = CRS.from_user_input(crs)
    SubElement(system, "wkt").text = found.to_wkt()
    code = found.to_authority(min_confidence=70)
    SubElement(system, "authid").text = ":".join(code) if code else ""
    return root


def canvas_element(result: Result) -> Element:
    """Return the view that opens: the study area with a margin."""
    root = Element("mapcanvas", name="theMapCanvas", annotationsVisible="1")
    SubElement(root, "units").text = "meters"
    extent = SubElement(root, "extent")
    west, south, east, north = _bounds(result)
    wide, high = _MARGIN * (east - west), _MARGIN * (north - south)
    edges = {
        "xmin": west - wide,
        "ymin": south - high,
        "xmax": east + wide,
        "ymax": north + high,
    }
    for name, value in edges.items():
        SubElement(extent, name).text = f"{value:.1f}"
    SubElement(root, "rotation").text = "0"
    root.append(crs_element("destinationsrs", result.crs))
    return root


def _bounds(result: Result) -> tuple[float, float, float, float]:
    districts = result.layers.get("districts", gpd.GeoDataFrame(geometry=[]))
    for frame in (districts, result.candidates, result.demand):
        bounds = frame.total_bounds
        if len(frame) and np.isfinite(bounds).all():
            west, south, east, north = map(float, bounds)
            return west, south, east, north
    return 0.0, 0.0, 1.0, 1.0


def settings_element(study: Study) -> Element:
    """Return settings: relative paths, the sea behind everything, and the notice on the map."""
    root = Element("properties")
    _property(root, "Paths/Absolute", "bool", "false")
    # Without it QGIS takes no notice of the project's CRS.
    _property(root, "SpatialRefSys/ProjectionsEnabled", "int", "1")
    sea = LAYER_STYLES["sea"].fill
    for name, start in (("Red", 1), ("Green", 3), ("Blue", 5)):
        value = str(int(sea[start : start + 2], 16))
        _property(root, f"Gui/CanvasColor{name}Part", "int", value)
    _property(root, "CopyrightLabel/Enabled", "bool", "true")
    _property(root, "CopyrightLabel/Label", "QString", title(study.notice))
    _property(root, "CopyrightLabel/Placement", "int", "3")
    return root


def _property(root: Element, path: str, kind: str, value: str) -> None:
    *groups, last = path.split("/")
    for name in groups:
        found = root.find(name)
        root = SubElement(root, name) if found is None else found
    SubElement(root, last, type=kind).text = value


def metadata_element(study: Study) -> Element:
    """Return what the project says of itself."""
    root = Element("projectMetadata")
    SubElement(root, "identifier").text = project_name(study)
    SubElement(root, "type").text = "dataset"
    SubElement(root, "title").text = title(study.title)
    SubElement(root, "abstract").text = title(study.notice)
    return root


def zipped(name: str, text: str) -> bytes:
    """Return a zip file with the project alone, without the date of its making."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(f"{name}.qgs", date_time=_LONG_AGO)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, text)
    return out.getvalue()
