"""The styles of the Word report: every look has a name there, so that a bureau can put its own on it."""

from dataclasses import dataclass, replace
from typing import Final

from docx.document import Document as Word
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from maps.document import Language

# The fonts that Chinese planning texts are set in: Song for words, Hei for headings.
_BODY: Final = ("Times New Roman", "宋体")
_HEADING: Final = ("Arial", "黑体")
_LINE = 240  # twentieths of a point for single spacing


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a paragraph style looks; sizes and distances in points."""

    size_pt: float
    base: str = "Normal"
    is_heading: bool = False
    is_bold: bool = False
    before_pt: float = 0.0
    after_pt: float = 0.0
    lines: float = 1.0
    align: str = "left"
    keeps_next: bool = False
    outline: int | None = None
    colour: str = "000000"
    indent_pt: float = 0.0
    fill: str = ""
    starts_page: bool = False
    has_bullet: bool = False
    has_indent: bool = False  # two characters before a Chinese paragraph


def _heading(size_pt: float, *, before_pt: float, after_pt: float, outline: int) -> Look:
    return Look(
        size_pt=size_pt,
        is_heading=True,
        keeps_next=True,
        before_pt=before_pt,
        after_pt=after_pt,
        outline=outline,
    )


LOOKS: dict[str, Look] = {
    "Title": Look(size_pt=26, is_heading=True, before_pt=190, after_pt=14, align="center"),
    "Subtitle": Look(size_pt=15, after_pt=10, align="center"),
    "Cover Text": Look(size_pt=11, after_pt=8, align="center"),
    "Cover Notice": Look(size_pt=12, is_bold=True, before_pt=150, align="center"),
    "TOC Heading": Look(
        size_pt=16, is_heading=True, after_pt=10, align="center", starts_page=True, outline=9
    ),
    "toc 1": Look(size_pt=11, before_pt=4, after_pt=2),
    "toc 2": Look(size_pt=10.5, after_pt=1, indent_pt=18),
    "toc 3": Look(size_pt=10, after_pt=1, indent_pt=36),
    "Heading 1": _heading(16, before_pt=22, after_pt=10, outline=0),
    "Heading 2": _heading(14, before_pt=16, after_pt=8, outline=1),
    "Heading 3": _heading(12, before_pt=12, after_pt=6, outline=2),
    "Body Text": Look(size_pt=11, after_pt=6, lines=1.4, align="both", has_indent=True),
    "List Bullet": Look(size_pt=11, after_pt=3, lines=1.3, indent_pt=21, has_bullet=True),
    "Note": Look(size_pt=9, before_pt=2, after_pt=4, colour="52606C"),
    "Warning": Look(
        size_pt=11, before_pt=4, after_pt=8, lines=1.3, fill="FFF3D6", colour="7A4A00"
    ),
    "Caption": Look(size_pt=10, is_heading=True, before_pt=10, after_pt=4, keeps_next=True),
    "Figure": Look(size_pt=10, before_pt=8, after_pt=4, align="center", keeps_next=True),
    "Figure Caption": Look(
        size_pt=10, base="Caption", is_heading=True, after_pt=10, align="center"
    ),
    "Table Head": Look(size_pt=9, is_heading=True),
    "Table Head Number": Look(size_pt=9, is_heading=True, align="right"),
    "Table Text": Look(size_pt=9),
    "Table Number": Look(size_pt=9, align="right"),
    "Table Sum": Look(size_pt=9, is_bold=True),
    "Table Sum Number": Look(size_pt=9, is_bold=True, align="right"),
    "Header": Look(size_pt=9, align="center", colour="52606C"),
    "Footer": Look(size_pt=9, align="center", colour="52606C"),
}
_SMALL_PT: Final = 7.5
LOOKS |= {
    f"{name} Small": replace(look, size_pt=_SMALL_PT)
    for name, look in LOOKS.items()
    if name.startswith("Table")
}
"""Every style by its name; the small ones are for tables that would break words at the usual size."""
TABLE_STYLE: Final = "Report Table"


def set_styles(word: Word, language: Language) -> None:
    """Give a document the report's styles, with Latin and East Asian fonts in each."""
    defaults = word.styles.element.find(qn("w:docDefaults"))
    word.styles.element.replace(defaults, parse_xml(_defaults()))
    # python-docx looks through all styles whenever it is asked for one.
    known = {style.name: style for style in word.styles}
    for name, look in LOOKS.items():
        style = known.get(name)
        if style is None:
            is_builtin = name.startswith("toc")
            style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=is_builtin)
            style.base_style = known[look.base]
            known[name] = style
        element = style.element
        for tag in ("w:pPr", "w:rPr", "w:semiHidden"):
            for old in element.findall(qn(tag)):
                element.remove(old)
        element.append(parse_xml(_paragraph_look(look, language)))
        element.append(parse_xml(_run_look(look)))
    _add_table_style(word)
    _set_settings(word)


def _set_settings(word: Word) -> None:
    """Let Word open the file as one of its own, not in an old version's manner, and as Chinese."""
    settings = word.settings.element
    for setting in settings.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")
    for fonts in settings.iter(qn("w:themeFontLang")):
        fonts.set(qn("w:eastAsia"), "zh-CN")


def style_id(name: str) -> str:
    """Return the identifier that python-docx gives a style of this name."""
    return name.replace(" ", "")


def _defaults() -> str:
    latin, chinese = _BODY
    return (
        f"<w:docDefaults {nsdecls('w')}><w:rPrDefault><w:rPr>{_fonts(latin, chinese)}"
        '<w:sz w:val="22"/><w:szCs w:val="22"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )


def _fonts(latin: str, chinese: str) -> str:
    return f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{chinese}" w:cs="{latin}"/>'


def _paragraph_look(look: Look, language: Language) -> str:
    keep = "<w:keepNext/><w:keepLines/>" if look.keeps_next else ""
    start = "<w:pageBreakBefore/>" if look.starts_page else ""
    bullet = '<w:numPr><w:numId w:val="1"/></w:numPr>' if look.has_bullet else ""
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{look.fill}"/>' if look.fill else ""
    outline = "" if look.outline is None else f'<w:outlineLvl w:val="{look.outline}"/>'
    return (
        f"<w:pPr {nsdecls('w')}>{keep}{start}{bullet}{fill}"
        f'<w:spacing w:before="{20 * look.before_pt:.0f}" w:after="{20 * look.after_pt:.0f}" '
        f'w:line="{_LINE * look.lines:.0f}" w:lineRule="auto"/>'
        f'{_indent(look, language)}<w:jc w:val="{look.align}"/>{outline}</w:pPr>'
    )


def _indent(look: Look, language: Language) -> str:
    if look.has_bullet:
        return f'<w:ind w:left="{20 * look.indent_pt:.0f}" w:hanging="{20 * look.indent_pt:.0f}"/>'
    if look.has_indent and language == "zh":
        first = f'w:firstLine="{40 * look.size_pt:.0f}"'
        return f'<w:ind w:firstLineChars="200" {first}/>'
    return f'<w:ind w:left="{20 * look.indent_pt:.0f}"/>' if look.indent_pt else ""


def _run_look(look: Look) -> str:
    bold = "<w:b/><w:bCs/>" if look.is_bold else '<w:b w:val="0"/><w:bCs w:val="0"/>'
    half_points = f"{2 * look.size_pt:.0f}"
    return (
        f"<w:rPr {nsdecls('w')}>{_fonts(*(_HEADING if look.is_heading else _BODY))}{bold}"
        f'<w:color w:val="{look.colour}"/>'
        f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr>'
    )


def _add_table_style(word: Word) -> None:
    style = word.styles.add_style(TABLE_STYLE, WD_STYLE_TYPE.TABLE)
    style.base_style = word.styles["Normal Table"]
    rule, thin = (
        'w:val="single" w:sz="12" w:color="1B2733"',
        'w:val="single" w:sz="4" w:color="C3CCD4"',
    )
    style.element.append(
        parse_xml(
            f"<w:tblPr {nsdecls('w')}><w:tblBorders><w:top {rule}/><w:bottom {rule}/>"
            f"<w:insideH {thin}/></w:tblBorders><w:tblCellMar>"
            '<w:top w:w="40" w:type="dxa"/><w:left w:w="70" w:type="dxa"/>'
            '<w:bottom w:w="40" w:type="dxa"/><w:right w:w="70" w:type="dxa"/>'
            "</w:tblCellMar></w:tblPr>"
        )
    )
    style.element.append(
        parse_xml(
            f'<w:tblStylePr {nsdecls("w")} w:type="firstRow"><w:tcPr><w:tcBorders>'
            '<w:bottom w:val="single" w:sz="6" w:color="1B2733"/></w:tcBorders>'
            '<w:shd w:val="clear" w:color="auto" w:fill="EEF1F4"/><w:vAlign w:val="bottom"/>'
            "</w:tcPr></w:tblStylePr>"
        )
    )
