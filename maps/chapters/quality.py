"""The data: where they come from, what was done to them, and what they cannot tell."""

from collections.abc import Iterable, Sequence

from maps.chapters._access import access, edges
from maps.chapters._blocks import bullets, paragraph, section, table, under, warning, words
from maps.document import Block, Chapter, Table
from maps.draft import MISSING, Draft, plain
from siting.model import LayerRecord, LeftOut

_HASH_DIGITS = 12


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on data quality: notices, layers, repairs, what is missing, access, edges."""
    say, records = draft.say, draft.result.provenance
    sections = (
        *section(say("提示", "Notices"), _notices(draft), level=2),
        *section(say("缺少的数据", "Missing data"), _missing(draft), level=2),
        *section(say("图层与栅格", "Layers and rasters"), _layers(draft, records), level=2),
        *section(
            say("数据修复", "Repairs"),
            _listed((r.kind, w) for r in records for w in r.repairs),
            level=2,
        ),
        *section(
            say("数据存疑", "Doubts"),
            _listed((r.kind, w) for r in records for w in r.warnings),
            level=2,
        ),
        *section(say("到路网的距离", "Distance to the roads"), access(draft), level=2),
        *section(say("边缘效应", "Edge effects"), edges(draft), level=2),
    )
    return under(say("数据质量", "Data quality"), sections)


def _notices(draft: Draft) -> list[Block]:
    if not draft.result.notices:
        return [paragraph(draft.say("没有提示。", "There are none."))]
    strong = [warning(draft.of(n.label)) for n in draft.result.notices if n.level == "warning"]
    weak = bullets(draft.of(n.label) for n in draft.result.notices if n.level != "warning")
    return [*strong, *weak]


def _missing(draft: Draft) -> Sequence[Block]:
    study = draft.result.study
    colon = draft.say("：", ": ")
    items = [f"{plain(key)}{colon}{draft.of(why)}" for key, why in sorted(study.left_out.items())]
    items += [
        f"{draft.of(facility.label)}{colon}{_left_out(draft, part)}"
        for facility in study.facilities
        for part in facility.left_out
    ]
    return bullets(items) or [paragraph(draft.say("没有缺少的数据。", "Nothing is missing."))]


def _left_out(draft: Draft, part: LeftOut) -> str:
    kind = {
        "criterion": draft.say("指标", "criterion"),
        "rule": draft.say("规则", "rule"),
    }[part.part]
    missing = plain(part.missing)
    why = (
        draft.say(f"缺 {missing}", f"no {missing}")
        if missing
        else draft.say("无可用值", "no value to use")
    )
    told = draft.say(
        f"{kind}“{draft.of(part.label)}”未计入（{why}）",
        f'{kind} "{draft.of(part.label)}" left out ({why})',
    )
    return f"{told}{draft.say('。', '. ')}{draft.of(part.note)}" if part.note else told


def _layers(draft: Draft, records: Sequence[LayerRecord]) -> Iterable[Table]:
    if not records:
        return
    say = draft.say
    yield table(
        "layers",
        say("图层与栅格", "Layers and rasters"),
        (
            words(say("图层", "Layer"), (plain(r.kind) for r in records)),
            words(say("文件", "File"), (plain(r.reference) for r in records)),
            words(say("来源", "Source"), (plain(r.source) for r in records), is_optional=True),
            words(say("日期", "Date"), (plain(r.date) for r in records), is_optional=True),
            words(
                say("坐标系：原有 → 使用", "CRS: found → used"),
                (_change(r.crs_found, r.crs_used) for r in records),
            ),
            words(
                say("行数：读入 → 使用", "Rows: read → kept"),
                (_change(f"{r.rows_read:,}", f"{r.rows_kept:,}") for r in records),
            ),
            words(say("许可", "Licence"), (plain(r.licence) or MISSING for r in records)),
            words("SHA-256", (plain(r.sha256[:_HASH_DIGITS]) for r in records)),
        ),
        is_wide=True,
    )


def _change(before: str, after: str) -> str:
    old, new = plain(before) or MISSING, plain(after)
    return old if new in {old, ""} else f"{old} → {new}"


def _listed(found: Iterable[tuple[str, str]]) -> tuple[Block, ...]:
    """Return each sentence once, with the layers it holds for."""
    kinds: dict[str, list[str]] = {}
    for kind, sentence in found:
        kinds.setdefault(sentence, []).append(kind)
    return bullets(f"{plain(', '.join(of))}: {plain(words)}" for words, of in kinds.items())
