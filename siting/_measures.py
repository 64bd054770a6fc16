"""Figures of a plan that others can be held against, by name: for targets and published numbers."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.economy import WHOLE
from siting.errors import InputError, Problem
from siting.model import FacilitySpec, Result, Role


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """What a row of a layer asks of a plan: the facility type, and what of it (words of the row)."""

    result: Result
    facility: FacilitySpec
    words: tuple[str, ...]

    def of(self, frame: str) -> pd.DataFrame:
        """Return the facility type's rows of a frame of the result."""
        rows: pd.DataFrame = getattr(self.result, frame)
        return rows[rows["facility"] == self.facility.key]

    @property
    def case(self) -> str:
        """The demand case that the row names, else the one planned for."""
        return self.words[0] if self.words else self.facility.demand_case


Measure = Callable[[Asked], float]
Row: TypeAlias = Mapping[Hashable, Any]


def rows_of(layer: gpd.GeoDataFrame) -> Sequence[Row]:
    """Return the rows of a layer, cells by column."""
    return pd.DataFrame(layer).to_dict("records")


def measures_of(result: Result, layer: gpd.GeoDataFrame, *, name: str) -> list[float]:
    """Return the figures of a plan that the rows of a layer ask for, each in its row's unit.

    Parameters
    ----------
    result
        The plan; all frames but scorecard and checks are filled.
    layer
        Columns ``measure`` (a name of ``MEASURES``; empty asks for nothing), ``facility``, ``measure_of``
        (words: a case, items, candidate types, ids …) and ``measure_factor`` (from the measure's unit to
        the row's; NaN is 1).
    name
        What the layer is called, for the errors.

    Returns
    -------
    list of float
        One a row; NaN where nothing is asked, the facility type is not planned, or the plan has no
        such figure.

    Raises
    ------
    InputError
        Of all rows that ask for a measure there is not.
    """
    rows = rows_of(layer)
    problems = [
        Problem(
            where=f"{name}, row {row['id']}",
            what="no such measure",
            got=str(row["measure"]),
            expected=", ".join(MEASURES),
            mend="Choose one of them, or leave the cell empty and say in words why.",
        )
        for row in rows
        if row["measure"] and row["measure"] not in MEASURES
    ]
    if problems:
        raise InputError(*problems)
    return [_figure(result, row) if row["measure"] else float("nan") for row in rows]


def _figure(result: Result, row: Row) -> float:
    facility = planned(result, str(row["facility"]))
    if facility is None:
        return float("nan")
    words = tuple(str(row["measure_of"]).split())
    factor = float(row["measure_factor"])
    found = MEASURES[str(row["measure"])](Asked(result=result, facility=facility, words=words))
    return found * (1.0 if np.isnan(factor) else factor)


def planned(result: Result, key: str) -> FacilitySpec | None:
    """Return the facility type of that key, None where the study does not plan it."""
    return next((f for f in result.study.facilities if f.key == key), None)


def _stations(asked: Asked) -> float:
    """Sites of the plan and facilities in service."""
    sites = asked.of("sites")
    in_service = _in_service(asked)
    if in_service is None:
        return float(len(sites))
    return float((sites["role"] != Role.EXISTING.value).sum() + in_service)


def _in_service(asked: Asked) -> int | None:
    """Return how many facilities are in service; None where no layer of the result tells."""
    name = asked.facility.existing_layer
    layer = None if name is None else asked.result.layers.get(name)
    if layer is None:
        return None
    for column, values in asked.facility.existing_where.items():
        layer = layer[layer[column].isin(list(values))]
    return len(layer)


def _sites_of_type(asked: Asked) -> float:
    """Sites of the plan at candidates of the types named."""
    return float(asked.of("sites")["type"].isin(asked.words).sum())


def _sites_among(asked: Asked) -> float:
    """Sites of the plan among the candidates named."""
    return float(asked.of("sites")["candidate_id"].isin(asked.words).sum())


def _quantity(asked: Asked) -> float:
    """Pieces of the equipment items named."""
    rows = asked.of("equipment")
    return _sum(rows.loc[rows["item"].isin(asked.words), "quantity"])


def _sites_with(asked: Asked) -> float:
    """Sites of the plan that have any of the equipment items named."""
    rows = asked.of("equipment")
    there = rows["item"].isin(asked.words) & (rows["quantity"] > 0)
    return float(rows.loc[there, "candidate_id"].nunique())


def _demand(asked: Asked) -> float:
    """All demand of a case, in the type's unit."""
    return _sum(asked.of("demand")[f"demand_{asked.case}"])


def _served(asked: Asked) -> float:
    """Demand served by the plan and by facilities in service, in the type's unit."""
    served = asked.of("allocation")["demand"].sum()
    return float(served + asked.of("demand")["existing_served"].sum())


def _served_share(asked: Asked) -> float:
    """Share of the demand planned for that is served."""
    return _ratio(_served(asked), _sum(asked.of("demand")[f"demand_{asked.facility.demand_case}"]))


def _served_per_station(asked: Asked) -> float:
    return _ratio(_served(asked), _stations(asked))


def _utilisation(asked: Asked) -> float:
    """Part of the capacity of all sites of the plan that is used."""
    sites = asked.of("sites")
    return _ratio(_sum(sites["demand_served"]), _sum(sites["capacity"]))


def _capex_per_capacity(asked: Asked) -> float:
    """Million CNY for a unit of capacity."""
    sites = asked.of("sites")
    return _ratio(_sum(sites["cost_mcny"]), _sum(sites["capacity"]))


def _account(item: str) -> Measure:
    """Return the measure that reads an item of the whole type's accounts, in a case."""

    def read(asked: Asked) -> float:
        rows = asked.of("economics")
        is_it = (rows["candidate_id"] == WHOLE) & (rows["item"] == item)
        found = rows.loc[is_it & (rows["case"] == asked.case), "value"]
        return float(found.iloc[0]) if len(found) else float("nan")

    return read


def _net_per_output(asked: Asked) -> float:
    """Tonnes of a substance avoided, net, for a unit of output; words: substance, case."""
    substance, *rest = asked.words or ("CO2",)
    case = rest[0] if rest else asked.facility.demand_case
    rows = asked.of("benefits")
    net = rows.loc[(rows["substance"] == substance) & (rows["case"] == case), "net_t"]
    by_case = Asked(result=asked.result, facility=asked.facility, words=(case,))
    return _ratio(_sum(net), _account("output_per_yr")(by_case))


def _demand_at(asked: Asked) -> float:
    """Demand of a case at the places named; words: case, ids."""
    rows = asked.of("demand")
    named = rows["demand_id"].isin(asked.words[1:])
    return _sum(rows.loc[named, f"demand_{asked.case}"])


def _demand_per(asked: Asked) -> float:
    """Demand of a case at the places named for each unit of a column of their layer, by an assumption.

    Words: case, layer, column, assumption, ids; e.g. energy for each call that connects.
    """
    _, name, column, share, *ids = asked.words
    layer = asked.result.layers.get(name)
    known = asked.facility.assumptions.get(share)
    if layer is None or known is None:
        return float("nan")
    units = _sum(layer.loc[layer["id"].isin(ids), column]) * known.value
    at = Asked(result=asked.result, facility=asked.facility, words=(asked.case, *ids))
    return _ratio(_demand_at(at), units)


def _places_in_service(asked: Asked) -> float:
    """Share of the places with demand that facilities in service serve to some part."""
    rows = asked.of("demand")
    rows = rows[rows[f"demand_{asked.facility.demand_case}"] > 0]
    return _ratio(float((rows["existing_served"] > 0).sum()), float(len(rows)))


def _places_in_area(asked: Asked) -> float:
    """Places named (ids of a point layer) that lie in the service area of a site of the plan."""
    areas = asked.of("service_areas")
    frames = [
        pd.DataFrame(layer.loc[layer["id"].isin(asked.words), ["id", "geometry"]])
        for layer in asked.result.layers.values()
        if "id" in layer
    ]
    places = pd.concat([frame for frame in frames if len(frame)] or [pd.DataFrame()])
    if not len(places) or not len(areas):
        return float("nan")
    tree = shapely.STRtree(areas["geometry"].to_numpy())
    inside, _ = tree.query(places["geometry"].to_numpy(), predicate="within")
    return float(places["id"].iloc[inside].nunique())


def _sum(values: "pd.Series[float]") -> float:
    """Return the sum; NaN where there is nothing or a part is not known."""
    return float(values.sum(skipna=False)) if len(values) else float("nan")


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "stations": _stations,
        "sites_of_type": _sites_of_type,
        "sites_among": _sites_among,
        "sites_with": _sites_with,
        "quantity": _quantity,
        "demand": _demand,
        "demand_at": _demand_at,
        "demand_per": _demand_per,
        "served": _served,
        "served_share": _served_share,
        "served_per_station": _served_per_station,
        "utilisation": _utilisation,
        "capex_per_capacity": _capex_per_capacity,
        "output": _account("output_per_yr"),
        "capex": _account("capex_mcny"),
        "levelised_cost": _account("levelised_cost"),
        "net_per_output": _net_per_output,
        "places_in_service": _places_in_service,
        "places_in_area": _places_in_area,
    }
)
"""Every figure that a row of the layers ``targets`` and ``published`` may ask for."""
