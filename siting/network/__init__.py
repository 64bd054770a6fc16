"""Road graph, vehicle profiles, network costs, ways and service areas: arrays in, arrays out."""

from siting.network.areas import service_area
from siting.network.costs import place_costs
from siting.network.csr import CsrGraph, from_csr
from siting.network.flows import Flows
from siting.network.graph import RoadGraph
from siting.network.hierarchy import Hierarchy, build_hierarchy, prepare
from siting.network.matrices import Nearest
from siting.network.pairs import CostPair
from siting.network.places import place_nearest, place_within
from siting.network.prepared import HierarchyStore
from siting.network.queries import assign_flows, cost_matrices, cost_matrix, nearest, within
from siting.network.reach import service_lines
from siting.network.roads import build, expressway_nodes
from siting.network.snap import Snapped, snap
from siting.network.travel import NetworkTravel, network_travel
from siting.network.ways import Way, path, ways

__all__ = [
    "CostPair",
    "CsrGraph",
    "Flows",
    "Hierarchy",
    "HierarchyStore",
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
    "path",
    "place_costs",
    "place_nearest",
    "place_within",
    "prepare",
    "service_area",
    "service_lines",
    "snap",
    "ways",
    "within",
]
