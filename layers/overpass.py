"""OSM data of a named place from the internet: asked through osmnx, kept as an ordinary ``.osm.pbf``.

osmnx finds the place (Nominatim), asks for its objects (Overpass), keeps to the servers' limits and
caches every answer. The answers become a file, so that from there on all OSM data go one way.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import geopandas as gpd
import osmium
import osmnx
import requests
import shapely
from osmium.osm import mutable

from siting.errors import InputError, OutputError, Problem

LICENCE: Final = "ODbL 1.0"
ATTRIBUTION: Final = "© OpenStreetMap contributors"

_ROADS: Final = '["highway"]'
_PLACES: Final[Mapping[str, bool | list[str]]] = {
    "aeroway": ["aerodrome", "terminal"],
    "amenity": True,
    "boundary": ["administrative", "national_park", "protected_area"],
    "building": ["hospital", "industrial", "kindergarten", "school", "warehouse"],
    "harbour": True,
    "highway": ["motorway_junction", "rest_area", "services"],
    "industrial": True,
    "landuse": True,
    "leisure": ["nature_reserve"],
    "man_made": ["pier", "quay"],
    "natural": ["coastline", "water"],
    "place": True,
    "power": ["generator", "line", "plant", "substation"],
    "railway": ["rail"],
    "route": ["ferry"],
    "seamark:type": ["harbour"],
    "type": ["restriction"],
    "waterway": ["riverbank"],
}
_BASES: Final = {"node": "n", "way": "w", "relation": "r"}
# Waits before another try; what osmnx itself waits for (a busy server) comes on top.
_WAITS_S: Final = (5.0, 30.0)

Elements: TypeAlias = dict[tuple[str, int], dict[str, Any]]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What came of a download: the file, the place's outline, and what must be said of them."""

    osm: Path
    boundary: Path
    source: str
    licence: str = LICENCE
    attribution: str = ATTRIBUTION
    date: str = ""


def download(
    place: str,
    into: Path,
    *,
    cache: Path,
    timeout_s: float = 180.0,
    overpass_url: str = "https://overpass-api.de/api",
    nominatim_url: str = "https://nominatim.openstreetmap.org/",
) -> Download:
    """Write the OSM data of a place into a file, and its outline beside it.

    Parameters
    ----------
    place
        As one would type it into a map's search, such as ``"Porto, Portugal"``.
    into
        The file to write, ending in ``.osm.pbf``; the outline becomes ``<name>.boundary.geojson``.
    cache
        Folder of the servers' answers. What is there is not asked again.
    timeout_s
        Longest wait for one answer, seconds. A server that does not answer is asked three times.

    Raises
    ------
    InputError
        When the place is not known or has no outline, or a server does not answer. Nothing is
        written then.
    OutputError
        When the files cannot be written.
    """
    with _settings(cache, timeout_s, overpass_url, nominatim_url):
        shape: Any = _ask(place, lambda: osmnx.geocode_to_gdf(place)).geometry.iloc[0]
        elements = _elements(_answers(place, shape, cache))
    if not elements:
        raise _refusal(
            place, "the server knows nothing there", mend="Check the name of the place."
        )
    boundary = into.with_name(f"{into.name.removesuffix('.osm.pbf')}.boundary.geojson")
    _write(into, lambda part: _write_osm(part, elements))
    _write(boundary, lambda part: _write_outline(part, place, shape))
    return Download(
        osm=into,
        boundary=boundary,
        source=f"OpenStreetMap through {overpass_url}, place {place}",
        date=time.strftime("%Y-%m-%d", time.gmtime()),
    )


@contextmanager
def _settings(cache: Path, timeout_s: float, overpass: str, nominatim: str) -> Iterator[None]:
    """Set osmnx up, and put its settings back afterwards: they are its module's."""
    ours = {
        "cache_folder": cache,
        "use_cache": True,
        "requests_timeout": timeout_s,
        "overpass_url": overpass,
        "nominatim_url": nominatim,
        "http_user_agent": "hydrogen-siting (through osmnx)",
    }
    before = {name: getattr(osmnx.settings, name) for name in ours}
    try:
        for name, value in ours.items():
            setattr(osmnx.settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(osmnx.settings, name, value)


def _answers(
    place: str, shape: shapely.Polygon | shapely.MultiPolygon, cache: Path
) -> Iterable[Path]:
    """Ask for roads and places; return the files of the servers' answers."""
    # Each place keeps its answers by themselves, so that a file in the folder is one of them.
    folder = cache / shapely.to_wkb(shape).hex()[-32:]
    osmnx.settings.cache_folder = folder
    osmnx.settings.cache_only_mode = True  # keep the answers, build nothing of them
    asks: tuple[Callable[[], object], ...] = (
        lambda: osmnx.graph_from_polygon(shape, custom_filter=_ROADS, retain_all=True),
        lambda: osmnx.features_from_polygon(shape, dict(_PLACES)),
    )
    try:
        for ask in asks:
            _ask(place, partial(_keep, ask))
    finally:
        osmnx.settings.cache_only_mode = False
    return sorted(folder.glob("*.json"))


def _ask(place: str, ask: Callable[[], Answer]) -> Answer:
    """Ask, up to three times where a server cannot be reached."""
    for wait_s in (*_WAITS_S, None):
        try:
            return ask()
        except requests.RequestException as error:
            if wait_s is None:
                raise _refusal(
                    place,
                    "the OSM server does not answer",
                    got=str(error),
                    mend="Check the internet connection, or bring a file: --osm FILE.osm.pbf.",
                ) from error
            time.sleep(wait_s)
        except (TypeError, ValueError) as error:  # osmnx's own errors are kinds of ValueError
            raise _refusal(
                place,
                "the OSM server has no answer",
                got=str(error),
                expected="a city or district with an outline, as OpenStreetMap names it",
                mend="Add the country, or bring --boundary FILE and --osm FILE.osm.pbf.",
            ) from error
    raise AssertionError  # the last wait is None


def _keep(ask: Callable[[], object]) -> None:
    """Ask for the sake of the cache: osmnx interrupts itself when it has the answers."""
    with suppress(InterruptedError):
        ask()


def _elements(files: Iterable[Path]) -> Elements:
    """Return the objects of all answers once each; of two, the one that tells more."""
    found: Elements = {}
    for path in files:
        for element in json.loads(path.read_text(encoding="utf-8")).get("elements", ()):
            key = str(element["type"]), int(element["id"])
            if key[0] in _BASES and len(element) >= len(found.get(key, ())):
                found[key] = element
    return found


def _write_osm(path: Path, elements: Elements) -> None:
    header = osmium.io.Header()
    header.set("generator", "hydrogen-siting")
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for base in _BASES:
            for _, number in sorted(key for key in elements if key[0] == base):
                _add(writer, base, number, elements[base, number])


def _add(writer: osmium.SimpleWriter, base: str, number: int, element: Mapping[str, Any]) -> None:
    tags = element.get("tags", {})
    if base == "node":
        place = element["lon"], element["lat"]
        writer.add_node(mutable.Node(id=number, location=place, tags=tags, version=1))
    elif base == "way":
        writer.add_way(
            mutable.Way(id=number, nodes=element.get("nodes", []), tags=tags, version=1)
        )
    else:
        members = [
            (_BASES[member["type"]], member["ref"], member["role"])
            for member in element.get("members", ())
        ]
        writer.add_relation(mutable.Relation(id=number, members=members, tags=tags, version=1))


def _write_outline(path: Path, place: str, shape: shapely.Geometry) -> None:
    frame = gpd.GeoDataFrame({"id": ["place"], "name": [place]}, geometry=[shape], crs="EPSG:4326")
    path.write_text(frame.to_json(), encoding="utf-8")


def _write(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file beside its place and move it there when it is whole."""
    part = path.with_name(f".part-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(part)
        part.replace(path)
    except (OSError, RuntimeError) as error:
        problem = Problem(
            where=path.name, what="cannot be written", got=str(error), mend="Make room."
        )
        raise OutputError(problem) from error
    finally:
        part.unlink(missing_ok=True)


def _refusal(place: str, what: str, *, mend: str, got: str = "", expected: str = "") -> InputError:
    where = f"place {place!r}"
    return InputError(Problem(where=where, what=what, got=got, expected=expected, mend=mend))
