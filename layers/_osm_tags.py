"""What the values of OSM tags mean: names, voltages, powers, counts."""

import re
from typing import Final

from layers._osm_objects import Tags

_CJK = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_CHINESE: Final = ("name:zh", "name:zh-Hans", "name:zh-Hant")
_ENGLISH: Final = ("name:en", "int_name")
# What stands for the name of a place that has none, best first.
_STAND_INS: Final = ("brand", "operator", "ref")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_POWER = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(MW|kW|GW|W)(?:p|e)?\s*", re.IGNORECASE)
_MW: Final = {"w": 1e-6, "kw": 1e-3, "mw": 1.0, "gw": 1e3}
_VOLTS_PER_KV = 1000.0
_HIGHEST_V = 1.5e6  # no line in the world carries more; what is above was mistyped
_DIGITS = 12


def names_of(tags: Tags) -> tuple[str, str]:
    """Return the Chinese and the English name of an object, "" where it has none.

    Chinese is ``name:zh`` or a ``name`` with Chinese characters. English is ``name:en`` or
    ``int_name``, else the local ``name`` as it is, in whatever script. Brand, operator or reference
    stand in where there is no name at all.
    """
    name = tags.get("name", "") or next((tags[key] for key in _STAND_INS if key in tags), "")
    chinese = next((tags[key] for key in _CHINESE if key in tags), "")
    english = next((tags[key] for key in _ENGLISH if key in tags), "")
    if _CJK.search(name):
        return chinese or name, english
    return chinese, english or name


def voltage_kv(tags: Tags) -> float:
    """Return the highest voltage of ``voltage`` ("220000;110000", in volts), NaN where none is stated."""
    found = [float(number) for number in _NUMBER.findall(tags.get("voltage", ""))]
    volts = [number for number in found if 0 < number <= _HIGHEST_V]
    return max(volts) / _VOLTS_PER_KV if volts else float("nan")


def power_mw(text: str) -> float:
    """Return the power of a tag such as "600 MW" or "250 kWp" in MW, NaN for anything else."""
    found = _POWER.fullmatch(text)
    if found is None:
        return float("nan")
    return float(found[1].replace(",", ".")) * _MW[found[2].lower()]


def count(text: str) -> float:
    """Return the number of a tag such as ``capacity``, NaN where it is none ("yes", "~20", "-3")."""
    text = text.strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return float(text) if is_number else float("nan")
