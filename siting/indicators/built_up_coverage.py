"""Share of the built-up area within the coverage radius of a facility."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from siting.indicators._people import townships
from siting.indicators._rows import Ratio, nothing, ratio_rows
from siting.indicators._service import NAN, Service
from siting.indicators.registry import Indicator
from siting.model import BlockSource, Label
from siting.surface import sample
from siting.units import METRES_PER_KM

_POINTS = 100_000  # of the ground that is looked at; a share of it is right to about 0.3 points
_COVER = "land_cover"
_CODES = "built_up_cover"


def built_up_coverage(service: Service) -> pd.DataFrame:
    """Measure how much of the built-up area lies within ``coverage_radius_m`` of a facility.

    With a raster of land cover, the ground of the study is looked at in a regular pattern of points,
    and those on a code of ``built_up_cover`` count; the radius is straight, as the indicator is
    defined. Without one, the residents of townships whose seat has a facility within the radius by
    road stand in, and the label says so: a coarse figure.

    Returns
    -------
    DataFrame
        Shares in [0, 1]; before is NaN where facilities in service are not known.
    """
    radius_m = service.given("coverage_radius_m")
    if radius_m is None or service.is_on_site:
        return nothing()
    grid = service.inputs.grids.get(_COVER)
    if grid is not None and _CODES in service.facility.tables:
        ground = _built_up(service, grid)
        if ground is not None:
            return _by_ground(service, ground, radius_m)
    return _by_people(service, radius_m)


def _by_ground(service: Service, ground: gpd.GeoDataFrame, radius_m: float) -> pd.DataFrame:
    spots = shapely.get_coordinates(ground.geometry.to_numpy())
    there = _places(service.existing)
    sites = _places(service.sites)
    known = np.vstack([there, sites[service.is_open]])
    return _rows(
        service,
        Label(
            zh=f"建成区 {radius_m:g} m 覆盖率（土地覆盖遥感）",
            en=f"built-up area within {radius_m:g} m of a facility (by land cover)",
        ),
        ground["district"],
        weights=np.ones(len(spots)),
        near=(
            _within(spots, known, radius_m),
            _within(spots, np.vstack([there, sites]), radius_m),
        ),
    )


def _by_people(service: Service, radius_m: float) -> pd.DataFrame:
    towns = townships(service)
    people = towns["population"].to_numpy(float)
    if not people.sum() > 0:
        return nothing()
    there = service.sites.iloc[:0] if service.existing is None else service.existing
    radius_km = radius_m / METRES_PER_KM
    is_near_existing = _km(service, towns, there) <= radius_km  # NaN is not
    is_near_site = _km(service, towns, service.sites) <= radius_km
    before = _any(np.hstack([is_near_existing, is_near_site[:, service.is_open]]))
    after = _any(np.hstack([is_near_existing, is_near_site]))
    return _rows(
        service,
        Label(
            zh=f"街道（镇）驻地 {radius_m:g} m 路网覆盖的人口占比（代替建成区覆盖率，粗略）",
            en=f"residents whose township seat has a facility within {radius_m:g} m by road"
            " (a coarse stand-in for the built-up area)",
        ),
        towns["district"],
        weights=people,
        near=(before, after),
    )


def _rows(
    service: Service,
    label: Label,
    districts: pd.Series,
    *,
    weights: NDArray[np.float64],
    near: tuple[NDArray[np.bool_], NDArray[np.bool_]],
) -> pd.DataFrame:
    before = weights * near[0] if service.is_before_known else np.full(len(weights), NAN)
    return ratio_rows(
        label,
        "share",
        districts,
        before=Ratio(before, weights),
        after=Ratio(weights * near[1], weights),
    )


def _built_up(service: Service, grid: BlockSource) -> gpd.GeoDataFrame | None:
    """Return points on built-up ground with their district; None where there is no such ground."""
    layers = service.inputs.layers
    areas = layers.get("districts")
    if areas is None or areas.empty:
        return None
    x, y = _pattern(areas)
    tree = shapely.STRtree(areas.geometry.to_numpy())
    point, area = tree.query(shapely.points(x, y), predicate="intersects")
    point, first = np.unique(point, return_index=True)  # on a border: the first
    codes = sample(grid, x[point], y[point], crs=str(service.inputs.crs))
    wanted = [float(code) for code, is_built in _codes(service).items() if is_built > 0]
    is_built = np.isin(codes, wanted)
    if not is_built.any():
        return None
    names = areas["name_zh"].where(areas["name_zh"] != "", areas["name_en"]).to_numpy(object)
    return gpd.GeoDataFrame(
        {"district": names[area[first]][is_built]},
        geometry=shapely.points(x[point][is_built], y[point][is_built]),
        crs=service.inputs.crs,
    )


def _codes(service: Service) -> dict[str, float]:
    return dict(service.facility.tables[_CODES].values)


def _pattern(areas: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the middles of square cells over the bounds of areas, about ``_POINTS`` within them."""
    left, low, right, top = areas.total_bounds
    step = math.sqrt(float(areas.area.sum()) / _POINTS)
    x, y = np.meshgrid(
        np.arange(left + step / 2, right, step), np.arange(low + step / 2, top, step)
    )
    return x.ravel(), y.ravel()


def _places(frame: gpd.GeoDataFrame | None) -> NDArray[np.float64]:
    if frame is None or frame.empty:
        return np.empty((0, 2))
    return shapely.get_coordinates(frame.geometry.representative_point().to_numpy())


def _within(
    spots: NDArray[np.float64], places: NDArray[np.float64], radius_m: float
) -> NDArray[np.bool_]:
    if not len(places):
        return np.zeros(len(spots), dtype=bool)
    away, _ = cKDTree(places).query(spots)
    return np.asarray(away <= radius_m)


def _any(near: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(near.any(axis=1), dtype=bool)


def _km(
    service: Service, towns: gpd.GeoDataFrame, places: gpd.GeoDataFrame
) -> NDArray[np.float64]:
    return service.travel(
        towns.geometry,
        places.geometry.representative_point(),
        profile=service.facility.profile,
        measure="distance_km",
    )


INDICATOR = Indicator(name="built_up_coverage", better="max", measure=built_up_coverage)
