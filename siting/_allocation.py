"""Who is to be served, by which site, along which roads, and how far a site reaches."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.candidates import districts_of
from siting.errors import MissingLayerError, Problem
from siting.facilities import CASE_NAMES, Engineering
from siting.frames import RESULT_FRAMES
from siting.model import FacilitySpec, Inputs, SolverSettings, Study
from siting.network import NetworkTravel, service_lines, ways
from siting.optimise import assign
from siting.units import (
    DECIMETRES_PER_METRE,
    DECISECONDS_PER_SECOND,
    M2_PER_KM2,
    METRES_PER_KM,
    SECONDS_PER_MINUTE,
)

_DS_PER_MINUTE = DECISECONDS_PER_SECOND * SECONDS_PER_MINUTE
_DM_PER_KM = DECIMETRES_PER_METRE * METRES_PER_KM
_WHOLE = 1e-5  # shares smaller than a trip are not sent anywhere
_OUTLINE_M = 25.0  # a tenth of the roads' own accuracy


def access_m(places: gpd.GeoSeries, travel: NetworkTravel, profile: str) -> NDArray[np.float64]:
    """Return the straight distance from places to the road, NaN where none is reached."""
    snapped = travel.snap(places, profile=profile)
    return np.where(snapped.is_reached, snapped.access_m, np.nan)


def in_service(inputs: Inputs, facility: FacilitySpec) -> gpd.GeoDataFrame:
    """Return the facilities in service; no rows where none are known."""
    name = facility.existing_layer
    if name is None:
        any_layer = inputs.layers["road_nodes"]
        return any_layer.iloc[:0]
    if name not in inputs.layers:
        raise MissingLayerError(
            Problem(
                where=f"facility {facility.key}, existing",
                what=f"the study has no layer {name}",
                expected=f"one of {', '.join(sorted(inputs.layers))}",
                mend="Add the layer, or take [existing] out of the facility.",
            )
        )
    frame = inputs.layers[name]
    for column, values in facility.existing_where.items():
        frame = frame[frame[column].isin(list(values))]
    return frame


def demand_left(
    inputs: Inputs,
    facility: FacilitySpec,
    engineering: Engineering,
    existing: gpd.GeoDataFrame,
    travel: NetworkTravel,
) -> gpd.GeoDataFrame:
    """Return demand points with what is left to plan for after facilities in service."""
    demand = engineering.demand(inputs, facility, travel).reset_index(drop=True)
    times = travel(demand.geometry, existing.geometry, profile=facility.profile)
    demand["facility"] = facility.key
    for case in CASE_NAMES:
        asked = replace(facility, demand_case=case)
        served = engineering.served(demand, existing, times, asked).to_numpy(float)
        # Sums of parts may pass the whole by a rounding.
        demand[f"_left_{case}"] = (demand[f"demand_{case}"] - served).clip(lower=0.0)
        if case == facility.demand_case:
            demand["existing_served"] = served
    demand["demand"] = demand[f"_left_{facility.demand_case}"]
    demand["district"] = districts_of(demand.geometry, inputs)
    demand["access_m"] = access_m(demand.geometry, travel, facility.profile)
    return demand


def times_to_serve(
    candidates: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    engineering: Engineering,
    facility: FacilitySpec,
    travel: NetworkTravel,
) -> NDArray[np.float64]:
    """Return minutes from demand to candidates; on-site demand is served where it stands or not."""
    if engineering.is_on_site:
        own = demand["demand_id"].to_numpy()[:, None] == candidates["candidate_id"].to_numpy()
        return np.where(own, 0.0, np.nan)
    return travel(demand.geometry, candidates.geometry, profile=facility.profile)


def allocate(
    sites: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    *,
    times_min: NDArray[np.float64],
    facility: FacilitySpec,
    travel: NetworkTravel,
    settings: SolverSettings,
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Send the demand within the radius to the nearest sites that can take it.

    Parameters
    ----------
    sites
        Chosen candidates (n_sites,), sorted by id, with ``capacity`` in the unit of demand.
    demand
        Demand points (n_demand,).
    times_min
        ``(n_demand, n_sites)``, NaN = unreachable.
    facility
        Brings radius and profile.
    travel
        Brings the graph the ways follow.
    settings
        Time limit of the solver.

    Returns
    -------
    GeoDataFrame, tuple of str
        The allocation after ``siting.schema``, and the edges driven with a notice.
    """
    who, site, amount = assign(
        times_min,
        demand["demand"].to_numpy(float),
        service_min=facility.service_minutes,
        capacity=sites["capacity"].to_numpy(float),
        settings=settings,
    )
    origins, targets = demand.iloc[who], sites.iloc[site]
    minutes = times_min[who, site]
    lines, km, warned = ways_between(origins, targets, minutes, facility, travel)
    frame = gpd.GeoDataFrame(
        {
            "facility": facility.key,
            "demand_id": origins["demand_id"].to_numpy(),
            "candidate_id": targets["candidate_id"].to_numpy(),
            "time_min": minutes,
            "distance_km": km,
            "demand": amount,
            "geometry": lines,
        },
        geometry="geometry",
        crs=demand.crs,
    )
    return frame.sort_values(["demand_id", "candidate_id"]).reset_index(drop=True), warned


def ways_between(
    origins: gpd.GeoDataFrame,
    targets: gpd.GeoDataFrame,
    minutes: NDArray[np.float64],
    facility: FacilitySpec,
    travel: NetworkTravel,
) -> tuple[NDArray[np.object_], NDArray[np.float64], tuple[str, ...]]:
    """Return the lines along the roads from place to place, their km, and edges driven with a notice.

    ``minutes`` is ``(n,)``, 0 where a place is its own target.
    """
    start, stop = (shapely.get_coordinates(f.geometry.to_numpy()) for f in (origins, targets))
    lines = np.empty(len(start), dtype=object)
    km = np.zeros(len(start))
    warned: set[str] = set()
    is_apart = minutes > 0
    for i in np.flatnonzero(~is_apart):  # served where it stands, as ships at a berth
        lines[i] = shapely.LineString([start[i], stop[i]])
    apart = np.flatnonzero(is_apart)
    graph = travel.graph(facility.profile)
    found = ways(
        graph,
        travel.snap(origins.iloc[apart].geometry, profile=facility.profile),
        travel.snap(targets.iloc[apart].geometry, profile=facility.profile),
        origin_xy=start[apart],
        destination_xy=stop[apart],
    )
    for i, way in zip(apart, found, strict=True):
        if way is not None:
            lines[i], km[i] = way.line, way.length_dm / _DM_PER_KM
            warned.update(way.warned_edges)
    return lines, km, tuple(sorted(warned))


def service_areas(
    sites: gpd.GeoDataFrame,
    study: Study,
    inputs: Inputs,
    facility: FacilitySpec,
    travel: NetworkTravel,
) -> gpd.GeoDataFrame:
    """Return, for each site, the land from which it is reached within the radius.

    The reached parts of the roads, cut where the time is spent, are widened by the access
    distance and clipped to the land; no hulls, no circles around sites.
    """
    limit_ds = int(facility.service_minutes * _DS_PER_MINUTE)
    graph = travel.graph(facility.profile)
    snapped = travel.snap(sites.geometry, profile=facility.profile)
    land = inputs.layers["land"].geometry.union_all() if "land" in inputs.layers else None
    if land is not None:
        shapely.prepare(land)
    areas = []
    for pieces in service_lines(graph, snapped, limit_ds=limit_ds):
        area = shapely.union_all(shapely.buffer(pieces, study.service_area_buffer_m, quad_segs=6))
        area = shapely.simplify(area, _OUTLINE_M)  # before the shore, which stays as it is
        areas.append(_polygons(area if land is None else shapely.intersection(area, land)))
    frame = gpd.GeoDataFrame(
        {
            "facility": facility.key,
            "candidate_id": sites["candidate_id"].to_numpy(),
            "limit_min": facility.service_minutes,
            "area_km2": shapely.area(np.array(areas, dtype=object)) / M2_PER_KM2,
            "geometry": areas,
        },
        columns=list(RESULT_FRAMES["service_areas"]),
        geometry="geometry",
        crs=sites.crs,
    )
    return frame.astype({"limit_min": float, "area_km2": float})


def _polygons(area: shapely.Geometry) -> shapely.MultiPolygon:
    """Keep the polygons of a geometry; clipping may leave lines and points along the shore."""
    parts = [p for p in shapely.get_parts(area) if isinstance(p, shapely.Polygon)]
    return shapely.MultiPolygon(parts)


def site_totals(
    sites: gpd.GeoDataFrame, allocation: gpd.GeoDataFrame, demand: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the sites with what is allocated to them."""
    ids = sites["candidate_id"]
    weighted = allocation.assign(product=allocation["demand"] * allocation["time_min"])
    by_site = weighted.groupby("candidate_id")
    # A plan without sites has no figures either, but its columns are still numbers.
    served = ids.map(by_site["demand"].sum()).astype(float).fillna(0.0)
    total = float(demand["demand"].sum()) or 1.0
    mean = ids.map(by_site["product"].sum() / by_site["demand"].sum()).astype(float)
    return sites.assign(
        demand_served=served,
        demand_share=served / total,
        demand_points=ids.map(by_site.size()).astype(float).fillna(0).astype(int),
        mean_time_min=mean,
    )


def is_covered(demand: gpd.GeoDataFrame, allocation: gpd.GeoDataFrame) -> pd.Series:
    """Tell which demand is wholly served: by chosen sites, or by facilities in service."""
    is_served_already = (demand["existing_served"] > 0) & (demand["demand"] <= 0)
    served = allocation.groupby("demand_id")["demand"].sum()
    got = demand["demand_id"].map(served).astype(float)  # of no sums, text
    return (got >= demand["demand"] * (1.0 - _WHOLE)) | is_served_already


def reach(
    candidates: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    times_min: NDArray[np.float64],
    facility: FacilitySpec,
) -> pd.DataFrame:
    """Return who could serve whom within the radius: ranked candidates, chosen or not."""
    ranked = candidates["rank"].notna().to_numpy()
    who, site = np.nonzero((times_min <= facility.service_minutes) & ranked)  # NaN is not
    return pd.DataFrame(
        {
            "facility": facility.key,
            "demand_id": demand["demand_id"].to_numpy()[who],
            "candidate_id": candidates["candidate_id"].to_numpy()[site],
            "time_min": times_min[who, site],
        }
    )
