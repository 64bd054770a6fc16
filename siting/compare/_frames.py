"""Columns of every frame of a comparison, and the record that holds them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from siting.model import Label

COMPARISON_FRAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # One row per (facility, figure). change = b - a; NaN where one is not known or the units differ.
        "totals": ("facility", "figure", "zh", "en", "unit", "a", "b", "change"),
        # One row per site of either plan. change is kept, moved, dropped or added; a moved one has two
        # ids, distance_m (straight) between them, and shared_demand: what both serve of the same
        # points. A dropped or added one has the id on its own side only, but rank and score (and only
        # these) of the same candidate on both sides. differs names the figures that differ, by ";".
        "sites": (
            *("facility", "change", "candidate_a", "candidate_b"),
            *("name_zh_a", "name_en_a", "name_zh_b", "name_en_b", "distance_m", "shared_demand"),
            *("size_a", "size_b", "year_a", "year_b", "rank_a", "rank_b", "score_a", "score_b"),
            *("demand_served_a", "demand_served_b", "cost_mcny_a", "cost_mcny_b"),
            *("nox_net_t_a", "nox_net_t_b", "co2_net_t_a", "co2_net_t_b", "differs"),
        ),
        # One row per (facility, candidate_id, criterion) of the sites of either plan that are
        # candidates of both: change = contribution_b - contribution_a = by_weight + by_value.
        # value_because is data (another raw value), scale (the same raw value is worth something
        # else, because its normalisation or the other candidates changed) or empty.
        "score": (
            *("facility", "candidate_id", "criterion", "zh", "en", "raw_a", "raw_b"),
            *("value_a", "value_b", "weight_a", "weight_b", "contribution_a", "contribution_b"),
            *("change", "by_weight", "by_value", "value_because"),
        ),
        # One row per (facility, candidate_id) of the same sites: demand points within the service
        # radius and their demand; change = demand_b - demand_a = by_points (points that came or
        # went) + by_amount (other demand at points that stayed).
        "reach": (
            *("facility", "candidate_id", "points_a", "points_b", "points_came", "points_went"),
            *("demand_a", "demand_b", "change", "by_points", "by_amount"),
        ),
        # One row per candidate that came, went, is barred now, is free now, or has another role.
        "candidates": (
            *(
                "facility",
                "candidate_id",
                "name_zh",
                "name_en",
                "change",
                "is_site_a",
                "is_site_b",
            ),
            *("role_a", "role_b", "failed_a", "failed_b"),
        ),
        # One row per (facility, candidate_id, rule) of candidates of both whose outcome differs; an
        # outcome is empty where the rule is not asked.
        "rules": (
            *("facility", "candidate_id", "rule", "zh", "en", "outcome_a", "outcome_b"),
            *("margin_a_m", "margin_b_m"),
        ),
        # One row per layer whose checksum differs: change is changed, came or went.
        "layers": (
            *("kind", "change", "reference_a", "reference_b", "rows_a", "rows_b"),
            *("sha256_a", "sha256_b"),
        ),
        # One row per (facility, case): low, base, high, existing (served today) and planned for.
        "demand": ("facility", "case", "unit", "a", "b", "change"),
        # One row per setting that differs; facility "" for the study's own. Empty: not set.
        "settings": ("facility", "key", "a", "b"),
        # What can be said for certain of why: candidate_id "" for the whole type. The words zh, en.
        "causes": ("facility", "candidate_id", "cause", "zh", "en"),
    }
)
"""Columns of every frame of a ``Comparison``, in order; ``_a`` is before, ``_b`` after."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Two results side by side.

    ``labels`` are those of the facility types in common, in the order of A's study; ``only_a`` and
    ``only_b`` the types that one of them alone has; ``frames`` follow ``COMPARISON_FRAMES``.
    """

    labels: Mapping[str, Label]
    only_a: tuple[Label, ...]
    only_b: tuple[Label, ...]
    takeover_km: float
    frames: Mapping[str, pd.DataFrame]


def frame_of(name: str, rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Return rows as the frame of that name; without rows it has its columns all the same."""
    return pd.DataFrame(list(rows), columns=list(COMPARISON_FRAMES[name]))
