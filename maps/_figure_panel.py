"""The panel beside a map: title, legend, north arrow, scale bar, list of sites, sources and notice."""

from collections.abc import Sequence
from dataclasses import dataclass

from maps._figure_base import Pen, em_width, width_of
from maps._figure_ink import (
    A3_MM,
    FAINT,
    INK,
    MM_PER_PT,
    Box,
    Item,
    Look,
    Marks,
    Words,
    polygon,
    rectangle,
)
from maps._figure_sheet import GAP_MM, MARGIN_MM, TITLE_MM, View
from maps._figure_signs import Sample, sample
from siting.units import METRES_PER_KM

_ROW_MM, _LIST_PT, _LIST_HEAD_MM = 4.2, 7.5, 7.0
LIST_WIDTH = 30
"""Of the names in the list, in half-width characters."""

_BAR_SHARE, _SOURCE_MM = 0.28, 1.55
_LEGEND_MM, _LEGEND_HEAD_MM, _APART_MM = 5.2, 6.6, 0.4
_FIELD_MM = 62.0
_NOTICE = "#a3201a"
_NICE = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """What stands beside a map; ``listed`` are the keyed sites, number and name."""

    title: str
    legend: Sequence[tuple[Sample, str]]
    facts: Sequence[str] = ()
    listed: Sequence[tuple[str, str]] = ()


def furnish(view: View, pen: Pen, margin: Margin) -> tuple[list[Item], Box]:
    """Return everything but the map, and the room that is left: left, bottom, right, top."""
    right, top = A3_MM[0] - MARGIN_MM, A3_MM[1] - MARGIN_MM
    edge, line = MARGIN_MM / 2, top - TITLE_MM / 2 + 1
    title = pen.text(pen.draft.of(pen.draft.result.study.title))
    left = view.box_mm[0] + view.box_mm[2] + GAP_MM
    items: list[Item] = [
        rectangle((edge, edge, A3_MM[0] - edge, A3_MM[1] - edge), Look(stroke=INK, width_pt=1.2)),
        Words(
            x=MARGIN_MM + 2,
            y=line,
            text=pen.text(margin.title),
            size_pt=20,
            is_bold=True,
            up="middle",
        ),
        Words(
            x=right - 2, y=line, text=title, size_pt=11, colour=FAINT, across="right", up="middle"
        ),
        *_arrow(pen, right - 9, view.box_mm[1] + view.box_mm[3] - 2),
        *_bar(view, pen, right, view.box_mm[1] + view.box_mm[3] - 29),
    ]
    legend, below = _legend(pen, margin, left, view.box_mm[1] + view.box_mm[3])
    foot, bottom = _foot(pen, left, right)
    listed, end = _list(pen, margin, (left, bottom, right, below))
    return [*items, *legend, *foot, *listed], (left, bottom, right, end)


def _legend(pen: Pen, margin: Margin, left: float, top: float) -> tuple[list[Item], float]:
    """Return the legend and the facts, and how far down they reach."""
    head = pen.say("图例", "Legend")
    items: list[Item] = [Words(x=left, y=top - 1, text=head, size_pt=12, is_bold=True)]
    y = top - _LEGEND_HEAD_MM
    for shown, text in margin.legend:
        half = max(_LEGEND_MM, _height(shown)) / 2
        y -= half
        items.append(sample(shown, left, y))
        items.append(Words(x=left + 8.4, y=y, text=pen.text(text), size_pt=9.5, up="middle"))
        y -= half
    y -= _LEGEND_MM / 2
    for fact in margin.facts:
        items.append(Words(x=left, y=y - 1, text=pen.text(fact), size_pt=9.5, up="middle"))
        y -= 5.0
    return items, y - 2


def _height(shown: Sample) -> float:
    """Return the room that a sample of the legend asks for, in millimetres."""
    return shown.size_pt * MM_PER_PT + _APART_MM if isinstance(shown, Marks) else 0.0


def _arrow(pen: Pen, x: float, top: float) -> list[Item]:
    """Return the north arrow."""
    halves = ((-4, INK), (4, "#ffffff"))
    north = pen.say("北", "N")
    return [
        *(
            polygon(
                [(x, top - 5), (x + side, top - 17), (x, top - 14)],
                Look(fill=fill, stroke=INK, width_pt=0.6),
            )
            for side, fill in halves
        ),
        Words(
            x=x, y=top - 4.2, text=north, size_pt=10, is_bold=True, across="middle", up="bottom"
        ),
    ]


def _bar(view: View, pen: Pen, right: float, y: float) -> list[Item]:
    """Return the scale bar, its lower edge at ``y``, with the scale on paper below."""
    length_km = nice_length(view.box_mm[2] * _BAR_SHARE * view.metres_per_mm / METRES_PER_KM)
    step = length_km / 4 * METRES_PER_KM / view.metres_per_mm
    start = right - 4 * step - 6
    items: list[Item] = []
    for part in range(4):
        look = Look(fill=INK if part % 2 == 0 else "#ffffff", stroke=INK, width_pt=0.6)
        left = start + part * step
        items.append(rectangle((left, y, left + step, y + 1.6), look))
    for part, share in ((0, 0), (2, 0.5), (4, 1)):
        unit = " km" if part == 4 else ""  # noqa: PLR2004 - the end of the bar
        text = f"{length_km * share:g}{unit}"
        items.append(Words(x=start + part * step, y=y - 1, text=text, size_pt=8, across="middle"))
    words = scale_text(pen, view)
    items.append(
        Words(x=start + 2 * step, y=y - 6, text=words, size_pt=8, colour=FAINT, across="middle")
    )
    return items


def nice_length(longest_km: float) -> float:
    """Return the largest 1, 2 or 5 times a power of ten that is not longer.

    Examples
    --------
    >>> nice_length(37.0), nice_length(0.3)
    (20.0, 0.2)
    """
    power = 10.0**-6
    found = power
    while power <= longest_km:
        found = max([found, *(n * power for n in _NICE if n * power <= longest_km)])
        power *= 10
    return float(f"{found:.3g}")


def scale_text(pen: Pen, view: View) -> str:
    """Return the scale on paper to two digits, with the size of the paper it holds for."""
    scale = int(float(f"{view.metres_per_mm * METRES_PER_KM:.2g}"))
    return pen.say(f"约 1:{scale:,}（A3）", f"about 1:{scale:,} (A3)")


def _foot(pen: Pen, left: float, right: float) -> tuple[list[Item], float]:
    """Return sources, notice and the field for the approval, and where they begin."""
    draft, y = pen.draft, MARGIN_MM + 1
    study = draft.result.study
    field = (left, y + 9.5, left + _FIELD_MM, y + 17.5)
    label = pen.say("审图号：", "Map approval no.:")
    version = pen.say(
        f"版本 {study.edition}　坐标系 {draft.result.crs}",
        f"Edition {study.edition}   CRS {draft.result.crs}",
    )
    beside = left + _FIELD_MM + 4
    notice = pen.text(draft.of(study.notice))
    items: list[Item] = [
        Words(
            x=left, y=y + 2, text=notice, size_pt=9.5, colour=_NOTICE, is_bold=True, up="bottom"
        ),
        rectangle(field, Look(stroke=INK, width_pt=0.7)),
        Words(x=left + 2, y=y + 13.5, text=label, size_pt=9, up="middle"),
        Words(x=beside, y=y + 13.5, text=version, size_pt=8, colour=FAINT, up="middle"),
    ]
    y += 20.5
    for line in reversed(_sources(pen, int((right - left) / _SOURCE_MM))):
        items.append(Words(x=left, y=y, text=line, size_pt=8, colour=FAINT, up="bottom"))
        y += 4
    return items, y + 2


def _sources(pen: Pen, width: int) -> list[str]:
    """Return the owners of the data in lines, and what to know where Chinese cannot be drawn."""
    owners = dict.fromkeys(r.attribution for r in pen.draft.result.provenance if r.attribution)
    text = pen.text(pen.draft.say("资料来源：", "Sources: ") + "; ".join(owners))
    lines = wrapped(text, width) if owners else []
    if pen.family is None:
        lines.append(
            "No Chinese font on this machine: names that cannot be drawn are given as numbers."
        )
    return lines


def wrapped(text: str, width: int, most: int = 4) -> list[str]:
    """Return text in lines of at most a width of half-width characters, cut after a few lines."""
    lines, line = [], ""
    for c in text:
        if width_of(line + c) > width:
            head, blank, tail = line.rpartition(" ")
            is_word = bool(blank) and ord(c) < 0x2E80 and len(tail) < width / 2  # noqa: PLR2004 - Latin
            lines.append(head if is_word else line)
            line = tail if is_word else ""
        line += c
    lines.append(line)
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1][:-1]}…"]


def _list(pen: Pen, margin: Margin, room: Box) -> tuple[list[Item], float]:
    """Return numbers and names of the sites in as few columns as fit, and where they end."""
    left, bottom, right, top = room
    if not margin.listed:
        return [], top
    head = pen.say("站点", "Sites")
    items: list[Item] = [Words(x=left, y=top, text=head, size_pt=11, is_bold=True)]
    rows = max(int((top - bottom - _LIST_HEAD_MM) / _ROW_MM), 1)
    widest = max(em_width(name) for _, name in margin.listed)
    column_mm = widest * _LIST_PT * MM_PER_PT + 10
    columns = max(int((right - left) / column_mm), 1)
    shown = margin.listed[: rows * columns]
    each = -(-len(shown) // columns)
    for place, (key, name) in enumerate(shown):
        x = left + place // each * column_mm
        y = top - _LIST_HEAD_MM - place % each * _ROW_MM
        items.append(Words(x=x + 5, y=y, text=key, size_pt=_LIST_PT, is_bold=True, across="right"))
        items.append(Words(x=x + 6.5, y=y, text=pen.text(name), size_pt=_LIST_PT))
    end = top - _LIST_HEAD_MM - each * _ROW_MM
    if len(shown) < len(margin.listed):
        more = pen.say("其余见站点一览表", "the others: list of sites")
        items.append(Words(x=left, y=end, text=more, size_pt=_LIST_PT, colour=FAINT))
    return items, end
