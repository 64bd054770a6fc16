"""Hierarchies and road graphs on disk: never trusted, told once, safe for two processes."""

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from layers.cache import ArrayCache, load_tables, save_tables
from siting.errors import MissingFileError, NetworkError, OutputError
from siting.network import cost_matrix, prepare
from siting.network.exchange import TABLES, content_hash, from_tables, to_tables
from siting.network.hierarchy import build_hierarchy, from_arrays
from tests.engine_graphs import grid
from tests.requirements import ROOT
from tests.test_network_costs import graph as road_graph

GRAPH = grid(8, seed=9)


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_a_hierarchy_is_built_once_and_then_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = ArrayCache(folder=tmp_path / "new" / "folder")
    first = prepare(GRAPH, load=cache.load, save=cache.save)
    monkeypatch.setattr("siting.network.hierarchy.build_hierarchy", None)
    again = prepare(GRAPH, load=cache.load, save=cache.save)
    for name, array in first.to_arrays().items():
        np.testing.assert_array_equal(getattr(again, name), array)


def test_another_weight_is_another_entry(tmp_path: Path) -> None:
    cache = ArrayCache(folder=tmp_path)
    for seed in (1, 2):
        prepare(grid(4, seed=seed), load=cache.load, save=cache.save)
    assert len(list(tmp_path.iterdir())) == 2


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-300])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("no arrays at all", encoding="utf-8")


def pickled(path: Path) -> None:
    np.savez(path, format=np.array([print], dtype=object), allow_pickle=True)


def foreign(path: Path) -> None:
    np.savez(path, rank=np.arange(64, dtype=np.int32))


def of_another_key(path: Path) -> None:
    ArrayCache(folder=path.parent).save("other", {"rank": np.arange(3)})
    (path.parent / "other.npz").replace(path)


@pytest.mark.parametrize("harm", [cut, flip, empty, text, pickled, foreign, of_another_key])
def test_a_damaged_or_foreign_file_is_built_again_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, harm: object
) -> None:
    cache = ArrayCache(folder=tmp_path)
    expected = prepare(GRAPH, load=cache.load, save=cache.save)
    path = only_file(tmp_path)
    whole = path.read_bytes()
    harm(path)  # type: ignore[operator]
    with caplog.at_level(logging.WARNING):
        assert cache.load(path.stem) is None
        again = prepare(GRAPH, load=cache.load, save=cache.save)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    np.testing.assert_array_equal(again.rank, expected.rank)
    assert len(path.read_bytes()) == len(whole)
    assert cache.load(path.stem) is not None


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("rank", lambda a: a * 0, "rank is no permutation"),
        ("rank", lambda a: a.astype(np.int64), "rank is of another type"),
        ("up_ptr", lambda a: a[:-1], "up arcs are no rows"),
        ("down_to", lambda a: a + 10_000, "down arcs lead elsewhere"),
        ("up_to", lambda a: a * 0, "up arcs lead elsewhere"),
        ("up_weight", lambda a: -a - 1, "up arcs lead elsewhere"),
    ],
)
def test_arrays_that_would_lead_astray_are_refused(name: str, change: object, told: str) -> None:
    arrays = build_hierarchy(GRAPH).to_arrays()
    arrays[name] = change(arrays[name])  # type: ignore[operator]
    with pytest.raises(NetworkError, match=told):
        from_arrays(arrays, graph=GRAPH)


def test_a_store_that_lies_is_overruled(tmp_path: Path) -> None:
    cache = ArrayCache(folder=tmp_path)
    prepare(GRAPH, load=cache.load, save=cache.save)
    key = only_file(tmp_path).stem
    wrong = build_hierarchy(GRAPH).to_arrays() | {"rank": np.zeros(64, np.int32)}
    cache.save(key, wrong)  # its checksum is right, its contents are not
    ready = prepare(GRAPH, load=cache.load, save=cache.save)
    nodes = np.arange(GRAPH.n_nodes)
    np.testing.assert_array_equal(
        cost_matrix(GRAPH, nodes, nodes, engine="hierarchy", hierarchy=ready),
        cost_matrix(GRAPH, nodes, nodes, engine="scipy"),
    )
    stored = cache.load(key)
    assert stored is not None
    np.testing.assert_array_equal(stored["rank"], ready.rank)


@pytest.mark.parametrize("key", ["../up", "a/b", "", "a.b", "x" * 201])
def test_a_key_is_no_path(tmp_path: Path, key: str) -> None:
    with pytest.raises(OutputError, match="not a key"):
        ArrayCache(folder=tmp_path).load(key)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        ArrayCache(folder=tmp_path / "file").save("key", {"a": np.arange(3)})


WRITER = """
import sys, numpy as np
from pathlib import Path
from layers.cache import ArrayCache
cache = ArrayCache(folder=Path(sys.argv[1]))
for turn in range(60):
    cache.save("shared", {"a": np.full(20_000, turn)})
    found = cache.load("shared")
    assert found is not None and len(set(found["a"])) == 1
"""


def test_two_processes_write_one_entry_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", WRITER, str(tmp_path)]
    writers = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert [writer.communicate()[1] for writer in writers] == ["", ""]
    assert [path.name for path in tmp_path.iterdir()] == ["shared.npz"]


def test_a_road_graph_survives_parquet(tmp_path: Path) -> None:
    graph = road_graph()
    save_tables(tmp_path, to_tables(graph))
    again = from_tables(load_tables(tmp_path, TABLES))
    assert content_hash(again) == content_hash(graph)
    assert again.dropped_nodes == graph.dropped_nodes
    save_tables(tmp_path, to_tables(graph))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "dropped.parquet",
        "edges.parquet",
        "nodes.parquet",
        "turns.parquet",
    ]


def test_the_hash_tells_graphs_apart() -> None:
    tables = to_tables(road_graph())
    tables["edges"] = tables["edges"].assign(time_ds=tables["edges"]["time_ds"] + 1)
    assert content_hash(from_tables(tables)) != content_hash(road_graph())


def test_tables_that_are_no_graph_are_refused(tmp_path: Path) -> None:
    tables = to_tables(road_graph())
    edges = tables["edges"]
    for change, told in (
        ({"edges": edges.assign(tail=99)}, "tail is no node"),
        ({"edges": edges.assign(time_ds=-1)}, "negative time_ds"),
        ({"edges": edges.drop(columns="line")}, "table edges lacks columns"),
    ):
        with pytest.raises(NetworkError, match=told):
            from_tables(tables | change)
    with pytest.raises(MissingFileError, match="no such table"):
        load_tables(tmp_path, TABLES)
    (tmp_path / "nodes.parquet").write_bytes(b"PAR1 but not really")
    with pytest.raises(OutputError, match="damaged"):
        load_tables(tmp_path, ("nodes",))
    with pytest.raises(OutputError, match="not a table's name"):
        load_tables(tmp_path, ("../nodes",))
