"""Layers that sit off the roads of Porto, and those of which nobody can tell."""

from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import layers
from layers._offset import Offset, find_offset, tell_offsets
from siting.config import load_study
from siting.datum import GCJ02, shift
from siting.model import LayerRecord, LayerSpec
from tests.builders import make_layer, make_study, point_to
from tests.requirements import require_data

pytestmark = pytest.mark.real

CRS = "EPSG:32629"
QINGDAO = (120.38, 36.07)


@cache
def roads() -> gpd.GeoDataFrame:
    """Return the drivable roads, no uncertainty stated."""
    edges = gpd.read_parquet(require_data("osm", "porto_drive_edges.parquet"))
    return edges[["geometry"]].to_crs(CRS)


@cache
def fuel() -> gpd.GeoDataFrame:
    """Return the 65 fuel stations."""
    pois = gpd.read_file(require_data("osm", "porto_pois.geojson"))
    return pois[["geometry"]].to_crs(CRS)


def moved(east_m: float, north_m: float, *, rows: slice = slice(None)) -> gpd.GeoDataFrame:
    frame = fuel()
    return frame.set_geometry(frame.geometry.translate(east_m, north_m)).iloc[rows]


def records(
    *kinds: str, crs: str | None = "EPSG:4326"
) -> tuple[dict[str, LayerSpec], list[LayerRecord]]:
    specs = {
        kind: LayerSpec(kind=kind, path=f"/{kind}.gpkg", reference=f"{kind}.gpkg", crs=crs)
        for kind in (*kinds, "road_edges")
    }
    told = [
        LayerRecord(
            kind=kind, reference=kind, sha256="", licence="", attribution="", crs_found="EPSG:4326",
            rows_read=1, rows_kept=1, warnings=("before",),
        )
        for kind in kinds
    ]  # fmt: skip
    return specs, told


@pytest.mark.parametrize(
    ("east_m", "north_m"),
    [(450, 0), (462, 30), (-450, 0), (350, 0), (0, 700), (-300, -400), (120, -30)],
)
def test_a_layer_that_was_moved_is_found(east_m: float, north_m: float) -> None:
    offset = find_offset(moved(east_m, north_m), roads())
    assert offset.verdict == "offset"
    assert offset.east_m == pytest.approx(east_m, abs=15)
    assert offset.north_m == pytest.approx(north_m, abs=15)


@pytest.mark.parametrize("rows", [slice(None), slice(0, 40), slice(0, None, 2)])
def test_a_layer_in_its_place_is_cleared(rows: slice) -> None:
    offset = find_offset(moved(0, 0, rows=rows), roads())
    assert offset.verdict == "none"
    assert np.hypot(offset.east_m, offset.north_m) < 15


def test_half_of_the_stations_are_enough() -> None:
    for rows in (slice(0, 30), slice(30, 60)):
        offset = find_offset(moved(450, 0, rows=rows), roads())
        assert offset.verdict == "offset"
        assert offset.east_m == pytest.approx(450, abs=20)


def test_few_places_cannot_tell() -> None:
    offset = find_offset(moved(450, 0, rows=slice(0, 12)), roads())
    assert offset == Offset(
        verdict="cannot tell",
        why="11 places known to 100 m and 300 m apart are too few, 20 are needed",
    )
    together = pd.concat([moved(450, 0, rows=slice(0, 12))] * 10)  # many, but in few places
    assert find_offset(gpd.GeoDataFrame(together), roads()).verdict == "cannot tell"


def test_a_way_beyond_reach_cannot_tell() -> None:
    assert find_offset(moved(1400, 0), roads()).verdict == "cannot tell"


@pytest.mark.parametrize("seed", range(12))
def test_places_that_have_nothing_to_do_with_roads_cannot_tell(seed: int) -> None:
    rng = np.random.default_rng(seed)
    west, south, east, north = fuel().total_bounds
    places = rng.uniform((west, south), (east, north), (int(rng.integers(20, 120)), 2))
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*places.T), crs=CRS)
    assert find_offset(frame, roads()).verdict == "cannot tell"


def test_lines_that_are_not_known_well_cannot_tell() -> None:
    vague = roads().assign(uncertainty_m=[150.0, *[np.nan] * (len(roads()) - 1)])
    assert find_offset(moved(450, 0), vague).verdict == "offset"  # one of many thousands
    offset = find_offset(moved(450, 0), roads().assign(uncertainty_m=300.0))
    assert offset.why == "the lines are known to 300 m only, 100 m are needed"
    assert find_offset(moved(450, 0), roads().assign(uncertainty_m=20.0)).verdict == "offset"


def test_places_that_are_not_known_well_do_not_count() -> None:
    rough = moved(450, 0).assign(uncertainty_m=np.where(np.arange(65) < 50, 2000.0, 5.0))
    assert find_offset(rough, roads()).verdict == "cannot tell"
    assert find_offset(rough.assign(uncertainty_m=5.0), roads()).verdict == "offset"


def test_no_line_near_cannot_tell() -> None:
    assert find_offset(moved(0, 200_000), roads()).why == "no line is near"
    assert find_offset(moved(0, 0), roads().iloc[:0]).verdict == "cannot tell"


def test_the_offset_is_told_in_the_record_of_the_layer() -> None:
    specs, told = records("energy", "candidates", "road_edges")
    frames = {"energy": moved(450, 0), "candidates": fuel(), "road_edges": roads()}
    energy, candidates, own = tell_offsets(frames, specs, told)
    assert energy.warnings[0] == "before"
    assert energy.warnings[1].startswith("sits about 45")
    assert "m off the roads (45" in energy.warnings[1]
    assert "m east" in energy.warnings[1]
    assert "check the CRS" in energy.warnings[1]
    assert candidates.warnings == own.warnings == ("before",)


def test_layers_from_the_file_of_the_roads_are_passed_over() -> None:
    specs, told = records("energy")
    specs["road_edges"] = specs["energy"]
    assert tell_offsets({"energy": moved(450, 0), "road_edges": roads()}, specs, told) == told
    specs, told = records("energy")
    assert tell_offsets({"energy": moved(450, 0)}, specs, told) == told


def test_lines_polygons_and_nothing_are_not_asked() -> None:
    specs, told = records("candidates", "land", "energy", "targets")
    frames = {
        "candidates": fuel().iloc[:0],
        "land": gpd.GeoDataFrame(geometry=fuel().buffer(10.0)),
        "energy": gpd.GeoDataFrame(geometry=[None, *fuel().geometry[1:]], crs=CRS),
        "road_edges": roads(),
    }
    assert tell_offsets(frames, specs, told) == told


def in_qingdao(frame: gpd.GeoDataFrame, datum: str | None = None) -> gpd.GeoDataFrame:
    """Return Porto's shapes as if they lay round Qingdao, as a map in a datum shows them."""
    west, south, *_ = fuel().total_bounds
    there = gpd.GeoSeries(gpd.points_from_xy([QINGDAO[0]], [QINGDAO[1]]), crs="EPSG:4326")
    corner = there.to_crs("EPSG:4549")[0]
    shapes = frame.geometry.translate(corner.x - west, corner.y - south).to_numpy()
    if datum is not None:
        lonlat = gpd.GeoSeries(shapes, crs="EPSG:4549").to_crs("EPSG:4326")
        shown = shapely.transform(lonlat.to_numpy(), lambda places: shift(places, datum))
        shapes = gpd.GeoSeries(shown, crs="EPSG:4326").to_crs("EPSG:4549").to_numpy()
    return gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4549")


@pytest.mark.parametrize("datum", [GCJ02, None])
def test_the_shift_of_gcj_02_is_called_by_its_name(datum: str | None) -> None:
    specs, told = records("energy")
    frames = {"energy": in_qingdao(fuel(), datum), "road_edges": in_qingdao(roads())}
    (record,) = tell_offsets(frames, specs, told)
    if datum is None:
        assert record.warnings == ("before",)
    else:
        assert (
            f'as {datum} read as WGS 84 does here; if so, declare crs = "{datum}"'
            in (record.warnings[1])
        )


def test_a_datum_declared_without_need_is_doubted() -> None:
    specs, told = records("energy", crs="gcj02")
    away = in_qingdao(moved(-450, -20))
    (record,) = tell_offsets({"energy": away, "road_edges": in_qingdao(roads())}, specs, told)
    assert "it may not be in GCJ-02, as the study says" in record.warnings[1]


def test_that_nobody_can_tell_is_said_in_china_only() -> None:
    specs, told = records("energy")
    (record,) = tell_offsets({"energy": fuel().iloc[:5], "road_edges": roads()}, specs, told)
    assert record.warnings == ("before",)
    frames = {"energy": in_qingdao(fuel().iloc[:5]), "road_edges": in_qingdao(roads())}
    (record,) = tell_offsets(frames, specs, told)
    assert record.warnings[1].startswith("offset against the roads: cannot tell, 4 places")


def test_the_hand_compiled_pack_cannot_tell() -> None:
    study = load_study("qingdao")
    kinds = ("candidates", "energy", "parks", "gateways", "townships")
    for record in layers.read(study).provenance:
        told = [words for words in record.warnings if words.startswith("offset")]
        if record.kind in kinds:
            (words,) = told
            assert "cannot tell, the lines are known to 1500 m only, 100 m are needed" in words


def test_berths_are_held_against_the_coast() -> None:
    rng = np.random.default_rng(5)
    x = np.arange(0.0, 60_000.0, 50.0)
    y = np.convolve(np.cumsum(rng.normal(0, 60, len(x))), np.ones(9) / 9, "same")
    coast = gpd.GeoDataFrame(
        geometry=[shapely.LineString(np.column_stack([x + 500_000, y + 4_500_000]))], crs=CRS
    )
    quays = shapely.get_coordinates(coast.geometry[0])[rng.integers(20, len(x) - 20, 60)]
    places = quays + rng.normal(0, 15, quays.shape) + (450, 0)
    berths = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*places.T), crs=CRS)
    specs, told = records("berths", "candidates")
    specs["coastline"] = specs["road_edges"]
    frames = {"berths": berths, "coastline": coast, "candidates": berths}
    of_berths, of_candidates = tell_offsets(frames, specs, told)
    assert "m off the coast (4" in of_berths.warnings[1]
    assert of_candidates.warnings == ("before",)  # no roads to hold them against


@pytest.mark.slow
def test_a_table_beside_the_roads_of_a_pbf_is_told_when_it_is_read(tmp_path: Path) -> None:
    """The whole way in: roads from OpenStreetMap, stations from a table that is 450 m off."""
    pbf = require_data("osm", "porto.osm.pbf")
    heads = "id,name_zh,name_en,type,capacity,unit,status,lon,lat\n"
    provenance = {}
    for name, east_m in (("moved", 450), ("good", 0)):
        lonlat = shapely.get_coordinates(moved(east_m, 0).to_crs("EPSG:4326").geometry.to_numpy())
        rows = [f"F{n},,,fuel,,,,{x:.7f},{y:.7f}\n" for n, (x, y) in enumerate(lonlat)]
        (tmp_path / name).mkdir()
        spec = make_layer(tmp_path / name, "energy", heads + "".join(rows))
        roads_of = {kind: point_to(pbf, kind) for kind in ("road_nodes", "road_edges")}
        inputs = layers.read(make_study(tmp_path, crs="auto", energy=spec, **roads_of))
        provenance[name] = {record.kind: record for record in inputs.provenance}
    (words,) = [w for w in provenance["moved"]["energy"].warnings if "off the roads" in w]
    assert words.startswith("sits about 45")
    for record in (*provenance["good"].values(), provenance["moved"]["road_nodes"]):
        assert not any("off the roads" in w for w in record.warnings)
