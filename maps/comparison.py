"""A comparison of two plans: as a document for people and as CSV files for programs."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from maps._comparison_tables import (
    Row,
    candidates_table,
    causes_table,
    demand_table,
    is_changed,
    is_told,
    layers_table,
    rows_of,
    rules_table,
    score_table,
    settings_table,
    site_name,
    sites_table,
    totals_table,
)
from maps._comparison_text import render_text
from maps._comparison_words import WORDS
from maps.document import Block, Chapter, Document, Language, Paragraph, Table
from maps.report_html import render_html
from maps.tables import guard_formula
from maps.target import check_target, whole
from siting.errors import OutputError, Problem, SitingError
from siting.model import Label

__all__ = ["comparison_document", "render_csv", "render_text", "write_comparison"]

PAGE_FILE = "compare.html"
MAP_FILE = "compare-map.html"
_CHANGES = ("kept", "moved", "dropped", "added")


def comparison_document(
    frames: Mapping[str, pd.DataFrame],
    *,
    labels: Mapping[str, Label],
    names: tuple[str, str],
    only: tuple[Sequence[Label], Sequence[Label]],
    takeover_km: float,
    notice: Label,
    language: Language,
    is_brief: bool = False,
) -> Document:
    """Return what two plans differ in, as a document.

    Parameters
    ----------
    frames
        After ``siting.compare.COMPARISON_FRAMES``.
    labels
        Of the facility types compared, in order.
    names
        What the reader calls the two results.
    only
        Facility types that only the first, and only the second, result has.
    takeover_km
        How far apart a dropped and an added site count as one that moved.
    notice
        The line that every page bears.
    is_brief
        Leave out what fills pages: splits of scores, single candidates and rules, reasons of sites
        that both plans have.
    """
    words = WORDS[language]
    chapters = [
        Chapter(
            title=_say(label, language),
            level=1,
            blocks=tuple(_facility(frames, key, language, is_brief=is_brief)),
        )
        for key, label in labels.items()
    ]
    inputs = tuple(_inputs(frames, labels, only, language))
    moved = Paragraph(text=words["moved_is"].format(km=takeover_km), kind="note")
    chapters.append(Chapter(title=words["inputs"], level=1, blocks=(*inputs, moved)))
    return Document(
        language=language,
        title=words["title"],
        subtitle=words["subtitle"].format(a=names[0], b=names[1]),
        edition="",
        notice=_say(notice, language),
        approval="",
        chapters=tuple(chapters),
    )


def write_comparison(
    document: Document,
    frames: Mapping[str, pd.DataFrame],
    directory: Path,
    *,
    map_page: str | None = None,
) -> tuple[Path, ...]:
    """Write ``compare.html`` and a CSV file for every frame into a new folder: all or nothing.

    Parameters
    ----------
    map_page
        The page of two maps (``maps.comparison_map``), written beside them as ``compare-map.html``.

    Raises
    ------
    OutputError
        If the folder holds something already or cannot be written.
    """
    target = check_target(directory)
    texts = {PAGE_FILE: render_html(document)}
    texts |= {} if map_page is None else {MAP_FILE: map_page}
    # The byte-order mark tells Excel that the Chinese is UTF-8.
    texts |= {
        f"compare-{name}.csv": "\ufeff" + render_csv(table) for name, table in frames.items()
    }
    try:
        with whole(target) as folder:
            for name, text in texts.items():
                (folder / name).write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        if isinstance(error, SitingError):
            raise
        problem = Problem(
            where=str(directory),
            what="the comparison cannot be written",
            got=error.strerror or str(error),
            mend="Make room or choose another folder with --out; nothing was changed.",
        )
        raise OutputError(problem) from error
    return tuple(target / name for name in texts)


def render_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV: full precision, unknown numbers empty, no cell that is a formula."""
    out = io.StringIO()
    # With both in the line end, csv quotes a cell that holds either.
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(frame.columns)
    for row in frame.itertuples(index=False):
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str):
        return guard_formula(value)
    return "" if value != value else value  # noqa: PLR0124 - the NaN test


def _facility(
    frames: Mapping[str, pd.DataFrame], key: str, language: Language, *, is_brief: bool
) -> Iterator[Block]:
    words = WORDS[language]
    own = {name: rows_of(frame, key) for name, frame in frames.items() if name != "layers"}
    counts = {change: sum(row["change"] == change for row in own["sites"]) for change in _CHANGES}
    yield Paragraph(text=words["counts"].format(**counts))
    yield totals_table(own["totals"], language)
    unit = next((row["unit"] for row in own["demand"]), "")
    told = [row for row in own["sites"] if is_told(row, is_brief=is_brief)]
    if told:
        yield sites_table(told, unit, language)
    if rest := len(own["sites"]) - len(told):
        same = "unchanged_brief" if is_brief else "unchanged"
        yield Paragraph(text=words[same].format(n=rest), kind="note")
    for row in own["causes"]:
        if not row["candidate_id"]:
            yield Paragraph(text=f"{words['why']}{row[language]}", kind="bullet")
    yield from _reasons(own, language, is_brief=is_brief)
    if any(row["change"] for row in own["demand"]):
        yield demand_table(own["demand"], language)


def _reasons(
    own: Mapping[str, list[Row]], language: Language, *, is_brief: bool
) -> Iterator[Table]:
    names = {
        str(row[f"candidate_{side}"]): site_name(row, side, language)
        for row in own["sites"]
        for side in ("a", "b")
        if row[f"candidate_{side}"]
    }
    changed = {
        str(row[f"candidate_{side}"])
        for row in own["sites"]
        for side in ("a", "b")
        if is_changed(row)
    }
    told = [row for row in own["causes"] if not is_brief or row["candidate_id"] in changed]
    tables = [causes_table(told, names, language)]
    if not is_brief:
        some = {key: name for key, name in names.items() if key in changed}
        tables += [
            score_table(own["score"], some, language),
            candidates_table(own["candidates"], language),
            rules_table(own["rules"], language),
        ]
    yield from (table for table in tables if table.rows)


def _inputs(
    frames: Mapping[str, pd.DataFrame],
    labels: Mapping[str, Label],
    only: tuple[Sequence[Label], Sequence[Label]],
    language: Language,
) -> Iterator[Block]:
    words = WORDS[language]
    for side, lonely in zip(("A", "B"), only, strict=True):
        if lonely:
            said = ", ".join(_say(label, language) for label in lonely)
            yield Paragraph(text=words["only"].format(side=side, labels=said), kind="note")
    told = {key: _say(label, language) for key, label in labels.items()}
    settings = settings_table(list(frames["settings"].to_dict("records")), told, language)
    layers = layers_table(list(frames["layers"].to_dict("records")), language)
    yield from (table for table in (settings, layers) if table.rows)
    if not settings.rows and not layers.rows:
        yield Paragraph(text=words["same_inputs"])


def _say(label: Label, language: Language) -> str:
    return (label.zh or label.en) if language == "zh" else (label.en or label.zh)
