"""Documents for the tests of the report's writers: one that looks like a report, and made-up ones."""

import struct
import unicodedata
import zlib
from collections.abc import Callable, Sequence
from html import escape
from math import isfinite, isnan
from typing import Literal

from hypothesis import strategies as st

from maps.document import (
    Block,
    Cell,
    Chapter,
    Column,
    Document,
    Figure,
    Language,
    Paragraph,
    Table,
)
from tests.sample import NASTY_NAMES

HOSTILE: tuple[str, ...] = (
    *NASTY_NAMES,
    "<script>alert(1)</script>",
    "]]></w:t><w:fldSimple w:instr='DDEAUTO c'/>",
    "+1+1",
    "-1-1",
    "@SUM(A1)",
    "\t=1+1",
    "{{ 7*7 }} {% x %}",
    "&amp;&#60;&copy",
    "_x0041_ _x000D_",
    "\u202eabc\u202c \u200frtl\u061c",
    "a\x00b\x07c\x1bd\x85e",
    "line\r\nline\rline\nline",
    "  two  spaces  ",
    "长" * 300,
    "w" * 300,
    "🚢⚡👩‍🔧",
    "\ud800 \ufffe \ufdd0 \U0001fffe",
    '"; } @import url(http://x.test/) </style>',
    '&P &[Page] &"Arial,Bold"',
    "' onerror='x",
)
"""Texts that try to break out of HTML, XML, CSS, a field, a formula or a page header."""

Draw = Callable[[Literal["svg", "png"]], bytes]


def drawing(width: int = 420, height: int = 297, words: str = "plan") -> Draw:
    """Return a figure's drawing: a box with words, the same shape in both formats."""

    def draw(ending: Literal["svg", "png"]) -> bytes:
        return _png(width, height) if ending == "png" else _svg(width, height, words)

    return draw


def _svg(width: int, height: int, words: str) -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}mm" '
        f'height="{height}mm"><rect x="2" y="2" width="{width - 4}" height="{height - 4}" '
        f'fill="#d6e4ee" stroke="#1b2733"/><text x="20" y="40" font-size="16">{escape(words)}</text></svg>'
    ).encode()


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    pixels = (b"\x00" + b"\xd6\xe4\xee" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(pixels)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


# ---- a document that looks like a report -----------------------------------------------------

_SITE_COLUMNS = (
    Column(head="序号", decimals=0),
    Column(head="站名"),
    Column(head="位置"),
    Column(head="区市"),
    Column(head="类型"),
    Column(head="等级"),
    Column(head="规模", unit="kg/12 h", decimals=0),
    Column(head="用地", unit="m²", decimals=0),
    Column(head="服务需求", unit="kg/d", decimals=1),
    Column(head="利用率", is_share=True),
    Column(head="建设时序"),
    Column(head="投资", unit="百万元", decimals=2),
)
_TITLES = (
    "规划背景与依据", "现状分析", "需求预测", "布局原则", "指标与权重", "站点布局", "设施规模",
    "图集", "分期建设", "投资估算", "效益分析", "敏感性分析", "数据质量", "假设", "资料来源",
)  # fmt: skip
_WORDS = (
    "本规划以路网距离、公开的评价指标和精确的选址模型为依据，统筹加氢、充换电与港口岸电三类设施的布局，"
    "提出规模、用地、时序与投资，并给出低、中、高三种需求情景下的稳健方案。"
)


def sample_document(language: Language = "zh", *, sites: int = 60) -> Document:
    """Return a report of real size: 15 chapters, long, wide and empty tables, figures, plates."""
    chapters = [_chapter(title, place) for place, title in enumerate(_TITLES)]
    chapters[5:6] = [
        Chapter(title="站点布局", level=1),
        Chapter(title="加氢站", level=2, blocks=(Paragraph(text=_WORDS), _site_table(sites))),
        Chapter(title="命名", level=2, blocks=tuple(map(_hostile_bullet, HOSTILE))),
    ]
    at = next(n for n, chapter in enumerate(chapters) if chapter.title == "图集")
    chapters[at] = Chapter(title="图集", level=1, blocks=_plates())
    return Document(
        language=language,
        title="青岛市加氢、充换电与岸电设施布局规划",
        subtitle="2026–2030 年，三种设施、三种情景",
        edition="hydrogen-siting 0.1.0 · schema 4",
        notice='内部研究用图，未经审核，不得公开出版 "草案" </style>',
        approval="审图号",
        chapters=tuple(chapters),
    )


def _chapter(title: str, place: int) -> Chapter:
    blocks: tuple[Block, ...] = (
        Paragraph(text=_WORDS),
        *(Paragraph(text=f"第 {n} 项：{_WORDS[:30]}", kind="bullet") for n in range(3)),
        _small_table(f"small_{'abcdefghijklmno'[place]}"),
        Paragraph(text="以上为假设值，可信度 C。", kind="warning"),
    )
    if place % 4 == 1:
        name = f"chart_{place}"
        chart = Figure(key=name, caption="需求分布", alt="柱状图", draw=drawing(170, 100, name))
        blocks = (*blocks, chart, Paragraph(text="图中虚线为目标值。", kind="note"))
    return Chapter(title=title, level=1, blocks=blocks)


def _hostile_bullet(text: str) -> Paragraph:
    return Paragraph(text=text, kind="bullet")


def _plates() -> tuple[Figure, ...]:
    return tuple(
        Figure(key=f"plate_{n}", caption=name, alt=name, draw=drawing(words=name), is_plate=True)
        for n, name in enumerate(("区位图", "规划布局图", "分期建设图"))
    )


def _small_table(key: str) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = (
        ("加氢", 12, 1234.5, 0.25, 2028),
        ("充电", 40, float("nan"), None, 2030),
        ("合计", 52, 1234.5, 0.31, None),
    )
    columns = (
        Column(head="设施"),
        Column(head="数量", unit="座", decimals=0),
        Column(head="投资", unit="百万元", decimals=1),
        Column(head="占比", is_share=True),
        Column(head="年份"),
    )
    return Table(
        key=key,
        caption="设施规模汇总",
        columns=columns,
        rows=rows,
        notes=("价格水平 2024 年。", "— 表示未知。"),
        total=True,
    )


def _site_table(count: int) -> Table:
    names = ("前湾集疏运枢纽加氢母站", "胶州湾国际物流园", *HOSTILE)
    rows = tuple(
        (
            n + 1,
            names[n % len(names)],
            "疏港高速与昆仑山路交叉口东北侧约 400 m",
            ("黄岛区", "胶州市", "城阳区")[n % 3],
            "合建站",
            ("一级", "二级", "三级")[n % 3],
            500 * (1 + n % 4),
            3000 + 10 * n,
            412.34 * n,
            min(0.9, n / 40),
            2026 + n % 5,
            None if n % 7 == 0 else 12.345 + n,
        )
        for n in range(count)
    )
    return Table(
        key="sites_hydrogen", caption="站点一览表", columns=_SITE_COLUMNS, rows=rows, is_wide=True
    )


# ---- made-up documents -----------------------------------------------------------------------

texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12))
numbers = st.one_of(st.integers(-(10**9), 10**9), st.floats(-1e12, 1e12), st.floats(width=16))
cells: st.SearchStrategy[Cell] = st.one_of(st.none(), texts, numbers)
columns = st.builds(
    Column,
    head=texts,
    unit=texts,
    decimals=st.one_of(st.none(), st.integers(0, 4)),
    is_share=st.booleans(),
)
paragraphs = st.builds(
    Paragraph, text=texts, kind=st.sampled_from(("text", "note", "warning", "bullet"))
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    heads = draw(st.lists(columns, min_size=1, max_size=4))
    row = st.tuples(*(cells for _ in heads))
    return Table(
        key="t",
        caption=draw(texts),
        columns=tuple(heads),
        rows=tuple(draw(st.lists(row, max_size=4))),
        notes=tuple(draw(st.lists(texts, max_size=2))),
        total=draw(st.booleans()),
        is_wide=draw(st.booleans()),
    )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Return a document of a few chapters; the keys of its tables are made unique."""
    figures = st.builds(
        Figure,
        key=st.just("f"),
        caption=texts,
        alt=texts,
        draw=st.just(drawing(20, 10)),
        is_plate=st.booleans(),
    )
    block = st.one_of(paragraphs, tables(), figures)
    chapter = st.builds(
        Chapter,
        title=texts,
        level=st.sampled_from((1, 2, 3)),
        blocks=st.lists(block, max_size=4).map(tuple),
    )
    chapters = draw(st.lists(chapter, max_size=4))
    return Document(
        language=draw(st.sampled_from(("zh", "en"))),
        title=draw(texts),
        subtitle=draw(texts),
        edition=draw(texts),
        notice=draw(texts),
        approval=draw(texts),
        chapters=tuple(chapters),
    )


# ---- what the outputs must say ---------------------------------------------------------------


def fit(text: str) -> str:
    """Return text as a file can hold it: the oracle for ``plain``."""
    lines = "\n".join(text.replace("\r\n", "\n").split("\r"))
    return "".join("\ufffd" if _is_unfit(char) else char for char in lines)


def _is_unfit(char: str) -> bool:
    code = ord(char)
    return (
        (unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t")
        or code & 0xFFFE == 0xFFFE
        or 0xFDD0 <= code <= 0xFDEF
    )


def says(shown: str, cell: Cell, column: Column) -> bool:
    """Return whether shown words say what a cell holds, numbers to the column's precision."""
    if isinstance(cell, str):
        return shown == fit(cell)
    if cell is None or isnan(cell):
        return shown == "—"
    if not isfinite(cell):
        return shown == ("∞" if cell > 0 else "-∞")
    if column.is_share:
        assert shown.endswith("\xa0%")
        decimals = 1 if column.decimals is None else column.decimals
        return _is_near(shown[:-2], 100 * cell, 0.51 * 10**-decimals)
    if column.decimals is not None:
        return _is_near(shown, cell, 0.51 * 10**-column.decimals)
    return _is_near(shown, cell, max(abs(cell) * 5.1e-4, 1e-6))


def _is_near(shown: str, value: float, slack: float) -> bool:
    return abs(float(shown.replace(",", "")) - value) <= slack + abs(value) * 1e-12


def all_tables(document: Document) -> list[Table]:
    return [block for block in all_blocks(document) if isinstance(block, Table)]


def all_figures(document: Document) -> list[Figure]:
    return [block for block in all_blocks(document) if isinstance(block, Figure)]


def all_paragraphs(document: Document) -> list[Paragraph]:
    return [block for block in all_blocks(document) if isinstance(block, Paragraph)]


def all_blocks(document: Document) -> Sequence[Block]:
    return [block for chapter in document.chapters for block in chapter.blocks]
