"""Location models: one a file, exact or with a proven bound, on HiGHS."""

from siting.optimise.assignment import Assignment, assign
from siting.optimise.backup import backup_coverage
from siting.optimise.budget import budgeted
from siting.optimise.capacitated import capacitated_covering, capacitated_p_median
from siting.optimise.competition import Competition
from siting.optimise.curves import (
    CoverageCurve,
    NearOptimal,
    coverage_by_sites,
    coverage_curve,
    near_optimal,
    utilisation,
)
from siting.optimise.dispersion import p_dispersion, spaced_sites
from siting.optimise.districts import DistrictMinimum
from siting.optimise.fixed_charge import cflp, uflp
from siting.optimise.flow_capture import flow_capture
from siting.optimise.flow_refuelling import (
    Corridors,
    Route,
    Tank,
    Trip,
    corridors,
    drives_through,
    flow_refuelling,
    gravity_pairs,
    refuelling_coverage,
    shortest_trips,
)
from siting.optimise.impedance import impedance, within
from siting.optimise.lscp import lscp
from siting.optimise.mclp import mclp
from siting.optimise.p_center import p_center
from siting.optimise.p_median import p_median, p_median_on_plane
from siting.optimise.pareto import Front, cheapest, pareto_front
from siting.optimise.phasing import RollOut, roll_out
from siting.optimise.problem import SiteSizes, SitingProblem, Solution
from siting.optimise.registry import LocationModel, models, solve
from siting.optimise.robust import RobustPlan, minimax_regret
from siting.optimise.roles import SiteRole
from siting.optimise.sizes import SizedPlan, Sizes, sized

__all__ = [
    "Assignment",
    "Competition",
    "Corridors",
    "CoverageCurve",
    "DistrictMinimum",
    "Front",
    "LocationModel",
    "NearOptimal",
    "RobustPlan",
    "RollOut",
    "Route",
    "SiteRole",
    "SiteSizes",
    "SitingProblem",
    "SizedPlan",
    "Sizes",
    "Solution",
    "Tank",
    "Trip",
    "assign",
    "backup_coverage",
    "budgeted",
    "capacitated_covering",
    "capacitated_p_median",
    "cflp",
    "cheapest",
    "corridors",
    "coverage_by_sites",
    "coverage_curve",
    "drives_through",
    "flow_capture",
    "flow_refuelling",
    "gravity_pairs",
    "impedance",
    "lscp",
    "mclp",
    "minimax_regret",
    "models",
    "near_optimal",
    "p_center",
    "p_dispersion",
    "p_median",
    "p_median_on_plane",
    "pareto_front",
    "refuelling_coverage",
    "roll_out",
    "shortest_trips",
    "sized",
    "solve",
    "spaced_sites",
    "uflp",
    "utilisation",
    "within",
]
