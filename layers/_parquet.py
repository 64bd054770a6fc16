"""Parquet: GeoParquet, or a plain table with columns for the places."""

import geopandas as gpd
import pandas as pd
import pyarrow.parquet
from pyarrow import ArrowException

from layers._places import has_places, place_rows, with_shapes
from layers._raw import RawLayer, place
from siting.errors import InputError, Problem
from siting.model import LayerSpec
from siting.schema import LayerSchema

_BROKEN = (ArrowException, OSError, ValueError, KeyError, TypeError)


def read_parquet(spec: LayerSpec, schema: LayerSchema) -> RawLayer:
    """Return the rows of a Parquet file.

    Raises
    ------
    InputError
        When the file is no whole Parquet file, or says in no way where its rows are. What is wrong with
        places or CRS is in ``faults``.
    """
    frame = _read_frame(spec)
    if not isinstance(frame, gpd.GeoDataFrame):
        if has_places(spec, schema, frame):
            return place_rows(spec, schema, frame)
        raise _unplaced(spec, frame)
    return with_shapes(spec, schema, frame)


def _read_frame(spec: LayerSpec) -> pd.DataFrame:
    try:
        metadata = pyarrow.parquet.read_schema(spec.path).metadata or {}
        if b"geo" in metadata:
            return gpd.read_parquet(spec.path).reset_index(drop=True)
        frame: pd.DataFrame = pyarrow.parquet.read_table(spec.path).to_pandas()
        return frame.reset_index(drop=True)
    except _BROKEN as error:
        raise InputError(
            Problem(
                where=place(spec),
                what="file cannot be read as Parquet",
                got=str(error).replace(spec.path, spec.reference),
                expected="a whole GeoParquet file",
                mend="Copy or download it again.",
            )
        ) from error


def _unplaced(spec: LayerSpec, frame: pd.DataFrame) -> InputError:
    return InputError(
        Problem(
            where=place(spec),
            what="Parquet without geo metadata",
            got=", ".join(map(str, frame.columns)),
            expected="GeoParquet, or columns lon and lat, or wkt",
            mend="Write it with GeoDataFrame.to_parquet, or say which columns: columns = { lon = … }.",
        )
    )
