"""Spreading a city-wide total over places, and taking off what present facilities serve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import ConfigError, InputError, MissingLayerError, Problem
from siting.facilities._numbers import table
from siting.facilities.registry import CASE_NAMES as CASES
from siting.model import Assumption, FacilitySpec, Inputs

FREIGHT_LAYERS = ("ports", "parks", "gateways")
PARKS_WITHOUT_FREIGHT = ("poi_commercial", "renewal", "airport_ga")
CARGO_WITHOUT_FREIGHT = (
    "cruise",
    "passenger",
    "fishing",
    "harbour craft",
    "ship repair",
    "offshore",
    "research",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """One quantity of the whole city in the three cases, in the facility's demand unit."""

    low: float
    base: float
    high: float


def totals(assumption: Assumption) -> Totals:
    """Return an assumption's range as the three cases; a missing end is the value itself."""
    low = assumption.value if assumption.low is None else assumption.low
    high = assumption.value if assumption.high is None else assumption.high
    return Totals(low=low, base=assumption.value, high=high)


def spread(
    places: gpd.GeoDataFrame, weights: NDArray[np.float64], total: Totals
) -> gpd.GeoDataFrame:
    """Give each place its share of a total by weight.

    Parameters
    ----------
    places
        Points (n,) with ``id``, names and ``kind``.
    weights
        Relative weights (n,), ≥ 0.
    total
        What is spread.

    Returns
    -------
    GeoDataFrame
        ``demand_id``, ``name_zh``, ``name_en``, ``kind``, ``demand_low|base|high``, geometry.

    Raises
    ------
    InputError
        If the weights add up to nothing.
    """
    whole = float(weights.sum())
    if not whole > 0:
        raise InputError(
            Problem(
                where=f"demand over {len(places)} places",
                what="their weights add up to nothing",
                got=str(whole),
                expected="a sum above 0",
                mend="Check the columns that demand is spread by.",
            )
        )
    frame = places[["id", "name_zh", "name_en", "kind", "geometry"]].rename(
        columns={"id": "demand_id"}
    )
    for case in CASES:
        frame[f"demand_{case}"] = weights / whole * getattr(total, case)
    return frame


def gather(parts: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Join parts; a place that appears in several gets the sum. Sorted by ``demand_id``.

    Raises
    ------
    InputError
        If two places of different layers bear one id.
    """
    frame = pd.concat(parts, ignore_index=True)
    _require_one_place_an_id(frame)
    amounts = [f"demand_{case}" for case in CASES]
    sums = frame.groupby("demand_id", sort=True)[amounts].sum()
    first = frame.drop_duplicates("demand_id").set_index("demand_id").loc[sums.index]
    first[amounts] = sums
    return gpd.GeoDataFrame(first.reset_index(), geometry="geometry", crs=parts[0].crs)


def layer(inputs: Inputs, name: str, *, kind: str, needed_by: str) -> gpd.GeoDataFrame:
    """Return a layer with a column ``kind`` that tells what its places are."""
    if name not in inputs.layers:
        raise MissingLayerError(
            Problem(
                where=f"facility {needed_by}, demand",
                what=f"the study has no layer {name}",
                expected=f"one of {', '.join(sorted(inputs.layers))}",
                mend="Add the layer to the study or leave the facility out.",
            )
        )
    return inputs.layers[name].assign(kind=kind)


def freight_places(
    inputs: Inputs, facility: FacilitySpec, total: Totals
) -> list[gpd.GeoDataFrame]:
    """Spread truck demand over ports, parks and city gates by ``tables.truck_split``.

    Ports by the tonnage of the ships that call at berths whose cargo goes on by truck, parks by
    freight intensity, gates by their share of truck trips.

    Raises
    ------
    ConfigError
        If the split names other places or adds up to nothing, or the worth of a class is missing.
    """
    if not total.high > 0:
        return []  # no lorries to serve: where they would be does not matter
    split = _split(facility)
    whole = sum(split.values())
    parts = []
    for name in FREIGHT_LAYERS:
        if split.get(name, 0.0) <= 0:
            continue
        places = layer(inputs, name, kind=name.removesuffix("s"), needed_by=facility.key)
        if name == "parks":
            places = places[~places["type"].isin(PARKS_WITHOUT_FREIGHT)]
        weights = _freight_weights(inputs, places, name, facility)
        part = Totals(**{c: getattr(total, c) * split[name] / whole for c in CASES})
        parts.append(spread(places, weights, part))
    return parts


def _split(facility: FacilitySpec) -> Mapping[str, float]:
    split = table(facility, "truck_split")
    is_known = set(split) <= set(FREIGHT_LAYERS)
    if not is_known or min(split.values(), default=0.0) < 0 or not sum(split.values()) > 0:
        raise ConfigError(
            Problem(
                where=f"facility {facility.key}, [tables.truck_split]",
                what="not a split of truck demand",
                got=", ".join(f"{key} = {value}" for key, value in split.items()),
                expected=f"parts ≥ 0 of {', '.join(FREIGHT_LAYERS)}, one at least above 0",
                mend="Correct the table; what is given to other names would be lost.",
            )
        )
    return split


def _require_one_place_an_id(frame: gpd.GeoDataFrame) -> None:
    spots = frame.assign(spot=frame.geometry.to_wkb()).groupby("demand_id")["spot"].nunique()
    shared = [str(name) for name in spots.index[spots > 1]]
    if shared:
        raise InputError(
            Problem(
                where="demand points",
                what="places of different layers bear one id",
                got=", ".join(shared[:5]),
                expected="ids that differ between the layers that demand is spread over",
                mend="Put a letter for the layer before the ids.",
            )
        )


def _freight_weights(
    inputs: Inputs, places: gpd.GeoDataFrame, name: str, facility: FacilitySpec
) -> NDArray[np.float64]:
    if name == "parks":
        return _class_worth(places["freight_intensity"], facility)
    if name == "gateways":
        return np.asarray(places["truck_share"], dtype=np.float64)
    berths = inputs.layers["berths"] if "berths" in inputs.layers else places.iloc[:0]
    if berths.empty:
        return np.ones(len(places))
    by_truck = (berths["exempt"] != "yes") & ~berths["cargo"].isin(CARGO_WITHOUT_FREIGHT)
    dry = berths[by_truck]
    tonnes = dry["calls_per_year"] * dry["tonnage_class_t"].fillna(0.0)
    per_port = tonnes.groupby(dry["port_area"]).sum()
    return np.asarray(places["id"].map(per_port).fillna(0.0), dtype=np.float64)


def _class_worth(classes: pd.Series, facility: FacilitySpec) -> NDArray[np.float64]:
    worth_of = table(facility, "freight_weight")
    worth = classes.map(dict(worth_of))
    if worth.isna().any():
        raise ConfigError(
            Problem(
                where=f"facility {facility.key}, [tables.freight_weight]",
                what="no weight is given for a class of freight intensity",
                got=", ".join(sorted({str(c) for c in classes[worth.isna()]})),
                expected=f"one of {', '.join(worth_of)}",
                mend="Add the class to the table; 0 leaves such parks out.",
            )
        )
    return np.asarray(worth, dtype=np.float64)


def serve_nearest(
    demand: NDArray[np.float64],
    capacity: NDArray[np.float64],
    times_min: NDArray[np.float64],
    limit_min: float,
) -> NDArray[np.float64]:
    """Let facilities in service take demand within the radius, nearest pairs first.

    Parameters
    ----------
    demand
        ``(n_demand,)``, ≥ 0.
    capacity
        ``(n_existing,)``, ≥ 0, same unit.
    times_min
        ``(n_demand, n_existing)``, NaN = unreachable.
    limit_min
        Service radius.

    Returns
    -------
    ndarray
        Demand served ``(n_demand,)``, ≤ demand; its sum is ≤ the sum of capacities.
    """
    served = np.zeros(len(demand))
    left = capacity.copy()
    near = np.argwhere(times_min <= limit_min)  # NaN is not
    order = np.lexsort((near[:, 1], near[:, 0], times_min[near[:, 0], near[:, 1]]))
    for i, j in near[order]:
        taken = min(demand[i] - served[i], left[j])
        served[i] += taken
        left[j] -= taken
    return np.minimum(served, demand)  # a sum of parts may round above the whole


def served_by_capacity(
    demand_points: gpd.GeoDataFrame,
    existing: gpd.GeoDataFrame,
    times_min: NDArray[np.float64],
    facility: FacilitySpec,
) -> pd.Series:
    """Let facilities in service take what they can within the radius.

    ``capacity`` of the existing layer is in the facility's demand unit; where it is not known the
    facility takes nothing.

    Raises
    ------
    InputError
        If a capacity is in another unit.
    """
    amount = demand_points[f"demand_{facility.demand_case}"].to_numpy(float)
    if existing.empty or "capacity" not in existing:
        return pd.Series(0.0, index=demand_points.index)
    _require_unit(existing, facility)
    capacity = existing["capacity"].fillna(0.0).to_numpy(float)
    taken = serve_nearest(amount, capacity, times_min, facility.service_minutes)
    return pd.Series(taken, index=demand_points.index)


def _require_unit(existing: gpd.GeoDataFrame, facility: FacilitySpec) -> None:
    if "unit" not in existing:
        return
    given = existing["unit"].fillna("").astype(str)
    other = (existing["capacity"] > 0) & ~given.isin(("", facility.demand_unit))
    if other.any():
        raise InputError(
            Problem(
                where=f"layer {facility.existing_layer}, unit of {existing.loc[other, 'id'].iloc[0]}",
                what=f"{other.sum()} capacities of facilities in service are in another unit",
                got=", ".join(sorted(set(given[other]))),
                expected=facility.demand_unit,
                mend="Convert the capacities and their unit.",
            )
        )
