"""Published figures beside ours, and why they differ."""

from maps.chapters._blocks import paragraph, records, section, table, words
from maps.chapters.scorecard import mixed
from maps.document import Chapter
from maps.draft import MISSING, Draft, ratio, text_of


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the external checks; nothing where a study has none."""
    rows = records(draft.result.checks)
    say = draft.say
    order = ("why_zh", "why_en") if draft.language == "zh" else ("why_en", "why_zh")
    if not rows:
        return ()
    lead = say(
        "以下公开数字未参与测算，仅用于检验；相差较大者说明原因。",
        "These figures were published by others and are no input; where ours differ much, it says why.",
    )
    fields = (
        words(say("检验项", "Check"), map(draft.labelled, rows)),
        mixed(say("本方案", "Ours"), [r["ours"] for r in rows]),
        mixed(say("公开数字", "Published"), [r["published"] for r in rows]),
        words(say("单位", "Unit"), (draft.unit(text_of(r["unit"])) or MISSING for r in rows)),
        words(
            say("本方案/公开", "Ours of published"),
            (_percent(float(r["ours"]), float(r["published"])) for r in rows),
        ),
        words(say("出处", "Source"), (text_of(r["source"]) or MISSING for r in rows)),
        words(
            say("差异说明", "Why they differ"),
            (next((t for name in order if (t := text_of(r[name]))), MISSING) for r in rows),
        ),
    )
    found = table(
        "checks", say("与公开数字对照", "Beside published figures"), fields, is_wide=True
    )
    return section(say("外部校核", "External checks"), (paragraph(lead), found))


def _percent(ours: float, published: float) -> str:
    found = ratio(ours, published)
    return MISSING if found != found else f"{100 * found:,.0f} %"  # noqa: PLR0124 - the NaN test
