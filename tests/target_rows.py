"""A small plan whose figures are known by hand, and rows of the layers ``targets`` and ``published``."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import Point, box

from siting.frames import RESULT_FRAMES
from siting.model import Assumption, Label, Result
from siting.schema import LAYERS
from tests.sample import sample_result

CRS = "EPSG:4549"
PLANT = "plant"


def layer(kind: str, *rows: Mapping[str, object]) -> gpd.GeoDataFrame:
    """Return rows of a layer without places, cells that are not given empty as when read."""
    columns = LAYERS[kind].columns
    empty = {c.name: "" if c.dtype == "text" else np.nan for c in columns}
    cells = [{**empty, "id": f"G{k}", **row} for k, row in enumerate(rows, start=1)]
    frame = pd.DataFrame(cells, columns=[c.name for c in columns])
    texts = [c.name for c in columns if c.dtype == "text"]
    frame = frame.astype(dict.fromkeys(texts, "str"))
    return gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=CRS)


def plan(**layers: gpd.GeoDataFrame) -> Result:
    """Return a plan of one facility type, ``plant``: four sites, one of them open already.

    100 are asked for in the low, 200 in the base and 400 in the high case (base is planned for); 30 are
    served by facilities in service and 120 by the plan, of a capacity of 160.
    """
    whole = _sample()
    spec = replace(
        whole.study.facilities[0],
        key=PLANT,
        demand_case="base",
        existing_layer="energy",
        existing_where={"type": ("station",)},
        assumptions={
            "share": Assumption(
                key="share", label=Label(zh="", en=""), value=0.5, unit="share", low=None,
                high=None, source="made up", confidence="C", year=2024,
            )
        },
    )  # fmt: skip
    return replace(
        whole,
        study=replace(whole.study, facilities=(spec,)),
        crs=CRS,
        **_frames(),
        layers={"energy": _energy(), "parks": _parks(), "berths": _berths(), **layers},
    )


@cache
def _sample() -> Result:
    return sample_result()


def _frames() -> dict[str, pd.DataFrame]:
    sites = _table(
        "sites",
        [
            {"candidate_id": "C1", "type": "gate", "role": "candidate", "demand_served": 60.0,
             "capacity": 60.0, "cost_mcny": 10.0},
            {"candidate_id": "C2", "type": "gate", "role": "required", "demand_served": 40.0,
             "capacity": 60.0, "cost_mcny": 12.0},
            {"candidate_id": "C3", "type": "park", "role": "candidate", "demand_served": 20.0,
             "capacity": 40.0, "cost_mcny": 10.0},
            {"candidate_id": "C4", "type": "park", "role": "existing", "demand_served": 0.0,
             "capacity": 0.0, "cost_mcny": 0.0},
        ],
    )  # fmt: skip
    demand = _table(
        "demand",
        [
            {"demand_id": "B1", "demand_low": 60.0, "demand_base": 120.0, "demand_high": 300.0,
             "existing_served": 30.0},
            {"demand_id": "B2", "demand_low": 40.0, "demand_base": 80.0, "demand_high": 100.0,
             "existing_served": 0.0},
            {"demand_id": "B3", "demand_low": 0.0, "demand_base": 0.0, "demand_high": 0.0,
             "existing_served": 0.0},
        ],
    )  # fmt: skip
    money = [("C1", "base", "output_per_yr", 1.0), ("", "base", "output_per_yr", 4e4)]
    money += [("", "high", "output_per_yr", 8e4), ("", "base", "levelised_cost", 30.0)]
    keys = ("candidate_id", "case", "item", "value")
    air = [("C1", "CO2", "base", 10.0), ("C2", "CO2", "base", -2.0), ("C1", "NOx", "base", 99.0)]
    gases = ("candidate_id", "substance", "case", "net_t")
    items = [("C1", "fast", 4.0), ("C2", "fast", 2.0), ("C2", "slow", 8.0), ("C3", "slow", 0.0)]
    return {
        "sites": sites,
        "demand": demand,
        "allocation": _table("allocation", [{"demand": 90.0}, {"demand": 30.0}]),
        "equipment": _table(
            "equipment",
            [dict(zip(("candidate_id", "item", "quantity"), i, strict=True)) for i in items],
        ),
        "economics": _table("economics", [dict(zip(keys, m, strict=True)) for m in money]),
        "benefits": _table("benefits", [dict(zip(gases, a, strict=True)) for a in air]),
        "service_areas": _table("service_areas", [{"geometry": box(0, 0, 10, 10)}]),
    }


def _table(name: str, rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Return rows of a frame of the result, and one of another type that nothing may count."""
    numbers = {key: 1000.0 for row in rows for key, cell in row.items() if isinstance(cell, float)}
    texts = {key: cell for row in rows for key, cell in row.items() if isinstance(cell, str)}
    shape = {"geometry": box(100, 0, 110, 10)} if "geometry" in rows[0] else {}
    mine = [{"facility": PLANT, **row} for row in rows]
    frame = pd.DataFrame([*mine, {"facility": "other", **texts, **numbers, **shape}])
    columns = [column for column in RESULT_FRAMES[name] if column in frame]
    return frame[columns]


def _energy() -> gpd.GeoDataFrame:
    kinds = ["station", "station", "substation"]
    return gpd.GeoDataFrame(
        {"id": ["N1", "N2", "N3"], "type": kinds}, geometry=[Point(50, 50)] * 3, crs=CRS
    )


def _parks() -> gpd.GeoDataFrame:
    places = [Point(1, 1), Point(9, 9), Point(20, 1), Point(105, 5)]
    return gpd.GeoDataFrame({"id": ["K1", "K2", "K3", "K4"]}, geometry=places, crs=CRS)


def _berths() -> gpd.GeoDataFrame:
    calls = {"id": ["B1", "B2"], "calls_per_year": [20.0, 30.0]}
    return gpd.GeoDataFrame(calls, geometry=[Point(0, 0), Point(1, 0)], crs=CRS)
