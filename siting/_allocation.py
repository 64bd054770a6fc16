"""Who is served by which site, along which roads, and how far a site reaches."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.model import FacilitySpec, Inputs, SolverSettings, Study
from siting.network import NetworkTravel, service_lines, ways
from siting.optimise import assign
from siting.schema import RESULT_FRAMES
from siting.units import (
    DECIMETRES_PER_METRE,
    DECISECONDS_PER_SECOND,
    M2_PER_KM2,
    METRES_PER_KM,
    SECONDS_PER_MINUTE,
)

_DS_PER_MINUTE = DECISECONDS_PER_SECOND * SECONDS_PER_MINUTE
_DM_PER_KM = DECIMETRES_PER_METRE * METRES_PER_KM
_OUTLINE_M = 25.0  # a tenth of the roads' own accuracy


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

    The assumption ``site_capacity``, where a facility has it, limits what one site takes.

    Parameters
    ----------
    sites
        Chosen candidates (n_sites,), sorted by id.
    demand
        Demand points (n_demand,).
    times_min
        ``(n_demand, n_sites)``, NaN = unreachable.
    facility
        Brings radius, profile and capacity.
    travel
        Brings the graph the ways follow.
    settings
        Time limit of the solver.

    Returns
    -------
    GeoDataFrame, tuple of str
        The allocation after ``siting.schema``, and the edges driven with a notice.
    """
    limit = facility.assumptions.get("site_capacity")
    who, site, amount = assign(
        times_min,
        demand["demand"].to_numpy(float),
        service_min=facility.service_minutes,
        capacity=np.inf if limit is None else limit.value,
        settings=settings,
    )
    origins, targets = demand.iloc[who], sites.iloc[site]
    lines, km, warned = _ways(origins, targets, facility, travel)
    frame = gpd.GeoDataFrame(
        {
            "facility": facility.key,
            "demand_id": origins["demand_id"].to_numpy(),
            "candidate_id": targets["candidate_id"].to_numpy(),
            "time_min": times_min[who, site],
            "distance_km": km,
            "demand": amount,
            "geometry": lines,
        },
        geometry="geometry",
        crs=demand.crs,
    )
    return frame.sort_values(["demand_id", "candidate_id"]).reset_index(drop=True), warned


def _ways(
    origins: gpd.GeoDataFrame,
    targets: gpd.GeoDataFrame,
    facility: FacilitySpec,
    travel: NetworkTravel,
) -> tuple[NDArray[np.object_], NDArray[np.float64], tuple[str, ...]]:
    start, stop = (shapely.get_coordinates(f.geometry.to_numpy()) for f in (origins, targets))
    lines = np.empty(len(start), dtype=object)
    km = np.zeros(len(start))
    warned: set[str] = set()
    is_apart = (start != stop).any(axis=1)
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
        area = area if land is None else shapely.intersection(area, land)
        areas.append(_polygons(shapely.simplify(area, _OUTLINE_M)))
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
    return frame.astype({"facility": object, "area_km2": float})


def _polygons(area: shapely.Geometry) -> shapely.MultiPolygon:
    """Keep the polygons of a geometry; clipping may leave lines and points along the shore."""
    parts = [p for p in shapely.get_parts(area) if isinstance(p, shapely.Polygon)]
    return shapely.MultiPolygon(parts)
