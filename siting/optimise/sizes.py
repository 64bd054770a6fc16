"""Several sizes a site: which stations or berths, how large, within money, grid and land."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolveStatus
from siting.optimise._flow_best import TIME_LIMIT_S, settings_of
from siting.optimise._inputs import read_amounts, read_cover
from siting.optimise._sized_study import plan_sized
from siting.optimise._sizes import WHERE as _WHERE, Rows, Trade, best_rows, necessary_rows
from siting.optimise.problem import Solution
from siting.optimise.registry import LocationModel
from siting.optimise.roles import Roles, read_roles

__all__ = ["SizedPlan", "Sizes", "sized"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sizes:
    """What may be built: a row for each size of each site, at most one of a site's rows is built.

    Parameters
    ----------
    site
        The site of each row, ``(n_rows,)``.
    cost
        ``(n_rows,)``, ≥ 0.
    worth
        What a row is worth by itself (without demand), or how much demand it can serve (with),
        ``(n_rows,)``, ≥ 0.
    power, land
        What a row draws from the grid and covers of the ground, ``(n_rows,)``; None is nothing.
    """

    site: ArrayLike
    cost: ArrayLike
    worth: ArrayLike
    power: ArrayLike | None = None
    land: ArrayLike | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SizedPlan:
    """Which rows of ``Sizes`` are built.

    Parameters
    ----------
    plan
        ``sites`` built; ``objective`` the worth or the demand served, ``bound`` the most there
        can be.
    rows
        The row built at each of these sites, in their order.
    served
        Demand that each of these sites serves; its worth where no demand was given.
    left
        Money, and power of each feeder, that stay unused: ``budget``, ``feeder 0`` …
    unfit_rows
        Rows that need more land, power or money than their site or the study has, whatever else
        is built.
    """

    plan: Solution
    rows: NDArray[np.int64]
    served: NDArray[np.float64]
    left: Mapping[str, float] = field(default_factory=dict)
    unfit_rows: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def sized(
    sizes: Sizes,
    *,
    n_sites: int,
    budget: float,
    demand: ArrayLike | None = None,
    covers: ArrayLike | sparse.sparray | None = None,
    land_limit: ArrayLike | None = None,
    feeder: ArrayLike | None = None,
    feeder_limit: ArrayLike | None = None,
    roles: ArrayLike | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    gap: float = 0.0,
) -> SizedPlan:
    """Choose at most one size a site for the most worth, or the most demand served.

    With demand, a station serves points within its reach up to its capacity, and a point's
    demand may be shared out among stations.

    Parameters
    ----------
    sizes
        What may be built.
    n_sites
        Number of sites.
    budget
        What all may cost together, ≥ 0.
    demand, covers
        Demand ``(n_demand,)`` and which site serves which point ``(n_demand, n_sites)``; None
        adds up the rows' own worth.
    land_limit
        Ground at each site, ``(n_sites,)``; None is no limit.
    feeder, feeder_limit
        The substation or feeder of each site ``(n_sites,)`` and the power each has left
        ``(n_feeders,)``, shared by its sites; None is no limit.
    roles
        ``SiteRole``: a required site gets one of its sizes, a forbidden one none. An existing
        site's cheapest row costs nothing, and its larger rows what they cost more.
    time_limit_s, gap
        Wall seconds, and the relative gap that counts as proven.

    Returns
    -------
    SizedPlan
        Counted again from the rows before it is returned.

    Raises
    ------
    ModelError
        If the input means nothing, or a required site fits no limit: it says which.
    """
    started = time.perf_counter()
    settings = settings_of(time_limit_s=time_limit_s, gap=gap, where=_WHERE)
    read = read_roles(roles, n_sites, where=_WHERE)
    rows = _rows(sizes, read, budget=budget, land_limit=land_limit, feeders=(feeder, feeder_limit))
    trade = _trade(demand, covers, n_sites)
    necessary = necessary_rows(rows, settings)
    built, served, bound, is_proven = best_rows(
        rows, trade, necessary=necessary, settings=settings
    )
    _certify(rows, built)
    order = np.argsort(rows.site[built], kind="stable")
    worth = math.fsum(served)
    used = rows.use[:, built].sum(axis=1)
    plan = Solution(
        sites=rows.site[built][order],
        objective=worth,
        bound=max(bound, worth),
        status=SolveStatus.OPTIMAL if is_proven else SolveStatus.TIME_LIMIT,
        seconds=time.perf_counter() - started,
        facts={"budget": budget, "spent": float(used[0]), "rows_unfit": float((~rows.fits).sum())},
    )
    return SizedPlan(
        plan=plan,
        rows=built[order],
        served=served[order],
        left={n: float(v) for n, v in zip(rows.names, rows.most - used, strict=True)},
        unfit_rows=np.flatnonzero(~rows.fits),
    )


def _rows(
    sizes: Sizes,
    roles: Roles,
    *,
    budget: float,
    land_limit: ArrayLike | None,
    feeders: tuple[ArrayLike | None, ArrayLike | None],
) -> Rows:
    """Read and check the table of sizes and its limits."""
    n_sites = len(roles.is_allowed)
    site = _whole(sizes.site, "site", n_sites)
    n = len(site)
    if not n:
        raise _bad("sizes", "there are none", "0 rows", "at least 1")
    amounts = {
        name: read_amounts(values, n, where=_WHERE, name=name)
        for name, values in (("cost", sizes.cost), ("worth", sizes.worth))
    }
    cost = amounts["cost"]
    for j in np.flatnonzero(roles.is_existing):
        at = site == j
        if at.any():
            cost[at] -= cost[at].min()
    land = _optional(sizes.land, n, "land")
    powers = _optional(sizes.power, n, "power")
    left, fed = _feeders(*feeders, site=site, n_sites=n_sites)
    use = [cost, *(np.where(fed == f, powers, 0.0) for f in range(len(left)))]
    most = [_limit([budget], 1, "budget")[0], *left]
    names = ["budget", *(f"feeder {f}" for f in range(len(left)))]
    table, limits = np.array(use), np.array(most)
    fits = np.asarray((table <= limits[:, None] * (1 + 1e-12)).all(axis=0))
    if land_limit is not None:
        fits &= land <= _limit(land_limit, n_sites, "land_limit")[site] * (1 + 1e-12)
    return Rows(
        site=site,
        worth=amounts["worth"],
        fits=fits,
        use=table,
        most=limits,
        names=tuple(names),
        roles=roles,
    )


def _feeders(
    feeder: ArrayLike | None,
    feeder_limit: ArrayLike | None,
    *,
    site: NDArray[np.int64],
    n_sites: int,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the power each feeder has left, and the feeder of each row."""
    if (feeder is None) != (feeder_limit is None):
        raise _bad("feeder", "a feeder without a limit, or a limit without feeders", "", "both")
    if feeder is None or feeder_limit is None:
        return np.zeros(0), np.zeros(len(site), dtype=np.int64)
    left = _limit(feeder_limit, len(np.asarray(feeder_limit)), "feeder_limit")
    at_site = _whole(feeder, "feeder", len(left))
    if len(at_site) != n_sites:
        raise _bad("feeder", "not one a site", str(len(at_site)), str(n_sites))
    return left, at_site[site]


def _trade(demand: ArrayLike | None, covers: object, n_sites: int) -> Trade | None:
    if (demand is None) != (covers is None):
        raise _bad("demand", "demand without covers, or covers without demand", "", "both or none")
    if demand is None:
        return None
    near = read_cover(covers, where=_WHERE)
    if near.shape[1] != n_sites:
        raise _bad("covers", "not one column a site", str(near.shape), f"{n_sites} columns")
    pairs = sparse.coo_array(near)
    return Trade(
        point=pairs.row.astype(np.int64),
        site=pairs.col.astype(np.int64),
        demand=read_amounts(np.asarray(demand), near.shape[0], where=_WHERE, name="demand"),
    )


def _certify(rows: Rows, built: NDArray[np.int64]) -> None:
    """Count again from the rows: one a site, what must be built, what fits, what there is."""
    sites = rows.site[built]
    is_right = (
        len(np.unique(sites)) == len(sites)
        and np.isin(np.flatnonzero(rows.roles.is_kept_open), sites).all()
        and rows.roles.is_allowed[sites].all()
        and rows.fits[built].all()
        and rows.has_room(built)
    )
    if not is_right:
        raise _bad("plan", "it breaks a limit when counted again", "", "a report of this study")


def _whole(values: ArrayLike, name: str, below: int) -> NDArray[np.int64]:
    given = np.asarray(values)
    if given.ndim != 1 or not np.isin(given, np.arange(below)).all():
        raise _bad(name, "not numbers of what there is", str(given[:5]), f"0 to {below - 1}")
    return given.astype(np.int64)


def _limit(values: ArrayLike, n: int, name: str) -> NDArray[np.float64]:
    return read_amounts(np.asarray(values, dtype=float), n, where=_WHERE, name=name)


def _optional(values: ArrayLike | None, n: int, name: str) -> NDArray[np.float64]:
    return np.zeros(n) if values is None else _limit(values, n, name)


def _bad(name: str, what: str, got: str, expected: str) -> ModelError:
    return ModelError(Problem(where=f"{_WHERE}, {name}", what=what, got=got, expected=expected))


MODEL = LocationModel(name="sized", objective_unit="{demand}", solve=plan_sized)
