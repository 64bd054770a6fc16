"""What every location model is asked, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.model import SolveStatus


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteSizes:
    """What may be built at the candidates: a row for each size, sorted by site and capacity.

    Parameters
    ----------
    site
        Index of the candidate ``(n_rows,)``; every candidate has a row.
    capacity
        Demand that a size can serve ``(n_rows,)``, > 0; infinity is no limit.
    cost
        Million CNY ``(n_rows,)``, ≥ 0; NaN where not known.
    """

    site: NDArray[np.int64]
    capacity: NDArray[np.float64]
    cost: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SitingProblem:
    """One facility type's question, on plain arrays.

    Parameters
    ----------
    candidate_ids
        ``(n_candidates,)``, sorted; rules have been applied already.
    times_min
        Travel from demand to candidate ``(n_demand, n_candidates)``, NaN = unreachable.
    site_times_min
        Travel between candidates ``(n_candidates, n_candidates)``.
    demand
        ``(n_demand,)``, ≥ 0.
    scores
        ``(n_candidates,)`` in [0, 1].
    benefit, cost
        What a site is worth and costs ``(n_candidates,)``, ≥ 0; NaN where not known.
    service_min
        Service radius in minutes.
    is_required, is_existing
        ``(n_candidates,)``: must be chosen; is open already and neither counts nor costs. None: no
        candidate is.
    sizes
        What may be built there; None: one size of any capacity.
    """

    candidate_ids: NDArray[np.object_]
    times_min: NDArray[np.float64]
    site_times_min: NDArray[np.float64]
    demand: NDArray[np.float64]
    scores: NDArray[np.float64]
    benefit: NDArray[np.float64]
    cost: NDArray[np.float64]
    service_min: float
    is_required: NDArray[np.bool_] | None = None
    is_existing: NDArray[np.bool_] | None = None
    sizes: SiteSizes | None = None

    @property
    def existing(self) -> NDArray[np.bool_]:
        """Which candidates are open already ``(n_candidates,)``."""
        none = np.zeros(len(self.candidate_ids), dtype=np.bool_)
        return none if self.is_existing is None else self.is_existing

    @property
    def kept_open(self) -> NDArray[np.bool_]:
        """Which candidates are in every plan ``(n_candidates,)``: existing and required ones."""
        return self.existing if self.is_required is None else self.existing | self.is_required


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """Chosen candidates and what is proven of them.

    Parameters
    ----------
    sites
        Indices of the chosen candidates, ascending.
    objective, bound
        Value reached and what is proven to be the best possible: ``objective ≤ bound`` where the
        model maximises, ``bound ≤ objective`` where it minimises.
    status
        Whether the answer is proven to the gap asked for.
    seconds
        Wall time.
    facts
        Figures of the model's own.
    allocation
        ``(n_demand,)`` index of the site that serves each demand point, -1 for none; None where
        the model has no single site a point.
    shares
        ``(n_demand, n_sites)`` share of each point that a site serves, where points may be split;
        None elsewhere.
    reduced
        What exact reductions took away or merged before the solve.
    rows
        Which row of ``SitingProblem.sizes`` is built at each site ``(n_sites,)``; None where the model
        chooses no sizes.
    """

    sites: NDArray[np.int64]
    objective: float
    bound: float
    status: SolveStatus
    seconds: float
    facts: Mapping[str, float] = field(default_factory=dict)
    allocation: NDArray[np.int64] | None = None
    shares: sparse.csr_array | None = None
    reduced: Mapping[str, float] = field(default_factory=dict)
    rows: NDArray[np.int64] | None = None

    @property
    def gap(self) -> float:
        """``|bound − objective|`` as a share of the larger of the two, 0 where both are 0."""
        larger = max(abs(self.bound), abs(self.objective))
        return abs(self.bound - self.objective) / larger if larger > 0 else 0.0
