"""The strongest reasons for and against every candidate, and what would lift it a place, in words."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.frames import RESULT_FRAMES
from siting.model import CriterionSpec, FacilitySpec
from siting.units import METRES_PER_KM

_MOST = 3
_LEAST = 5e-4  # of the score; what is less would read as 0.000
_WHOLE = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Field:
    """All candidates of a facility on plain arrays.

    ``below`` and ``through`` are the shares of the ranked candidates that a value beats, and that
    it is at least as good as.
    """

    facility: FacilitySpec
    ids: NDArray[np.object_]
    raw: NDArray[np.float64]
    value: NDArray[np.float64]
    xy: NDArray[np.float64]
    score: NDArray[np.float64]
    names: NDArray[np.object_]
    pull: NDArray[np.float64]
    below: NDArray[np.float64]
    through: NDArray[np.float64]


def reasons(
    facility: FacilitySpec, candidates: gpd.GeoDataFrame, criteria: pd.DataFrame
) -> pd.DataFrame:
    """Say for every candidate what lifts and what lowers it against the others.

    A criterion's pull is weight x (value − mean value of the ranked candidates): what the score
    would lose if the candidate were average in it. For a ranked candidate below the first the
    nearest better site, and the one a place before it, are named with the single change that would
    pass them.

    Parameters
    ----------
    facility
        With its weights.
    candidates, criteria
        After ``siting.schema``, of this facility.

    Returns
    -------
    DataFrame
        After ``siting.frames.RESULT_FRAMES['reasons']``.
    """
    field = _field(facility, candidates, criteria)
    order = _by_rank(candidates)
    place_of = {int(row): place for place, row in enumerate(order)}
    rows: list[dict[str, object]] = []
    for i in range(len(field.ids)):
        rows += _for_and_against(field, i)
        rows += _to_pass(field, i, order[: place_of.get(i, 0)])
    return pd.DataFrame(rows, columns=list(RESULT_FRAMES["reasons"]))


def _field(facility: FacilitySpec, candidates: gpd.GeoDataFrame, criteria: pd.DataFrame) -> _Field:
    shape = len(candidates), len(facility.criteria)
    value = criteria["value"].to_numpy(float).reshape(shape)
    ranked = value[_by_rank(candidates)]
    weights = np.array([spec.weight for spec in facility.criteria])
    mean = ranked.mean(axis=0) if len(ranked) else np.full(shape[1], np.nan)
    ordered = np.sort(ranked, axis=0)
    return _Field(
        facility=facility,
        ids=candidates["candidate_id"].to_numpy(object),
        raw=criteria["raw"].to_numpy(float).reshape(shape),
        value=value,
        xy=shapely.get_coordinates(candidates.geometry.to_numpy()),
        score=candidates["score"].to_numpy(float),
        names=candidates[["name_zh", "name_en"]].to_numpy(object),
        pull=weights * (value - mean),
        below=_share(ordered, value, "left"),
        through=_share(ordered, value, "right"),
    )


def _share(
    ordered: NDArray[np.float64], value: NDArray[np.float64], side: Literal["left", "right"]
) -> NDArray[np.float64]:
    columns = zip(ordered.T, value.T, strict=True)
    found = np.column_stack([np.searchsorted(a, b, side=side) for a, b in columns])
    return found / max(len(ordered), 1)


def _by_rank(candidates: pd.DataFrame) -> NDArray[np.int64]:
    """Return the rows of the ranked candidates, best first."""
    rank = candidates["rank"].to_numpy(float)
    order = np.argsort(rank, kind="stable")
    return order[: int((~np.isnan(rank)).sum())]


def _for_and_against(field: _Field, i: int) -> Iterator[dict[str, object]]:
    pull = np.nan_to_num(field.pull[i])
    for side, sign in (("for", 1.0), ("against", -1.0)):
        order = np.argsort(-sign * pull, kind="stable")
        strong = [k for k in order.tolist() if sign * pull[k] >= _LEAST][:_MOST]
        for place, k in enumerate(strong, start=1):
            yield _row(field, i, k, side=side, place=place, said=_compared(field, i, k))


def _compared(field: _Field, i: int, k: int) -> tuple[str, str]:
    spec, pull = field.facility.criteria[k], float(field.pull[i, k])
    raw = _amount(float(field.raw[i, k]), spec)
    if pull > 0:
        share = float(field.through[i, k])
        zh, en = (
            f"不低于 {share:.0%} 的候选点",
            f"as good as {share:.0%} of the candidates or better",
        )
    else:
        share = float(field.below[i, k])
        zh, en = f"仅优于 {share:.0%} 的候选点", f"better than only {share:.0%} of the candidates"
    return (
        f"{_zh(spec)} {raw}，{zh}，与平均相差 {pull:+.3f} 分",
        f"{_en(spec)} {raw}: {en}, {pull:+.3f} against the average",
    )


def _to_pass(field: _Field, i: int, better: NDArray[np.int64]) -> Iterator[dict[str, object]]:
    """Name the nearest better site and the next one in rank, with the change that passes each."""
    if not len(better):
        return
    away_m = np.hypot(*(field.xy[better] - field.xy[i]).T)
    nearest, following = int(better[np.argmin(away_m)]), int(better[-1])
    words = {
        nearest: ("最近的更优候选点", "the nearest better site is"),
        following: ("前一名", "the next better site in rank is"),
    }
    if nearest == following:
        words = {
            nearest: (
                "最近的更优候选点即前一名",
                "the nearest better site and the next in rank is",
            )
        }
    for place, (rival, (zh, en)) in enumerate(words.items(), start=1):
        gap = float(field.score[rival] - field.score[i])
        km = float(np.hypot(*(field.xy[rival] - field.xy[i]))) / METRES_PER_KM
        who_zh, who_en = _names(field, rival)
        k, wanted, change = _change(field, i, gap)
        said = (
            f"{zh} {who_zh}（直线 {km:.1f} km，高 {gap:.4f} 分）：{change[0]}",
            f"{en} {who_en} ({km:.1f} km straight, {gap:.4f} ahead): {change[1]}",
        )
        row = _row(field, i, k, side="pass", place=place, said=said)
        yield row | {"rival_id": field.ids[rival], "wanted": wanted}


def _names(field: _Field, i: int) -> tuple[str, str]:
    zh, en = field.names[i]
    return f"{field.ids[i]} {zh or en}", f"{field.ids[i]} {en or zh}"


def _change(field: _Field, i: int, gap: float) -> tuple[int, float, tuple[str, str]]:
    """Say which single criterion would close a gap with the smallest change, and to what raw value."""
    found = _least_change(field, i, gap)
    if found is None:
        return -1, math.nan, ("任何单项指标都不足以超过", "no single criterion can pass it")
    k, worth = found
    spec = field.facility.criteria[k]
    told = (
        f"标准化值 {field.value[i, k]:.2f} → {worth:.2f}",
        (f"from value {field.value[i, k]:.2f} to {worth:.2f}"),
    )
    wanted = _raw_for(field, k, worth)
    if wanted is not None:
        now, then = _amount(float(field.raw[i, k]), spec), _amount(wanted, spec)
        told = f"由 {now} 变为 {then}", f"from {now} to {then}"
    raw = math.nan if wanted is None else wanted
    return k, raw, (f"{_zh(spec)}{told[0]}即可超过", f"{_en(spec)} {told[1]} would pass it")


def _least_change(field: _Field, i: int, gap: float) -> tuple[int, float] | None:
    """Return the criterion that closes the gap with the smallest change of value, and the value."""
    weights = np.array([spec.weight for spec in field.facility.criteria])
    needed = np.divide(gap, weights, out=np.full(len(weights), np.inf), where=weights > 0)
    worth = field.value[i] + needed
    possible = np.where(worth <= 1.0, needed, np.inf)
    k = int(np.argmin(possible))
    return (k, float(worth[k])) if np.isfinite(possible[k]) else None


def _raw_for(field: _Field, k: int, worth: float) -> float | None:
    """Read the raw value of a worth off the candidates, if their worth goes one way with it."""
    raw, value = field.raw[:, k], field.value[:, k]
    known = ~(np.isnan(raw) | np.isnan(value))
    order = np.lexsort((raw[known], value[known]))
    x, y = value[known][order], raw[known][order]
    steps = np.diff(y)[np.diff(x) > 0]
    is_one_way = bool((steps > 0).all() or (steps < 0).all())
    inside = len(x) > 1 and is_one_way and x[0] <= worth <= x[-1]
    return float(np.interp(worth, x, y)) if inside else None


def _row(
    field: _Field, i: int, k: int, *, side: str, place: int, said: tuple[str, str]
) -> dict[str, object]:
    return {
        "facility": field.facility.key,
        "candidate_id": field.ids[i],
        "side": side,
        "place": place,
        "criterion": field.facility.criteria[k].key if k >= 0 else "",
        "rival_id": "",
        "wanted": math.nan,
        "zh": said[0],
        "en": said[1],
    }


def _amount(value: float, spec: CriterionSpec) -> str:
    if math.isnan(value):
        return "?"
    figure = f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.3g}"
    return f"{figure} {spec.unit}".rstrip()


def _zh(spec: CriterionSpec) -> str:
    return spec.label.zh or spec.label.en


def _en(spec: CriterionSpec) -> str:
    return spec.label.en or spec.label.zh
