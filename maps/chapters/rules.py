"""Siting rules with their clause, whether a person has read it, and what they did."""

import pandas as pd

from maps.chapters._blocks import counts, paragraph, section, table, under, words
from maps.chapters.principles import params_text
from maps.document import Chapter, Table
from maps.draft import MISSING, Draft, part, plain
from siting.model import FacilitySpec, RuleOutcome

_MOST = 12


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on rules."""
    lead = paragraph(
        draft.say(
            "“否”表示条文由资料转录、尚未经人工与标准原文核对，用于正式文件前须核对。防火间距等小于数据精度的"
            "要求只作初筛，须现场踏勘。",
            "No: the clause was taken from secondary sources and must be read by a person before any "
            "formal use. Distances below the precision of the data are only screened; they need a survey.",
        )
    )
    sections = [
        chapter
        for facility in draft.result.study.facilities
        for chapter in section(draft.of(facility.label), (_table(draft, facility),), level=2)
    ]
    return under(draft.say("选址规则", "Siting rules"), sections, lead=(lead,))


def _table(draft: Draft, facility: FacilitySpec) -> Table:
    outcomes = part(draft.result.rules, facility)
    failed, close = (
        {
            key: mine["candidate_id"]
            for key, mine in outcomes[outcomes["outcome"] == of.value].groupby("rule")
        }
        for of in (RuleOutcome.FAIL, RuleOutcome.SURVEY)
    )
    nobody = pd.Series([], dtype=object)
    rules, say = facility.rules, draft.say
    return table(
        f"rules_{facility.key}",
        say(f"{draft.of(facility.label)}：选址规则", f"{draft.of(facility.label)}: siting rules"),
        (
            words(say("规则", "Rule"), (draft.of(rule.label) for rule in rules)),
            words(say("条款", "Clause"), (plain(rule.clause) or MISSING for rule in rules)),
            words(
                say("已核对原文", "Clause read"),
                (say("是", "yes") if rule.verified else say("否", "no") for rule in rules),
            ),
            words(say("参数", "Parameters"), (params_text(rule.params) for rule in rules)),
            words(say("来源", "Source"), (plain(rule.source) or MISSING for rule in rules)),
            counts(say("排除", "Excluded"), (len(failed.get(rule.key, nobody)) for rule in rules)),
            words(
                say("排除的候选点", "Which"),
                (_listed(failed.get(rule.key, nobody)) for rule in rules),
            ),
            counts(
                say("需现场核实", "Need a survey"),
                (len(close.get(rule.key, nobody)) for rule in rules),
            ),
        ),
        is_wide=True,
    )


def _listed(keys: pd.Series) -> str:
    """Return which candidates, the first dozen by id."""
    known = sorted(map(str, keys))
    more = " …" if len(known) > _MOST else ""
    return plain(", ".join(known[:_MOST])) + more or MISSING
