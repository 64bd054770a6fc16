"""Layers whose geometry or coordinate system is wrong."""

import geopandas as gpd
from shapely.geometry import LineString, MultiPoint, Point, Polygon

from tests.builders import GOOD_LAYERS, make_layer
from tests.corpus.base import (
    SQUARE,
    TOWNS,
    frame,
    named,
    polygons,
    towns,
    towns_with,
    without,
    written,
)

_KML = (
    '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    "<Placemark><name>a</name></Placemark></Document></kml>"
)
_POINTS = [Point(120.38 + number / 1000, 36.07) for number in range(40)]
_FLAT = Polygon([(120.37, 36.05), (120.40, 36.08), (120.37, 36.05)])
_SLIVER = Polygon([(120.37, 36.05), (120.40, 36.05), (120.40, 36.0500002)])
# A district in kilometres, as a drawing might have it, read as metres.
_SMALL = Polygon([(534.0, 3993.0), (534.9, 3993.0), (534.9, 3993.9), (534.0, 3993.9)])
_EDGES = GOOD_LAYERS["road_edges"]


def _moved(*places: Point | None) -> gpd.GeoDataFrame:
    """Return forty townships, the first of them at these places."""
    return frame().set_geometry([*places, *_POINTS[len(places) :]], crs="EPSG:4326")


def _no_crs(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        table.drop(columns="geometry"), geometry=table.geometry.to_numpy(), crs=None
    )


def _edges(old: str, new: str):  # noqa: ANN202
    text = _EDGES.replace(old, new)
    return lambda folder: make_layer(folder, "road_edges", text)


CASES = {
    "KML without geometry": (
        named("towns.kml", _KML.encode()),
        'layer townships (towns.kml): missing column population (got id, Name, description, timestamp, begin, end, altitudeMode, tessellate, extrude, visibility, drawOrder, icon, expected these columns or a mapping). If the file names it otherwise: columns = { population = "its name" }.',
        "layer townships (towns.kml): geometry missing or unreadable (null) (got 1 row: 1, expected a place in every row)",
    ),
    "no features": (
        named("towns.geojson", b'{"type":"FeatureCollection","features":[]}'),
        "layer townships (towns.geojson): layer has no rows (expected at least one row). Fill the file, or take the layer out of the study.",
    ),
    "no CRS in a table": (
        towns(TOWNS, crs=None),
        'layer townships (townships.csv): coordinate system missing (expected the CRS of its coordinates). Give the file one, or add crs = "EPSG:4326" (or what it is) to the layer. <…>',
    ),
    "no .prj": (
        without("towns.shp", ".prj"),
        'layer townships (towns.shp): coordinate system missing (expected the CRS of its coordinates). Give the file one, or add crs = "EPSG:4326" (or what it is) to the layer. <…>',
    ),
    "unknown CRS": (
        towns(TOWNS, crs="EPSG:999999"),
        "layer townships (townships.csv): unknown coordinate system (got 'EPSG:999999', expected an authority and code such as EPSG:4549). Look the code up at the data's source. <…>",
    ),
    "two CRSs": (
        written("towns.gpkg", frame(), spec={"crs": "EPSG:4549"}),
        "layer townships (towns.gpkg): the file and the study name different coordinate systems (got EPSG:4326 in the file, EPSG:4549 in the study, expected the same). Take crs out of the layer; the file's own is used. If that is wrong, mend the file. <…>",
    ),
    "degrees for metres": (
        towns(TOWNS, crs="EPSG:4549"),
        "layer townships (townships.csv): coordinates out of range for EPSG:4549 or far from the rest of the study (got 1 row: T1, expected places in the study area). Check the coordinates and the CRS of the layer; clip a wider background to the study. <…>",
    ),
    "metres for degrees": (
        towns_with("120.382,36.067", "534417,3993000"),
        "layer townships (townships.csv): coordinates out of range for EPSG:4326 or far from the rest of the study (got 1 row: T1, expected places in the study area). Check the coordinates and the CRS of the layer; clip a wider background to the study. <…>",
    ),
    "swapped axes": (
        towns_with("120.382,36.067", "36.067,120.382"),
        'layer townships (townships.csv): lon and lat (x and y) are swapped (got 1 row: T1, expected x = lon or easting, y = lat or northing). Exchange them; in a CSV columns = { lon = "lat", lat = "lon" } does it. <…>',
    ),
    "degrees and minutes": (
        towns_with("120.382", "120°23'"),
        'layer townships (townships.csv): column lon: not a number: "120°23\'" (got 1 row: T1, expected decimal degrees, or metres in a projected CRS)',
    ),
    "no longitude": (
        towns_with("120.382", ""),
        "layer townships (townships.csv): geometry missing or unreadable (null) (got 1 row: T1, expected a place in every row)",
    ),
    "infinite longitude": (
        towns_with("120.382", "inf"),
        "layer townships (townships.csv): coordinates are NaN or infinite (got 1 row: T1, expected finite numbers)",
    ),
    "NaN coordinates": (
        written("towns.fgb", _moved(*[Point(float("nan"), 36.07)] * 3), SPATIAL_INDEX="NO"),
        "layer townships (towns.fgb): coordinates are NaN or infinite (got 3 rows: T00, T01, T02, expected finite numbers)",
    ),
    "broken WKT": (
        _edges("LINESTRING (120.380", "LINESTRING (120.380 x"),
        "layer road_edges (road_edges.csv): column wkt: not well-known text: 'LINESTRING (120.380 x 36.065, 120.385 36' (got 1 row: E1, expected such as POINT (120.38 36.07))",
    ),
    "point for a road": (
        _edges("LINESTRING (120.380 36.065, 120.385 36.065)", "POINT (120.38 36.065)"),
        "layer road_edges (road_edges.csv): wrong geometry type Point (got 1 row: E1, expected LineString)",
    ),
    "too many without a place": (
        written("towns.gpkg", _moved(None, None, None)),
        "layer townships (towns.gpkg): geometry missing or unreadable (null) (got 3 rows: T00, T01, T02, expected a place in every row)",
    ),
    "too many far away": (
        written("towns.gpkg", _moved(*[Point(2.35, 48.86)] * 3)),
        "layer townships (towns.gpkg): coordinates out of range for EPSG:4326 or far from the rest of the study (got 3 rows: T00, T01, T02, expected places in the study area). Check the coordinates and the CRS of the layer; clip a wider background to the study.",
    ),
    "too many at zero": (
        written("towns.gpkg", _moved(*[Point(0, 0)] * 3)),
        "layer townships (towns.gpkg): coordinates out of range for EPSG:4326 or far from the rest of the study (got 3 rows: T00, T01, T02, expected places in the study area). Check the coordinates and the CRS of the layer; clip a wider background to the study.",
    ),
    "rows of several points": (
        written("towns.gpkg", _moved(*[MultiPoint(_POINTS[:2])] * 3)),
        "layer townships (towns.gpkg): wrong geometry type MultiPoint (got 3 rows: T00, T01, T02, expected Point)",
    ),
    "lines among points": (
        written("towns.geojson", _moved(*[LineString(_POINTS[:2])] * 3)),
        "layer townships (towns.geojson): wrong geometry type LineString (got 3 rows: T00, T01, T02, expected Point)",
    ),
    "line for a polygon": (
        written("d.geojson", polygons(SQUARE, LineString(_POINTS[:2])), "districts"),
        "layer districts (d.geojson): wrong geometry type LineString (got 1 row: D2, expected Polygon or MultiPolygon)",
    ),
    "empty polygon": (
        written("d.geojson", polygons(SQUARE, Polygon()), "districts"),
        "layer districts (d.geojson): geometry is empty (got 1 row: D2, expected a shape with coordinates)",
    ),
    "polygon without area": (
        written("d.geojson", polygons(SQUARE, _FLAT), "districts"),
        "layer districts (d.geojson): invalid geometry, beyond repair (got 1 row: D2, expected lines with a length, polygons with an area). Draw these again.",
    ),
    "sliver": (
        written("d.geojson", polygons(SQUARE, _SLIVER), "districts"),
        "layer districts (d.geojson): polygon is a sliver (got 1 row: D2, expected at least 1 m² and 0.1 m of mean width). Check the unit of the coordinates.",
    ),
    "unit of the coordinates": (
        written("d.gpkg", polygons(_SMALL).set_crs("EPSG:4549", allow_override=True), "districts"),
        "layer districts (d.gpkg): polygon is a sliver (got 1 row: D1, expected at least 1 m² and 0.1 m of mean width). Check the unit of the coordinates.",
    ),
}
