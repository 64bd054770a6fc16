"""Columns of every frame of a stored result."""

from collections.abc import Mapping
from types import MappingProxyType

SCHEMA_VERSION = 5
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
        # One row per square cell of the land of the study area, for types that ask for it: centre in the
        # working CRS, side in metres, whether a rule bars the centre, and what a candidate there would
        # score for its place alone (NaN: no road in reach, or a criterion not known). weight_share is
        # the part of the weight that depends on the place; the plot's own row counts for the rest.
        "suitability": ("facility", "x", "y", "cell_m", "is_barred", "score", "weight_share"),
        # One row per (facility, cell, criterion of places) where a road is in reach: value in [0, 1], 1 best.
        "suitability_values": ("facility", "x", "y", "criterion", "value"),
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
        # demand_served and demand_share (of all demand) of the demand allocated to it. size is the key of
        # the class built there; capacity is what it can serve (demand unit), utilisation the part
        # used; year is the one it opens in, NaN where nothing is said of years or money never lasts.
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
            "size",
            "size_zh",
            "size_en",
            "capacity",
            "utilisation",
            "land_m2",
            "cost_mcny",
            "power_mva",
            "year",
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
        # One row per (facility, demand_id, candidate_id) within the service radius, ranked candidates
        # only: who could serve whom, chosen or not.
        "reach": ("facility", "demand_id", "candidate_id", "time_min"),
        # One polygon per chosen site that others travel to: roads reached within limit_min, buffered by the access distance.
        "service_areas": ("facility", "candidate_id", "limit_min", "area_km2", "geometry"),
        # Traffic between places that brings the demand, one row per pair; the line follows the roads.
        # amount_* in the demand unit for the three cases, of the part that is served on the way.
        "flows": (
            *("facility", "origin_id", "destination_id", "kind", "trips_per_day", "time_min"),
            *("distance_km", "amount_low", "amount_base", "amount_high", "geometry"),
        ),
        # What a chosen site is built of: one row per (facility, candidate_id, item), in the order the
        # engineer gives them; zh and en name the item.
        "equipment": ("facility", "candidate_id", "item", "zh", "en", "quantity", "unit"),
        # Where a site gets its hydrogen from: amount in the demand unit, cost a unit as delivered.
        "supply": (
            *("facility", "candidate_id", "source_id", "amount", "unit", "distance_km"),
            "cost_cny_per_unit",
        ),
        # Money of a site by demand case, candidate_id "" for the whole type. Items: capex_mcny,
        # opex_mcny_yr, revenue_mcny_yr, subsidy_mcny_yr, output_per_yr, levelised_cost, npv_mcny, irr,
        # payback_yr. NaN: there is none (no rate makes the value zero, it is never paid back).
        "economics": ("facility", "candidate_id", "case", "item", "zh", "en", "value", "unit"),
        # What the whole type's npv_mcny, irr and levelised_cost become when one factor changes by the
        # share ``change`` (0 is the plan).
        "sensitivity": ("facility", "factor", "zh", "en", "change", "item", "value", "unit"),
        # Emissions by site, demand case and substance, tonnes a year: avoided where the fuel was burnt,
        # added by the grid or the source; net = avoided - added. district is that of the site.
        "benefits": (
            *("facility", "candidate_id", "district", "case", "substance"),
            *("avoided_t", "added_t", "net_t"),
        ),
        # The roll-out, one row per (year, facility) and one with facility "" for all types together:
        # money, sites open, share of the year's demand served, the most that could be served with all
        # money so far and no look ahead (step_share) and with a plan for that year alone (ideal_share).
        "roll_out": (
            *("year", "facility", "budget_mcny", "spent_mcny", "sites"),
            *("served_share", "ideal_share", "step_share"),
        ),
        # Which plan serves which demand case how well: plan is low, base, high (best for that case),
        # chosen, or robust (least regret); regret is the share lost against the best of that case.
        "robustness": ("facility", "plan", "case", "served_share", "regret", "sites"),
        # The most that a number of sites can cover, capacity apart, with its bound and what each site
        # since the row before adds on average, as shares of the demand; is_plan marks the plan's number.
        "curve": ("facility", "sites", "served_share", "bound_share", "gain_share", "is_plan"),
        # The least that covering a share of the demand costs (smallest sizes, capacity apart).
        "front": ("facility", "cost_mcny", "served_share", "sites"),
        # Which ranked candidates every plan that covers 99 % of the most has (always), some have
        # (sometimes), none has (never), or time did not tell (undecided); stands_in_for is a site of
        # the best plan that it may replace within that, else empty.
        "standing": ("facility", "candidate_id", "standing", "stands_in_for"),
        # Every target that bears on siting: status is reached, partly, missed, passed (before the plan),
        # not_measurable or context; reached in the target's unit, NaN where it cannot be measured.
        "scorecard": (
            *("target_id", "plan_item", "name_zh", "name_en", "origin", "year", "unit"),
            *("target", "now", "reached", "status", "how_zh", "how_en"),
        ),
        # Indicators of service, before and after the plan; district "" for the whole, facility "" for
        # all types; better is max, min or "" where neither is.
        "indicators": (
            *("facility", "indicator", "zh", "en", "district"),
            *("before", "after", "unit", "better"),
        ),
        # Published figures beside ours, and why they differ where they do.
        "checks": (
            *("check", "zh", "en", "ours", "published", "unit", "source"),
            *("why_zh", "why_en"),
        ),
    }
)
"""Columns of every frame of a ``Result``, in order."""

TEXT_COLUMNS: frozenset[str] = frozenset(
    {
        *("facility", "candidate_id", "demand_id", "name_zh", "name_en", "type", "kind"),
        *("district", "confidence", "role", "excluded_by", "size", "size_zh", "size_en"),
        *("origin_id", "destination_id", "source_id", "target_id", "item", "zh", "en", "unit"),
        *("case", "factor", "substance", "plan", "plan_item", "origin", "status"),
        *("how_zh", "how_en", "standing", "stands_in_for", "indicator", "better", "check"),
        *("source", "why_zh", "why_en", "criterion", "rule", "outcome", "method", "rival_id"),
        *("below_id", "above_id", "side"),
    }
)
"""Columns that hold text, in whatever frame; those that begin with ``is_`` are flags, the others numbers."""
