"""The maps: the plan as a whole, then suitability, plan and service coverage of every type."""

from maps import figures
from maps.chapters._blocks import section, under
from maps.document import Chapter
from maps.draft import Draft


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter with the maps."""
    opening = [figures.overall_plate(draft)]
    sections = [
        chapter
        for facility in draft.result.study.facilities
        for chapter in section(
            draft.of(facility.label),
            (
                figures.suitability_plate(draft, facility),
                figures.plan_plate(draft, facility),
                figures.coverage_plate(draft, facility),
            ),
            level=2,
        )
    ]
    return under(draft.say("规划图", "Maps"), sections, lead=[f for f in opening if f])
