"""Costs between the nodes of a road graph, with forbidden turns obeyed: what the engines answer."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias, TypeVar

from numpy.typing import ArrayLike

from siting.network import flows, matrices, pairs
from siting.network._ask import AnyGraph
from siting.network.graph import RoadGraph, own_nodes

_Options = ParamSpec("_Options")
_Answer = TypeVar("_Answer")
_Ask: TypeAlias = Callable[Concatenate[AnyGraph, ArrayLike, ArrayLike, _Options], _Answer]


def _between_nodes(ask: _Ask[_Options, _Answer]) -> _Ask[_Options, _Answer]:
    """Let the nodes asked for be those of the road graph, whatever more nodes its searches have."""

    @wraps(ask)
    def asked(
        graph: AnyGraph,
        origins: ArrayLike,
        destinations: ArrayLike,
        /,
        *args: _Options.args,
        **options: _Options.kwargs,
    ) -> _Answer:
        if isinstance(graph, RoadGraph) and len(graph.forbidden):
            own_nodes(graph, "origins", origins)
            destinations = graph.space.arrival[own_nodes(graph, "destinations", destinations)]
        return ask(graph, origins, destinations, *args, **options)

    return asked


cost_matrix = _between_nodes(matrices.cost_matrix)
nearest = _between_nodes(matrices.nearest)
within = _between_nodes(matrices.within)
cost_matrices = _between_nodes(pairs.cost_matrices)
assign_flows = _between_nodes(flows.assign_flows)
