"""From a file of OSM to a graph that can be routed on, against osmnx on the same roads.

Run ``python benchmarks/bench_osm.py [--repeat N] [--file FILE.osm.bz2]``; CPU seconds of fresh processes, one after the
other, medians and their ratio. The file holds roads only, so that both read the same: ours as a PBF, osmnx as the XML it needs.
Ours keeps every junction and dead-end; osmnx keeps foot and cycle ways too and simplifies. Porto is read besides, by ours alone.
"""

import argparse
import bz2
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import osmium

DATA = Path(os.environ.get("SITING_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")
OURS = """
import resource, sys, time
import geopandas, scipy.sparse.csgraph
from layers._osm_roads import read_roads
from siting.config import load_study
from siting.network import build
profile = load_study("qingdao", facilities=["charging"]).profiles["car"]
started = time.process_time()
roads = read_roads(sys.argv[1])
nodes, edges = (roads[kind].to_crs("EPSG:3857") for kind in ("road_nodes", "road_edges"))
edges = edges[edges.geometry.length > 0]
graph = build(nodes, edges, profile=profile)
spent = time.process_time() - started
directed = len(edges) + int((edges["oneway"] == 0).sum())
"""
OSMNX = """
import resource, sys, time
import osmnx
started = time.process_time()
graph = osmnx.graph_from_xml(sys.argv[1], simplify=True, retain_all=False)
graph = osmnx.add_edge_travel_times(osmnx.add_edge_speeds(graph))
spent = time.process_time() - started
directed = graph.number_of_edges()
"""
TELL = "print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, directed)"


def measure(script: str, file: Path, repeat: int) -> tuple[float, float, int]:
    """Return the median CPU seconds, the largest peak in MB and the directed edges of a script."""
    runs = []
    for _ in range(repeat):
        command = [sys.executable, "-c", script + TELL, str(file)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        runs.append([float(word) for word in done.stdout.split()])
    seconds, peaks, edges = zip(*runs, strict=True)
    return statistics.median(seconds), max(peaks), int(edges[0])


def main() -> None:
    """Print a line for each program and file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--file", type=Path, default=DATA / "osm" / "monaco_highways.osm.bz2")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "roads.osm"
        plain.write_bytes(bz2.decompress(asked.file.read_bytes()))
        packed = Path(folder) / "roads.osm.pbf"
        with osmium.SimpleWriter(str(packed)) as writer:
            for found in osmium.FileProcessor(str(plain)):
                writer.add(found)
        ours = measure(OURS, packed, asked.repeat)
        theirs = measure(OSMNX, plain, asked.repeat)
    print(f"{asked.file.name}, medians of {asked.repeat}")
    for name, (seconds, peak, edges) in (("ours", ours), ("osmnx", theirs)):
        print(f"  {name:<6} {seconds:7.2f} CPU s {peak:7.0f} MB {edges:8,d} directed edges")
    print(f"  ratio  {theirs[0] / ours[0]:7.1f} x")
    porto = DATA / "osm" / "porto.osm.pbf"
    if porto.exists():
        seconds, peak, edges = measure(OURS, porto, asked.repeat)
        print(f"porto.osm.pbf  {seconds:.2f} CPU s {peak:.0f} MB {edges:,d} directed edges")


if __name__ == "__main__":
    main()
