"""The download of OSM data against a server of our own that speaks as Nominatim and Overpass do."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import osmium
import osmnx
import pytest

from layers import overpass
from siting.errors import InputError

OUTLINE = {
    "type": "Polygon",
    "coordinates": [[[7, 43], [7.1, 43], [7.1, 43.1], [7, 43.1], [7, 43]]],
}
PLACE = {"osm_type": "relation", "osm_id": 1, "lat": "43.05", "lon": "7.05", "display_name": "Town",
         "boundingbox": ["43", "43.1", "7", "7.1"], "class": "boundary", "type": "administrative",
         "importance": 1, "geojson": OUTLINE, "place_id": 1, "name": "Town", "addresstype": "town"}  # fmt: skip
ROADS = [
    {"type": "node", "id": 1, "lat": 43.01, "lon": 7.01},
    {"type": "node", "id": 2, "lat": 43.02, "lon": 7.02},
    {
        "type": "way",
        "id": 9,
        "nodes": [1, 2],
        "tags": {"highway": "primary", "name": "Rue {{7*7}}"},
    },
]
PLACES = [
    {
        "type": "node",
        "id": 2,
        "lat": 43.02,
        "lon": 7.02,
        "tags": {"amenity": "fuel", "name": "加油站"},
    },
    {"type": "way", "id": 9, "nodes": [1, 2]},
    {
        "type": "relation",
        "id": 5,
        "members": [
            {"type": "way", "ref": 9, "role": "from"},
            {"type": "node", "ref": 2, "role": "via"},
        ],
        "tags": {"type": "restriction", "restriction": "no_u_turn"},
    },
]


@dataclass
class Server:
    """What the server shall say, and what it was asked."""

    places: list[dict[str, Any]] = field(default_factory=lambda: [PLACE])
    status: int = 200
    asked: Counter[str] = field(default_factory=Counter)
    queries: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = urlsplit(self.path).path
            told.asked[name] += 1
            if name.endswith("/status"):
                self._say("a\nb\nc\nd\n2 slots available now.", "text/plain")
            else:
                told.queries.append(str(parse_qs(urlsplit(self.path).query).get("q", [""])[0]))
                self._say(json.dumps(told.places))

        def do_POST(self) -> None:
            told.asked["/interpreter"] += 1
            data = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["data"]
            elements = ROADS if '["highway"](poly' in data[0] else PLACES
            self._say(json.dumps({"elements": elements}))

        def _say(self, text: str, kind: str = "application/json") -> None:
            body = (text if told.status == 200 else "<html>busy</html>").encode()
            self.send_response(told.status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setattr("time.sleep", lambda _: None)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        told.url = f"http://127.0.0.1:{http.server_port}"
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield told
        http.shutdown()


def get(server: Server, folder: Path, place: str = "Town") -> overpass.Download:
    return overpass.download(
        place,
        folder / "town.osm.pbf",
        cache=folder / "cache",
        timeout_s=5,
        overpass_url=f"{server.url}/api",
        nominatim_url=f"{server.url}/",
    )


def objects(path: Path) -> list[tuple[str, int, dict[str, str]]]:
    return [(o.type_str(), o.id, dict(o.tags)) for o in osmium.FileProcessor(str(path))]


def test_answers_become_one_file(server: Server, tmp_path: Path) -> None:
    got = get(server, tmp_path)
    assert objects(got.osm) == [
        ("n", 1, {}),
        ("n", 2, {"amenity": "fuel", "name": "加油站"}),
        ("w", 9, {"highway": "primary", "name": "Rue {{7*7}}"}),
        ("r", 5, {"type": "restriction", "restriction": "no_u_turn"}),
    ]
    ways = [list(o.nodes) for o in osmium.FileProcessor(str(got.osm)) if o.is_way()]
    assert [[node.ref for node in nodes] for nodes in ways] == [[1, 2]]
    members = [
        [(m.type, m.ref, m.role) for m in o.members]
        for o in osmium.FileProcessor(str(got.osm))
        if o.is_relation()
    ]
    assert members == [[("w", 9, "from"), ("n", 2, "via")]]
    outline = gpd.read_file(got.boundary)
    assert outline.total_bounds.tolist() == [7.0, 43.0, 7.1, 43.1]
    assert (got.licence, got.attribution) == ("ODbL 1.0", "© OpenStreetMap contributors")
    assert "Town" in got.source
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "cache",
        "town.boundary.geojson",
        "town.osm.pbf",
    ]


def test_what_is_in_the_cache_is_not_asked_again(server: Server, tmp_path: Path) -> None:
    first = get(server, tmp_path).osm.read_bytes()
    before = server.asked.total()
    assert get(server, tmp_path).osm.read_bytes() == first
    assert server.asked.total() == before


def test_the_settings_of_osmnx_are_put_back(server: Server, tmp_path: Path) -> None:
    before = {
        name: getattr(osmnx.settings, name) for name in dir(osmnx.settings) if name[0] != "_"
    }
    get(server, tmp_path)
    assert {name: getattr(osmnx.settings, name) for name in before} == before


@pytest.mark.parametrize("place", ["Nowhere", 'x"];out;', "青岛市"])
def test_a_place_nobody_knows_is_refused(server: Server, tmp_path: Path, place: str) -> None:
    server.places = []
    with pytest.raises(InputError, match="has no answer"):
        get(server, tmp_path, place)
    assert server.queries == [place]
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".pbf"] == []


def test_a_place_without_an_outline_is_refused(server: Server, tmp_path: Path) -> None:
    server.places = [PLACE | {"geojson": {"type": "Point", "coordinates": [7, 43]}}]
    with pytest.raises(InputError, match="outline"):
        get(server, tmp_path)


def test_a_server_that_fails_is_told(server: Server, tmp_path: Path) -> None:
    server.status = 500
    with pytest.raises(InputError, match="OSM server"):
        get(server, tmp_path)


def test_a_server_that_is_not_there_is_asked_three_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    with pytest.raises(InputError, match="does not answer"):
        get(Server(url="http://127.0.0.1:9"), tmp_path)
    assert [wait for wait in waits if wait > 1] == [5.0, 30.0]
    assert not list(tmp_path.glob("*.pbf"))
