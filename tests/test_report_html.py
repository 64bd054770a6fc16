"""The report as HTML: says everything, literally, and neither runs nor loads anything."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import chain, pairwise
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given, strategies as st

from maps._report_layout import lay_out
from maps._report_svg import check_svg
from maps._report_text import Heading, Item, number_parts, plain, show
from maps._report_widths import column_shares, column_widths, is_crowded, measure
from maps.document import Chapter, Column, Document, Figure, Paragraph, Table
from maps.report_html import css_string, render_html, svg_url
from siting.errors import OutputError
from tests.report_documents import (
    HOSTILE,
    all_figures,
    all_paragraphs,
    all_tables,
    documents,
    drawing,
    fit,
    sample_document,
    says,
    tables,
)
from tests.requirements import ROOT

_VOID = {"meta", "img", "col", "wbr", "br"}
_TEXTS = {"td", "th", "p", "li", "caption", "figcaption", "h1", "h2", "h3", "h4", "a", "title"}


class Reading(HTMLParser):
    """What a browser would find: tags with their attributes, and the text of each element."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str, str]] = []  # tag, class, text
        self._open: list[tuple[str, str, list[str]]] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        self.tags.append((tag, found))
        if tag not in _VOID:
            self._open.append((tag, found.get("class", ""), []))

    def handle_endtag(self, tag: str) -> None:
        name, kind, parts = self._open.pop()
        assert name == tag
        self.texts.append((name, kind, "".join(parts)))

    def handle_data(self, data: str) -> None:
        for _, _, parts in self._open:
            parts.append(data)

    def of(self, *tags: str) -> list[str]:
        return [text for tag, _, text in self.texts if tag in tags]

    def attributes(self, tag: str, key: str) -> list[str]:
        return [found[key] for name, found in self.tags if name == tag and key in found]


def body_cells(html: str) -> list[str]:
    return re.findall(r"<tbody>(.*?)</tbody>", html, flags=re.DOTALL)


# ---- everything is said ----------------------------------------------------------------------


@given(documents())
def test_every_cell_is_said_where_it_stands(document: Document) -> None:
    bodies = body_cells(render_html(document))
    found = all_tables(document)
    assert len(bodies) == len(found)
    for body, table in zip(bodies, found, strict=True):
        shown = Reading(body).of("td", "th")
        if not table.rows:
            assert shown in (["（无）"], ["(none)"])
            continue
        cells = list(chain.from_iterable(table.rows))
        heads = list(table.columns) * len(table.rows)
        assert len(shown) == len(cells)
        assert all(map(says, shown, cells, heads))


@given(documents())
def test_every_other_word_is_said_too(document: Document) -> None:
    page = Reading(render_html(document))
    told = "\0".join(text for tag, _, text in page.texts if tag in _TEXTS)
    cover = (document.title, document.subtitle, document.edition, document.notice)
    chapters = [chapter.title for chapter in document.chapters]
    paragraphs = [paragraph.text for paragraph in all_paragraphs(document)]
    captions = [block.caption for block in (*all_tables(document), *all_figures(document))]
    notes = [note for table in all_tables(document) for note in table.notes]
    heads = [column.head for table in all_tables(document) for column in table.columns]
    units = [column.unit for table in all_tables(document) for column in table.columns]
    for text in (
        *cover,
        document.approval,
        *chapters,
        *paragraphs,
        *captions,
        *notes,
        *heads,
        *units,
    ):
        assert fit(text) in told
    assert page.attributes("img", "alt") == [fit(figure.alt) for figure in all_figures(document)]


def test_the_total_is_marked_and_only_where_there_is_one() -> None:
    (table,) = [t for t in all_tables(sample_document()) if t.key == "small_a"]
    chapter = Chapter(title="x", level=1, blocks=(table, replace(table, key="b", total=False)))
    html = render_html(replace(sample_document(), chapters=(chapter,)))
    first, second = body_cells(html)
    assert first.count('<tr class="total">') == 1
    assert first.rindex("<tr") == first.index('<tr class="total">')
    assert "total" not in second


# ---- nothing acts ----------------------------------------------------------------------------


@given(documents())
def test_nothing_in_the_page_runs_or_loads(document: Document) -> None:
    page = Reading(render_html(document))
    allowed = {
        *(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "header",
            "main",
            "nav",
            "div",
            "span",
        ),
        *(
            "h1",
            "h2",
            "h3",
            "h4",
            "p",
            "ul",
            "ol",
            "li",
            "a",
            "strong",
            "figure",
            "figcaption",
            "img",
        ),
        *("table", "caption", "colgroup", "col", "thead", "tbody", "tr", "th", "td", "wbr"),
    }
    assert {tag for tag, _ in page.tags} <= allowed
    keys = {key for _, found in page.tags for key in found}
    assert not any(key.startswith("on") or key in {"style", "srcset", "action"} for key in keys)
    assert all(link.startswith("#") for link in page.attributes("a", "href"))
    assert all(image.startswith("data:image/svg+xml,") for image in page.attributes("img", "src"))


@given(st.text("<>'\"#%&+ a=青\n?[]{}|^`"))
def test_a_drawing_in_the_page_is_read_as_it_was_drawn(text: str) -> None:
    svg = f"<svg>{text}</svg>".encode()
    url = svg_url(svg)
    assert not set('<>"#\n') & set(url)  # nothing ends the URL, or the attribute it stands in
    head, _, written = url.partition(",")
    assert head == "data:image/svg+xml"
    assert unquote_to_bytes(written) == svg


@given(documents())
def test_the_policy_allows_this_style_and_images_and_nothing_else(document: Document) -> None:
    html = render_html(document)
    (style,) = re.findall(r"<style>(.*?)</style>", html, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = Reading(html).attributes("meta", "content")[0]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"@import|url\(", style)


@given(st.one_of(st.text(), st.sampled_from(HOSTILE)))
def test_a_css_string_holds_its_text_and_ends_only_at_its_end(text: str) -> None:
    written = css_string(text)
    inside = written[1:-1]
    assert not re.search(r'["<>\n\\](?![0-9a-f]+ )', inside)
    read = re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), inside)
    assert read == " ".join(fit(text).split())


_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>",
        "<x:script xmlns:x='http://www.w3.org/2000/svg'/>",
        "<foreignObject/>",
        "<rect onload='x()'/>",
        "<image href='http://x.test/a.png'/>",
        "<image xlink:href='file:///etc/passwd'/>",
        "<use href='other.svg#a'/>",
        "<image href='data:text/html,x'/>",
        "<a href='javascript:x()'/>",
        "<style>@import 'x.css';</style>",
        "<style>rect { fill: url(http://x.test/a) }</style>",
        "<style><![CDATA[rect { fill: url(]]>'http://x.test/a') }</style>",
        "<rect style='fill:url(http://x.test/a)'/>",
        "<?xml-stylesheet href='x.css'?>",
        "<rect",
    ],
)
def test_a_drawing_that_acts_or_reaches_out_is_refused(inside: str) -> None:
    with pytest.raises(OutputError, match="figure f: "):
        check_svg(_SVG.format(inside).encode(), where="figure f")


@pytest.mark.parametrize(
    "svg",
    [
        "<html xmlns='http://www.w3.org/1999/xhtml'/>",
        "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg xmlns='http://www.w3.org/2000/svg'>&a;</svg>",
        "",
    ],
)
def test_what_is_no_drawing_is_refused(svg: str) -> None:
    with pytest.raises(OutputError):
        check_svg(svg.encode(), where="figure f")


@pytest.mark.parametrize(
    "inside",
    [
        "<defs><path id='a' d='M0 0'/></defs><use xlink:href='#a'/>",
        "<image href='data:image/png;base64,AA=='/>",
        "<g clip-path='url(#a)' style='fill: url(\"#b\")'/>",
        "<style>*{stroke-linejoin: round}</style><text>&lt;script&gt; onload= @import</text>",
    ],
)
def test_an_honest_drawing_is_taken(inside: str) -> None:
    document_type = '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd">'
    check_svg((document_type + _SVG.format(inside)).encode(), where="figure f")


def test_a_bad_figure_stops_the_report_and_names_itself() -> None:
    bad = Figure(key="plan", caption="c", alt="a", draw=lambda _: b"<svg onload='x()'/>")
    chapter = Chapter(title="x", level=1, blocks=(bad,))
    with pytest.raises(OutputError, match="figure plan: has an event handler"):
        render_html(replace(sample_document(), chapters=(chapter,)))


# ---- order and access ------------------------------------------------------------------------


@given(documents())
def test_headings_descend_one_level_at_a_time(document: Document) -> None:
    page = Reading(render_html(document))
    levels = [int(tag[1]) for tag, _, _ in page.texts if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


@given(documents())
def test_every_link_and_label_leads_to_one_place(document: Document) -> None:
    page = Reading(render_html(document))
    ids = [found["id"] for _, found in page.tags if "id" in found]
    assert len(ids) == len(set(ids))
    links = [link[1:] for link in page.attributes("a", "href")]
    labels = [label for tag in ("div", "nav") for label in page.attributes(tag, "aria-labelledby")]
    assert set(links + labels) <= set(ids)
    assert len(links) == len(document.chapters) + 1


def test_heads_have_scope_and_tables_captions() -> None:
    page = Reading(render_html(sample_document()))
    assert all(found.get("scope") in {"col", "row"} for tag, found in page.tags if tag == "th")
    assert len(page.of("caption")) == len(page.of("table")) == len(all_tables(sample_document()))
    assert dict(page.tags)["html"] == {"lang": "zh-CN"}
    english = Reading(render_html(sample_document("en")))
    assert dict(english.tags)["html"] == {"lang": "en"}


def test_captions_are_counted_through_the_document() -> None:
    page = Reading(render_html(sample_document()))
    assert [text.split()[0] for text in page.of("caption")] == [f"表{n}" for n in range(1, 15)]
    assert [text.split()[0] for text in page.of("figcaption")] == [f"图{n}" for n in range(1, 7)]
    english = Reading(render_html(sample_document("en")))
    assert english.of("caption")[0].startswith("Table 1. ")
    assert english.of("figcaption")[-1].startswith("Figure 6. ")


def test_same_document_same_text() -> None:
    assert render_html(sample_document()) == render_html(sample_document())


# ---- numbering and pages ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((1, 2, 2, 1, 2), ["1", "1.1", "1.2", "2", "2.1"]),
        ((1, 2, 3, 3, 2, 3), ["1", "1.1", "1.1.1", "1.1.2", "1.2", "1.2.1"]),
        ((3, 3, 1), ["1", "1.1", "2"]),
        ((1, 3, 3, 2), ["1", "1.1", "1.1.1", "1.2"]),
    ],
)
def test_chapters_are_numbered(levels: tuple[int, ...], expected: list[str]) -> None:
    chapters = tuple(Chapter(title="x", level=level) for level in levels)  # type: ignore[arg-type]
    parts = number_parts(replace(sample_document(), chapters=chapters))
    assert [part.number for part in parts if isinstance(part, Heading)] == expected


@given(documents())
def test_pages_keep_the_order_and_suit_what_stands_on_them(document: Document) -> None:
    parts = number_parts(document)
    sheets = lay_out(parts)
    assert tuple(part for sheet in sheets for part in sheet.parts) == parts
    for sheet in sheets:
        blocks = [part.block for part in sheet.parts if isinstance(part, Item)]
        for block in blocks:
            if isinstance(block, Table):
                assert sheet.page in (
                    {"landscape"} if block.is_wide else {"landscape", "portrait"}
                )
            if isinstance(block, Figure):
                assert (sheet.page == "plate") == block.is_plate
        if sheet.page == "plate":
            assert len(blocks) == 1
    # No heading is the last thing on its page, unless nothing follows it at all.
    for sheet in sheets[:-1]:
        assert not isinstance(sheet.parts[-1], Heading)


def _pages_of(*blocks: Paragraph | Table | Figure) -> list[str]:
    chapter = Chapter(title="x", level=1, blocks=blocks)
    parts = number_parts(replace(sample_document(), chapters=(chapter,)))
    return [sheet.page for sheet in lay_out(parts) for _ in sheet.parts]


def test_words_travel_with_the_wide_table_beside_them() -> None:
    words = Paragraph(text="w")
    wide = Table(key="w", caption="c", columns=(Column(head="h"),), rows=(), is_wide=True)
    narrow = replace(wide, key="n", is_wide=False)
    plate = Figure(key="f", caption="c", alt="a", draw=drawing(), is_plate=True)
    lying, upright = "landscape", "portrait"
    assert _pages_of(words, wide, words) == [lying] * 4
    long = replace(narrow, rows=((1,),) * 30)
    assert _pages_of(long, words, wide) == [upright, upright, lying, lying]
    assert _pages_of(narrow, words, wide) == [lying] * 4
    assert _pages_of(narrow, words, plate) == [upright] * 3 + ["plate"]
    assert _pages_of(words, plate, words) == [upright, upright, "plate", upright]
    assert _pages_of(plate, plate) == ["plate"] * 3
    assert _pages_of() == [upright]


# ---- numbers and widths ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "column", "expected"),
    [
        (1234567.891, Column(head="", decimals=1), "1,234,567.9"),
        (-0.04, Column(head="", decimals=1), "0.0"),
        (-1234.0, Column(head="", decimals=0), "-1,234"),
        (0.0834, Column(head="", is_share=True), "8.3\xa0%"),
        (1.0, Column(head="", is_share=True, decimals=0), "100\xa0%"),
        (2030, Column(head=""), "2030"),
        (2030.0, Column(head=""), "2030"),
        (0.012345, Column(head=""), "0.01235"),
        (float("nan"), Column(head="", decimals=2), "—"),
        (None, Column(head=""), "—"),
        (float("inf"), Column(head="", decimals=1), "∞"),
        ("", Column(head="", decimals=1), ""),
        ("=1+1", Column(head="", decimals=1), "=1+1"),
    ],
)
def test_cells_are_shown_by_their_column(
    cell: str | float | None, column: Column, expected: str
) -> None:
    assert show(cell, column) == expected


@given(st.text())
def test_plain_text_is_what_every_file_can_hold(text: str) -> None:
    assert plain(text) == fit(text)
    assert plain(plain(text)) == plain(text)


@given(tables(), st.sampled_from(("zh", "en")))
def test_widths_share_the_page(table: Table, language: str) -> None:
    shares = column_shares(table, language)  # type: ignore[arg-type]
    assert sum(shares) == pytest.approx(1.0)
    assert min(shares) > 0
    assert all(6 <= width <= 140 for width in column_widths(table, language))  # type: ignore[arg-type]


def test_numbers_and_short_words_keep_their_width_where_long_text_gives_way() -> None:
    columns = (Column(head="a"), Column(head="b"), Column(head="n", decimals=2))
    row = ("长" * 90, "short", 123456.78)
    table = Table(key="t", caption="", columns=columns, rows=(row,))
    long, short, number = column_shares(table, "zh")
    assert number / short == pytest.approx((10 + 2) / (5 + 2))
    assert long == pytest.approx(1 - (12 + 7) / 100)
    double = replace(table, columns=(*columns, Column(head="c")), rows=((*row, "长" * 360),))
    *_, longer = column_shares(double, "zh")
    assert 1.5 < longer / column_shares(double, "zh")[0] < 2.5


def test_one_long_cell_among_many_does_not_widen_its_column() -> None:
    columns = (Column(head="a"), Column(head="b"))
    rows = (*(("name", "x" * 9 + " " + "y" * 9),) * 30, ("长" * 60, "x"))
    name, other = column_shares(Table(key="t", caption="", columns=columns, rows=rows), "zh")
    assert name < other


def test_a_table_of_many_columns_is_crowded() -> None:
    column = Column(head="capacity", unit="kWh/day", decimals=0)
    table = Table(key="t", caption="", columns=(column,) * 6, rows=((1,) * 6,))
    assert not is_crowded(table, "en")
    assert is_crowded(replace(table, columns=(column,) * 12, rows=((1,) * 12,)), "en")
    assert [measure(word) for word in ("abc", "加氢", "e\u0301", "a\nlong", "")] == [3, 4, 1, 4, 0]


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_words_stand_out_in_light_and_dark() -> None:
    """WCAG 2.1, 1.4.3: a contrast of at least 4.5 to 1."""
    css = (ROOT / "maps" / "web" / "report.css").read_text(encoding="utf-8")
    themes = [
        dict(re.findall(r"--([\w-]+): (#\w{6});", block))
        for block in re.findall(r":root \{(.*?)\}", css, flags=re.DOTALL)
    ]
    assert len(themes) == 2
    for theme in themes:
        pairs = (
            ("fg", "bg"),
            ("muted", "bg"),
            ("accent", "soft"),
            ("warn", "warn-bg"),
            ("fg", "soft"),
        )
        for words, ground in pairs:
            low, high = sorted((_luminance(theme[words]), _luminance(theme[ground])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (words, ground)
