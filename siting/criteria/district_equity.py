"""How badly the candidate's district is served today."""

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings


def district_equity(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    profile: str | None = None,
) -> FloatSeries:
    """Measure the mean time from a district's demand to the nearest facility in service.

    Sites in districts that wait longest score higher. Where no facility is in service (or none is
    known) the nearest candidate stands in: it tells how remote a district is.

    Parameters
    ----------
    candidates
        Points (n_candidates,) with ``district``.
    surroundings
        Brings demand with ``district``, facilities in service and travel costs.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Minutes (n_candidates,), weighted by demand; NaN where a district has no reached demand.
    """
    demand = surroundings.demand
    served_by = surroundings.existing if len(surroundings.existing) else candidates
    times = surroundings.travel(
        demand.geometry, served_by.geometry, profile=profile or surroundings.profile
    )
    nearest = np.where(np.isnan(times), np.inf, times).min(axis=1, initial=np.inf)
    known = np.isfinite(nearest)
    frame = pd.DataFrame(
        {
            "district": demand["district"].to_numpy()[known],
            "weight": demand["demand"].to_numpy(float)[known],
            "minutes": nearest[known],
        }
    )
    frame["product"] = frame["weight"] * frame["minutes"]
    sums = frame.groupby("district")[["product", "weight"]].sum()
    mean = sums["product"] / sums["weight"].where(sums["weight"] > 0)
    return candidates["district"].map(mean).astype(float)


CRITERION = Criterion(
    name="district_equity",
    unit="min",
    direction=Direction.MAX,
    measure=district_equity,
    is_of_place=False,  # without facilities in service it asks where the other candidates are
)
