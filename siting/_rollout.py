"""Which site of the plan opens in which year, all facility types under one budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.frames import RESULT_FRAMES
from siting.model import RollOutSpec, SolverSettings
from siting.optimise import RollOut, SiteRole, roll_out as best_years

_NEVER = -1
_SHORT = 1e-9  # shares of the money there is: sums are no more exact
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TypePart:
    """What the roll-out knows of a facility type.

    Parameters
    ----------
    facility
        Key of the type.
    candidate_ids
        The sites of the plan ``(n_sites,)``.
    cost_mcny
        What each costs to build ``(n_sites,)``, million CNY ≥ 0; nothing is paid for existing ones.
    demand
        Demand points ``(n_demand,)``, ≥ 0, in the type's unit.
    covers
        Which site can serve which point ``(n_demand, n_sites)``.
    allocated
        What each site serves of each point in the plan ``(n_demand, n_sites)``, demand unit, where sites
        have a capacity: a site then brings what the plan gives it. None: a point is served by any
        site that covers it.
    is_existing
        Which sites are open already ``(n_sites,)``; None is none.
    """

    facility: str
    candidate_ids: NDArray[np.object_]
    cost_mcny: NDArray[np.float64]
    demand: NDArray[np.float64]
    covers: NDArray[np.bool_]
    allocated: NDArray[np.float64] | None = None
    is_existing: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RollOutAnswer:
    """The roll-out: its frame, and the year in which each (facility, candidate_id) opens.

    Sites that are open already, and those for which money never lasts, are not in ``opening``.
    """

    frame: pd.DataFrame
    opening: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Block:
    """A type on arrays: units of demand that are served whole or not, and its columns among all sites.

    ``weight`` is the share of the type's demand; it sums to 1, or to less where some is out of reach.
    """

    part: TypePart
    covers: NDArray[np.bool_]
    weight: NDArray[np.float64]
    worth: float
    sites: slice


def roll_out(
    spec: RollOutSpec, parts: Sequence[TypePart], settings: SolverSettings
) -> RollOutAnswer:
    """Choose the year of every site so that the most is served over the years, within the money.

    All types share one budget; what a year leaves is there in the next, and what is built stays. A
    type counts by the share of its demand that is served times its worth. What money is left pays for
    the plan's other sites, the cheapest first, though they add nothing to the demand served.

    Parameters
    ----------
    spec
        Years, new money of each, the share of the demand that is there, worth of the types.
    parts
        The facility types, each with the sites of its plan.
    settings
        Time limit and gap of each solve; there are two a year and one for all.

    Returns
    -------
    RollOutAnswer
        Rows by year and type, the one of all types first. ``step_share`` and ``ideal_share`` are those of
        all types together and NaN for one alone, since they could only favour it at the others' cost.

    Raises
    ------
    ModelError
        If a cost is not known, or the numbers mean nothing.

    Examples
    --------
    >>> part = TypePart(
    ...     facility="charging",
    ...     candidate_ids=np.array(["A", "B"], dtype=object),
    ...     cost_mcny=np.array([1.0, 1.0]),
    ...     demand=np.array([3.0, 1.0]),
    ...     covers=np.eye(2, dtype=bool),
    ... )
    >>> spec = RollOutSpec(years=(2026, 2027), budget_mcny=(1.0, 1.0), demand_share=(0.5, 1.0))
    >>> dict(roll_out(spec, [part], SolverSettings(time_limit_s=5.0, gap=0.0)).opening)
    {('charging', 'A'): 2026, ('charging', 'B'): 2027}
    """
    _require_costs(parts)
    blocks = _blocks(parts, spec.worth)
    n_sites = sum(len(block.part.candidate_ids) for block in blocks)
    total = sum(block.worth for block in blocks)
    if not n_sites or total <= 0:
        return RollOutAnswer(
            frame=pd.DataFrame(columns=list(RESULT_FRAMES["roll_out"])), opening={}
        )
    found = _solve(spec, blocks, settings)
    opening = _with_left_money(spec, blocks, found.opening)
    return RollOutAnswer(
        frame=_frame(spec, blocks, opening, found), opening=_by_site(spec, blocks, opening)
    )


def _require_costs(parts: Sequence[TypePart]) -> None:
    problems = []
    for part in parts:
        paid = np.isnan(part.cost_mcny) & ~_existing(part)
        if paid.any():
            names = ", ".join(part.candidate_ids[paid][:_SHOWN])
            more = ", …" if paid.sum() > _SHOWN else ""
            problems.append(
                Problem(
                    where=f"roll_out, facility {part.facility}",
                    what=f"the cost of {paid.sum()} of {len(paid)} sites is not known",
                    got=f"{names}{more}",
                    expected="million CNY for every site",
                    mend="Give the type the costs its sizes need, or take [roll_out] out of the study.",
                )
            )
    if problems:
        raise ModelError(*problems)


def _existing(part: TypePart) -> NDArray[np.bool_]:
    none = np.zeros(len(part.candidate_ids), dtype=bool)
    return none if part.is_existing is None else part.is_existing


def _blocks(parts: Sequence[TypePart], worth: Mapping[str, float]) -> list[_Block]:
    blocks, first = [], 0
    for part in sorted(parts, key=lambda part: part.facility):
        last = first + len(part.candidate_ids)
        total = float(part.demand.sum())
        units, amounts = _units(part)
        blocks.append(
            _Block(
                part=part,
                covers=units,
                weight=amounts / total if total > 0 else np.zeros(len(amounts)),
                worth=float(worth.get(part.facility, 1.0)) if total > 0 else 0.0,
                sites=slice(first, last),
            )
        )
        first = last
    return blocks


def _units(part: TypePart) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return the units of demand and their amounts: the points, or what the plan gives each site."""
    if part.allocated is None:
        return part.covers.astype(bool), part.demand
    return np.eye(len(part.candidate_ids), dtype=bool), part.allocated.sum(axis=0)


def _solve(spec: RollOutSpec, blocks: Sequence[_Block], settings: SolverSettings) -> RollOut:
    """Put all types beside each other, so that they meet only in the budget."""
    weight = np.concatenate([block.worth * block.weight for block in blocks])
    existing = np.concatenate([_existing(block.part) for block in blocks])
    cost = np.concatenate([block.part.cost_mcny for block in blocks])
    return best_years(
        sparse.csr_array(sparse.block_diag([block.covers for block in blocks])),
        np.outer(weight, spec.demand_share),
        np.where(existing, 0.0, cost),
        spec.budget_mcny,
        roles=np.where(existing, SiteRole.EXISTING, SiteRole.CANDIDATE),
        time_limit_s=settings.time_limit_s,
        gap=settings.gap,
    )


def _with_left_money(
    spec: RollOutSpec, blocks: Sequence[_Block], opening: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Open the sites that are still closed as soon as money for them is left, cheapest first."""
    cost = np.concatenate([block.part.cost_mcny for block in blocks])
    names = [(block.part.facility, str(i)) for block in blocks for i in block.part.candidate_ids]
    money = np.cumsum(spec.budget_mcny)
    filled = opening.copy()
    for site in sorted(np.flatnonzero(opening == _NEVER), key=lambda j: (cost[j], names[j])):
        left = money - np.cumsum(_spent(spec, blocks, filled))
        # Money must still be there in all later years, for what is bought then.
        least = np.minimum.accumulate(left[::-1])[::-1]
        years = np.flatnonzero(least >= cost[site] - _SHORT * money[-1])
        if len(years):
            filled[site] = years[0]
    return filled


def _spent(
    spec: RollOutSpec, blocks: Sequence[_Block], opening: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the money spent in each year on the given types, ``(n_years,)``."""
    spent = np.zeros(len(spec.years))
    for block in blocks:
        when = opening[block.sites]
        is_paid = (when >= 0) & ~_existing(block.part)
        np.add.at(spent, when[is_paid], block.part.cost_mcny[is_paid])
    return spent


def _frame(
    spec: RollOutSpec, blocks: Sequence[_Block], opening: NDArray[np.int64], found: RollOut
) -> pd.DataFrame:
    share = np.asarray(spec.demand_share)
    unit = share * sum(block.worth for block in blocks)
    served = {block.part.facility: _served(spec, block, opening) for block in blocks}
    together = sum(block.worth * served[block.part.facility] for block in blocks if block.worth)
    rows = [
        _rows(spec, "", blocks, opening).assign(
            budget_mcny=spec.budget_mcny,
            served_share=together / sum(block.worth for block in blocks),
            ideal_share=np.array([best.objective for best in found.ideal]) / unit,
            step_share=found.myopic / unit,
        )
    ]
    rows += [
        _rows(spec, name, [block], opening).assign(
            budget_mcny=np.nan, served_share=served[name], ideal_share=np.nan, step_share=np.nan
        )
        for block in blocks
        for name in [block.part.facility]
    ]
    frame = pd.concat(rows, ignore_index=True).sort_values(["year", "facility"], ignore_index=True)
    return frame[list(RESULT_FRAMES["roll_out"])]


def _rows(
    spec: RollOutSpec, name: str, blocks: Sequence[_Block], opening: NDArray[np.int64]
) -> pd.DataFrame:
    when = np.concatenate([opening[block.sites] for block in blocks])
    is_open = [int(((when >= 0) & (when <= year)).sum()) for year in range(len(spec.years))]
    return pd.DataFrame(
        {
            "year": list(spec.years),
            "facility": name,
            "spent_mcny": _spent(spec, blocks, opening),
            "sites": is_open,
        }
    )


def _served(spec: RollOutSpec, block: _Block, opening: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of the type's demand of each year that is served; NaN where it has none."""
    when = opening[block.sites]
    if not block.part.demand.sum() > 0:
        return np.full(len(spec.years), np.nan)
    shares = []
    for year in range(len(spec.years)):
        is_open = (when >= 0) & (when <= year)
        is_served = block.covers[:, is_open].any(axis=1)
        shares.append(float(block.weight[is_served].sum()))
    return np.array(shares)


def _by_site(
    spec: RollOutSpec, blocks: Sequence[_Block], opening: NDArray[np.int64]
) -> dict[tuple[str, str], int]:
    return {
        (block.part.facility, str(site)): spec.years[year]
        for block in blocks
        for site, year, is_there in zip(
            block.part.candidate_ids, opening[block.sites], _existing(block.part), strict=True
        )
        if year != _NEVER and not is_there
    }
