"""Sizes that count places, and rows of equipment and of supply from figures by site."""

import numpy as np
import pandas as pd

from siting.facilities.registry import EQUIPMENT_COLUMNS, SUPPLY_COLUMNS
from siting.units import KWH_PER_MWH

_ROUNDING = 1e-9  # of a place: demand over what a place gives is no more exact


def ladder(groups: pd.DataFrame, places: pd.Series, needed: pd.Series) -> pd.DataFrame:
    """Return each group once for every number of its places up to what it needs, at least once.

    Parameters
    ----------
    groups
        Figures of one place of each group ``(n,)``.
    places
        How many places it has ``(n,)``, ≥ 1.
    needed
        How many it would take to serve its demand ``(n,)``, ≥ 0, not rounded; NaN (nothing can be
        served there): one.

    Returns
    -------
    DataFrame
        The figures with ``equipped``, 1 … the smaller of places and need; groups in their order.
    """
    rungs = np.ceil(needed.replace(np.inf, np.nan).fillna(1.0) - _ROUNDING).clip(lower=1.0)
    count = np.minimum(rungs, places).astype(int)
    rows = groups.loc[groups.index.repeat(count)]
    equipped = np.concatenate([np.arange(1, n + 1) for n in count] or [np.zeros(0, dtype=int)])
    return rows.assign(equipped=equipped).reset_index(drop=True)


def listed(quantities: pd.DataFrame, items: tuple[tuple[str, str, str, str], ...]) -> pd.DataFrame:
    """Return quantities (index ``candidate_id``, a column an item) as rows of equipment."""
    keys, zh, en, units = (list(words) for words in zip(*items, strict=True))
    n_sites, n_items = len(quantities), len(items)
    return pd.DataFrame(
        {
            "candidate_id": np.repeat(quantities.index.to_numpy(object), n_items),
            "item": keys * n_sites,
            "zh": zh * n_sites,
            "en": en * n_sites,
            "quantity": quantities[keys].to_numpy(float).ravel(),
            "unit": units * n_sites,
        },
        columns=list(EQUIPMENT_COLUMNS),
    )


def fed_from(fed: pd.DataFrame, served_mwh: pd.DataFrame, price: float) -> pd.DataFrame:
    """Return the substation of each site as its source, with the energy of the base case.

    ``price`` is that of the grid in CNY/kWh; sites without a substation have no row.
    """
    is_fed = (fed["substation_id"] != "").to_numpy(bool)
    frame = pd.DataFrame(
        {
            "candidate_id": fed.index,
            "source_id": fed["substation_id"].to_numpy(object),
            "amount": served_mwh["base"].to_numpy(float),
            "unit": "MWh/yr",
            "distance_km": fed["distance_km"].to_numpy(float),
            "cost_cny_per_unit": np.full(len(fed), price * KWH_PER_MWH),
        },
        columns=list(SUPPLY_COLUMNS),
    )
    return frame[is_fed].reset_index(drop=True)
