"""Trips: who drives from where to where by which roads, and how a tank lasts on the way."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from siting.errors import ModelError, Problem
from siting.optimise._flow_cover import BoolArray, Coverage, FloatArray, IntArray, way_coverage

_SLACK = 1e-9
"""Share of the range by which sums of lengths may be off."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Route:
    """A drive past nodes of a network.

    Parameters
    ----------
    nodes
        Nodes in driving order, ``(n,)``, at least one; a node may come again.
    along
        Distance driven when each is reached, ``(n,)``, 0 first, never falling.
    """

    nodes: IntArray
    along: FloatArray

    def and_back(self) -> "Route":
        """Return the drive there and back by the same nodes."""
        back = self.along[-1] * 2 - self.along[-2::-1]
        return Route(
            nodes=np.concatenate([self.nodes, self.nodes[-2::-1]]),
            along=np.concatenate([self.along, back]),
        )

    def then(self, other: "Route") -> "Route":
        """Return this drive continued by another that starts where this one ends."""
        return Route(
            nodes=np.concatenate([self.nodes, other.nodes[1:]]),
            along=np.concatenate([self.along, other.along[1:] + self.along[-1]]),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trip:
    """Vehicles between an origin and a destination, any of whose routes will do.

    Parameters
    ----------
    origin, destination
        Nodes.
    flow
        Vehicles (or their worth), ≥ 0.
    routes
        The whole drive each: there and back for a round trip. None where the destination cannot
        be reached; such a trip stays in the total and is told.
    """

    origin: int
    destination: int
    flow: float
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tank:
    """How far a vehicle drives on a full tank, and what it has in it at both ends of a route.

    ``start_share`` of the tank is there at the start unless a station at the origin fills it; at
    least ``end_share`` must be there at the end. Half and half makes a round trip that can be
    repeated for ever (Kuby and Lim 2005).
    """

    range: float
    start_share: float = 0.5
    end_share: float = 0.5

    def __post_init__(self) -> None:
        """Refuse ranges and shares that no vehicle has."""
        if not (np.isfinite(self.range) and self.range > 0):
            raise ModelError(
                Problem(
                    where="vehicle, range",
                    what="no distance a vehicle can drive",
                    got=str(self.range),
                    expected="a number > 0, in the unit of the routes",
                )
            )
        for name in ("start_share", "end_share"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise ModelError(
                    Problem(
                        where=f"vehicle, {name}",
                        what="no share of a tank",
                        got=str(share),
                        expected="0 to 1",
                    )
                )


def check_trips(trips: Sequence[Trip], candidates: IntArray) -> None:
    """Refuse trips or sites that mean nothing.

    Raises
    ------
    ModelError
        If there is no trip or no candidate, a flow is negative or not a number, or a
        route is empty or runs backwards.
    """
    problems = []
    if not len(trips):
        problems.append(Problem(where="trips", what="there are none", expected="at least 1"))
    if not len(candidates):
        problems.append(Problem(where="candidates", what="there are none", expected="at least 1"))
    for k, trip in enumerate(trips):
        where = f"trip {k} from {trip.origin} to {trip.destination}"
        if not (np.isfinite(trip.flow) and trip.flow >= 0):
            problems.append(
                Problem(where=where, what="no flow", got=str(trip.flow), expected="a number ≥ 0")
            )
        if not all(_is_drive(route) for route in trip.routes):
            problems.append(
                Problem(
                    where=where,
                    what="a route is empty, runs backwards or is not a number",
                    expected="a distance for each node, 0 first, never falling",
                )
            )
    if problems:
        raise ModelError(*problems)


def _is_drive(route: Route) -> bool:
    at = route.along
    is_long_enough = len(at) > 0 and len(at) == len(route.nodes)
    return bool(
        is_long_enough and np.isfinite(at).all() and at[0] == 0 and (np.diff(at) >= 0).all()
    )


def refuelling_coverage(
    trips: Sequence[Trip], candidates: ArrayLike, tank: Tank
) -> tuple[Coverage, BoolArray]:
    """Return what refuels each trip, and which trips need no station at all.

    A route is driven through when every node of it is reached: some station lies less than a
    tank before it, or the start does. One set of sites a stretch (arc cover–path cover). Every
    coverage model takes it in place of a table of who serves whom: roll-out, robust choice,
    Pareto front, curves.

    Parameters
    ----------
    trips, candidates, tank
        As for ``flow_refuelling``.

    Returns
    -------
    Coverage, ndarray
        Over the candidates, a unit a trip; and ``(n_trips,)``, for these the unit has no way.
        A round trip that begins and ends with half a tank always needs a station.

    Raises
    ------
    ModelError
        If the trips mean nothing.
    """
    nodes = np.asarray(candidates, dtype=np.int64)
    check_trips(trips, nodes)
    number = _sites_at(nodes)
    free = np.zeros(len(trips), dtype=bool)
    ways: list[list[list[list[int]]]] = []
    for k, trip in enumerate(trips):
        needs = [_stretches(route, number, tank) for route in trip.routes]
        free[k] = any(not need for need in needs)
        ways.append([] if free[k] else needs)
    return way_coverage(ways, n_sites=len(nodes)), free


def _sites_at(candidates: IntArray) -> dict[int, list[int]]:
    """Return the candidates at each node; several may stand at one."""
    number: dict[int, list[int]] = {}
    for j, node in enumerate(candidates.tolist()):
        if node >= 0:
            number.setdefault(node, []).append(j)
    return number


def _stretches(route: Route, number: dict[int, list[int]], tank: Tank) -> list[list[int]]:
    """Return, for each node that the start does not reach, the sites that do; then for the end."""
    sites = [number.get(node, []) for node in route.nodes.tolist()]
    at = route.along.tolist()
    slack = _SLACK * tank.range
    sets = []
    first = 0
    for k in range(1, len(at)):
        while at[k] - at[first] > tank.range + slack:
            first += 1
        if at[k] > tank.start_share * tank.range + slack:
            sets.append([j for here in sites[first:k] for j in here])
    left = tank.start_share * tank.range - at[-1]
    if left < tank.end_share * tank.range - slack:
        reach = at[-1] - (1 - tank.end_share) * tank.range - slack
        sets.append([j for here, d in zip(sites, at, strict=True) if d >= reach for j in here])
    return sets


def passing_coverage(trips: Sequence[Trip], candidates: IntArray) -> Coverage:
    """Return the coverage of trips by any candidate they pass."""
    number = _sites_at(candidates)
    ways = [
        [[[j for n in route.nodes.tolist() for j in number.get(n, ())]] for route in trip.routes]
        for trip in trips
    ]
    return way_coverage(ways, n_sites=len(candidates))


def is_driven(route: Route, stations: BoolArray, tank: Tank) -> bool:
    """Drive a route with a tank and tell whether it never runs dry and ends with enough.

    Parameters
    ----------
    route
        The whole drive.
    stations
        Whether each node of the route has a station, ``(n,)``; every one fills the tank.
    tank
        The vehicle.

    Returns
    -------
    bool
        Counted from the level alone, without the model's sets.
    """
    slack = _SLACK * tank.range
    level = tank.range if stations[0] else tank.start_share * tank.range
    for step, fills in zip(np.diff(route.along).tolist(), stations[1:].tolist(), strict=True):
        level -= step
        if level < -slack:
            return False
        if fills:
            level = tank.range
    return bool(level >= tank.end_share * tank.range - slack)
