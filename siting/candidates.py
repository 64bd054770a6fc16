"""Candidates of a facility type: which places come into question, and where they lie."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.errors import InputError, MissingLayerError, Problem
from siting.model import FacilitySpec, Inputs

DRAWN = "drawn_candidates"
"""Name of the layer of places drawn for a facility with a ``candidate_surface``."""


def propose(inputs: Inputs, facility: FacilitySpec) -> gpd.GeoDataFrame:
    """Return the candidates of a facility type.

    Parameters
    ----------
    inputs
        The checked layers.
    facility
        Which layer, rows and flags are meant.

    Returns
    -------
    GeoDataFrame
        One row a candidate, sorted by ``candidate_id``, with all columns of its layer and besides
        ``facility``, ``candidate_id``, ``type`` and ``district``. Places drawn from a surface (the layer
        ``DRAWN``) follow the same rules, but for ``candidate_where``.

    Raises
    ------
    MissingLayerError, InputError
        If the layer or a column is missing, or no row is left.
    """
    name = facility.candidate_layer
    if name not in inputs.layers:
        raise MissingLayerError(
            Problem(
                where=f"facility {facility.key}, candidates",
                what=f"the study has no layer {name}",
                expected=f"one of {', '.join(sorted(inputs.layers))}",
                mend="Add the layer to the study or leave the facility out.",
            )
        )
    layer = inputs.layers[name]
    _require_columns(layer, facility)
    chosen = np.ones(len(layer), dtype=bool)
    for column, values in facility.candidate_where.items():
        chosen &= layer[column].isin(list(values)).to_numpy()
    if facility.candidate_flags:
        chosen &= (layer[list(facility.candidate_flags)] == 1).any(axis=1).to_numpy()
    frame = _with_drawn(layer[chosen], inputs, facility).rename(columns={"id": "candidate_id"})
    if frame.empty:
        raise InputError(
            Problem(
                where=f"facility {facility.key}, layer {name}",
                what="no row is a candidate",
                expected=_wanted(facility),
                mend="Check the facility's [candidates] table against the layer.",
            )
        )
    frame = frame.assign(facility=facility.key, type=frame[facility.candidate_type].astype(str))
    frame["district"] = districts_of(frame.geometry, inputs)
    return frame.sort_values("candidate_id").reset_index(drop=True)


def _with_drawn(
    rows: gpd.GeoDataFrame, inputs: Inputs, facility: FacilitySpec
) -> gpd.GeoDataFrame:
    """Add the places drawn for this facility, if it asks for any, below those of its layer."""
    if facility.candidate_surface is None or DRAWN not in inputs.layers:
        return rows
    drawn = inputs.layers[DRAWN]
    drawn = drawn.assign(**dict.fromkeys(facility.candidate_flags, 1))
    if facility.candidate_type not in drawn:
        drawn = drawn.assign(**{facility.candidate_type: drawn["type"]})
    both = drawn.reindex(columns=rows.columns) if rows.empty else pd.concat([rows, drawn])
    return gpd.GeoDataFrame(both, geometry="geometry", crs=inputs.crs)


def districts_of(places: gpd.GeoSeries, inputs: Inputs) -> list[str]:
    """Return the name of the district each place lies in, or of the nearest one.

    Schematic districts and quays on reclaimed land leave places a little outside; the nearest
    district is the right answer there. Without districts every place gets an empty name.
    """
    if "districts" not in inputs.layers or places.empty or inputs.layers["districts"].empty:
        return [""] * len(places)
    districts = inputs.layers["districts"].sort_values("id")  # the first of equally near ones
    tree = shapely.STRtree(districts.geometry.to_numpy())
    pairs = tree.query_nearest(places.to_numpy())
    first = pd.Series(pairs[1]).groupby(pairs[0]).min()
    names = districts["name_zh"].where(districts["name_zh"] != "", districts["name_en"])
    return [str(name) for name in names.to_numpy()[first.to_numpy()]]


def _wanted(facility: FacilitySpec) -> str:
    wanted = [
        f"{column} one of {', '.join(map(str, values))}"
        for column, values in facility.candidate_where.items()
    ]
    if facility.candidate_flags:
        wanted.append(f"1 in one of {', '.join(facility.candidate_flags)}")
    return f"rows with {' and '.join(wanted) or 'any id'}"


def _require_columns(layer: gpd.GeoDataFrame, facility: FacilitySpec) -> None:
    named = [facility.candidate_type, *facility.candidate_where, *facility.candidate_flags]
    absent = [column for column in named if column not in layer]
    if absent:
        raise MissingLayerError(
            Problem(
                where=f"facility {facility.key}, layer {facility.candidate_layer}",
                what=f"no column {', '.join(absent)}",
                expected=f"columns of {', '.join(map(str, layer.columns))}",
                mend="Correct the facility's [candidates] table.",
            )
        )
