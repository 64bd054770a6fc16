"""The ground around the roads: which spot of a road each point of a square grid joins, and how far."""

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from siting.network.graph import RoadGraph
from siting.network.turns import BoolArray, IntArray

Floats: TypeAlias = NDArray[np.float64]

_TILE = 128
_SPOTS_PER_CELL = 2


class Spots(NamedTuple):
    """Where the ground may join the roads: at every node, and along open edges.

    ``xy`` are ``(n, 2)``; the first spots are the nodes, the others lie on ``edge`` ``(m,)`` at
    ``fraction`` of its line.
    """

    xy: Floats
    edge: IntArray
    fraction: Floats


class Window(NamedTuple):
    """A part of the ground: coordinates of its first point, and (rows, columns) of what they join."""

    x_m: float
    y_m: float
    spot: NDArray[np.int32]
    leg_m: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """A grid of points, joined to the roads tile by tile as they are asked for.

    Points lie on multiples of ``step_m``, so that they do not depend on what else is asked.
    ``origin`` is (column, row) of the first, in steps; what joins nothing within ``reach_m`` has the
    spot ``len(spots.xy)``.
    """

    spots: Spots
    step_m: float
    reach_m: float
    origin: tuple[int, int]
    _tree: cKDTree = field(repr=False)
    _spot: NDArray[np.int32] = field(repr=False)
    _leg_m: NDArray[np.float32] = field(repr=False)
    _is_joined: BoolArray = field(repr=False)

    def window(self, bounds: Floats) -> Window:
        """Return the ground that covers (west, south, east, north), as far as there is any."""
        low = np.floor(bounds[:2] / self.step_m).astype(int) - self.origin
        high = np.ceil(bounds[2:] / self.step_m).astype(int) - self.origin + 1
        rows, columns = self._spot.shape
        c0, r0 = np.clip(low, 0, (columns, rows))
        c1, r1 = np.clip(high, 0, (columns, rows))
        for row in range(r0 // _TILE, -(-r1 // _TILE)):
            for column in range(c0 // _TILE, -(-c1 // _TILE)):
                if not self._is_joined[row, column]:
                    self._join(row, column)
        part = (slice(r0, r1), slice(c0, c1))
        x_m, y_m = (np.array([c0, r0]) + self.origin) * self.step_m
        return Window(float(x_m), float(y_m), self._spot[part], self._leg_m[part])

    def _join(self, row: int, column: int) -> None:
        part = tuple(slice(k * _TILE, (k + 1) * _TILE) for k in (row, column))
        rows, columns = self._spot[part].shape
        x = (np.arange(columns) + column * _TILE + self.origin[0]) * self.step_m
        y = (np.arange(rows) + row * _TILE + self.origin[1]) * self.step_m
        points = np.stack(np.meshgrid(x, y), axis=-1)
        leg_m, spot = self._tree.query(points, distance_upper_bound=self.reach_m, workers=-1)
        self._leg_m[part], self._spot[part] = leg_m, spot
        self._is_joined[row, column] = True


def ground_of(graph: RoadGraph, bounds: Floats, *, step_m: float, reach_m: float) -> Ground:
    """Return the ground of a graph.

    Parameters
    ----------
    graph
        The road graph.
    bounds
        West, south, east, north of what will be asked for, metres.
    step_m
        Distance between points of the grid.
    reach_m
        The longest leg from a point to a road.

    Returns
    -------
    Ground
        Nothing joined yet; memory is taken as tiles are.
    """
    spots = _spots(graph, step_m / _SPOTS_PER_CELL)
    low = np.floor(bounds[:2] / step_m).astype(int)
    columns, rows = np.ceil(bounds[2:] / step_m).astype(int) - low + 1
    tiles = (-(-rows // _TILE), -(-columns // _TILE))
    return Ground(
        spots=spots,
        step_m=step_m,
        reach_m=reach_m,
        origin=(int(low[0]), int(low[1])),
        _tree=cKDTree(spots.xy),
        _spot=np.empty((rows, columns), dtype=np.int32),
        _leg_m=np.empty((rows, columns), dtype=np.float32),
        _is_joined=np.zeros(tiles, dtype=bool),
    )


def _spots(graph: RoadGraph, apart_m: float) -> Spots:
    is_open = np.flatnonzero(graph.is_open)
    count = np.floor(shapely.length(graph.lines[is_open]) / apart_m).astype(np.int64)
    edge = np.repeat(is_open, count)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    fraction = (number + 1) / (np.repeat(count, count) + 1)
    at = shapely.line_interpolate_point(graph.lines[edge], fraction, normalized=True)
    xy = np.concatenate([graph.node_xy, shapely.get_coordinates(at)])
    return Spots(xy=xy, edge=edge, fraction=fraction)
