"""Labels on a map that do not pile up: each takes the first free place around its sign."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from maps._figure_base import em_width
from maps._figure_ink import INK, MM_PER_PT, Box, Item, Look, Words, stroke
from maps._figure_sheet import View

# Right of the sign first, then clockwise by how well it reads (Imhof 1975).
_AROUND = ((1, 0), (1, 1), (1, -1), (-1, 0), (-1, 1), (-1, -1), (0, 1), (0, -1))
_RINGS_MM = (0.4, 2.2, 4.5, 7.5, 11.0)
_LEADER_FROM_MM = 2.0
_SHIFTS_MM = (4.0, 8.0)
_PAD_EM = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A label for a place of the CRS; ``radius_mm`` is that of its sign, 0 for a label on its place or near it."""

    x: float
    y: float
    text: str
    radius_mm: float = 0.0
    size_pt: float = 7.5
    colour: str = INK
    is_bold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a label goes, in millimetres of the sheet; ``is_led`` asks for a line to its sign."""

    tag: Tag
    box: Box
    is_led: bool


def place(tags: Sequence[Tag], view: View, taken: Sequence[Box] = ()) -> list[Placed]:
    """Return the labels that found a place, in order: none overlaps another, a sign or the frame.

    Parameters
    ----------
    taken
        Boxes that are not free: left, bottom, right, top in millimetres of the sheet.
    """
    signs = [_around(*view.to_mm(tag.x, tag.y), tag.radius_mm) for tag in tags if tag.radius_mm]
    blocked, found = [*taken, *signs], []
    for tag in tags:
        spot = next((s for s in _spots(tag, view) if _is_free(s.box, blocked, view)), None)
        if spot:
            blocked.append(spot.box)
            found.append(spot)
    return found


def draw(placed: Sequence[Placed]) -> list[Item]:
    """Return labels, set off from what they lie on."""
    return [
        Words(
            x=(left + right) / 2,
            y=(bottom + top) / 2,
            text=item.tag.text,
            size_pt=item.tag.size_pt,
            colour=item.tag.colour,
            is_bold=item.tag.is_bold,
            has_halo=True,
            across="middle",
            up="middle",
        )
        for item in placed
        for left, bottom, right, top in (item.box,)
    ]


def leaders(placed: Sequence[Placed], view: View) -> list[Item]:
    """Return lines from the labels that stand away to their signs; they go under the signs."""
    look = Look(stroke="#555555", width_pt=0.4)
    found: list[Item] = []
    for item in placed:
        if item.is_led:
            left, bottom, right, top = item.box
            x, y = view.to_mm(item.tag.x, item.tag.y)
            nearest = (min(max(x, left), right), min(max(y, bottom), top))
            found.append(stroke([(x, y), nearest], look))
    return found


def _spots(tag: Tag, view: View) -> Iterator[Placed]:
    x, y = view.to_mm(tag.x, tag.y)
    width = (em_width(tag.text) + _PAD_EM) * tag.size_pt * MM_PER_PT
    height = tag.size_pt * MM_PER_PT * 1.15
    if not tag.radius_mm:
        for dx, dy in ((0, 0), *((a * r, u * r) for r in _SHIFTS_MM for a, u in _AROUND)):
            yield _at(tag, x + dx, y + dy, width, height, is_led=False)
        return
    for ring in _RINGS_MM:
        for across, up in _AROUND:
            reach = tag.radius_mm + ring
            dx = across * (reach + width / 2) if across else 0.0
            dy = up * (reach * (0.7 if across else 1.0) + height / 2 * (0.6 if across else 1.0))
            yield _at(tag, x + dx, y + dy, width, height, is_led=ring > _LEADER_FROM_MM)


def _at(tag: Tag, x: float, y: float, width: float, height: float, *, is_led: bool) -> Placed:
    box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return Placed(tag=tag, box=box, is_led=is_led)


def _around(x: float, y: float, radius: float) -> Box:
    return (x - radius, y - radius, x + radius, y + radius)


def _is_free(box: Box, blocked: Sequence[Box], view: View) -> bool:
    left, bottom, width, height = view.box_mm
    inside = (
        box[0] >= left
        and box[1] >= bottom
        and box[2] <= left + width
        and box[3] <= bottom + height
    )
    return inside and not any(_touch(box, other) for other in blocked)


def _touch(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
