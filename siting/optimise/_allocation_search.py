"""Plans of whole points in sites with room: filled by regret, then settled by moves and swaps."""

import numpy as np

from siting.optimise._jit import compiled

_WORTH = 1e-9  # what a change must save at least


@compiled
def fill_by_regret(cost, demand, capacity, is_open):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Serve first the point that would lose most by its second best site; -1 where none has room."""
    n, sites = len(demand), np.flatnonzero(is_open)
    room = capacity.copy()
    at = np.full(n, -1, np.int64)
    for _ in range(n):
        best_i, best_j, most = -1, -1, -np.inf
        for i in range(n):
            if at[i] >= 0:
                continue
            first, second, j1 = np.inf, np.inf, -1
            for k in range(len(sites)):
                j = int(sites[k])
                if room[j] >= demand[i] and cost[i, j] < second:
                    if cost[i, j] < first:
                        first, second, j1 = cost[i, j], first, j
                    else:
                        second = cost[i, j]
            if j1 < 0:
                return at
            regret = second - first if second < np.inf else 1e300 * (1.0 + demand[i])
            if regret > most:
                best_i, best_j, most = i, j1, regret
        at[best_i] = best_j
        room[best_j] -= demand[best_i]
    return at


@compiled
def settle(cost, demand, capacity, may_close, at, sweeps):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    """Shift points, swap two points, and move a site with all its points, while that saves."""
    room, used = capacity.copy(), np.zeros(cost.shape[1], np.int64)
    for i in range(len(at)):
        room[at[i]] -= demand[i]
        used[at[i]] += 1
    for _ in range(sweeps):
        improved = _shift(cost, demand, at, room, used)
        improved |= _swap(cost, demand, at, room)
        improved |= _move(cost, capacity, may_close, at, room, used)
        if not improved:
            break
    return at


@compiled
def _shift(cost, demand, at, room, used):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Give points to other open sites that are nearer and have room, but empty none."""
    improved = False
    for i in range(len(at)):
        for j in range(cost.shape[1]):
            is_better = cost[i, j] < cost[i, at[i]] - _WORTH and used[j] > 0
            if is_better and room[j] >= demand[i] and used[at[i]] > 1:
                room[at[i]] += demand[i]
                used[at[i]] -= 1
                room[j] -= demand[i]
                used[j] += 1
                at[i], improved = j, True
    return improved


@compiled
def _swap(cost, demand, at, room):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Let two points change their sites."""
    improved = False
    for i in range(len(at)):
        for k in range(i):
            a, b = at[i], at[k]
            if a == b:
                continue
            saved = cost[i, a] + cost[k, b] - cost[i, b] - cost[k, a]
            more = demand[i] - demand[k]
            if saved > _WORTH and room[a] + more >= 0.0 and room[b] - more >= 0.0:
                room[a] += more
                room[b] -= more
                at[i], at[k], improved = b, a, True
    return improved


@compiled
def _move(cost, capacity, may_close, at, room, used):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    """Close sites where another takes over all their points for less."""
    improved = False
    for a in range(cost.shape[1]):
        if used[a] == 0 or not may_close[a]:
            continue
        load, best, best_j = capacity[a] - room[a], _cost_of(cost, at, a, a) - _WORTH, -1
        for j in range(cost.shape[1]):
            if used[j] > 0 or not may_close[j] or capacity[j] < load:
                continue
            then = _cost_of(cost, at, a, j)
            if then < best:
                best, best_j = then, j
        if best_j >= 0:
            for i in range(len(at)):
                if at[i] == a:
                    at[i] = best_j
            room[a], room[best_j] = capacity[a], capacity[best_j] - load
            used[best_j], used[a], improved = used[a], 0, True
    return improved


@compiled
def _cost_of(cost, at, a, j):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return what the points of site a cost if they go to site j."""
    total = 0.0
    for i in range(len(at)):
        if at[i] == a:
            total += cost[i, j]
    return total
