"""Which rows of a facility type the page takes: ids that name one row each, and not more than it can show."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import OutputError, Problem

MAX_ROWS: Final = 200_000
"""Candidates or demand points of a facility type that one page takes; those beyond are counted."""


def check_ids(frame: pd.DataFrame, column: str, *, where: str) -> None:
    """Refuse a table in which two rows have the same id.

    Raises
    ------
    OutputError
        An id, as text, stands in more than one row.
    """
    ids = frame[column].astype(str)
    twice = ids[ids.duplicated()]
    if len(twice):
        raise OutputError(
            Problem(
                where=f"map.html: {where}",
                what=f"{len(twice)} rows repeat the {column} of another row",
                got=str(twice.iloc[0]),
                expected="one row an id",
                mend="Give every row an id of its own in the input layer.",
            )
        )


def thin_candidates(candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return at most ``MAX_ROWS`` candidates, in their order: the chosen ones, then the best ranked."""
    if len(candidates) <= MAX_ROWS:
        return candidates
    rank = candidates["rank"].astype("float64").fillna(np.inf).to_numpy()
    best = np.lexsort((np.arange(len(rank)), rank, ~candidates["is_chosen"].to_numpy(dtype=bool)))
    return candidates.iloc[np.sort(best[:MAX_ROWS])].reset_index(drop=True)


def thin_demand(demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return at most ``MAX_ROWS`` demand points, in their order: those with the largest demand."""
    if len(demand) <= MAX_ROWS:
        return demand
    amount = demand["demand"].astype("float64").fillna(-np.inf).to_numpy()
    largest = np.lexsort((np.arange(len(amount)), -amount))
    return demand.iloc[np.sort(largest[:MAX_ROWS])].reset_index(drop=True)


def left_out(every: pd.DataFrame, kept: pd.DataFrame) -> dict[str, int | float]:
    """Return how many demand points are not in the page, and their part of the demand and of what is covered."""
    sums = [
        (
            len(frame),
            frame["demand"].sum(),
            frame["demand"][frame["is_covered"].astype(bool)].sum(),
        )
        for frame in (every, kept)
    ]
    rows, demand, met = (before - after for before, after in zip(*sums, strict=True))
    return {"rows": rows, "demand": float(demand), "met": float(met)}
