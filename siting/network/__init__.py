"""Road graph, vehicle profiles, network costs, ways and service areas: arrays in, arrays out."""

from siting.network.costs import cost_matrix, place_costs
from siting.network.graph import RoadGraph, build, expressway_nodes
from siting.network.reach import service_lines
from siting.network.snap import Snapped, snap
from siting.network.travel import NetworkTravel, network_travel
from siting.network.ways import Way, ways

__all__ = [
    "NetworkTravel",
    "RoadGraph",
    "Snapped",
    "Way",
    "build",
    "cost_matrix",
    "expressway_nodes",
    "network_travel",
    "place_costs",
    "service_lines",
    "snap",
    "ways",
]
