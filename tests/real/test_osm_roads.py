"""Roads of real cities against the drive networks that another program made of the same extracts."""

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers._osm_roads import read_roads
from tests.requirements import require_data

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real


def city(name: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    found = read_roads(str(require_data("osm", f"{name}.osm.pbf")))
    nodes, edges = found["road_nodes"], found["road_edges"]
    assert isinstance(nodes, gpd.GeoDataFrame)
    assert isinstance(edges, gpd.GeoDataFrame)
    return nodes, edges, found["turn_restrictions"]


def reference(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    folder: Path = require_data("osm")
    edges, nodes = (
        pd.read_parquet(folder / f"{name}_drive_{kind}.parquet") for kind in ("edges", "nodes")
    )
    # Theirs run along the way always; a way against its drawing is marked -1.
    back = edges["oneway"] == -1
    edges.loc[back, ["u", "v"]] = edges.loc[back, ["v", "u"]].to_numpy()
    return edges, nodes


def directed(edges: pd.DataFrame, column: str = "oneway") -> int:
    return int(len(edges) + (edges[column] == 0).sum())


def keys(edges: pd.DataFrame, *names: str) -> pd.DataFrame:
    return edges[list(names)].astype("int64").sort_values(list(names), ignore_index=True)


@pytest.mark.parametrize(("name", "count"), [("porto", 146_423), ("monaco", 4_332)])
def test_the_drivable_roads_are_those_of_the_reference(name: str, count: int) -> None:
    nodes, edges, _ = city(name)
    theirs, their_nodes = reference(name)
    assert directed(edges) == directed(theirs) == count
    assert sorted(map(int, nodes["id"])) == sorted(their_nodes["osmid"])
    ours = edges.assign(
        osmid=edges["id"].str.partition("-")[0], u=edges["from_id"], v=edges["to_id"]
    )
    mine, other = (keys(frame, "osmid", "u", "v") for frame in (ours, theirs))
    # A roundabout drawn against its traffic (oneway = -1): theirs runs it the wrong way round.
    turned = {120_553_114} if name == "porto" else set()
    assert set(mine["osmid"][(mine != other).any(axis=1)]) == turned
    both = (frame[~frame["osmid"].isin(turned)].reset_index(drop=True) for frame in (mine, other))
    pd.testing.assert_frame_equal(*both)
    one_way = (ours["oneway"].groupby(ours["osmid"].astype("int64")).first() == 1).sort_index()
    assert one_way.tolist() == (theirs.groupby("osmid")["oneway"].first() != 0).tolist()


@pytest.mark.parametrize("name", ["porto", "monaco"])
def test_lengths_and_lines_are_those_of_the_reference(name: str) -> None:
    _, edges, _ = city(name)
    theirs, _ = reference(name)
    by = ["osmid", "length_m"]
    ours = pd.DataFrame(
        {
            "osmid": edges["id"].str.partition("-")[0].astype("int64"),
            "length_m": edges["length_km"] * 1000,
        }
    ).sort_values(by)
    assert np.allclose(ours, theirs[by].sort_values(by), atol=0.006)
    shapes = shapely.from_wkb(theirs["geometry"].to_numpy())
    vertices = shapely.get_num_coordinates(shapes).sum()
    assert shapely.get_num_coordinates(edges.geometry.to_numpy()).sum() == vertices
    assert edges.total_bounds == pytest.approx(shapely.total_bounds(shapes), abs=1e-6)


@pytest.mark.parametrize("name", ["porto", "monaco", "helsinki", "saopaulo_centre"])
def test_what_comes_out_is_sound(name: str) -> None:
    nodes, edges, turns = city(name)
    assert nodes["id"].is_unique
    assert edges["id"].is_unique
    places = nodes.set_index("id").geometry
    for column, index in (("from_id", 0), ("to_id", -1)):
        at = shapely.get_point(edges.geometry.to_numpy(), index)
        assert shapely.equals(at, places.loc[edges[column]].to_numpy()).all()
    assert edges["free_flow_kmh"].between(1, 130).all()
    assert set(turns["from_edge"]) | set(turns["to_edge"]) <= set(edges["id"])
    joined = turns.merge(edges, left_on="from_edge", right_on="id")
    assert (
        (joined["via_node"] == joined["to_id"]) | (joined["via_node"] == joined["from_id"])
    ).all()
    assert len(turns) == {"porto": 330, "monaco": 27, "helsinki": 91, "saopaulo_centre": 0}[name]
