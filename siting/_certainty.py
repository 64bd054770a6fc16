"""How sure the ranking of one facility type is; frames after ``siting.schema``."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.model import CertaintySettings, FacilitySpec
from siting.scoring import METHODS, aggregate, agreement, certainty, rank

Redraw = Callable[[np.random.Generator], NDArray[np.float64]]
"""Values (n_candidates, n_criteria) of one draw of the inputs."""

_PAIRED = 200  # best ranked candidates that are compared in pairs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Certainty:
    """What other methods, weights and inputs would make of the ranking."""

    candidates: gpd.GeoDataFrame
    methods: pd.DataFrame
    agreement: pd.DataFrame
    stability: pd.DataFrame
    rivals: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ranked:
    """The ranked candidates on plain arrays, in the order of their ids."""

    facility: FacilitySpec
    rows: NDArray[np.int64]
    ids: NDArray[np.object_]
    values: NDArray[np.float64]
    weights: NDArray[np.float64]
    scores: NDArray[np.float64]
    rank: NDArray[np.float64]
    top: int


def assess(
    facility: FacilitySpec,
    candidates: gpd.GeoDataFrame,
    criteria: pd.DataFrame,
    *,
    top: int,
    settings: CertaintySettings,
    seed: int,
    redraw: Redraw,
) -> Certainty:
    """Rank again by other methods, other weights and, where asked, other inputs.

    Parameters
    ----------
    facility
        With its weights.
    candidates
        Judged: with ``rank``, sorted by id.
    criteria
        Values of every candidate and criterion.
    top
        Number of sites planned.
    settings, seed
        How many draws, and where the randomness starts; each facility type draws by itself, so
        planning fewer of them changes nothing.
    redraw
        Measures the criteria again; called ``settings.input_draws`` times.
    """
    ranked = _ranked(facility, candidates, criteria, max(top, 1))
    rng = np.random.default_rng([seed, zlib.crc32(facility.key.encode())])
    weights = certainty.draw_weights(
        ranked.weights,
        draws=settings.weight_draws,
        concentration=settings.weight_concentration,
        rng=rng,
    )
    by_weights = certainty.rank_draws(ranked.values, weights)
    ranks = by_weights
    if settings.input_draws:
        ranks = _with_inputs(ranked, weights, settings.input_draws, redraw, rng)
    methods = _methods(ranked)
    return Certainty(
        candidates=_spread(candidates, ranked, ranks),
        methods=methods,
        agreement=_agreement(ranked, methods),
        stability=_stability(ranked, weights, by_weights),
        rivals=_rivals(ranked, ranks),
    )


def _ranked(
    facility: FacilitySpec, candidates: gpd.GeoDataFrame, criteria: pd.DataFrame, top: int
) -> _Ranked:
    rank_of = candidates["rank"].to_numpy(float)
    rows = np.flatnonzero(~np.isnan(rank_of))
    whole = criteria["value"].to_numpy(float).reshape(len(candidates), len(facility.criteria))
    return _Ranked(
        facility=facility,
        rows=rows,
        ids=candidates["candidate_id"].to_numpy(object)[rows],
        values=whole[rows],
        weights=np.array([spec.weight for spec in facility.criteria]),
        scores=candidates["score"].to_numpy(float)[rows],
        rank=rank_of[rows],
        top=min(top, len(rows)),
    )


def _with_inputs(
    ranked: _Ranked,
    weights: NDArray[np.float64],
    draws: int,
    redraw: Redraw,
    rng: np.random.Generator,
) -> NDArray[np.uint16]:
    """Share the draws of the weights out over the draws of the inputs."""
    parts = np.array_split(weights, draws)
    ranks = [certainty.rank_draws(redraw(rng)[ranked.rows], part) for part in parts]
    return np.hstack(ranks)


def _spread(
    candidates: gpd.GeoDataFrame, ranked: _Ranked, ranks: NDArray[np.uint16]
) -> gpd.GeoDataFrame:
    found = certainty.spread(ranks, top=ranked.top)
    columns = {}
    for name, values in (
        ("rank_p05", found.rank_p05),
        ("rank_p95", found.rank_p95),
        ("top_n_share", found.top_share),
    ):
        whole = np.full(len(candidates), np.nan)
        whole[ranked.rows] = values
        columns[name] = whole
    return candidates.assign(**columns)


def _methods(ranked: _Ranked) -> pd.DataFrame:
    frames = []
    for method in METHODS:
        scores = aggregate(ranked.values, ranked.weights, method=method)
        frames.append(
            pd.DataFrame(
                {
                    "facility": ranked.facility.key,
                    "candidate_id": ranked.ids,
                    "method": method,
                    "score": scores,
                    "rank": rank(scores, ranked.ids),
                }
            )
        )
    table = pd.concat(frames, ignore_index=True)
    return table.sort_values(["candidate_id", "method"], kind="stable", ignore_index=True)


def _agreement(ranked: _Ranked, methods: pd.DataFrame) -> pd.DataFrame:
    rows = []
    is_top = ranked.rank <= ranked.top
    for method in METHODS:
        mine = methods[methods["method"] == method].set_index("candidate_id").reindex(ranked.ids)
        scores, places = mine["score"].to_numpy(float), mine["rank"].to_numpy(float)
        shared = int((is_top & (places <= ranked.top)).sum())
        rows.append(
            {
                "facility": ranked.facility.key,
                "method": method,
                "spearman": agreement.spearman(ranked.scores, scores),
                "kendall": agreement.kendall(ranked.scores, scores),
                "top_n_share": shared / ranked.top,
            }
        )
    return pd.DataFrame(rows)


def _stability(
    ranked: _Ranked, weights: NDArray[np.float64], ranks: NDArray[np.uint16]
) -> pd.DataFrame:
    moved = np.abs(ranks - ranked.rank[:, None]).mean(axis=0)
    indices = certainty.first_order(weights, moved)
    found = certainty.switches(ranked.values, ranked.weights, top=ranked.top)
    rows = [
        {
            "facility": ranked.facility.key,
            "criterion": spec.key,
            "weight": spec.weight,
            "first_low": switch.first_low,
            "first_high": switch.first_high,
            "below_id": _id(ranked, switch.below),
            "above_id": _id(ranked, switch.above),
            "top_low": switch.top_low,
            "top_high": switch.top_high,
            "first_order": index,
        }
        for spec, switch, index in zip(
            ranked.facility.criteria, found, indices.tolist(), strict=True
        )
    ]
    return pd.DataFrame(rows)


def _rivals(ranked: _Ranked, ranks: NDArray[np.uint16]) -> pd.DataFrame:
    best = np.argsort(ranked.rank, kind="stable")[:_PAIRED]
    share = certainty.beats(ranks[best])
    first, second = np.triu_indices(len(best), 1)
    return pd.DataFrame(
        {
            "facility": ranked.facility.key,
            "candidate_id": ranked.ids[best[first]],
            "rival_id": ranked.ids[best[second]],
            "beats_share": share[first, second],
        }
    )


def _id(ranked: _Ranked, row: int) -> str:
    return str(ranked.ids[row]) if row >= 0 else ""
