"""How busy a berth is."""

import geopandas as gpd
import numpy as np

from siting.criteria.attribute import attribute
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings

_HOURS_PER_YEAR = 8760.0


def berth_occupancy(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    calls_column: str = "calls_per_year",
    hours_column: str = "berth_hours",
    berths_column: str = "berths",
) -> FloatSeries:
    """Measure the share of the year that berths are taken: calls x hours over berths x 8760.

    Equipment on a busy berth earns its keep; on an idle one the same megawatt stands about.

    Parameters
    ----------
    candidates
        Points (n_candidates,) with the three columns.
    surroundings
        Not looked at.
    calls_column, hours_column, berths_column
        Calls per year of the group, hours per call, and number of berths.

    Returns
    -------
    Series
        Share (n_candidates,) in [0, 1], cut at 1; NaN where a cell is empty or there is no berth.
    """
    calls = attribute(candidates, surroundings, column=calls_column)
    hours = attribute(candidates, surroundings, column=hours_column)
    berths = attribute(candidates, surroundings, column=berths_column)
    taken = calls * hours / (berths * _HOURS_PER_YEAR).where(berths > 0)
    return taken.clip(upper=1.0).replace([np.inf, -np.inf], np.nan)


CRITERION = Criterion(
    name="berth_occupancy",
    unit="share",
    direction=Direction.MAX,
    measure=berth_occupancy,
    is_of_place=False,
)
