"""Places that belong together because they lie close."""

import numpy as np
import shapely
from numpy.typing import NDArray

from layers._osm_city import Shapes


def leaders(points: Shapes, radius_m: float) -> NDArray[np.intp]:
    """Gather points round the first of each neighbourhood.

    A point follows the first point before it within the radius that follows nobody itself, so that
    no group is wider than twice the radius and chains of near points do not become one.

    Parameters
    ----------
    points
        Points (n,) in metres; their order decides.
    radius_m
        Largest distance from a follower to its leader, inclusive.

    Returns
    -------
    ndarray
        Index of each point's leader (n,); leaders lead themselves.

    Examples
    --------
    >>> leaders(shapely.points([[0, 0], [90, 0], [180, 0]]), 100.0).tolist()
    [0, 0, 2]
    >>> leaders(shapely.points(np.empty((0, 2))), 100.0).tolist()
    []
    """
    first = np.full(len(points), -1, dtype=np.intp)
    tree = shapely.STRtree(points)
    for index, point in enumerate(points):
        if first[index] < 0:
            near = tree.query(point, "dwithin", distance=radius_m)
            first[near[first[near] < 0]] = index
    return first


def neighbours(points: Shapes, radius_m: float) -> dict[int, tuple[int, float]]:
    """Return the nearest other point within a radius: index → (its index, metres)."""
    if len(points) == 0:
        return {}
    mine, other = shapely.STRtree(points).query(points, "dwithin", distance=radius_m)
    apart = mine != other
    mine, other = mine[apart], other[apart]
    metres = shapely.distance(points[mine], points[other])
    order = np.lexsort((other, metres, mine))
    mine, other, metres = mine[order], other[order], metres[order]
    _, start = np.unique(mine, return_index=True)
    return {int(mine[i]): (int(other[i]), float(metres[i])) for i in start}
