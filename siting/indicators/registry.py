"""The registry of indicators, filled from the sibling files on first call, and the frame of all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import pandas as pd

from siting.frames import RESULT_FRAMES
from siting.indicators._rows import ROW_COLUMNS
from siting.indicators._service import Service, service
from siting.model import Inputs, Result, TravelCosts
from siting.siblings import collect


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """An indicator as its file declares it.

    Parameters
    ----------
    name
        Key in the frame ``indicators``.
    better
        Whether more or less of it is better, "" where neither is.
    measure
        The service of one facility type in; rows after ``ROW_COLUMNS`` out, none where it has no
        meaning.
    overall
        The services of all types in; rows for all types together out. None: there are none.
    """

    name: str
    better: Literal["max", "min", ""]
    measure: Callable[[Service], pd.DataFrame]
    overall: Callable[[tuple[Service, ...]], pd.DataFrame] | None = None


def indicators(result: Result, inputs: Inputs, travel: TravelCosts) -> pd.DataFrame:
    """Measure every indicator of every facility type, before the plan and after it.

    Before is what is in service: the facilities of the type's existing layer, and candidates that
    are there already. After adds the chosen sites.

    Parameters
    ----------
    result
        A result whose demand, sites, allocation, equipment, economics and benefits are filled.
    inputs, travel
        Layers of the study, and travel over its roads.

    Returns
    -------
    DataFrame
        The frame ``indicators``: sorted by facility, indicator, the whole before its districts.
    """
    services = tuple(
        service(result, facility, inputs, travel)
        for facility in sorted(result.study.facilities, key=lambda facility: facility.key)
    )
    parts: list[pd.DataFrame] = []
    for name, kind in indicator_kinds().items():
        told = [(given.facility.key, kind.measure(given)) for given in services]
        if kind.overall is not None and len(services) > 1:
            told.append(("", kind.overall(services)))
        parts += [
            rows.assign(facility=key, indicator=name, better=kind.better) for key, rows in told
        ]
    frame = _joined(parts)
    whole = frame["district"] != ""
    order = frame.assign(_part=whole).sort_values(
        ["facility", "indicator", "_part", "district"], kind="stable"
    )
    return order[list(RESULT_FRAMES["indicators"])].reset_index(drop=True)


@cache
def indicator_kinds() -> Mapping[str, Indicator]:
    """Return all indicators by name.

    Raises
    ------
    ConfigError
        If two files claim one name.
    """
    import siting.indicators as package  # noqa: PLC0415 - filled on first call, not at import

    return collect(package, "INDICATOR", Indicator, called="indicator")


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    if filled:
        return pd.concat(filled, ignore_index=True).astype({"before": float, "after": float})
    return pd.DataFrame(columns=["facility", "indicator", "better", *ROW_COLUMNS])
