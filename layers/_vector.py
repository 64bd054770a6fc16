"""Vector files that GDAL reads: GeoJSON, GeoPackage, FlatGeobuf, Shapefile and others."""

import logging
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS

from layers._crs import declared_crs
from layers._raw import RawLayer, place
from siting.errors import CrsError, InputError, Problem, SitingError
from siting.model import LayerSpec
from siting.schema import LayerSchema

_LOG = logging.getLogger(__name__)


def read_vector(spec: LayerSpec, schema: LayerSchema) -> RawLayer:
    """Return the rows of a vector file; of several layers inside, the one named like the kind.

    Raises
    ------
    InputError
        When GDAL cannot read the file or it does not say which of its layers is meant. What is wrong
        with places or CRS is in ``faults``.
    """
    frame = _read_frame(spec)
    cells = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    if schema.geometry == "none":
        nowhere = np.full(len(cells), None, dtype=object)
        return RawLayer(spec=spec, schema=schema, cells=cells, geometry=nowhere, crs=None)
    if not isinstance(frame, gpd.GeoDataFrame):
        fault = InputError(Problem(where=place(spec), what="file holds a table without geometry"))
        return RawLayer(
            spec=spec, schema=schema, cells=cells, geometry=None, crs=None, faults=(fault,)
        )
    geometry = np.asarray(frame.geometry, dtype=object)
    crs: CRS | None = None
    faults: tuple[SitingError, ...] = ()
    try:
        crs = declared_crs(spec, _crs_of(frame))
    except CrsError as error:
        faults = (error,)
    return RawLayer(
        spec=spec, schema=schema, cells=cells, geometry=geometry, crs=crs, faults=faults
    )


def _read_frame(spec: LayerSpec) -> pd.DataFrame:
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            layer = _choose_layer(spec)
            frame: pd.DataFrame = pyogrio.read_dataframe(
                spec.path, layer=layer, on_invalid="ignore"
            )
    except (RuntimeError, UnicodeDecodeError, shapely.errors.ShapelyError) as error:
        raise InputError(
            Problem(
                where=place(spec),
                what="file cannot be read as vector data",
                got=str(error).replace(spec.path, spec.reference),
                expected="GeoJSON, GeoPackage or another format of GDAL; CSV needs the suffix .csv",
                mend="Open it in QGIS, or copy or download it again.",
            )
        ) from error
    for warning in told:
        _LOG.warning("%s: %s", place(spec), warning.message)
    return frame


def _choose_layer(spec: LayerSpec) -> str:
    names = [str(name) for name in pyogrio.list_layers(spec.path)[:, 0]]
    if len(names) == 1:
        return names[0]
    if spec.kind in names:
        return spec.kind
    raise InputError(
        Problem(
            where=place(spec),
            what="file holds several layers" if names else "file holds no layer",
            got=", ".join(names),
            expected=f"one layer, or one named {spec.kind}",
            mend="Rename the layer that is meant.",
        )
    )


def _crs_of(frame: gpd.GeoDataFrame) -> CRS | None:
    # A GeoPackage without CRS is read as GDAL's "Undefined geographic SRS" or "… Cartesian SRS".
    return None if frame.crs is None or "ndefined" in frame.crs.name else frame.crs
