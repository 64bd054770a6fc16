"""Block-wise raster work on arrays: distances, overlay, cells under places, candidates of a surface."""

from siting.surface.cells import cell_sizes_m, sample, sample_slope_deg, slope_deg
from siting.surface.distance import (
    STRIP_ROWS,
    Marks,
    Rows,
    distance_rows,
    distance_to,
    mark,
    within_rows,
)
from siting.surface.overlay import Bar, Strip, Term, overlay

__all__ = [
    "STRIP_ROWS",
    "Bar",
    "Marks",
    "Rows",
    "Strip",
    "Term",
    "cell_sizes_m",
    "distance_rows",
    "distance_to",
    "mark",
    "overlay",
    "sample",
    "sample_slope_deg",
    "slope_deg",
    "within_rows",
]
