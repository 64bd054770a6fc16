"""Networks and trips for the tests of flow models, random and published."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from hypothesis import strategies as st
from scipy.sparse import csgraph, csr_array

from siting.optimise.flow_refuelling import Trip, shortest_trips


@st.composite
def roads(draw: st.DrawFn, *, most_nodes: int = 7) -> tuple[int, list[tuple[int, int, int]]]:
    """Draw a connected two-way network: number of nodes, edges with whole lengths."""
    n = draw(st.integers(2, most_nodes))
    tree = [(draw(st.integers(0, v - 1)), v, draw(st.integers(1, 6))) for v in range(1, n)]
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), st.integers(1, 6))
    extra = [(a, b, c) for a, b, c in draw(st.lists(ends, max_size=n)) if a != b]
    return n, tree + extra


@st.composite
def trips_on(draw: st.DrawFn, *, most_nodes: int = 7) -> tuple[int, list[Trip]]:
    """Draw a network and round trips on it under either tie rule."""
    n, edges = draw(roads(most_nodes=most_nodes))
    node = st.integers(0, n - 1)
    pairs = draw(st.lists(st.tuples(node, node, st.integers(0, 9)), min_size=1, max_size=8))
    pairs = [(a, b, float(f)) for a, b, f in pairs if a != b] or [(0, n - 1, 1.0)]
    ties = draw(st.sampled_from(["first", "any"]))
    return n, shortest_trips(both_ways(edges), pairs, n_nodes=n, ties=ties)


def both_ways(
    edges: Iterable[tuple[int, int, float]],
) -> tuple[list[int], list[int], list[float]]:
    """Return directed arcs of two-way edges."""
    kept = list(edges)
    tails = [a for a, _, _ in kept] + [b for _, b, _ in kept]
    heads = [b for _, b, _ in kept] + [a for a, _, _ in kept]
    return tails, heads, [float(c) for _, _, c in kept] * 2


def best_of_all(
    n_sites: int, p: int, value: Callable[[tuple[int, ...]], float]
) -> tuple[float, tuple[int, ...]]:
    """Return the best value over every set of at most p sites, and the first such set."""
    plans = itertools.chain.from_iterable(
        itertools.combinations(range(n_sites), k) for k in range(p + 1)
    )
    return max(((value(plan), plan) for plan in plans), key=lambda found: found[0])


def read_network(
    folder: Path, *, node_4_weight: float | None = None
) -> tuple[list[float], dict[tuple[int, int], float]]:
    """Read NODES.txt and ARCS.txt: weights of the nodes, lengths of the edges, last line wins."""
    weights = [float(line.split()[1]) for line in _lines(folder / "NODES.txt")]
    if node_4_weight is not None:
        weights[3] = node_4_weight
    lengths = {}
    for line in _lines(folder / "ARCS.txt"):
        _, length, a, b = line.split()
        lengths[int(a) - 1, int(b) - 1] = float(length)
    return weights, lengths


def gravity_pairs(
    weights: Sequence[float], lengths: dict[tuple[int, int], float]
) -> list[tuple[int, int, float]]:
    """Return every pair of weighted nodes with its flow, product of weights / distance^1.5."""
    tails, heads, costs = both_ways((a, b, c) for (a, b), c in lengths.items())
    n = len(weights)
    d = csgraph.dijkstra(csr_array((costs, (tails, heads)), shape=(n, n)))
    towns = [k for k in range(n) if weights[k] > 0]
    return [
        (a, b, float(weights[a] * weights[b] / d[a, b] ** 1.5))
        for a, b in itertools.combinations(towns, 2)
    ]


def _lines(path: Path) -> Iterator[str]:
    return (line for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def driven_for_ever(
    path: Sequence[int], lengths: Sequence[float], stations: set[int], tank: float
) -> bool:
    """Drive there and back again and again, half a tank at first, until it is dry or repeats.

    Written without the model: a list of steps, a level, and nothing else.
    """
    out = list(zip(lengths, path[1:], strict=True))
    home = list(zip(reversed(lengths), list(reversed(path))[1:], strict=True))
    level = tank if path[0] in stations else tank / 2
    seen: set[float] = set()
    while level not in seen:
        seen.add(level)
        for length, node in out + home:
            level -= length
            if level < -1e-9 * tank:
                return False
            if node in stations:
                level = tank
        level = round(level, 9)
    return True
