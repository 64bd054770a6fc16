"""What a report is written from: a result, the language, and how both put things in words."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType

import pandas as pd

from maps.document import Language
from maps.markdown import MISSING, amount, share
from siting.model import FacilitySpec, Label, Result

CASES: Mapping[str, Label] = MappingProxyType(
    {
        "low": Label(zh="低方案", en="low"),
        "base": Label(zh="基准方案", en="base"),
        "high": Label(zh="高方案", en="high"),
    }
)
"""The cases of demand, in the order in which tables and figures show them."""

# Units that frames and facility files name; what is not here is shown as it stands.
_KINDS: Mapping[str, Label] = MappingProxyType(
    {
        "township": Label(zh="街道、镇", en="township"),
        "port": Label(zh="港区", en="port"),
        "park": Label(zh="园区", en="park"),
        "gateway": Label(zh="市界通道", en="city gate"),
        "gate": Label(zh="市界通道", en="city gate"),
        "berth": Label(zh="泊位", en="berth"),
        "stand": Label(zh="机位", en="aircraft stand"),
        "depot": Label(zh="场站", en="depot"),
        "hub": Label(zh="枢纽", en="hub"),
        "corridor": Label(zh="通道", en="corridor"),
        "public": Label(zh="公共", en="public"),
        "home": Label(zh="居住", en="home"),
        "destination": Label(zh="目的地", en="destination"),
        "bus": Label(zh="公交", en="bus"),
        "truck": Label(zh="货车", en="truck"),
        "sanitation": Label(zh="环卫", en="sanitation"),
    }
)
"""Kinds of demand and of traffic, where the words of the user interface have none."""

_UNIT_PIECES = (
    *(("million CNY", "百万元"), ("CNY", "元")),
    *(("/yr", "/年"), ("/day", "/日"), (" min", " 分钟")),
)
_UNITS: Mapping[str, Label] = MappingProxyType(
    {
        "mcny": Label(zh="百万元", en="million CNY"),
        "yr": Label(zh="年", en="years"),
        "year": Label(zh="年", en="years"),
        "years": Label(zh="年", en="years"),
        "min": Label(zh="分钟", en="min"),
        "h": Label(zh="小时", en="h"),
        "share": Label(zh="比例", en="share"),
        "sites": Label(zh="座", en="sites"),
        "stations": Label(zh="座", en="stations"),
        "piles": Label(zh="台", en="piles"),
        "vehicles": Label(zh="辆", en="vehicles"),
        "index": Label(zh="指数", en="index"),
        "m2": Label(zh="m²", en="m²"),
        "km2": Label(zh="km²", en="km²"),
    }
)

__all__ = [
    "CASES",
    "MISSING",
    "Draft",
    "amount",
    "known_order",
    "numbered_sites",
    "part",
    "plain",
    "ratio",
    "served",
    "share",
    "text_of",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draft:
    """A result to be told in one language.

    ``wording`` holds the words of the user interface, for the types of places (``type_port_gate`` …);
    a type without a word is shown as the data have it.
    """

    result: Result
    language: Language
    wording: Mapping[str, Label] = field(default_factory=dict)

    def say(self, zh: str, en: str) -> str:
        """Return the words of the draft's language."""
        return zh if self.language == "zh" else en

    def of(self, label: Label) -> str:
        """Return a label on one line."""
        return plain(self.say(label.zh, label.en))

    def labelled(self, row: Mapping[Hashable, object]) -> str:
        """Return the label in the columns ``zh`` and ``en`` of a row."""
        return self._first(row, "zh", "en")

    def named(self, row: Mapping[Hashable, object]) -> str:
        """Return the name of a place in the draft's language, else in the other, else a dash."""
        return self._first(row, "name_zh", "name_en")

    def _first(self, row: Mapping[Hashable, object], zh: str, en: str) -> str:
        order = (zh, en) if self.language == "zh" else (en, zh)
        texts = (text_of(row.get(column)) for column in order)
        return next((text for text in texts if text), MISSING)

    def kind(self, key: object) -> str:
        """Return what a type of place, of demand or of traffic is called; ``a-b`` is from a to b."""
        text = text_of(key)
        known = self.wording.get(f"type_{text}") or _KINDS.get(text)
        if known:
            return self.of(known)
        ends = text.split("-")
        if len(ends) > 1 and all(end in _KINDS for end in ends):
            return "—".join(self.of(_KINDS[end]) for end in ends)
        return text or MISSING

    def side(self, text: str) -> str:
        """Return the half in the draft's language of text that is written 中文 / English."""
        zh, slash, en = plain(text).partition("/ ")
        is_both = bool(slash) and _is_chinese(zh) and not _is_chinese(en)
        return self.say(zh.strip(), en.strip()) if is_both else plain(text)

    def unit(self, unit: str) -> str:
        """Return a unit as it is written in the draft's language."""
        known = _UNITS.get(unit) or self.wording.get(f"unit_{unit}")
        if known:
            return self.of(known)
        pieces = _UNIT_PIECES if self.language == "zh" else ()
        for english, chinese in pieces:
            unit = unit.replace(english, chinese)
        return plain(unit)

    def case(self, key: str) -> str:
        """Return what a case of demand is called."""
        return self.of(CASES[key]) if key in CASES else plain(key)

    def year(self, year: float) -> str:
        """Return a year, or a dash where nothing is said of years."""
        return f"{year:.0f}" if isfinite(year) else MISSING

    def facility(self, key: object) -> str:
        """Return what a facility type is called; an empty key stands for all of them."""
        if not key:
            return self.say("合计", "all types")
        for spec in self.result.study.facilities:
            if spec.key == key:
                return self.of(spec.label)
        return plain(str(key))


def part(frame: pd.DataFrame, facility: FacilitySpec) -> pd.DataFrame:
    """Return the rows of a facility type, as a plain frame."""
    plain_frame = pd.DataFrame(frame)
    return plain_frame[plain_frame["facility"] == facility.key]


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def text_of(value: object) -> str:
    """Return a cell's text on one line; nothing for None and NaN."""
    is_there = value is not None and value == value  # noqa: PLR0124 - the NaN test
    return plain(str(value)) if is_there else ""


def plain(text: str) -> str:
    r"""Return text on one line, free of control characters.

    Examples
    --------
    >>> plain(" a\n b\u2028c ")
    'a b c'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def ratio(part_of: float, whole: float) -> float:
    """Return a part as a share of the whole, NaN where the whole is nothing."""
    return part_of / whole if whole > 0 else float("nan")


def numbered_sites(result: Result, facility: FacilitySpec) -> pd.DataFrame:
    """Return the chosen sites of a type in the order of their rank, with ``number`` counting from 1.

    The number is the one of the site table and of every map.
    """
    mine = result.sites[result.sites["facility"] == facility.key]
    ordered = mine.sort_values(["rank", "candidate_id"], ignore_index=True)
    return ordered.assign(number=range(1, len(ordered) + 1))


def is_travelled(result: Result, facility: FacilitySpec) -> bool:
    """Return whether anybody travels to the sites of a type: berths are served where they are."""
    return bool((part(result.allocation, facility)["distance_km"].astype(float) > 0).any())


def served(result: Result, facility: FacilitySpec) -> tuple[float, float]:
    """Return the demand that the sites serve and all that is planned for, in the demand unit."""
    return (
        float(part(result.sites, facility)["demand_served"].sum()),
        float(part(result.demand, facility)["demand"].sum()),
    )


def known_order(values: Iterable[object], order: Iterable[str]) -> list[str]:
    """Return the different values, those of an order first and in it, the others by name."""
    found = {str(value) for value in values}
    known = [value for value in order if value in found]
    return [*known, *sorted(found - set(known))]
