"""Flow refuelling: p stations that keep the most trips from running dry.

The model is the arc cover–path cover of Capar et al.: a trip counts when every stretch of its
route has an open station less than a tank before it. Trips of the same needs are merged first.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from siting.errors import ModelError, Problem
from siting.model import Progress
from siting.optimise._flow_best import TIME_LIMIT_S, most_covered, number_limit, settings_of
from siting.optimise._flow_cover import BoolArray, FloatArray, IntArray, is_served
from siting.optimise._flow_paths import shortest_trips
from siting.optimise._flow_roads import Corridors, corridors, gravity_pairs
from siting.optimise._flow_trips import (
    Route,
    Tank,
    Trip,
    is_driven,
    refuelling_coverage,
)
from siting.optimise._watch import Watch
from siting.optimise.problem import Solution
from siting.optimise.roles import read_roles

__all__ = [
    "Corridors",
    "Route",
    "Tank",
    "Trip",
    "corridors",
    "drives_through",
    "flow_refuelling",
    "gravity_pairs",
    "refuelling_coverage",
    "shortest_trips",
]

_WHERE = "flow refuelling"


def flow_refuelling(
    trips: Sequence[Trip],
    candidates: ArrayLike,
    *,
    p: int,
    tank: Tank,
    roles: ArrayLike | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Solution:
    """Choose at most p stations that refuel the most flow.

    A trip is refuelled when a vehicle with this tank drives one of its routes, filling up at
    every open station it passes, without running dry. The answer is driven again, trip by trip,
    before it is returned.

    Parameters
    ----------
    trips
        Who drives where by which routes; see ``shortest_trips``.
    candidates
        Nodes that may have a station, ``(n_candidates,)``; −1 for a site on no road.
    p
        New stations, 1 … candidates that may be chosen.
    tank
        Range, and what is in the tank at both ends.
    roles
        ``SiteRole`` of each candidate; None makes all of them free to choose.
    time_limit_s, gap
        Wall seconds, and the relative gap that counts as proven.
    seed
        Of the solver; the same seed gives the same answer.
    progress
        Called with a fraction and a message. Whoever interrupts gets the best plan so far.

    Returns
    -------
    Solution
        ``sites`` are indices into ``candidates``, existing ones among them, without those that
        add nothing; ``objective`` is the flow refuelled and ``bound`` the most there can be.

    Raises
    ------
    ModelError
        If the input means nothing (no trips, a negative flow, p out of range, a range that is not
        above 0), or the plan fails when it is driven again.

    References
    ----------
    Kuby and Lim (2005), The flow-refueling location problem for alternative-fuel vehicles. Capar,
    Kuby, Leon and Tsai (2013), An arc cover–path-cover formulation and strategic analysis of
    alternative-fuel station locations.

    Examples
    --------
    One trip of 10 km, there and back on a tank of 10 km: one station can keep it going.

    >>> from siting.optimise.flow_refuelling import Tank, flow_refuelling
    >>> from siting.optimise.flow_refuelling import shortest_trips
    >>> arcs = ([0, 1, 1, 2], [1, 0, 2, 1], [5.0, 5.0, 5.0, 5.0])
    >>> trips = shortest_trips(arcs, [(0, 2, 100.0)], n_nodes=3)
    >>> flow_refuelling(trips, [0, 1, 2], p=1, tank=Tank(range=10.0)).sites.tolist()
    [1]
    """
    watch = Watch(time_limit_s=time_limit_s, progress=progress)
    nodes = np.asarray(candidates, dtype=np.int64)
    coverage, needs_none = refuelling_coverage(trips, nodes, tank)
    read = read_roles(roles, len(nodes), where=_WHERE)
    settings = settings_of(time_limit_s=time_limit_s, gap=gap, where=_WHERE)
    limit = number_limit(p, read, where=_WHERE)
    flow = np.array([trip.flow for trip in trips])
    reply, _ = most_covered(
        coverage,
        np.where(needs_none, 0.0, flow),
        limits=[limit],
        roles=read,
        settings=settings,
        watch=watch,
        seed=seed,
    )
    refuelled = is_served(coverage, reply.sites) | needs_none
    _certify(trips, refuelled, drives_through(trips, nodes[reply.sites], tank))
    free = math.fsum(flow[needs_none])
    objective = math.fsum(flow[refuelled])
    return Solution(
        sites=reply.sites,
        objective=objective,
        bound=max(reply.bound + free, objective),
        status=reply.status,
        seconds=watch.spent_s,
        facts=_facts(trips, flow, refuelled, coverage.can_serve | needs_none)
        | {"sites_asked": float(p), "range": tank.range, "needs_no_station_flow": free},
    )


def drives_through(trips: Sequence[Trip], stations: IntArray, tank: Tank) -> BoolArray:
    """Drive every trip past these stations and return which get through, ``(n_trips,)``.

    Parameters
    ----------
    trips
        A trip gets through when any of its routes does; none gets through without a route.
    stations
        Nodes with a station.
    tank
        The vehicle.

    Returns
    -------
    ndarray
        From the level in the tank alone; it is the judge of every plan of ``flow_refuelling``.
    """
    fills = set(stations.tolist())
    return np.array(
        [
            any(
                is_driven(r, np.array([n in fills for n in r.nodes.tolist()], dtype=bool), tank)
                for r in trip.routes
            )
            for trip in trips
        ],
        dtype=bool,
    )


def _certify(trips: Sequence[Trip], claimed: BoolArray, driven: BoolArray) -> None:
    wrong = np.flatnonzero(claimed != driven)
    if len(wrong):
        trip = trips[wrong[0]]
        raise ModelError(
            Problem(
                where=f"{_WHERE}, trip from {trip.origin} to {trip.destination}",
                what="driving it again contradicts the plan",
                got="gets through" if driven[wrong[0]] else "runs dry",
                mend="Please report these trips; no plan was returned.",
            )
        )


def _facts(
    trips: Sequence[Trip], flow: FloatArray, refuelled: BoolArray, possible: BoolArray
) -> dict[str, float]:
    """Count what is refuelled, and what no plan could refuel, and why."""
    reached = np.array([bool(trip.routes) for trip in trips])
    total = math.fsum(flow)
    return {
        "flow_total": total,
        "flow_share": math.fsum(flow[refuelled]) / (total or 1.0),
        "trips": float(len(trips)),
        "trips_refuelled": float(refuelled.sum()),
        "unreachable_trips": float((~reached).sum()),
        "unreachable_flow": math.fsum(flow[~reached]),
        "out_of_range_trips": float((reached & ~possible).sum()),
        "out_of_range_flow": math.fsum(flow[reached & ~possible]),
    }
