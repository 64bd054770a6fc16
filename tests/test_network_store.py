"""Hierarchies in a run: only where they repay, kept between runs, never trusted, never in the way."""

import logging
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from layers.cache import ArrayCache
from siting.api import hierarchy_store
from siting.network import HierarchyStore, NetworkTravel, engines, network_travel
from siting.pipeline import _on_roads
from tests.builders import make_study
from tests.requirements import ROOT
from tests.strategies import CRS, make_profile, make_roads, points

SIDE = 22  # nodes a side: enough for more searches than a hierarchy takes to repay


def town() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    rng = np.random.default_rng(4)
    nodes = {f"N{i:02}{j:02}": (100.0 * i, 100.0 * j) for i in range(SIDE) for j in range(SIDE)}
    edges = {}
    for i in range(SIDE):
        for j in range(SIDE):
            for di, dj in ((1, 0), (0, 1)):
                if i + di < SIDE and j + dj < SIDE:
                    ends = (f"N{i:02}{j:02}", f"N{i + di:02}{j + dj:02}")
                    kmh = float(rng.integers(20, 60))
                    edges["".join(ends)] = {"ends": ends, "free_flow_kmh": kmh}
    roads = make_roads(nodes, edges)
    return roads.nodes, roads.edges


def travel_of(store: HierarchyStore | None) -> NetworkTravel:
    nodes, edges = town()
    return network_travel(
        nodes,
        edges,
        profiles={"van": make_profile(), "slow": make_profile(caps={"residential": 25.0})},
        access=make_roads({"A": (0.0, 0.0)}, {}).access,
        store=store,
    )


def places(n: int) -> gpd.GeoSeries:
    rng = np.random.default_rng(n)
    return gpd.GeoSeries(gpd.points_from_xy(*rng.uniform(0, 2100, (2, n))), crs=CRS)


@pytest.fixture
def repaid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a small town be as large as a city, where compiled engines repay."""
    monkeypatch.setattr(engines, "NUMBA_REPAYS", 1000)


@pytest.mark.usefixtures("repaid")
def test_a_large_matrix_is_prepared_once_and_loaded_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = places(200), places(201)
    store = hierarchy_store(tmp_path / "new")
    first = travel_of(store)
    expected = travel_of(None)(a, b, profile="van")
    np.testing.assert_array_equal(first(a, b, profile="van"), expected)
    assert len(list((tmp_path / "new").iterdir())) == 1
    first(b, a, profile="slow")
    first(a, b, profile="van", measure="distance_km")
    assert len(list((tmp_path / "new").iterdir())) == 3  # by profile and weight

    def never(*_: object, **__: object) -> None:
        pytest.fail("built again")

    other = travel_of(None)(b, a, profile="van")
    monkeypatch.setattr("siting.network.hierarchy.build_hierarchy", never)
    again = travel_of(hierarchy_store(tmp_path / "new"))
    np.testing.assert_array_equal(again(a, b, profile="van"), expected)
    monkeypatch.setattr("siting.network.hierarchy.from_arrays", never)
    np.testing.assert_array_equal(again(b, a, profile="van"), other)  # it is at hand


@pytest.mark.usefixtures("repaid")
def test_few_places_are_searched_for_without(tmp_path: Path) -> None:
    travel = travel_of(hierarchy_store(tmp_path))
    travel(places(300), places(9), profile="van")
    assert list(tmp_path.iterdir()) == []


def test_a_small_town_needs_none(tmp_path: Path) -> None:
    travel = travel_of(hierarchy_store(tmp_path))
    travel(places(300), places(301), profile="van")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("repaid")
def test_a_spoilt_file_is_built_again_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    a, b = places(200), places(201)
    expected = travel_of(hierarchy_store(tmp_path))(a, b, profile="van")
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"PK no archive")
    with caplog.at_level(logging.WARNING):
        travel = travel_of(hierarchy_store(tmp_path))
        np.testing.assert_array_equal(travel(a, b, profile="van"), expected)
        travel(b, a, profile="van")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert ArrayCache(folder=tmp_path).load(path.stem) is not None


@pytest.mark.usefixtures("repaid")
def test_a_folder_that_cannot_be_written_is_told_and_the_run_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    a, b = places(200), places(201)
    with caplog.at_level(logging.WARNING):
        found = travel_of(hierarchy_store(tmp_path / "file"))(a, b, profile="van")
    np.testing.assert_array_equal(found, travel_of(None)(a, b, profile="van"))
    assert "cannot be written" in caplog.text


def test_the_pipeline_hands_on_turns_and_store(tmp_path: Path) -> None:
    from siting.model import Inputs  # noqa: PLC0415
    from tests.reference_turns import make_turns  # noqa: PLC0415

    corners = {"A": (0.0, 0.0), "B": (100.0, 0.0), "C": (60.0, 80.0)}
    sides = {name: {"ends": tuple(name)} for name in ("AB", "BC", "CA")}
    roads = make_roads(corners, sides)
    turns = make_turns(("AB", "B", "BC", "no_left_turn"))
    layers = {"road_nodes": roads.nodes, "road_edges": roads.edges, "turn_restrictions": turns}
    study = replace(make_study(tmp_path), profiles={"van": roads.profile}, access=roads.access)
    store = hierarchy_store(tmp_path)
    _, travel = _on_roads(study, Inputs(crs=CRS, layers=layers, provenance=()), store)
    assert travel.store is store
    near_b, near_c = points((90.0, 0.0)), points((84.0, 32.0))
    assert travel(near_b, near_c, profile="van")[0, 0] * 600 > 100
    without = {key: layers[key] for key in ("road_nodes", "road_edges")}
    _, free = _on_roads(study, Inputs(crs=CRS, layers=without, provenance=()))
    assert free.store is None
    assert free(near_b, near_c, profile="van")[0, 0] * 600 < 100


def test_the_embedded_study_loads_no_compiler_for_its_network() -> None:
    script = (
        "import sys\n"
        "import layers\n"
        "from siting.network import network_travel\n"
        "from siting.network.prepared import HierarchyStore\n"
        "import geopandas as gpd, pandas as pd, shapely\n"
        "from siting.model import AccessLeg, Label, VehicleProfile\n"
        "root = layers.starter_path('qingdao')\n"
        "n, e = (pd.read_csv(root / f'road_{k}.csv') for k in ('nodes', 'edges'))\n"
        "crs = 'EPSG:4549'\n"
        "nodes = gpd.GeoDataFrame(n, geometry=gpd.points_from_xy(n.lon, n.lat), crs=4326).to_crs(crs)\n"
        "edges = gpd.GeoDataFrame(e, geometry=shapely.from_wkt(e.wkt), crs=4326).to_crs(crs)\n"
        "car = VehicleProfile(key='car', label=Label(zh='', en=''), max_speed_kmh={},\n"
        "  default_max_speed_kmh=80.0, banned={}, warned={}, source='', confidence='C')\n"
        "travel = network_travel(nodes, edges, profiles={'car': car}, store=HierarchyStore(None, None),\n"
        "  access=AccessLeg(speed_kmh=25.0, detour_ratio=1.3, max_distance_m=3000.0))\n"
        "at = nodes.geometry\n"
        "assert travel(at, at, profile='car').shape[0] > 300\n"
        "travel.service_area(at.iloc[:2], profile='car', minutes=(5,))\n"
        "travel.nearest(at, at, profile='car', k=2)\n"
        "assert 'numba' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
