"""Sources and licences."""

from collections.abc import Mapping

from maps.chapters._blocks import bullets, paragraph, section, table, words
from maps.document import Block, Chapter
from maps.draft import MISSING, Draft, plain
from siting.model import LayerRecord


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on sources and licences."""
    study = draft.result.study
    cited: list[Block] = list(
        bullets(f"{plain(k)}: {plain(text)}" for k, text in study.sources.items())
    )
    rows = _by_licence(draft.result.provenance)
    blocks: list[Block] = [paragraph(_run(draft)), *cited]
    if rows:
        blocks.append(
            table(
                "licences",
                draft.say("数据许可与署名", "Licences and attribution"),
                (
                    words(draft.say("许可", "Licence"), (licence for licence, _ in rows)),
                    words(draft.say("署名", "Attribution"), (owner for _, owner in rows)),
                    words(
                        draft.say("图层", "Layers"), (", ".join(kinds) for kinds in rows.values())
                    ),
                ),
            )
        )
    return section(draft.say("资料来源与许可", "Sources and licences"), blocks)


def _run(draft: Draft) -> str:
    study, result = draft.result.study, draft.result
    return draft.say(
        f"数据与成果版本 {plain(study.edition)}；坐标系 {plain(result.crs)}；随机种子 {study.seed}。",
        f"Edition {plain(study.edition)}; CRS {plain(result.crs)}; random seed {study.seed}.",
    )


def _by_licence(records: tuple[LayerRecord, ...]) -> Mapping[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for record in records:
        key = (plain(record.licence) or MISSING, plain(record.attribution) or MISSING)
        found.setdefault(key, []).append(plain(record.kind))
    return found
