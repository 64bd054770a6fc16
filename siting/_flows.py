"""The traffic that brings the demand, with the roads it takes."""

import logging

import geopandas as gpd
import pandas as pd

from siting._allocation import ways_between
from siting.errors import ModelError, Problem
from siting.facilities import Engineering
from siting.frames import RESULT_FRAMES
from siting.model import FacilitySpec, Inputs
from siting.network import NetworkTravel

_log = logging.getLogger(__name__)


def flow_lines(
    inputs: Inputs,
    facility: FacilitySpec,
    engineering: Engineering,
    demand: gpd.GeoDataFrame,
    travel: NetworkTravel,
) -> gpd.GeoDataFrame:
    """Return the flows of a facility type, each with the line it takes along the roads.

    Parameters
    ----------
    inputs, facility, travel
        What the flows are made from.
    engineering
        Says what the flows are; no rows where it knows of none.
    demand
        The demand points; flows run between some of them.

    Returns
    -------
    GeoDataFrame
        After ``siting.frames.RESULT_FRAMES['flows']``, the largest first. A pair without a way
        along the roads can buy nothing on the way: it is left out, and the log says how much it was.

    Raises
    ------
    ModelError
        If a flow starts or ends at a place that is no demand point.
    """
    columns = list(RESULT_FRAMES["flows"])
    made = None if engineering.flows is None else engineering.flows(inputs, facility, travel)
    if made is None or made.empty:
        return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=demand.crs)
    by = ["amount_base", "origin_id", "destination_id"]
    flows = made.sort_values(by, ascending=[False, True, True]).reset_index(drop=True)
    points = demand.set_index("demand_id").geometry
    _require_places(flows, points, facility)
    origins = gpd.GeoDataFrame(geometry=points.loc[flows["origin_id"]].reset_index(drop=True))
    targets = gpd.GeoDataFrame(geometry=points.loc[flows["destination_id"]].reset_index(drop=True))
    minutes = flows["time_min"].to_numpy(float)
    lines = ways_between(origins, targets, minutes, facility, travel)[0]
    flows["geometry"] = gpd.GeoSeries(lines, crs=demand.crs)
    frame = gpd.GeoDataFrame(
        flows.assign(facility=facility.key)[columns], geometry="geometry", crs=demand.crs
    )
    return _with_a_way(frame, facility)


def _with_a_way(flows: gpd.GeoDataFrame, facility: FacilitySpec) -> gpd.GeoDataFrame:
    lost = flows[flows.geometry.isna()]
    if len(lost):
        _log.warning(
            "facility %s: %d flows of %.6g %s have no way along the roads and are left out",
            facility.key,
            len(lost),
            lost["amount_base"].sum(),
            facility.demand_unit,
        )
    return flows[flows.geometry.notna()].reset_index(drop=True)


def _require_places(flows: pd.DataFrame, points: gpd.GeoSeries, facility: FacilitySpec) -> None:
    ends = set(flows["origin_id"]) | set(flows["destination_id"])
    unknown = sorted(ends - set(points.index))
    if unknown:
        raise ModelError(
            Problem(
                where=f"facility {facility.key}, flows",
                what="places that are no demand points",
                got=", ".join(unknown[:5]),
                expected="ids of demand points",
            )
        )
