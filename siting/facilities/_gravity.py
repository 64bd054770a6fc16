"""Trips between places by a doubly constrained gravity model, on plain arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import brentq
from scipy.sparse.csgraph import connected_components, csgraph_from_dense, shortest_path

_TOLERANCE = 1e-10
_MOST_ROUNDS = 3_000
# The mean of an exponential is 1 / β; four times steeper serves any network that has short trips.
_STEEPEST = 4.0
_FIRST = 0.25  # from which the impedance is doubled; each step is dearer, so the first is gentle
_FINE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trips:
    """Trips between n places.

    Parameters
    ----------
    amount
        ``(n, n)``, from row to column, ≥ 0; on the diagonal what cannot go elsewhere.
    impedance_per_min
        The β that the trips were spread with, 1/min.
    mean_minutes
        Mean time of a trip.
    """

    amount: NDArray[np.float64]
    impedance_per_min: float
    mean_minutes: float


def own_costs(costs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return costs whose diagonal is half the way to the nearest other place.

    Parameters
    ----------
    costs
        ``(n, n)``, minutes or km, NaN = unreachable; the diagonal is not looked at.

    Returns
    -------
    ndarray
        ``(n, n)``. A place that reaches no other gets the mean of the other places' own costs, 0 where
        there are none.
    """
    filled = costs.copy()
    np.fill_diagonal(filled, np.nan)
    nearest = np.where(np.isnan(filled), np.inf, filled).min(axis=1, initial=np.inf)
    is_alone = np.isinf(nearest)
    mean = float(nearest[~is_alone].mean()) if (~is_alone).any() else 0.0
    np.fill_diagonal(filled, np.where(is_alone, mean, nearest) / 2.0)
    return filled


def spread_trips(
    ends: NDArray[np.float64], minutes: NDArray[np.float64], impedance_per_min: float
) -> Trips:
    """Spread trips so that ``ends`` trips leave each place and as many arrive there.

    T(i, j) = a(i) · b(j) · ends(i) · ends(j) · exp(-β · minutes(i, j)) for i ≠ j, the factors a and b
    found by balancing rows and columns in turn (Furness). Trips go to another place; only where one place
    has more ends than all it reaches together does the rest stay. Two places between which there
    is no way back and forth exchange nothing.

    Parameters
    ----------
    ends
        ``(n,)`` trips that leave and arrive, ≥ 0.
    minutes
        ``(n, n)``, finite on the diagonal, NaN = unreachable.
    impedance_per_min
        β ≥ 0, 1/min.

    Returns
    -------
    Trips
        Rows and columns add up to ``ends``.

    References
    ----------
    Wilson (1967), A statistical theory of spatial distribution models, Transportation Research 1.

    Examples
    --------
    >>> spread_trips(np.ones(3), np.zeros((3, 3)), 0.05).amount.round(3).tolist()
    [[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]]
    >>> spread_trips(np.array([4.0, 2.0]), np.zeros((2, 2)), 0.05).amount.tolist()
    [[2.0, 2.0], [2.0, 0.0]]
    >>> spread_trips(np.zeros(0), np.zeros((0, 0)), 0.05).mean_minutes
    0.0
    """
    amount = np.zeros(minutes.shape)
    part = _parts(minutes)
    for number in np.unique(part[ends > 0]):
        all_of = np.flatnonzero(part == number)
        times = _closed(minutes[np.ix_(all_of, all_of)])
        is_live = ends[all_of] > 0
        members = all_of[is_live]
        amount[np.ix_(members, members)] = _between(
            ends[members], times[np.ix_(is_live, is_live)], impedance_per_min
        )
    return Trips(
        amount=amount,
        impedance_per_min=impedance_per_min,
        mean_minutes=_mean(amount, minutes),
    )


def calibrate(
    ends: NDArray[np.float64], minutes: NDArray[np.float64], mean_minutes: float
) -> Trips:
    """Spread trips with the impedance that makes the mean trip take ``mean_minutes``.

    The mean falls as the impedance grows. Where even no impedance at all gives shorter trips there is
    none (β = 0); where places lie so far apart that no trip can be that short, β is four times the
    inverse of the mean.

    Parameters
    ----------
    ends, minutes
        As of ``spread_trips``.
    mean_minutes
        Wanted mean, > 0.
    """
    free = spread_trips(ends, minutes, 0.0)
    if free.mean_minutes <= mean_minutes:
        return free
    flat, steep = 0.0, _FIRST / mean_minutes
    tight = spread_trips(ends, minutes, steep)
    while tight.mean_minutes > mean_minutes:
        if steep * mean_minutes >= _STEEPEST:
            return tight
        flat, steep = steep, 2.0 * steep
        tight = spread_trips(ends, minutes, steep)

    def excess(beta: float) -> float:
        return spread_trips(ends, minutes, beta).mean_minutes - mean_minutes

    found = brentq(excess, flat, steep, xtol=_FINE / mean_minutes)
    return spread_trips(ends, minutes, float(found))


def _parts(minutes: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return which places reach one another back and forth: equal numbers do."""
    reached = sparse.csr_array(~np.isnan(minutes))
    _, part = connected_components(reached, directed=True, connection="strong")
    return np.asarray(part)


def _closed(minutes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fill in what is not known directly but by way of others; roads bring no such gaps, tables may."""
    if not np.isnan(minutes).any():
        return minutes
    graph = csgraph_from_dense(minutes, null_value=np.nan)
    by_others = shortest_path(graph, directed=True)
    return np.asarray(np.where(np.isnan(minutes), by_others, minutes), dtype=np.float64)


def _between(
    ends: NDArray[np.float64], minutes: NDArray[np.float64], beta: float
) -> NDArray[np.float64]:
    """Return the trips between places that all reach one another."""
    if 2.0 * ends.max() >= ends.sum():
        return _star(ends)
    return _balance(ends, _deterrence(minutes, beta))


def _star(ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the only trips there are where one place has as many ends as all others, or more."""
    centre = int(ends.argmax())
    trips = np.zeros((len(ends), len(ends)))
    trips[centre, :] = trips[:, centre] = ends
    trips[centre, centre] = max(2.0 * ends[centre] - ends.sum(), 0.0)
    return trips


def _deterrence(minutes: NDArray[np.float64], beta: float) -> NDArray[np.float64]:
    """Return exp(-β t), times factors by row and column; 0 from a place to itself.

    Balancing scales rows and columns again: the least time of each is taken off so that long ways do
    not all underflow at once.
    """
    between = minutes.copy()
    np.fill_diagonal(between, np.nan)
    left = between - np.nanmin(between, axis=1, keepdims=True)
    left = left - np.nanmin(left, axis=0, keepdims=True)
    return np.asarray(np.nan_to_num(np.exp(-beta * left), nan=0.0))


def _balance(ends: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale rows and columns in turn until both add up.

    Steep weights come to rest slowly. What is off then is put right without going below zero, after
    Altschuler, Weed and Rigollet (2017), algorithm 2.
    """
    out, into = np.zeros(len(ends)), np.ones(len(ends))
    for _ in range(_MOST_ROUNDS):
        reached = weight @ into
        if np.abs(out * reached - ends).max() <= _TOLERANCE * ends.max():
            break
        out = ends / reached
        into = ends / (weight.T @ out)
    trips = out[:, None] * weight * into[None, :]
    trips *= np.minimum(ends / trips.sum(axis=1), 1.0)[:, None]
    trips *= np.minimum(ends / trips.sum(axis=0), 1.0)[None, :]
    lacking = np.maximum(ends - trips.sum(axis=1), 0.0)
    whole = float(lacking.sum())
    if whole > 0:
        trips += lacking[:, None] * np.maximum(ends - trips.sum(axis=0), 0.0)[None, :] / whole
    return np.asarray(trips)


def _mean(amount: NDArray[np.float64], minutes: NDArray[np.float64]) -> float:
    whole = float(amount.sum())
    return float((amount * np.nan_to_num(minutes)).sum()) / whole if whole > 0 else 0.0
