"""Flow capturing: p sites that the most trips pass."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from siting.errors import ModelError, Problem
from siting.model import Progress
from siting.optimise._flow_best import TIME_LIMIT_S, most_covered, number_limit, settings_of
from siting.optimise._flow_cover import is_served
from siting.optimise._flow_trips import Trip, check_trips, passing_coverage
from siting.optimise._watch import Watch
from siting.optimise.problem import Solution
from siting.optimise.roles import read_roles

__all__ = ["flow_capture"]

_WHERE = "flow capture"


def flow_capture(
    trips: Sequence[Trip],
    candidates: ArrayLike,
    *,
    p: int,
    roles: ArrayLike | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Solution:
    """Choose at most p sites that the most flow passes.

    Parameters
    ----------
    trips
        Who drives where by which routes; a trip counts when a route of it passes an open site.
        Only then: a site off the route does not count, however near.
    candidates
        Nodes that may have a site, ``(n_candidates,)``.
    p
        New sites, 1 … candidates that may be chosen.
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
        ``sites`` are indices into ``candidates``; ``objective`` is the flow captured, ``bound``
        the most there can be. ``unreachable_flow`` and ``missed_flow`` of the facts have no route
        and pass no candidate at all.

    Raises
    ------
    ModelError
        If the input means nothing, or the plan fails when it is counted again.

    References
    ----------
    Hodgson (1990), A flow-capturing location-allocation model.
    """
    watch = Watch(time_limit_s=time_limit_s, progress=progress)
    nodes = np.asarray(candidates, dtype=np.int64)
    check_trips(trips, nodes)
    read = read_roles(roles, len(nodes), where=_WHERE)
    settings = settings_of(time_limit_s=time_limit_s, gap=gap, where=_WHERE)
    limit = number_limit(p, read, where=_WHERE)
    coverage = passing_coverage(trips, nodes)
    flow = np.array([trip.flow for trip in trips])
    reply, objective = most_covered(
        coverage, flow, limits=[limit], roles=read, settings=settings, watch=watch, seed=seed
    )
    _certify(objective, _flow_past(trips, set(nodes[reply.sites].tolist())))
    reached = np.array([bool(trip.routes) for trip in trips])
    captured = is_served(coverage, reply.sites)
    total = math.fsum(flow)
    return Solution(
        sites=reply.sites,
        objective=objective,
        bound=reply.bound,
        status=reply.status,
        seconds=watch.spent_s,
        facts={
            "sites_asked": float(p),
            "flow_total": total,
            "flow_share": objective / (total or 1.0),
            "trips": float(len(trips)),
            "trips_captured": float(captured.sum()),
            "unreachable_flow": math.fsum(flow[~reached]),
            "missed_flow": math.fsum(flow[reached & ~coverage.can_serve]),
        },
    )


def _certify(objective: float, counted: float) -> None:
    if not math.isclose(counted, objective, rel_tol=1e-12):
        raise ModelError(
            Problem(
                where=_WHERE,
                what="counting the trips again contradicts the plan",
                got=f"{counted:g}",
                expected=f"{objective:g}",
                mend="Please report these trips; no plan was returned.",
            )
        )


def _flow_past(trips: Sequence[Trip], stations: set[int]) -> float:
    """Add up the flow of trips with a route past a station, from the routes alone."""
    return math.fsum(
        trip.flow
        for trip in trips
        if any(not stations.isdisjoint(route.nodes.tolist()) for route in trip.routes)
    )
