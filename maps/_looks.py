"""How every layer of the GeoPackage looks: one description that QML, SLD and the project are made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from maps.style import (
    LAYER_STYLES,
    SCORE_COLOURS,
    SCORE_RADII_PX,
    LayerStyle,
    facility_colour,
    score_ranges,
)
from siting.model import FacilitySpec, Label, Study

Kind: TypeAlias = Literal["marker", "line", "fill"]
Renderer: TypeAlias = Literal["singleSymbol", "categorizedSymbol", "graduatedSymbol"]

_OUTLINE = LayerStyle(stroke="#232323", width_px=0.8)
_SITE_SIZE_PX = 14.0
_COVERED = {
    "demand_covered": ("true", Label(zh="已覆盖", en="covered")),
    "demand_open": ("false", Label(zh="未覆盖（含部分覆盖）", en="not or only partly covered")),
}
_PROTECTED = {
    "protected_hard": ("hard", Label(zh="禁止占用", en="excluded")),
    "protected_soft": ("soft", Label(zh="限制占用", en="restricted")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A symbol; ``shape`` and ``size_px`` (its diameter) are a marker's alone."""

    kind: Kind
    style: LayerStyle
    shape: str = "circle"
    size_px: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LookClass:
    """A class of a layer: rows whose attribute is ``value``, or in (low, high]; all without either.

    ``is_first`` takes the row on ``low`` in, too.
    """

    label: str
    symbol: Symbol
    value: str = ""
    low: float | None = None
    high: float | None = None
    is_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a layer is drawn; ``attribute`` parts the classes, ``name`` is the column of its labels."""

    renderer: Renderer
    classes: tuple[LookClass, ...]
    attribute: str = ""
    is_flag: bool = False
    name: str = ""


def layer_looks(study: Study) -> dict[str, Look]:
    """Return the look of each spatial layer, types of facilities told apart by their colours."""
    return {
        **facility_looks(study, study.facilities),
        "excluded": _single(_dot("excluded")),
        "roads": _single(_line("roads")),
        "districts": replace(_single(_fill("districts")), name="name_zh"),
        "land": _single(_fill("land")),
        "protected": _by_value("constraint", _PROTECTED, _fill),
        "energy": _single(_dot("energy")),
    }


def facility_looks(study: Study, of: Sequence[FacilitySpec]) -> dict[str, Look]:
    """Return the look of each layer with a row per facility type, for some types of the study."""
    allocation = LAYER_STYLES["allocation"]
    return {
        "candidates": _by_score(),
        "sites": replace(_by_facility(study, of, _site), name="name_zh"),
        "allocation": _by_facility(
            study, of, lambda colour: Symbol(kind="line", style=replace(allocation, stroke=colour))
        ),
        "service_areas": _by_facility(study, of, _area),
        "demand": replace(_by_value("is_covered", _COVERED, _dot), is_flag=True),
        "flows": _by_facility(
            study,
            of,
            lambda colour: Symbol(
                kind="line", style=replace(LAYER_STYLES["roads"], stroke=colour)
            ),
        ),
    }


def title(label: Label) -> str:
    """Return a label in both languages, as QGIS shall show it.

    QGIS runs what stands between ``[%`` and ``%]`` in the texts of a legend; a word joiner, which
    nobody sees, parts the two signs. What XML cannot hold is left out.
    """
    text = f"{label.zh} / {label.en}"
    shown = "".join(character for character in text if character.isprintable())
    return shown.replace("[%", "[\u2060%")


def _by_score() -> Look:
    classes = tuple(
        LookClass(
            label=f"{low:.1f} – {high:.1f}",
            low=low,
            high=high,
            is_first=number == 0,
            symbol=Symbol(
                kind="marker",
                style=replace(_OUTLINE, fill=SCORE_COLOURS[number]),
                size_px=2 * SCORE_RADII_PX[number],
            ),
        )
        for number, (low, high) in enumerate(score_ranges())
    )
    return Look(renderer="graduatedSymbol", attribute="score", classes=classes)


def _by_facility(
    study: Study, of: Sequence[FacilitySpec], symbol: Callable[[str], Symbol]
) -> Look:
    place = {facility.key: number for number, facility in enumerate(study.facilities)}
    classes = tuple(
        LookClass(
            label=title(facility.label),
            value=facility.key,
            symbol=symbol(
                facility_colour(facility.key, facility.colour, position=place[facility.key])
            ),
        )
        for facility in of
    )
    return Look(renderer="categorizedSymbol", attribute="facility", classes=classes)


def _by_value(
    attribute: str, values: Mapping[str, tuple[str, Label]], symbol: Callable[[str], Symbol]
) -> Look:
    classes = tuple(
        LookClass(label=title(label), value=value, symbol=symbol(key))
        for key, (value, label) in values.items()
    )
    return Look(renderer="categorizedSymbol", attribute=attribute, classes=classes)


def _single(symbol: Symbol) -> Look:
    return Look(renderer="singleSymbol", classes=(LookClass(label="", symbol=symbol),))


def _site(colour: str) -> Symbol:
    return Symbol(
        kind="marker",
        style=replace(_OUTLINE, fill=colour),
        shape="diamond",
        size_px=_SITE_SIZE_PX,
    )


def _area(colour: str) -> Symbol:
    style = LAYER_STYLES["service_areas"]
    return Symbol(kind="fill", style=replace(style, fill=colour, stroke=colour))


def _dot(key: str) -> Symbol:
    style = LAYER_STYLES[key]
    return Symbol(kind="marker", style=style, size_px=2 * style.radius_px)


def _fill(key: str) -> Symbol:
    return Symbol(kind="fill", style=LAYER_STYLES[key])


def _line(key: str) -> Symbol:
    return Symbol(kind="line", style=LAYER_STYLES[key])
