"""Service areas as polygons: where one gets to a place, or from it, within a limit."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from siting.errors import NetworkError, Problem
from siting.model import AccessLeg, Progress
from siting.network import engines
from siting.network._ground import Floats, Ground, Spots, Window, ground_of
from siting.network._outline import outline
from siting.network.costs import Ends, arriving, leaving
from siting.network.graph import RoadGraph
from siting.network.matrices import cost_matrix
from siting.network.snap import Snapped
from siting.network.turns import IntArray
from siting.units import DECISECONDS_PER_SECOND, METRES_PER_KM, SECONDS_PER_MINUTE

Direction: TypeAlias = Literal["to", "from"]

_STEPS_BETWEEN_ROADS: Final = 8
_STEPS_OF_LEG: Final = 32
_LEAST_STEP_M: Final = 5.0
_DS_PER_MINUTE = DECISECONDS_PER_SECOND * SECONDS_PER_MINUTE
_DS_PER_HOUR = _DS_PER_MINUTE * 60.0
_PLACES_AT_ONCE = 16
_SIMPLER_SHARE = 0.2  # of a step: what the outline may move when points are dropped


def service_area(
    graph: RoadGraph,
    places: Snapped,
    *,
    access: AccessLeg,
    minutes: Sequence[float] = (5, 10, 15),
    direction: Direction = "to",
    step_m: float | None = None,
    progress: Progress | None = None,
) -> NDArray[np.object_]:
    """Return, for each place and limit, the area within the limit along the roads.

    A point of the plane belongs to the area exactly if ``place_costs`` between it and the place is
    within the limit: it joins the nearest point of an open road or the nearest node, as ``snap`` joins
    demand points, by a straight leg no longer than ``access.max_distance_m``, at the access speed over
    the detour; then the roads are driven, one-ways and turns obeyed; the place's own leg counts too. So
    what a map shows as within 10 minutes is what the tables count as within 10 minutes. Expressways,
    bridges, tunnels and ferries carry the travel, but nobody joins them but at their nodes. Water is not
    known here and not cut off.

    Costs are measured at the points of a grid and the outline is drawn between them by marching squares:
    linear where costs grow steadily with the leg, midway where neighbours join roads of different times.

    Parameters
    ----------
    graph
        The road graph the places were snapped to.
    places
        The facilities (n,).
    access
        The leg between points and roads, the same as the places were snapped with.
    minutes
        The limits (m,), ≥ 0.
    direction
        ``to``: from where the place is reached; ``from``: what is reached from the place.
    step_m
        Distance between points of the grid, metres; memory and time grow with its inverse square. By
        default an eighth of the mean distance between roads, or a thirty-second of the way that the
        leg alone goes within the smallest limit, whichever is less, and 5 m at least: a few thousand
        points in the smallest area. The area is then within 1 %, and what lies on the wrong side of
        its border within 3 % of it.
    progress
        Told the share of places done; may raise to cancel.

    Returns
    -------
    ndarray
        MultiPolygons ``(n, m)``, with holes; empty where the place lies away from the roads or the
        limit does not carry to them. A larger limit contains a smaller one, but for what the outline
        was simplified by (a fifth of a step).

    Raises
    ------
    NetworkError
        If a limit is negative, NaN or infinite, the step is not positive or the direction unknown.

    Examples
    --------
    ``service_area(graph, snap(graph, sites, access=leg), access=leg, minutes=(10,))[:, 0]``
    """
    limits_ds = _limits(minutes, direction, step_m)
    areas = np.full((len(places), len(limits_ds)), shapely.MultiPolygon(), dtype=object)
    if not areas.size:
        return areas
    ds_per_m = access.detour_ratio * _DS_PER_HOUR / (access.speed_kmh * METRES_PER_KM)
    roads = _Roads(graph, shapely.bounds(graph.lines), direction)
    step_m = step_m or _step(roads, limits_ds / ds_per_m)
    most_ds = float(limits_ds.max())
    # A little farther than the limit reaches, so that costs are known on both sides of the border.
    leg_m = most_ds / ds_per_m + 2 * step_m
    ground = _ground(roads, min(access.max_distance_m, leg_m), step_m)
    for i, cost_ds in _node_costs(graph, places, most_ds, direction):
        bounds = roads.reached(places, i, cost_ds)
        if np.isfinite(bounds).all():
            margin_m = ground.reach_m + step_m
            window = ground.window(bounds + margin_m * np.array([-1, -1, 1, 1]))
            spent_ds = np.append(roads.at_spots(ground.spots, places, i, cost_ds), np.inf)
            point_ds = spent_ds[window.spot] + window.leg_m * ds_per_m
            steep_ds = ds_per_m * step_m
            areas[i] = [_area(limit - point_ds, steep_ds, window, step_m) for limit in limits_ds]
        if progress is not None:
            progress((i + 1) / len(places), "service areas")
    return areas


class _Roads(NamedTuple):
    """A graph searched in one direction."""

    graph: RoadGraph
    bounds: Floats
    direction: Direction

    def ends(self) -> tuple[IntArray, IntArray]:
        """Return, for edges driven along and against, the node whose cost counts."""
        space = self.graph.space
        node = space.stop if self.direction == "to" else space.start
        return node[::2], node[1::2]

    def reached(self, places: Snapped, i: int, cost_ds: Floats) -> Floats:
        """Return west, south, east, north of what a place reaches; not finite if nothing."""
        along, against = self.ends()
        is_reached = np.isfinite(cost_ds[along]) | np.isfinite(cost_ds[against])
        if places.edge[i] >= 0:
            is_reached[places.edge[i]] = True
        nodes = self.graph.space.node[np.isfinite(cost_ds)]
        xy = self.graph.node_xy[nodes]
        every = np.concatenate([self.bounds[is_reached], np.column_stack([xy, xy])])
        low, high = every.min(axis=0, initial=np.inf), every.max(axis=0, initial=-np.inf)
        return np.concatenate([low[:2], high[2:]])

    def at_spots(self, spots: Spots, places: Snapped, i: int, cost_ds: Floats) -> Floats:
        """Return costs between the spots of the ground and a place, its own leg included."""
        graph, (along, against) = self.graph, self.ends()
        by_along = np.where(graph.forward, cost_ds[along], np.inf)
        by_against = np.where(graph.backward, cost_ds[against], np.inf)
        w, f = graph.time_ds[spots.edge], spots.fraction
        # To a place one drives on to the edge's end; from a place, from the edge's start.
        on, back = (1.0 - f, f) if self.direction == "to" else (f, 1.0 - f)
        cost = np.minimum(by_along[spots.edge] + on * w, by_against[spots.edge] + back * w)
        own = np.flatnonzero((spots.edge == places.edge[i]) & (places.edge[i] >= 0))
        ahead = places.fraction[i] - f[own]  # of an edge, from the spot to the place
        if self.direction == "from":
            ahead = -ahead
        is_way = np.where(
            ahead >= 0, graph.forward[places.edge[i]], graph.backward[places.edge[i]]
        )
        alone = np.where(is_way, np.abs(ahead) * w[own] + places.access_ds[i], np.inf)
        cost[own] = np.minimum(cost[own], alone)
        nodes = np.arange(graph.n_nodes) if self.direction == "to" else graph.space.arrival
        return np.concatenate([cost_ds[nodes], cost])


def _step(roads: _Roads, legs_m: Floats) -> float:
    """Return a distance between points that suits the roads and the limits."""
    is_open = roads.graph.is_open
    width_m, height_m = np.ptp(roads.graph.node_xy, axis=0)
    apart_m = width_m * height_m / max(shapely.length(roads.graph.lines[is_open]).sum(), 1.0)
    by_leg = [leg_m / _STEPS_OF_LEG for leg_m in legs_m if leg_m > 0]
    wanted = [m for m in (apart_m / _STEPS_BETWEEN_ROADS, *by_leg) if m > 0]
    return max(_LEAST_STEP_M, min(wanted, default=_LEAST_STEP_M))


def _ground(roads: _Roads, reach_m: float, step_m: float) -> Ground:
    xy = roads.graph.node_xy
    low = np.minimum(roads.bounds[:, :2].min(axis=0), xy.min(axis=0)) - reach_m
    high = np.maximum(roads.bounds[:, 2:].max(axis=0), xy.max(axis=0)) + reach_m
    bounds = np.concatenate([low, high])
    return ground_of(roads.graph, bounds, step_m=step_m, reach_m=reach_m)


def _node_costs(
    graph: RoadGraph, places: Snapped, most_ds: float, direction: Direction
) -> Iterator[tuple[int, Floats]]:
    """Give, place by place, the cost between it and every search node; infinite beyond the limit."""
    search = arriving if direction == "to" else leaving
    ends: Ends = search(graph, places, weight="time_ds")
    arcs = graph.csr("time_ds")
    every = np.arange(arcs.n_nodes)
    engine = engines.choose("auto", arcs, n_searches=len(places), cutoff=most_ds, hierarchy=None)
    for first in range(0, len(places), _PLACES_AT_ONCE):
        node = ends.node[first : first + _PLACES_AT_ONCE]
        asked = np.unique(node[node >= 0])
        pair = (every, asked) if direction == "to" else (asked, every)
        found = cost_matrix(arcs, *pair, cutoff=most_ds, engine=engine)
        found = found.T if direction == "to" else found
        for k in range(len(node)):
            cost = np.full(arcs.n_nodes, np.inf)
            for way in np.flatnonzero(node[k] >= 0):
                row = found[np.searchsorted(asked, node[k, way])]
                # NaN, beyond the limit, loses against infinity.
                cost = np.fmin(cost, row + ends.offset[first + k, way])
            yield first + k, np.where(cost <= most_ds, cost, np.inf)


def _area(
    left_ds: NDArray[np.floating], steep_ds: float, window: Window, step_m: float
) -> shapely.MultiPolygon:
    # Between points that join roads of quite different times the border lies midway, so more than
    # what a leg of one step takes counts as that.
    field = np.clip(left_ds, -steep_ds, steep_ds)
    area = outline(field, x_m=window.x_m, y_m=window.y_m, step_m=step_m)
    simpler = shapely.simplify(area, _SIMPLER_SHARE * step_m)
    return shapely.MultiPolygon(shapely.get_parts(simpler).tolist())


def _limits(minutes: Sequence[float], direction: str, step_m: float | None) -> Floats:
    limits = np.asarray(minutes, dtype=np.float64)
    problems = [
        Problem(where=f"service_area, {name}", what=what, got=str(got), expected=expected)
        for name, is_wrong, what, got, expected in (
            (
                "minutes",
                limits.ndim != 1 or not (np.isfinite(limits) & (limits >= 0)).all(),
                "not limits",
                minutes,
                "numbers ≥ 0",
            ),
            ("direction", direction not in ("to", "from"), "unknown", direction, "to or from"),
            (
                "step_m",
                step_m is not None and not 0 < step_m < np.inf,
                "not a distance",
                step_m,
                "metres, above 0",
            ),
        )
        if is_wrong
    ]
    if problems:
        raise NetworkError(*problems)
    return limits * _DS_PER_MINUTE
