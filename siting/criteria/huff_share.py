"""Demand a candidate would draw against the facilities that are there already."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.criteria._select import require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings


def huff_share(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    exponent: float = 2.0,
    least_minutes: float = 1.0,
    attraction: float = 1.0,
    profile: str | None = None,
) -> FloatSeries:
    """Measure the demand drawn by a candidate alone beside the facilities in service.

    Every demand point splits by attraction over travel time to a power, so that far facilities
    keep a little; each candidate is tried by itself, which keeps its value free of its rivals.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings demand, facilities in service and travel costs.
    exponent
        Power of distance decay, > 0.
    least_minutes
        Shorter times count as this, > 0: nobody is infinitely near.
    attraction
        Of the candidate, where a facility in service has 1; > 0.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Demand (n_candidates,) in the facility's unit, ≥ 0; unreached demand is not drawn.

    References
    ----------
    Huff (1964), Defining and estimating a trading area.
    """
    require_positive(
        "huff_share", exponent=exponent, least_minutes=least_minutes, attraction=attraction
    )
    demand, travel = surroundings.demand, surroundings.travel
    vehicle = profile or surroundings.profile
    own = travel(demand.geometry, candidates.geometry, profile=vehicle)
    rivals = travel(demand.geometry, surroundings.existing.geometry, profile=vehicle)
    pull = attraction * _pull(own, exponent=exponent, least=least_minutes)
    against = _pull(rivals, exponent=exponent, least=least_minutes).sum(axis=1)[:, None]
    whole = pull + against
    share = np.divide(pull, whole, out=np.zeros_like(pull), where=whole > 0)
    # Summed in the order of demand: with `@` the last bit depends on where a candidate stands.
    drawn = demand["demand"].to_numpy(float)[:, None] * share
    return pd.Series(drawn.sum(axis=0), index=candidates.index)


def huff_probabilities(
    cost: NDArray[np.float64], *, attraction: NDArray[np.float64], exponent: float
) -> NDArray[np.float64]:
    """Return how demand splits over facilities that all compete.

    Parameters
    ----------
    cost
        ``(n_demand, n_facilities)``, > 0, NaN = unreachable.
    attraction
        ``(n_facilities,)``, > 0.
    exponent
        Power of decay, > 0.

    Returns
    -------
    ndarray
        ``(n_demand, n_facilities)``, rows sum to 1, or to 0 where nothing is reached.
    """
    pull = attraction * _pull(cost, exponent=exponent, least=0.0)
    whole = pull.sum(axis=1, keepdims=True)
    split: NDArray[np.float64] = np.divide(pull, whole, out=np.zeros_like(pull), where=whole > 0)
    return split


def _pull(cost: NDArray[np.float64], *, exponent: float, least: float) -> NDArray[np.float64]:
    pull: NDArray[np.float64] = np.nan_to_num(np.maximum(cost, least) ** -exponent)
    return pull


CRITERION = Criterion(
    name="huff_share", unit="{demand}", direction=Direction.MAX, measure=huff_share
)
