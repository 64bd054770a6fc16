"""Vector files that GDAL reads: GeoJSON, GeoPackage, FlatGeobuf, Shapefile and others."""

import logging
import warnings

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from layers._places import has_places, place_rows, with_shapes
from layers._raw import RawLayer, place
from siting.errors import InputError, Problem
from siting.model import LayerSpec
from siting.schema import LayerSchema

_LOG = logging.getLogger(__name__)
# pyogrio 0.13 stumbles over its own variable where a .prj has a name that is no text.
_BROKEN = (
    RuntimeError,
    UnicodeError,
    LookupError,
    shapely.errors.ShapelyError,
    UnboundLocalError,
)


def read_vector(
    spec: LayerSpec,
    schema: LayerSchema,
    *,
    encoding: str | None = None,
    repairs: tuple[str, ...] = (),
) -> RawLayer:
    """Return the rows of a vector file; of several layers inside, the one that ``layer`` or the kind names.

    Parameters
    ----------
    spec, schema
        Of the layer.
    encoding
        Of its text, where the format does not fix it; by default what the study says.
    repairs
        What there is to tell of the file already.

    Raises
    ------
    InputError
        When GDAL cannot read the file or it does not say which of its layers is meant. What is wrong
        with places or CRS is in ``faults``.
    """
    frame = _read_frame(spec, encoding or spec.encoding)
    if not isinstance(frame, gpd.GeoDataFrame):
        return _without_geometry(spec, schema, frame, repairs)
    return with_shapes(spec, schema, frame, repairs=repairs)


def _without_geometry(
    spec: LayerSpec, schema: LayerSchema, cells: pd.DataFrame, repairs: tuple[str, ...]
) -> RawLayer:
    """Return a table of a database file or an office file, placed by its columns where it has them."""
    if has_places(spec, schema, cells):
        return place_rows(spec, schema, cells, repairs=repairs)
    fault = InputError(Problem(where=place(spec), what="file holds a table without geometry"))
    return RawLayer(
        spec=spec, schema=schema, cells=cells, geometry=None, crs=None, faults=(fault,)
    )


def _read_frame(spec: LayerSpec, encoding: str | None) -> pd.DataFrame:
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            layer = _choose_layer(spec)
            frame: pd.DataFrame = pyogrio.read_dataframe(
                spec.path, layer=layer, on_invalid="ignore", encoding=encoding
            )
    except _BROKEN as error:
        raise InputError(
            Problem(
                where=place(spec),
                what="file cannot be read as vector data",
                got=_words(error).replace(spec.path, spec.reference),
                expected="GeoJSON, GeoPackage or another format of GDAL; CSV needs the suffix .csv",
                mend="Open it in QGIS, or copy or download it again.",
            )
        ) from error
    for warning in told:
        _LOG.warning("%s: %s", place(spec), warning.message)
    return frame


def _words(error: Exception) -> str:
    return "coordinate system" if isinstance(error, UnboundLocalError) else str(error)


def _choose_layer(spec: LayerSpec) -> str:
    names = [str(name) for name in pyogrio.list_layers(spec.path)[:, 0]]
    if spec.layer is None and len(names) == 1:
        return names[0]
    wanted = spec.layer or spec.kind
    if wanted in names:
        return wanted
    if not names:
        what, mend = "file holds no layer", "Copy or download it again."
        raise InputError(Problem(where=place(spec), what=what, mend=mend))
    found = ", ".join(names)
    is_named = spec.layer is not None
    raise InputError(
        Problem(
            where=place(spec),
            what="file has no layer of this name" if is_named else "file holds several layers",
            got=repr(spec.layer) if is_named else found,
            expected=found if is_named else f"one layer, or one named {spec.kind}",
            mend='Name the layer that is meant: layer = "its name".',
        )
    )
