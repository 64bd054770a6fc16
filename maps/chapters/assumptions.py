"""Every number the plan rests on, with value, range, unit, source, year and confidence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from maps.chapters._blocks import Field, counts, paragraph, section, table, under, words
from maps.document import Block, Cell, Chapter, Column, Table
from maps.draft import MISSING, Draft, amount, plain
from siting.model import Assumption, FacilitySpec, SourcedTable, Study

_Number = Assumption | SourcedTable


@dataclass(frozen=True, slots=True, kw_only=True)
class _Used:
    """A number and the facility types that use it; none means the study as a whole."""

    row: _Number
    facilities: tuple[str, ...]


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on parameters and assumptions, complete."""
    used = _collect(draft.result.study)
    common = [item for item in used if len(item.facilities) != 1]
    sections = list(
        section(draft.say("通用", "For all types"), _tables(draft, common, "common"), level=2)
    )
    for facility in draft.result.study.facilities:
        own = [item for item in used if item.facilities == (facility.key,)]
        blocks = _tables(draft, own, facility.key)
        sections += section(draft.of(facility.label), blocks, level=2)
    sections += section(
        draft.say("路网与运算设定", "Roads and computation"), _settings(draft), level=2
    )
    return under(
        draft.say("参数与假设", "Parameters and assumptions"),
        sections,
        lead=(paragraph(_lead(draft)), *([_grades(draft, used)] if used else [])),
    )


def _lead(draft: Draft) -> str:
    return draft.say(
        "本章列出方案所用的全部参数。可信度：A 为查阅过原始出处；B 为已知标准或规定、原文未查阅；"
        "C 为近似、推断或自行估计，使用前宜以本地数据替换。年份为数值所属年份（实测年、价格水平年或估计年）。",
        "All parameters of the plan. Confidence: A, the source was opened; B, a known standard or "
        "regulation, text not opened; C, approximate, inferred or own estimate, to be replaced by local "
        "data. The year is that of the value: of the measurement, the price level or the estimate.",
    )


def _collect(study: Study) -> list[_Used]:
    """Return every different number once, in the order of the study and its facility types."""
    rows: dict[tuple[object, ...], _Number] = {}
    users: dict[tuple[object, ...], list[str]] = {}
    owned = {facility.key for facility in study.facilities}
    for facility in study.facilities:
        for row in _numbers(facility):
            rows.setdefault(_identity(row), row)
            users.setdefault(_identity(row), []).append(facility.key)
    for row in _numbers(study):
        rows.setdefault(_identity(row), row)
        found = users.setdefault(_identity(row), [])
        # What holds for all types is told once, even where only one type is planned.
        found += [] if len(owned) == 1 or len(found) != 1 else [""]
    return [_Used(row=row, facilities=tuple(users[key])) for key, row in rows.items()]


def _numbers(owner: Study | FacilitySpec) -> list[_Number]:
    return [*owner.assumptions.values(), *owner.tables.values()]


def _identity(row: _Number) -> tuple[object, ...]:
    numbers: object = (
        tuple(row.values.items())
        if isinstance(row, SourcedTable)
        else (row.value, row.low, row.high)
    )
    return (type(row), row.key, row.label, row.unit, numbers, row.source, row.confidence, row.year)


def _grades(draft: Draft, used: list[_Used]) -> Table:
    """Return how many numbers are of which confidence."""
    grades = sorted({item.row.confidence for item in used})
    sizes = [sum(item.row.confidence == grade for item in used) for grade in grades]
    return table(
        "confidence",
        draft.say("参数可信度构成", "Parameters by confidence"),
        (
            words(draft.say("可信度", "Confidence"), grades),
            counts(draft.say("项数", "Parameters"), sizes, total=len(used)),
        ),
        total=draft.say("合计", "Total"),
    )


def _tables(draft: Draft, used: list[_Used], key: str) -> list[Block]:
    singles = [item.row for item in used if isinstance(item.row, Assumption)]
    classed = [item.row for item in used if isinstance(item.row, SourcedTable)]
    found: list[Block] = []
    if singles:
        found.append(_singles(draft, singles, key))
    if classed:
        found.append(_classed(draft, classed, key))
    return found


def _singles(draft: Draft, rows: list[Assumption], key: str) -> Table:
    say = draft.say
    return table(
        f"assumptions_{key}",
        say("参数取值", "Parameters"),
        (
            words(say("参数", "Parameter"), (draft.of(row.label) for row in rows)),
            _mixed(say("取值", "Value"), [row.value for row in rows]),
            _mixed(say("低值", "Low"), [row.low for row in rows]),
            _mixed(say("高值", "High"), [row.high for row in rows]),
            *_trust(draft, rows),
        ),
        is_wide=True,
    )


def _classed(draft: Draft, rows: list[SourcedTable], key: str) -> Table:
    say = draft.say
    return table(
        f"tables_{key}",
        say("分类参数取值", "Parameters by class"),
        (
            words(say("参数", "Parameter"), (draft.of(row.label) for row in rows)),
            words(say("各类取值", "Values"), (_values(draft, row.values) for row in rows)),
            *_trust(draft, rows),
        ),
        is_wide=True,
    )


def _values(draft: Draft, values: Mapping[str, float]) -> str:
    pairs = (f"{draft.kind(key)} {amount(value)}" for key, value in values.items())
    return draft.say("；", "; ").join(pairs) or MISSING


def _trust(draft: Draft, rows: "list[Assumption] | list[SourcedTable]") -> Iterator[Field]:
    say = draft.say
    yield words(say("单位", "Unit"), (draft.unit(row.unit) or MISSING for row in rows))
    yield words(say("来源", "Source"), (plain(row.source) or MISSING for row in rows))
    yield words(say("年份", "Year"), (row.year for row in rows))
    yield words(say("可信度", "Confidence"), (row.confidence for row in rows))


def _mixed(head: str, cells: list[float | None]) -> Field:
    """Return a column of numbers of different units, shown to four significant digits."""
    values: tuple[Cell, ...] = tuple(None if cell is None else float(cell) for cell in cells)
    return Field(column=Column(head=head), cells=values)


def _settings(draft: Draft) -> list[Block]:
    study, say = draft.result.study, draft.say
    access, certainty = study.access, study.certainty
    given = (
        (say("接入道路速度", "speed to the road"), access.speed_kmh, "km/h"),
        (say("接入道路绕行系数", "detour to the road"), access.detour_ratio, ""),
        (say("接入道路最大距离", "farthest road"), access.max_distance_m, "m"),
        (say("服务范围缓冲", "buffer of service areas"), study.service_area_buffer_m, "m"),
        (say("求解时限", "time limit of the solver"), study.solver.time_limit_s, "s"),
        (say("求解差距", "gap that counts as optimal"), study.solver.gap, ""),
        (say("权重抽样次数", "draws of the weights"), certainty.weight_draws, ""),
        (say("权重集中度", "concentration of the weights"), certainty.weight_concentration, ""),
        (say("位置与需求抽样次数", "draws of positions and demand"), certainty.input_draws, ""),
    )
    found: list[Block] = [_profiles(draft)] if study.profiles else []
    found.append(
        table(
            "settings",
            say(
                "路网接入与运算设定（研究文件给定）",
                "Access and computation, as the study file says",
            ),
            (
                words(say("设定", "Setting"), (name for name, _, _ in given)),
                _mixed(say("取值", "Value"), [value for _, value, _ in given]),
                words(say("单位", "Unit"), (unit or MISSING for _, _, unit in given)),
            ),
        )
    )
    return found


def _profiles(draft: Draft) -> Table:
    say, rows = draft.say, list(draft.result.study.profiles.values())
    return table(
        "profiles",
        say("车辆行驶速度上限", "Vehicles and their speed limits"),
        (
            words(say("车辆", "Vehicle"), (draft.of(row.label) for row in rows)),
            words(
                say("各级道路限速（km/h）", "By class of road (km/h)"),
                (_values(draft, row.max_speed_kmh) for row in rows),
            ),
            words(
                say("其他道路（km/h）", "Others (km/h)"),
                (amount(row.default_max_speed_kmh) for row in rows),
            ),
            words(say("来源", "Source"), (plain(row.source) or MISSING for row in rows)),
            words(say("可信度", "Confidence"), (row.confidence for row in rows)),
        ),
        is_wide=True,
    )
