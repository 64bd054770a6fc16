"""Two results into one comparison."""

from collections.abc import Iterator

from siting.compare._causes import facility_causes, study_causes
from siting.compare._frames import Comparison, frame_of
from siting.compare._inputs import candidate_rows, layer_rows, rule_rows, setting_rows
from siting.compare._score import reach_rows, score_rows
from siting.compare._sides import pair_sides
from siting.compare._sites import site_rows
from siting.compare._totals import demand_rows, total_rows
from siting.crs import LONLAT, to_crs
from siting.errors import InputError, Problem
from siting.model import Label, Result

TAKEOVER_KM = 5.0
"""How far (straight) a site may have moved by default."""

_ROWS = {
    "totals": total_rows,
    "sites": site_rows,
    "score": score_rows,
    "reach": reach_rows,
    "candidates": candidate_rows,
    "rules": rule_rows,
    "demand": demand_rows,
}


def compare(a: Result, b: Result, *, takeover_km: float = TAKEOVER_KM) -> Comparison:
    """Compare two results: which sites moved, what changed in them, and what that rests on.

    A is before, B after; neither is changed. Swapping them swaps the sides and the signs. Results
    in different CRSs are compared in that of A.

    Parameters
    ----------
    takeover_km
        How far (straight) apart a dropped and an added site may be to count as one that moved, and
        up to which distance an id names the same place on both sides; at least 0.

    Returns
    -------
    Comparison
        Frames after ``siting.compare.COMPARISON_FRAMES``, facility types in the order of A.

    Raises
    ------
    InputError
        If the two have no facility type in common, lie in different places, or the distance is
        not a number from 0 up.
    """
    keys = _check(a, b, takeover_km)
    pairs = [pair_sides(a, b, key, takeover_km=takeover_km) for key in keys]
    frames = {
        name: frame_of(name, (row for sides in pairs for row in rows(sides)))
        for name, rows in _ROWS.items()
    }
    frames["layers"] = frame_of("layers", layer_rows(a, b))
    frames["settings"] = frame_of("settings", setting_rows(a, b, keys))
    told = (row for sides in pairs for row in facility_causes(sides, frames))
    frames["causes"] = frame_of("causes", (*study_causes(frames), *told))
    return Comparison(
        labels={sides.key: sides.b.facility.label for sides in pairs},
        only_a=tuple(_lonely(a, keys)),
        only_b=tuple(_lonely(b, keys)),
        takeover_km=takeover_km,
        frames=frames,
    )


def _lonely(result: Result, common: tuple[str, ...]) -> Iterator[Label]:
    return (spec.label for spec in result.study.facilities if spec.key not in common)


def _check(a: Result, b: Result, takeover_km: float) -> tuple[str, ...]:
    """Return the facility types in common; refuse what cannot be compared."""
    problems = []
    if not 0 <= takeover_km < float("inf"):
        expected = "kilometres from 0 up"
        problems.append(
            Problem(
                where="takeover distance",
                what="no distance",
                got=str(takeover_km),
                expected=expected,
            )
        )
    own = [spec.key for spec in a.study.facilities]
    other = [spec.key for spec in b.study.facilities]
    common = tuple(key for key in own if key in other)
    if not common:
        got = f"{', '.join(own)} and {', '.join(other)}"
        what = "the results have no facility type in common"
        mend = "Compare results of the same facility types."
        problems.append(Problem(where="A and B", what=what, got=got, mend=mend))
    elif not _overlap(a, b):
        what = "the results lie in different places"
        mend = "Compare two results of one city or region."
        got = f"{a.study.name} and {b.study.name}"
        problems.append(Problem(where="A and B", what=what, got=got, mend=mend))
    if problems:
        raise InputError(*problems)
    return common


def _overlap(a: Result, b: Result) -> bool:
    """Tell whether the boxes around the candidates meet; a plan without candidates meets any."""
    if a.candidates.empty or b.candidates.empty:
        return True
    west, south, east, north = to_crs(a.candidates, LONLAT).total_bounds
    left, bottom, right, top = to_crs(b.candidates, LONLAT).total_bounds
    return bool(west <= right and left <= east and south <= top and bottom <= north)
