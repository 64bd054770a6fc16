"""Why these sites: what speaks for each and against it."""

import pandas as pd

from maps.chapters._blocks import (
    Field,
    by_facility,
    note,
    paragraph,
    records,
    table,
    under,
    words,
)
from maps.document import Block, Chapter
from maps.draft import MISSING, Draft, numbered_sites, part
from siting.model import FacilitySpec

_MOST = {"for": 2, "against": 1}


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on the reasons; nothing where a result has none."""
    sections = by_facility(draft, _facility)
    if not sections:
        return ()
    lead = paragraph(
        draft.say(
            "下表列出每处站点得分最主要的有利与不利因素（与候选点平均相比）。站点由整体优化选出，"
            "评分高者未必入选：若其服务范围已被其他站点覆盖，即让位于能增加覆盖的站点。",
            "For every site, the criteria that raise and lower its score most beside the average "
            "candidate. Sites are chosen together: one of a high score gives way where others already "
            "cover what it would serve.",
        )
    )
    return under(draft.say("选址理由", "Why these sites"), sections, lead=(lead,))


def _facility(draft: Draft, facility: FacilitySpec) -> list[Block]:
    sites = numbered_sites(draft.result, facility)
    told = part(draft.result.reasons, facility).sort_values("place", kind="stable")
    told = told[told["candidate_id"].isin(sites["candidate_id"])]
    if told.empty:
        return []
    rows, columns = records(sites), _sides(draft, told, list(sites["candidate_id"]))
    return [
        table(
            f"reasons_{facility.key}",
            draft.say(
                f"{draft.of(facility.label)}：选址理由", f"{draft.of(facility.label)}: reasons"
            ),
            (
                words(draft.say("序号", "No."), (row["number"] for row in rows)),
                words(draft.say("名称", "Name"), map(draft.named, rows)),
                *columns,
            ),
            is_wide=True,
        ),
        note(
            draft.say(
                "全部候选点的逐项得分见地图和 scores.csv。",
                "The scores of all candidates, criterion by criterion, are on the map and in scores.csv.",
            )
        ),
    ]


def _sides(draft: Draft, told: pd.DataFrame, order: list[str]) -> list[Field]:
    """Return a column of what speaks for each site, and one of what speaks against it."""
    said: dict[tuple[str, str], list[str]] = {}
    for row in records(told):
        said.setdefault((row["candidate_id"], row["side"]), []).append(draft.labelled(row))
    heads = {"for": draft.say("有利因素", "For"), "against": draft.say("不利因素", "Against")}
    between = draft.say("；", "; ")
    return [
        words(
            head, (between.join(said.get((key, side), [MISSING])[: _MOST[side]]) for key in order)
        )
        for side, head in heads.items()
    ]
