"""Which candidate reaches which demand, for the page to count what a site more or less would cover."""

from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
import pandas as pd

from siting.model import Result

MAX_PAIRS: Final = 400_000  # about 1 MB; above it the page does without and says so

Coded: TypeAlias = list[int]
"""Rows of demand in rising order, each as the step from the one before it."""


def reach_data(
    result: Result, key: str, candidates: pd.DataFrame, demand: pd.DataFrame
) -> list[Coded] | None:
    """Return, for every candidate of a facility type, the demand within its service time.

    Parameters
    ----------
    candidates, demand
        The rows of the facility type, in the order of the page.

    Returns
    -------
    list or None
        One entry a candidate, empty where it is not ranked. None: too many pairs for one file.
    """
    pairs = result.reach[result.reach["facility"] == key]
    if len(pairs) > MAX_PAIRS:
        return None
    site = pd.Index(candidates["candidate_id"]).get_indexer(pairs["candidate_id"])
    point = pd.Index(demand["demand_id"]).get_indexer(pairs["demand_id"])
    is_known = (site >= 0) & (point >= 0)
    site, point = site[is_known], point[is_known]
    order = np.lexsort((point, site))
    starts = np.searchsorted(site[order], np.arange(len(candidates) + 1))
    rows = point[order]
    return [np.diff(rows[begin:end], prepend=0).tolist() for begin, end in pairwise(starts)]
