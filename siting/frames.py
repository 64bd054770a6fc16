"""Columns of every frame of a stored result."""

from collections.abc import Mapping
from types import MappingProxyType

SCHEMA_VERSION = 3
"""Version of the stored result; raised when a frame below changes meaning."""

RESULT_FRAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # One row per (facility, candidate_id), sorted by both. score in [0, 1] or NaN; rank counts
        # from 1 among the candidates that no rule excludes; access_m is the straight leg to the road.
        # rank_p05 … rank_p95 holds 90 % of the ranks under other weights (and inputs, where drawn);
        # top_n_share is how often the rank is at most the number of sites planned. NaN: not ranked.
        "candidates": (
            "facility",
            "candidate_id",
            "name_zh",
            "name_en",
            "type",
            "district",
            "confidence",
            "uncertainty_m",
            "access_m",
            "role",
            "is_excluded",
            "is_chosen",
            "score",
            "rank",
            "rank_p05",
            "rank_p95",
            "top_n_share",
            "geometry",
        ),
        # One row per (facility, candidate_id, criterion). raw in the criterion's unit, value in
        # [0, 1] with 1 best, contribution = weight x value; contributions add up to the score.
        "criteria": (
            "facility",
            "candidate_id",
            "criterion",
            "raw",
            "value",
            "weight",
            "contribution",
        ),
        # One row per (facility, candidate_id, rule). margin_m > 0 clears the rule, NaN has no metres.
        "rules": ("facility", "candidate_id", "rule", "outcome", "margin_m"),
        # One row per (facility, rule), in the order of the facility's rules: km² of the study area that
        # the rule takes away by itself, after the rules before it, and what is left then. NaN: the
        # rule has no area (it asks for a column of the candidates, or for a survey).
        "exclusions": ("facility", "rule", "alone_km2", "removed_km2", "left_km2"),
        # One row per (facility, candidate_id, method), ranked candidates only: the same values and
        # weights combined in other ways. Scores of different methods are on different scales.
        "methods": ("facility", "candidate_id", "method", "score", "rank"),
        # One row per (facility, method): rank correlation with the plan's own score, and the share
        # of its top N that the method has in its own.
        "agreement": ("facility", "method", "spearman", "kendall", "top_n_share"),
        # One row per (facility, criterion): the range of the weight, the others in proportion, in
        # which the first place and the top N stay (NaN: to the end of [0, 1]), who takes the first
        # place beyond it, and the first-order index of the weight on the ranking.
        "stability": (
            *("facility", "criterion", "weight", "first_low", "first_high"),
            *("below_id", "above_id", "top_low", "top_high", "first_order"),
        ),
        # One row per pair of the 200 best ranked, candidate_id before rival_id in rank: share of
        # the draws in which it comes first.
        "rivals": ("facility", "candidate_id", "rival_id", "beats_share"),
        # Sentences on a candidate: side is for, against or pass (what would have to change to pass
        # the next better site), place counts from 1 for the strongest.
        # rival_id is the site to pass (else empty), wanted the raw value of the criterion that would (NaN:
        # not to be read off the candidates).
        "reasons": (
            *("facility", "candidate_id", "side", "place", "criterion"),
            *("rival_id", "wanted", "zh", "en"),
        ),
        # One row per (facility, demand_id). demand_* in the facility's demand unit for the three
        # cases; existing_served is what present stations take; demand is what is left to plan for.
        "demand": (
            "facility",
            "demand_id",
            "name_zh",
            "name_en",
            "kind",
            "district",
            "demand_low",
            "demand_base",
            "demand_high",
            "existing_served",
            "demand",
            "is_covered",
            "access_m",
            "geometry",
        ),
        # One row per chosen site, sorted by (facility, candidate_id).
        # demand_served and demand_share (of all demand) of the demand allocated to it.
        "sites": (
            "facility",
            "candidate_id",
            "name_zh",
            "name_en",
            "type",
            "district",
            "role",
            "score",
            "rank",
            "demand_served",
            "demand_share",
            "demand_points",
            "mean_time_min",
            "cost_mcny",
            "power_mva",
            "geometry",
        ),
        # One row per demand point and site that serves it; the line follows the roads.
        "allocation": (
            "facility",
            "demand_id",
            "candidate_id",
            "time_min",
            "distance_km",
            "demand",
            "geometry",
        ),
        # One polygon per chosen site that others travel to: roads reached within limit_min, buffered by the access distance.
        "service_areas": ("facility", "candidate_id", "limit_min", "area_km2", "geometry"),
    }
)
"""Columns of every frame of a ``Result``, in order."""
