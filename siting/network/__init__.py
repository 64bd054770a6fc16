"""Road graph, vehicle profiles, network costs, ways and service areas: arrays in, arrays out."""

from siting.network.costs import place_costs
from siting.network.csr import CsrGraph, from_csr
from siting.network.flows import Flows, assign_flows
from siting.network.graph import RoadGraph, build, expressway_nodes
from siting.network.hierarchy import Hierarchy, build_hierarchy, prepare
from siting.network.matrices import Nearest, cost_matrix, nearest, within
from siting.network.pairs import CostPair, cost_matrices
from siting.network.reach import service_lines
from siting.network.snap import Snapped, snap
from siting.network.travel import NetworkTravel, network_travel
from siting.network.ways import Way, ways

__all__ = [
    "CostPair",
    "CsrGraph",
    "Flows",
    "Hierarchy",
    "Nearest",
    "NetworkTravel",
    "RoadGraph",
    "Snapped",
    "Way",
    "assign_flows",
    "build",
    "build_hierarchy",
    "cost_matrices",
    "cost_matrix",
    "expressway_nodes",
    "from_csr",
    "nearest",
    "network_travel",
    "place_costs",
    "prepare",
    "service_lines",
    "snap",
    "ways",
    "within",
]
