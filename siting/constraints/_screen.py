"""Ask the rules: of candidates, or of any place.

Each rule answers pass, fail or survey with a margin; a candidate may fail several and says all.
A pass by less than the position is certain (``uncertainty_m``) is a survey: go and look.
"""

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import Point

from siting.constraints._checks import CHECKS
from siting.model import Inputs, RuleOutcome, RuleSpec

_COLUMNS: Final = ("facility", "candidate_id", "rule", "outcome", "margin_m")
_OF_A_PLACE: Final = ("rule", "outcome", "margin_m", "clause", "source", "verified", "missing")


def screen(
    candidates: gpd.GeoDataFrame, inputs: Inputs, rules: Sequence[RuleSpec]
) -> pd.DataFrame:
    """Ask every rule of every candidate.

    Parameters
    ----------
    candidates
        Points (n_candidates,) with ``facility``, ``candidate_id``, ``type``, ``uncertainty_m``.
    inputs
        The layers and rasters that rules look at.
    rules
        The facility's rules, in the order of its file.

    Returns
    -------
    DataFrame
        After ``siting.frames.RESULT_FRAMES['rules']``, (n_candidates x n_rules) rows, sorted by
        candidate, then in the order of the rules. ``margin_m`` is NaN where nothing is measured.

    Raises
    ------
    MissingLayerError, InputError
        If a layer, raster or column that a rule names is missing, or its numbers are none.
    """
    answers = [_ask(candidates, inputs, rule) for rule in rules]
    if not answers:
        return pd.DataFrame({c: pd.Series(dtype=object) for c in _COLUMNS})
    frame = pd.concat(answers, ignore_index=True)[list(_COLUMNS)]
    return frame.sort_values(["candidate_id"], kind="stable").reset_index(drop=True)


def screen_place(
    place: Point, inputs: Inputs, rules: Sequence[RuleSpec], *, uncertainty_m: float = 0.0
) -> pd.DataFrame:
    """Ask every rule of any place, to learn which clause forbids it.

    Parameters
    ----------
    place
        In the working CRS.
    inputs
        The layers and rasters there are.
    rules
        As of ``screen``. Those about a column of the candidates cannot be answered for a place that
        is none; they, and those whose layer or raster is missing, are for a survey.
    uncertainty_m
        How far the place may be off, ≥ 0.

    Returns
    -------
    DataFrame
        A row a rule, in their order: ``rule``, ``outcome``, ``margin_m`` (NaN = no metres),
        ``clause``, ``source``, ``verified`` and ``missing`` (what would be needed, else empty).
    """
    candidate = gpd.GeoDataFrame(
        {"facility": [""], "candidate_id": [""], "type": [""], "uncertainty_m": [uncertainty_m]},
        geometry=[place],
        crs=inputs.crs,
    )
    rows = []
    for rule in rules:
        missing = _missing(rule, inputs)
        answer = None if missing else _ask(candidate, inputs, rule).iloc[0]
        rows.append(
            {
                "rule": rule.key,
                "outcome": RuleOutcome.SURVEY.value if answer is None else answer["outcome"],
                "margin_m": np.nan if answer is None else answer["margin_m"],
                "clause": rule.clause,
                "source": rule.source,
                "verified": rule.verified,
                "missing": missing,
            }
        )
    return pd.DataFrame(rows, columns=list(_OF_A_PLACE))


def _missing(rule: RuleSpec, inputs: Inputs) -> str:
    """Return what a rule needs and a place or the study does not bring; empty where it has all."""
    for name, there in (("layer", inputs.layers), ("grid", inputs.grids), ("column", {})):
        wanted = rule.params.get(name)
        if wanted is not None and wanted not in there:
            return f"{name} {wanted}"
    return ""


def _ask(candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec) -> pd.DataFrame:
    answer = CHECKS[rule.kind](candidates, inputs, rule)
    is_exempt = candidates["type"].isin(rule.exempt_types).to_numpy()
    unsure_m = candidates["uncertainty_m"].fillna(0.0).to_numpy(float)
    outcome = np.where(answer.is_met, RuleOutcome.PASS.value, RuleOutcome.FAIL.value).astype(
        object
    )
    margin_m = answer.margin_m
    is_close = answer.is_met & ~np.isnan(margin_m) & (margin_m < unsure_m)
    outcome[is_close | answer.is_open] = RuleOutcome.SURVEY.value
    outcome[is_exempt] = RuleOutcome.PASS.value
    return pd.DataFrame(
        {
            "facility": candidates["facility"].to_numpy(),
            "candidate_id": candidates["candidate_id"].to_numpy(),
            "rule": rule.key,
            "outcome": outcome,
            "margin_m": np.where(is_exempt | np.isinf(margin_m), np.nan, margin_m),
        }
    )
