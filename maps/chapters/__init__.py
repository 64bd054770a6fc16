"""The report's chapters, in the order of a layout plan; one file each."""

from collections.abc import Mapping
from dataclasses import replace

from maps.chapters import (
    assumptions,
    benefits,
    checks,
    criteria,
    demand,
    grid,
    indicators,
    investment,
    phases,
    plates,
    present,
    principles,
    quality,
    robustness,
    rules,
    scorecard,
    sites,
    sources,
    summary,
    supply,
    why,
)
from maps.document import Block, Chapter, Document, Language, Paragraph
from maps.draft import Draft, plain
from siting.model import Label, Result

_ORDER = (
    *(summary, present, demand, principles, criteria, sites, why, plates, supply, grid, phases),
    *(investment, benefits, robustness, scorecard, indicators, checks, quality, assumptions),
    *(rules, sources),
)


def document(
    result: Result, language: Language, *, wording: Mapping[str, Label] | None = None
) -> Document:
    """Return the report of a result in one language.

    Parameters
    ----------
    wording
        The words of the user interface, by key (``siting.config.load_wording``): names of the types
        of places. None shows the types as the data have them.

    Returns
    -------
    Document
        A chapter that has nothing to say is left out, or says in a sentence why. Figures are drawn
        only when asked for. The same result gives the same document; nothing in it tells when or
        where it was made.
    """
    draft = Draft(result=result, language=language, wording=wording or {})
    told = [chapter for module in _ORDER for chapter in module.chapters(draft)]
    study = result.study
    other = study.title.en if language == "zh" else study.title.zh
    return Document(
        language=language,
        title=draft.of(study.title),
        subtitle=plain(other),
        edition=plain(study.edition),
        notice=draft.of(study.notice),
        approval=draft.say("审图号", "Map approval no."),
        chapters=_with_unique_keys(told),
    )


def _with_unique_keys(told: list[Chapter]) -> tuple[Chapter, ...]:
    """Return the chapters with the keys of tables and figures different from each other."""
    seen: set[str] = set()

    def unique(block: Block) -> Block:
        if isinstance(block, Paragraph):
            return block
        key = block.key
        while key in seen:
            key += "_x"
        seen.add(key)
        return block if key == block.key else replace(block, key=key)

    return tuple(replace(c, blocks=tuple(map(unique, c.blocks))) for c in told)
