"""Rows of sizes as a mixed-integer model: at most one a site, limits that sites share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings
from siting.optimise._highs import MixedIntegerModel, maximise
from siting.optimise.roles import Roles

WHERE = "sized"
ROUNDING = 1e-7
_SMALLEST_SHARE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Sizes and the limits they share: ``use`` (n_limits, n_rows) at most ``most``.

    ``fits`` tells which rows need no more than there is when nothing else is built.
    """

    site: NDArray[np.int64]
    worth: NDArray[np.float64]
    fits: NDArray[np.bool_]
    use: NDArray[np.float64]
    most: NDArray[np.float64]
    names: tuple[str, ...]
    roles: Roles

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return len(self.roles.is_allowed)

    @property
    def scaled(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Limits as shares of themselves: what rows use, and what there is."""
        by = np.where(self.most > 0, self.most, np.maximum(self.use.max(axis=1, initial=0.0), 1.0))
        return self.use / by[:, None], self.most / by

    def has_room(self, rows: NDArray[np.int64]) -> bool:
        """Whether these rows together keep every limit."""
        use, most = self.scaled
        return bool((use[:, rows].sum(axis=1) <= most + ROUNDING).all())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trade:
    """Who may be served where: points and sites of each pair, and the demand of the points."""

    point: NDArray[np.int64]
    site: NDArray[np.int64]
    demand: NDArray[np.float64]


def necessary_rows(rows: Rows, settings: SolverSettings) -> NDArray[np.int64]:
    """Return the cheapest rows for the sites that must be built, or say which limit they break."""
    must = np.flatnonzero(rows.roles.is_kept_open)
    if not len(must):
        return must
    for j in must:
        at = rows.site == j
        if not (at & rows.fits).any():
            raise _bad(
                f"site {j}",
                "a site that must be built has no size that fits its land, grid and money",
                f"{int(at.sum())} sizes",
                "a size that fits",
            )
    model = _model(rows, gain=-rows.scaled[0][0])
    try:
        found = maximise(model, settings=settings, start=None)
    except ModelError as error:
        raise _too_tight(rows, must) from error
    if not found.is_proven:
        raise _bad("time_limit_s", "no plan found within the time limit", "", "more seconds")
    return np.flatnonzero(found.values > 0.5)  # noqa: PLR2004 - binaries


def best_rows(
    rows: Rows, trade: Trade | None, *, necessary: NDArray[np.int64], settings: SolverSettings
) -> tuple[NDArray[np.int64], NDArray[np.float64], float, bool]:
    """Return rows, what each brings, the bound, and whether it is proven.

    Parameters
    ----------
    rows, trade
        What may be built, and whom it may serve; None adds up the rows' own worth.
    necessary
        Rows of the sites that must be built, within the limits.
    settings
        Time limit and relative gap.

    Returns
    -------
    ndarray, ndarray, float, bool
        Row numbers, ascending; worth or demand served of each.
    """
    start = _greedy(rows, necessary)
    if trade is None:
        scale = float(rows.worth.max(initial=0.0)) or 1.0
        model = _model(rows, gain=rows.worth / scale)
        chosen = np.zeros(len(rows.site))
        chosen[start] = 1.0
        found = maximise(model, settings=settings, start=chosen)
        kept = np.flatnonzero(found.values > 0.5)  # noqa: PLR2004 - binaries
        return kept, rows.worth[kept], found.bound * scale, found.is_proven
    scale = float(trade.demand.sum()) or 1.0
    begin = np.zeros(len(rows.site) + len(trade.point))
    begin[start] = 1.0
    begin[len(rows.site) :] = _fill(rows, trade, start)
    found = maximise(_with_trade(rows, trade, scale), settings=settings, start=begin)
    kept = np.flatnonzero(found.values[: len(rows.site)] > 0.5)  # noqa: PLR2004
    load = _load(rows, trade, kept, found.values[len(rows.site) :])
    return kept, load, found.bound * scale, found.is_proven


def _model(rows: Rows, *, gain: NDArray[np.float64]) -> MixedIntegerModel:
    """Return the rows alone: one a site (exactly one where it must be built), within limits."""
    n = len(rows.site)
    one = sparse.csr_array((np.ones(n), (rows.site, np.arange(n))), shape=(rows.n_sites, n))
    use, most = rows.scaled
    is_banned = ~rows.fits | ~rows.roles.is_allowed[rows.site]
    must = rows.roles.is_kept_open.astype(float)
    return MixedIntegerModel(
        gain=gain,
        rows=sparse.csr_array(sparse.vstack([one, use, is_banned[None, :].astype(float)])),
        low=np.concatenate([must, np.full(len(most), -np.inf), [0.0]]),
        high=np.concatenate([np.ones(rows.n_sites), most, [0.0]]),
        n_binary=n,
    )


def _with_trade(rows: Rows, trade: Trade, scale: float) -> MixedIntegerModel:
    """Add shares of points: no point more than whole, no site beyond what its row can serve."""
    base = _model(rows, gain=np.zeros(len(rows.site)))
    n, k, m = len(rows.site), len(trade.point), len(trade.demand)
    pair = np.arange(k)
    amount = trade.demand[trade.point]
    able = float(rows.worth.max(initial=0.0)) or 1.0
    whole = sparse.csr_array((np.ones(k), (trade.point, pair)), shape=(m, k))
    load = sparse.csr_array((amount / able, (trade.site, pair)), shape=(rows.n_sites, k))
    room = sparse.csr_array(
        (rows.worth / able, (rows.site, np.arange(n))), shape=(rows.n_sites, n)
    )
    built = sparse.csr_array((np.ones(n), (rows.site, np.arange(n))), shape=(rows.n_sites, n))
    blocks = [
        [base.rows, None],
        [None, whole],
        [-room, load],
        [-built[trade.site], sparse.eye_array(k)],
    ]
    return MixedIntegerModel(
        gain=np.concatenate([base.gain, amount / scale]),
        rows=sparse.csr_array(sparse.block_array(blocks)),
        low=np.concatenate([base.low, np.full(m + rows.n_sites + k, -np.inf)]),
        high=np.concatenate([base.high, np.ones(m), np.zeros(rows.n_sites + k)]),
        n_binary=n,
    )


def _greedy(rows: Rows, necessary: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add, to the necessary rows, those that bring most for their share of the limits."""
    use, most = rows.scaled
    burden = use.sum(axis=0)
    value = np.divide(rows.worth, burden, out=np.full(len(burden), np.inf), where=burden > 0)
    chosen = [int(k) for k in necessary]
    taken = set(rows.site[necessary].tolist())
    left = most - use[:, necessary].sum(axis=1)
    for k in np.argsort(-value, kind="stable"):
        j = int(rows.site[k])
        is_free = (
            j not in taken and rows.fits[k] and rows.roles.is_allowed[j] and rows.worth[k] > 0
        )
        if is_free and (use[:, k] <= left).all():
            chosen.append(int(k))
            taken.add(j)
            left = left - use[:, k]
    return np.array(sorted(chosen), dtype=np.int64)


def _fill(rows: Rows, trade: Trade, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """Serve points pair by pair while there is room: a start, not the most."""
    room = np.zeros(rows.n_sites)
    room[rows.site[chosen]] = rows.worth[chosen]
    rest = trade.demand.copy()
    share = np.zeros(len(trade.point))
    for k, (i, j) in enumerate(zip(trade.point.tolist(), trade.site.tolist(), strict=True)):
        taken = min(rest[i], room[j])
        if taken > 0:
            share[k] = taken / trade.demand[i]
            rest[i] -= taken
            room[j] -= taken
    return share


def _load(
    rows: Rows, trade: Trade, chosen: NDArray[np.int64], shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what each row serves, counted from the shares; refuse shares that cannot be."""
    share = np.where(shares > _SMALLEST_SHARE, shares, 0.0)
    whole = np.bincount(trade.point, weights=share, minlength=len(trade.demand))
    amount = share * trade.demand[trade.point]
    load = np.bincount(trade.site, weights=amount, minlength=rows.n_sites)
    able = np.zeros(rows.n_sites)
    able[rows.site[chosen]] = rows.worth[chosen]
    slack = ROUNDING * (float(rows.worth.max(initial=0.0)) + float(trade.demand.max(initial=0.0)))
    if (whole > 1 + ROUNDING).any() or (load > able + slack).any():
        raise _bad("plan", "it serves more than there is when counted again", "", "a report")
    return np.minimum(load, able)[rows.site[chosen]]


def _too_tight(rows: Rows, must: NDArray[np.int64]) -> ModelError:
    """Say which shared limit the sites that must be built break, and what would do."""
    problems = []
    for use, most, name in zip(rows.use, rows.most, rows.names, strict=True):
        least = sum(float(use[(rows.site == j) & rows.fits].min()) for j in must)
        if least > most * (1 + ROUNDING):
            problems.append(
                Problem(
                    where=f"{WHERE}, {name}",
                    what="the sites that must be built need more",
                    got=f"{most:g}",
                    expected=f"at least {least:g}",
                )
            )
    names = ", ".join(rows.names)
    general = Problem(
        where=WHERE,
        what=f"no sizes of the sites that must be built keep {names} together",
        mend="Raise a limit, or require fewer sites.",
    )
    return ModelError(*(problems or [general]))


def _bad(where: str, what: str, got: str, expected: str) -> ModelError:
    return ModelError(Problem(where=f"{WHERE}, {where}", what=what, got=got, expected=expected))
