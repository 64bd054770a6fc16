"""Maximal covering where every district gets its minimum: sites and classes go to HiGHS together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings
from siting.optimise._cover import merge
from siting.optimise._cover_benders import Ask, Most
from siting.optimise._highs import MixedIntegerModel, maximise
from siting.optimise._opening import Opening
from siting.optimise._watch import Watch
from siting.optimise.districts import Floors, check_sites_enough, too_few
from siting.optimise.roles import Roles

_HALF, _SHOWN, _LEAST_S, _ROUNDING = 0.5, 5, 0.1, 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Parts:
    """Classes of points that share covering sites and district, and the rows that bind them.

    ``need`` are rows over sites and classes that must reach ``least``: the minima by district.
    """

    rows: sparse.csr_array
    weight: NDArray[np.float64]
    fixed: sparse.csr_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    need: sparse.csr_array
    least: NDArray[np.float64]
    of: NDArray[np.int64]

    def model(
        self,
        gain: NDArray[np.float64],
        p: float,
        is_counted: NDArray[np.bool_],
        need: NDArray[np.int64],
    ) -> MixedIntegerModel:
        """Return the model with this gain, p counted sites, and the needs chosen."""
        k, m = self.rows.shape
        serve = sparse.hstack([self.rows, -sparse.eye_array(k)])
        count = sparse.csr_array(np.r_[is_counted.astype(float), np.zeros(k)][None, :])
        chosen = sparse.csr_array(self.need[need])
        inf = np.full(k + chosen.shape[0], np.inf)
        return MixedIntegerModel(
            gain=gain,
            rows=sparse.csr_array(sparse.vstack([serve, chosen, count, self.fixed])),
            low=np.r_[np.zeros(k), self.least[need], 0.0, self.low],
            high=np.r_[inf, p, self.high],
            n_binary=m,
        )


def cover_districts(
    opened: Opening[sparse.csr_array],
    won: sparse.csr_array,
    floors: Floors,
    ask: Ask,
    watch: Watch,
) -> Most:
    """Choose the sites that cover the most and give every district its minimum.

    Raises
    ------
    ModelError
        If a district cannot have its minimum, or p sites do not suffice for all; it says which
        district needs what, and the smallest p that would do.
    """
    role, amount = opened.role, opened.demand
    p = ask.p - role.n_existing
    check_sites_enough(floors, role, None, where=opened.where)
    _check_shares(won, floors, role, amount, where=opened.where)
    parts = _parts(won, floors, role, amount, ask.conflicts)
    first = _first(parts, floors, role, p, opened)
    m, scale = len(role.is_allowed), float(parts.weight.sum()) or 1.0
    gain = np.r_[np.zeros(m), parts.weight / scale]
    every = np.arange(len(parts.least))
    model = parts.model(gain, float(p), ~role.is_existing, every)
    watch.tell(0.5, f"a plan with {int(first.sum())} sites keeps every minimum")
    start = np.r_[first, (parts.rows @ first > _HALF).astype(float)]
    answer = maximise(model, settings=opened.settings, start=start, watch=watch, unit=scale)
    sites = np.flatnonzero(answer.values[:m] > _HALF)
    x = np.zeros(m)
    x[sites] = 1.0
    covered = float(parts.weight[parts.rows @ x > _HALF].sum())
    bound = min(answer.bound * scale, float(parts.weight.sum()))
    return Most(sites=sites, covered=covered, bound=max(bound, covered), cuts=0)


def _check_shares(
    won: sparse.csr_array,
    floors: Floors,
    role: Roles,
    amount: NDArray[np.float64],
    *,
    where: str,
) -> None:
    can = np.asarray(won[:, np.flatnonzero(role.is_allowed)].sum(axis=1)).ravel() > 0
    whole, most = floors.demand(amount), floors.demand(np.where(can, amount, 0.0))
    short = np.flatnonzero(most < floors.least_share * whole * (1 - _ROUNDING))
    if len(short):
        raise ModelError(
            *(
                Problem(
                    where=f"{where}, district {floors.names[d]}",
                    what="its least share cannot be covered",
                    got=f"{floors.least_share[d]:g}",
                    expected=f"at most {most[d] / whole[d]:.6g}",
                    mend="Ask for less, widen the reach, or allow more sites.",
                )
                for d in short[:_SHOWN]
            )
        )


def _parts(
    won: sparse.csr_array,
    floors: Floors,
    role: Roles,
    amount: NDArray[np.float64],
    conflicts: NDArray[np.int64],
) -> _Parts:
    (n, m), d = won.shape, len(floors.names)
    # A column a district, so that only points of one district merge.
    place = sparse.csr_array((np.ones(n), (np.arange(n), floors.point)), shape=(n, d))
    classes = merge(sparse.csr_array(sparse.hstack([won, place])), amount)
    rows, member = sparse.csr_array(classes.rows[:, :m]), sparse.csr_array(classes.rows[:, m:])
    k = rows.shape[0]
    whole = np.maximum(floors.demand(amount), 1e-300)
    inside = sparse.csr_array((np.ones(m), (floors.site, np.arange(m))), shape=(d, m))
    shares = sparse.diags_array(1.0 / whole) @ member.T @ sparse.diags_array(classes.weight)
    share = np.where(floors.demand(amount) > 0, floors.least_share, 0.0)
    pairs = len(conflicts)
    places = (np.repeat(np.arange(pairs), 2), conflicts.ravel())
    apart = sparse.csr_array((np.ones(2 * pairs), places), shape=(pairs, m + k))
    roles = sparse.hstack([sparse.eye_array(m), sparse.csr_array((m, k))])
    need = sparse.vstack(
        [
            sparse.hstack([inside, sparse.csr_array((d, k))]),
            sparse.hstack([sparse.csr_array((d, m)), shares]),
        ]
    )
    return _Parts(
        rows=rows,
        weight=classes.weight,
        fixed=sparse.csr_array(sparse.vstack([apart, roles])),
        low=np.r_[np.zeros(pairs), role.is_kept_open.astype(float)],
        high=np.r_[np.ones(pairs), role.is_allowed.astype(float)],
        need=sparse.csr_array(need),
        least=np.r_[floors.least_sites.astype(float), share],
        of=np.r_[np.arange(d), np.arange(d)],
    )


def _first(
    parts: _Parts, floors: Floors, role: Roles, p: int, opened: Opening[sparse.csr_array]
) -> NDArray[np.float64]:
    """Return the fewest sites that keep every minimum; refuse a p below them."""
    every = np.arange(len(parts.least))
    fewest = _fewest(parts, role, every, opened)
    new = int((fewest * ~role.is_existing).sum())
    if new <= p:
        return fewest
    more = np.zeros(len(floors.names), dtype=np.int64)
    for d in range(len(more)):
        alone = np.flatnonzero(parts.of == d)
        if (parts.least[alone] > 0).any():
            open_ = _fewest(parts, role, alone, opened)
            more[d] = int((open_ * ~role.is_kept_open).sum())
    raise too_few(floors, more, p, new, where=opened.where)


def _fewest(
    parts: _Parts, role: Roles, need: NDArray[np.int64], opened: Opening[sparse.csr_array]
) -> NDArray[np.float64]:
    k, m = parts.rows.shape
    gain = np.r_[-(~role.is_existing).astype(float), np.zeros(k)]
    model = parts.model(gain, np.inf, ~role.is_existing, need)
    settings = SolverSettings(time_limit_s=max(opened.watch.left_s, _LEAST_S), gap=0.0)
    try:
        answer = maximise(model, settings=settings, start=None, watch=opened.watch, unit=-1.0)
    except ModelError as error:
        raise ModelError(
            Problem(
                where=f"{opened.where}, districts",
                what="no plan gives every district its minimum and keeps the conflicts",
                mend="Ask for less, or allow sites to be nearer to each other.",
            )
        ) from error
    if not answer.is_proven:
        raise ModelError(
            Problem(
                where=f"{opened.where}, districts",
                what="no plan that gives every district its minimum was found in the time given",
                mend="Give more time, or ask for less.",
            )
        )
    return np.round(answer.values[:m])
