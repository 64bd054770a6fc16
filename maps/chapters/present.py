"""What is there today: facilities in service and what they serve already."""

from maps.chapters._blocks import Field, note, numbers, paragraph, section, shares, table, words
from maps.document import Chapter
from maps.draft import MISSING, Draft, part, ratio
from siting.model import FacilitySpec


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on the present state."""
    facilities = draft.result.study.facilities
    lead = draft.say(
        "现状供给按在营设施计算，规划和在建设施不计入供给。下表的需求为选址所用方案的需求。",
        "Supply counts facilities in service; planned ones are proposals, not supply. Demand is "
        "that of the case which the sites are planned for.",
    )
    blank = [draft.of(f.label) for f in facilities if _is_unknown(draft, f)]
    unknown = draft.say(
        f"缺少现状设施数据、未扣除已有能力：{'、'.join(blank)}。该类结果按全部需求规划。",
        f"No data on facilities in service, nothing deducted: {', '.join(blank)}. These are planned "
        "for the whole demand.",
    )
    return section(
        draft.say("现状", "Present state"),
        (
            paragraph(lead),
            table(
                "present_state",
                draft.say("现状供给与待规划需求", "Supply in service and demand left to plan for"),
                _fields(draft),
            ),
            note(unknown) if blank else None,
        ),
    )


def _fields(draft: Draft) -> list[Field]:
    facilities = draft.result.study.facilities
    frames = [part(draft.result.demand, facility) for facility in facilities]
    left = [float(frame["demand"].sum()) for frame in frames]
    taken = [float(frame["existing_served"].sum()) for frame in frames]
    known = [
        float("nan") if _is_unknown(draft, facility) else value
        for facility, value in zip(facilities, taken, strict=True)
    ]
    return [
        words(draft.say("设施", "Facility"), (draft.of(f.label) for f in facilities)),
        words(draft.say("单位", "Unit"), (draft.unit(f.demand_unit) for f in facilities)),
        words(
            draft.say("在营设施数", "In service"),
            (_standing(draft, f) for f in facilities),
        ),
        numbers(draft.say("需求", "Demand"), (a + b for a, b in zip(left, taken, strict=True))),
        numbers(draft.say("在营设施已服务", "Served already"), known),
        shares(
            draft.say("已服务占比", "Served share"),
            (ratio(b, a + b) for a, b in zip(left, known, strict=True)),
        ),
        numbers(draft.say("待规划需求", "Left to plan for"), left),
    ]


def _is_unknown(draft: Draft, facility: FacilitySpec) -> bool:
    """Return whether nothing says what is in service: no layer of it, and no demand served."""
    taken = part(draft.result.demand, facility)["existing_served"]
    return facility.existing_layer is None and not float(taken.sum()) > 0


def _standing(draft: Draft, facility: FacilitySpec) -> str:
    """Return how many facilities are in service, a dash where no layer says so."""
    layer = draft.result.layers.get(facility.existing_layer or "")
    if layer is None:
        return MISSING
    kept = layer
    for column, values in facility.existing_where.items():
        if column not in kept.columns:
            return MISSING
        kept = kept[kept[column].isin(values)]
    return str(len(kept))
