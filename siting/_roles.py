"""Roles of candidates: what a planner says of single sites before the choice."""

import geopandas as gpd
import pandas as pd

from siting.errors import InputError, Problem
from siting.model import FacilitySpec, Role, RuleOutcome, Study

_KEPT = (Role.REQUIRED, Role.EXISTING)
_QUOTED = 5


def give_roles(
    candidates: gpd.GeoDataFrame, rules: pd.DataFrame, study: Study, facility: FacilitySpec
) -> gpd.GeoDataFrame:
    """Return the candidates with a column ``role``.

    Raises
    ------
    InputError
        If a role is given to a candidate that is not there, or a site that shall be open fails a
        rule or has no score: the planner has to decide which of the two holds.
    """
    given = study.roles.get(facility.key, {})
    ids = candidates["candidate_id"]
    role = pd.Series([given.get(key, Role.CANDIDATE).value for key in ids], dtype="str")
    told = candidates.assign(role=role)
    problems = [
        *_strangers(facility, sorted(set(given) - set(ids))),
        *_excluded(facility, told[role.isin(_KEPT)], rules),
    ]
    if problems:
        raise InputError(*problems)
    return told


def _strangers(facility: FacilitySpec, ids: list[str]) -> list[Problem]:
    if not ids:
        return []
    return [
        Problem(
            where=f"roles of facility {facility.key}",
            what=f"{len(ids)} sites are no candidates of this type",
            got=", ".join(ids[:_QUOTED]),
            expected="ids of the layer of candidates",
            mend="Correct the ids; a new place is added to the layer of candidates.",
        )
    ]


def _excluded(
    facility: FacilitySpec, kept: gpd.GeoDataFrame, rules: pd.DataFrame
) -> list[Problem]:
    failed = rules[rules["outcome"] == RuleOutcome.FAIL.value].groupby("candidate_id")["rule"]
    reasons = failed.agg(", ".join).to_dict()
    wrong = kept[kept["is_excluded"] | kept["score"].isna()]
    return [
        Problem(
            where=f"roles of facility {facility.key}, {row['candidate_id']}",
            what=f"{row['role']}, but cannot be chosen",
            got=f"fails {reasons[row['candidate_id']]}" if row["is_excluded"] else "has no score",
            expected="a candidate that passes the rules and whose criteria are known",
            mend="Take the role off, or mend the rule or the data.",
        )
        for row in wrong.to_dict("records")
    ]
