"""The results that bench_map.py draws: real cities and cities made with a seed, each a complete Result."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.model import Result
from tests.sample import sample_result

DATA: Final = Path(
    os.environ.get("SITING_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data"
)
PORTO_CRS: Final = "EPSG:32629"
CHOSEN: Final = 50
_SIDE_M: Final = 60_000.0
_TOWNS: Final = 40
_CLASSES: Final = ("motorway", "trunk", "primary", "secondary", "residential")
# Every how many streets one of a class runs.
_EVERY: Final = (64, 32, 16, 4, 1)


def with_candidates(n: int) -> Result:
    """Return the sample with n hydrogen candidates of random values around the city."""
    result, rng = sample_result(), np.random.default_rng(8)
    x0, y0 = _corner(result)
    places = gpd.points_from_xy(x0 + rng.uniform(0, 3e4, n), y0 + rng.uniform(0, 3e4, n))
    ids = [f"X{i:06d}" for i in range(n)]
    candidates = _repeated(result.candidates, n, places, result.crs).assign(
        candidate_id=ids, is_chosen=np.arange(n) < CHOSEN
    )
    keys = [criterion.key for criterion in result.study.facilities[0].criteria]
    values = rng.uniform(0, 1, n * len(keys))
    criteria = pd.DataFrame(
        {
            "facility": "hydrogen",
            "candidate_id": np.repeat(ids, len(keys)),
            "criterion": keys * n,
            "raw": values,
            "value": values,
            "weight": 0.0,
            "contribution": values,
        }
    )
    return replace(result, candidates=candidates, criteria=criteria)


def with_demand(n: int) -> Result:
    """Return the sample with n points of demand around forty towns, two thirds of them served."""
    result, rng = sample_result(), np.random.default_rng(50)
    x0, y0 = _corner(result)
    towns = np.array([x0, y0]) + rng.uniform(0, _SIDE_M, (_TOWNS, 2))
    size = rng.uniform(1500, 6000, _TOWNS)
    town = rng.integers(0, _TOWNS, n)
    places = towns[town] + rng.normal(size=(n, 2)) * size[town, None]
    amount = rng.lognormal(3, 1, n).round(2)
    is_covered = rng.random(n) < 2 / 3
    ids = np.array([f"D{i:06d}" for i in range(n)])
    demand = _repeated(result.demand, n, gpd.points_from_xy(*places.T), result.crs).assign(
        demand_id=ids,
        name_zh=[f"需求点 {i}" for i in range(n)],
        name_en=[f"Demand point {i}" for i in range(n)],
        kind=rng.choice(["port", "park", "township"], n),
        district=rng.choice(["黄岛区", "城阳区", "市南区"], n),
        demand=amount,
        demand_low=amount / 2,
        demand_base=amount,
        demand_high=amount * 2,
        is_covered=is_covered,
    )
    served = gpd.GeoDataFrame(
        {
            "facility": "hydrogen",
            "demand_id": ids[is_covered],
            "candidate_id": "C001",
            "time_min": rng.uniform(1, 15, is_covered.sum()),
            "distance_km": rng.uniform(1, 12, is_covered.sum()),
            "demand": amount[is_covered],
        },
        geometry=shapely.linestrings(
            np.stack([places[is_covered], np.full((is_covered.sum(), 2), (x0, y0))], axis=1)
        ),
        crs=result.crs,
    )
    return replace(result, demand=demand, allocation=served)


def with_roads(n: int) -> Result:
    """Return the sample with about n road edges: a bent grid of streets, every 64th a motorway."""
    result, rng = sample_result(), np.random.default_rng(200)
    side = round((n / 2) ** 0.5)
    nodes = np.stack(np.meshgrid(np.arange(side + 1), np.arange(side + 1), indexing="ij"), axis=-1)
    nodes = (nodes + rng.uniform(-0.3, 0.3, nodes.shape)) * (_SIDE_M / side) + _corner(result)
    along = _edges(nodes[:-1, :-1], nodes[1:, :-1], rng)
    down = _edges(nodes[:-1, :-1], nodes[:-1, 1:], rng)
    street = np.broadcast_to(np.arange(side), (side, side))
    highway = np.concatenate([_class_of(street).ravel(), _class_of(street.T).ravel()])
    edges = gpd.GeoDataFrame(
        {"id": [f"E{i}" for i in range(len(highway))], "highway": highway, "ref": ""},
        geometry=np.concatenate([along, down]),
        crs=result.crs,
    )
    is_main = edges["highway"] == "motorway"
    edges.loc[is_main, "ref"] = [f"G{1 + row % 9}" for row in range(is_main.sum())]
    return replace(result, layers={**result.layers, "road_edges": edges})


def porto() -> Result:
    """Return every drivable OSM edge of Porto, and its fuel stations and chargers as candidates."""
    result = sample_result()
    edges = gpd.read_parquet(DATA / "osm" / "porto_drive_edges.parquet").to_crs(PORTO_CRS)
    pois = gpd.read_file(DATA / "osm" / "porto_pois.geojson").to_crs(PORTO_CRS)
    pois = pois[pois.geometry.geom_type == "Point"].reset_index(drop=True)
    names = pois["name"].fillna("")
    candidates = _repeated(result.candidates, len(pois), pois.geometry, PORTO_CRS).assign(
        candidate_id=pois["osm_id"].astype(str),
        name_zh=names,
        name_en=names,
        type=pois["kind"].str.partition("=")[2],
        district="",
        is_chosen=False,
    )
    empty = {
        name: getattr(result, name).iloc[:0]
        for name in ("criteria", "rules", "demand", "sites", "allocation", "service_areas", "reach", "flows", "reasons")
    }  # fmt: skip
    roads = edges.assign(
        id=[f"E{i}" for i in range(len(edges))], ref="", highway=edges["highway"].astype(str)
    )
    layers = {"road_edges": gpd.GeoDataFrame(roads[["id", "highway", "ref", "geometry"]])}
    return replace(result, crs=PORTO_CRS, candidates=candidates, layers=layers, plans={}, **empty)


def _corner(result: Result) -> tuple[float, float]:
    first = result.candidates.geometry.iloc[0]
    return float(first.x) - 2e4, float(first.y) - 1e4


def _repeated(frame: gpd.GeoDataFrame, n: int, places: object, crs: str) -> gpd.GeoDataFrame:
    """Return the first hydrogen row n times, at other places."""
    one = frame[frame["facility"] == "hydrogen"].iloc[:1].drop(columns="geometry")
    rows = pd.DataFrame(one.loc[one.index.repeat(n)]).reset_index(drop=True)
    return gpd.GeoDataFrame(rows, geometry=places, crs=crs)


def _edges(
    start: NDArray[np.float64], end: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.object_]:
    """Return a line of three vertices between each pair of nodes."""
    middle = (start + end) / 2 + rng.normal(scale=15, size=start.shape)
    return shapely.linestrings(np.stack([start, middle, end], axis=2).reshape(-1, 3, 2))


def _class_of(street: NDArray[np.int64]) -> NDArray[np.object_]:
    conditions = [street % every == 0 for every in _EVERY]
    return np.select(conditions, _CLASSES, default="").astype(object)
