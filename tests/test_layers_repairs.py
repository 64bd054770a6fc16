"""What is repaired is counted and told; what would lose more than a slip's worth is refused."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from shapely.affinity import translate
from shapely.geometry import GeometryCollection, LineString, MultiPoint, Point, Polygon

import layers
from layers._rows import LOST_SHARE
from siting.errors import InputError
from siting.model import LayerRecord, LayerSpec
from tests.builders import make_layer, make_study, point_to
from tests.corpus.base import ROW, SQUARE, TOWNS, frame, polygons, write

FAR = Point(2.35, 48.86)
ROWS = 40
ALLOWED = int(LOST_SHARE * ROWS)


def read(spec: LayerSpec, folder: Path) -> tuple[gpd.GeoDataFrame, LayerRecord]:
    inputs = layers.read(make_study(folder, **{spec.kind: spec}))
    return inputs.layers[spec.kind], inputs.provenance[0]


def bring(folder: Path, table: gpd.GeoDataFrame, kind: str) -> LayerSpec:
    # FlatGeobuf without an index keeps order, empty shapes and NaN.
    write(table, folder / "layer.fgb", SPATIAL_INDEX="NO")
    return point_to(folder / "layer.fgb", kind)


def town_places(*first: Any) -> gpd.GeoDataFrame:
    table = frame(ROWS)
    return table.set_geometry([*first, *table.geometry[len(first) :]], crs="EPSG:4326")


def squares(*others: Any, count: int = ROWS) -> gpd.GeoDataFrame:
    good = [translate(SQUARE, n / 100) for n in range(count)]
    return polygons(*others, *good[len(others) :])


# Rows that cannot stay


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (None, "geometry missing or unreadable (null)"),
        (Point(float("nan"), 36.07), "coordinates are NaN or infinite"),
        (LineString([(120.38, 36.07), (120.39, 36.07)]), "wrong geometry type LineString"),
        (MultiPoint([(120.38, 36.07), (120.39, 36.07)]), "wrong geometry type MultiPoint"),
        (FAR, "coordinates out of range for EPSG:4326 or far from the rest of the study"),
    ],
    ids=["null", "NaN", "line", "points with people", "far"],
)
def test_few_rows_are_left_out_and_told_many_are_refused(
    tmp_path: Path, shape: Any, told: str
) -> None:
    places = town_places(*[shape] * ALLOWED)
    found, record = read(bring(tmp_path, places, "townships"), tmp_path)
    assert found["id"].tolist() == places["id"].tolist()[ALLOWED:]
    assert (record.rows_read, record.rows_kept) == (ROWS, ROWS - ALLOWED)
    assert record.repairs == (f"left out for {told}: 2 rows: T00, T01",)
    spec = bring(tmp_path, town_places(*[shape] * (ALLOWED + 1)), "townships")
    with pytest.raises(InputError, match=r"got 3 rows: T00, T01, T02"):
        read(spec, tmp_path)


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (
            Polygon([(120.4, 36.1), (120.5, 36.2), (120.4, 36.1)]),
            "invalid geometry, beyond repair",
        ),
        (Polygon([(120.4, 36.1), (120.5, 36.1), (120.5, 36.1000005)]), "polygon is a sliver"),
        (Point(120.4, 36.1).buffer(4e-6), "polygon is a sliver"),
        (LineString([(120.4, 36.1), (120.5, 36.2)]), "wrong geometry type LineString"),
    ],
    ids=["flat", "thin", "small", "line"],
)
def test_few_shapes_that_enclose_nothing_are_left_out(
    tmp_path: Path, shape: Any, told: str
) -> None:
    found, record = read(bring(tmp_path, squares(shape), "districts"), tmp_path)
    assert len(found) == ROWS - 1
    assert record.repairs[-1] == f"left out for {told}: 1 row: D1"
    with pytest.raises(InputError, match="got 3 rows: D1, D2, D3"):
        read(bring(tmp_path, squares(shape, shape, shape), "districts"), tmp_path)


def test_a_thin_street_is_no_sliver(tmp_path: Path) -> None:
    """Two metres by five kilometres, at 36 N and in degrees."""
    street = Polygon([(120.4, 36.1), (120.455, 36.1), (120.455, 36.10002), (120.4, 36.10002)])
    found, record = read(bring(tmp_path, squares(street), "districts"), tmp_path)
    assert (len(found), record.repairs) == (ROWS, ())


@pytest.mark.parametrize(("width_m", "kept"), [(0.13, True), (0.08, False)])
def test_the_width_of_a_sliver_is_in_metres(tmp_path: Path, width_m: float, kept: bool) -> None:  # noqa: FBT001
    """A strip of 5 km from south to north; a degree of longitude at 36 N is 90.2 km."""
    east = 120.4 + width_m / 90_200
    strip = Polygon([(120.4, 36.0), (east, 36.0), (east, 36.045), (120.4, 36.045)])
    found, _ = read(bring(tmp_path, squares(strip), "districts"), tmp_path)
    assert ("D1" in set(found["id"])) == kept


def test_the_share_counts_every_reason_together(tmp_path: Path) -> None:
    """Two may go; a null, a NaN and a far place are three."""
    nan = Point(float("nan"), 36.07)
    read(bring(tmp_path, town_places(None, nan), "townships"), tmp_path)
    with pytest.raises(InputError, match="far from the rest"):
        read(bring(tmp_path, town_places(None, nan, FAR), "townships"), tmp_path)


def test_one_row_of_a_small_layer_is_not_few(tmp_path: Path) -> None:
    text = "\n".join([TOWNS.strip(), ROW.replace("T1", "T2").replace("120.382", "")])
    with pytest.raises(InputError, match="geometry missing"):
        read(make_layer(tmp_path, "townships", text), tmp_path)


def test_swapped_places_are_never_left_out(tmp_path: Path) -> None:
    spec = bring(tmp_path, town_places(Point(36.07, 120.38)), "townships")
    with pytest.raises(InputError, match=r"swapped \(got 1 row: T00"):
        read(spec, tmp_path)


def test_far_from_the_study_is_judged_by_the_other_layers(tmp_path: Path) -> None:
    spec = bring(tmp_path, town_places(FAR), "townships")
    ports = make_layer(tmp_path, "ports", "id,lon,lat\nP1,120.2,36.0\n")
    inputs = layers.read(make_study(tmp_path, townships=spec, ports=ports))
    assert len(inputs.layers["townships"]) == ROWS - 1
    assert inputs.layers["townships"]["id"].tolist()[0] == "T01"
    assert len(inputs.layers["ports"]) == 1


def test_rows_keep_their_numbers_when_others_go(tmp_path: Path) -> None:
    text = "name_zh,population,lon,lat\n" + "".join(
        f"x,{-1 if row == 9 else 5},120.38{row},36.07\n" for row in range(40)
    ).replace("120.380,", ",", 1)
    with pytest.raises(InputError, match=r"too small: '-1' \(got 1 row: 10"):
        read(make_layer(tmp_path, "townships", text), tmp_path)


def test_a_road_graph_loses_nothing(tmp_path: Path) -> None:
    lines = [LineString([(120.3 + n / 100, 36), (120.31 + n / 100, 36)]) for n in range(ROWS)]
    facts = {"from_id": "a", "to_id": "b", "ref": "", "name_zh": "", "name_en": "", "oneway": 0}
    facts |= {"highway": "primary", "free_flow_kmh": 50.0, "length_km": 5.0}
    table = gpd.GeoDataFrame(
        {"id": [f"E{n}" for n in range(ROWS)], **{k: [v] * ROWS for k, v in facts.items()}},
        geometry=[None, *lines[1:]],
        crs="EPSG:4326",
    )
    with pytest.raises(InputError, match=r"geometry missing.*got 1 row: E0"):
        read(bring(tmp_path, table, "road_edges"), tmp_path)
    # OSM has two nodes at one place, and the edge between them: it has no length and joins.
    joint = table.set_geometry([LineString([(120.3, 36), (120.3, 36)]), *lines[1:]], crs=4326)
    found, record = read(bring(tmp_path, joint, "road_edges"), tmp_path)
    assert (len(found), record.repairs) == (ROWS, ())


# Rows and shapes that are mended


def test_copies_of_a_row_are_left_out_and_told(tmp_path: Path) -> None:
    found, record = read(make_layer(tmp_path, "townships", f"{TOWNS}{ROW}\n{ROW}\n"), tmp_path)
    assert (found["id"].tolist(), record.rows_read, record.rows_kept) == (["T1"], 3, 1)
    assert record.repairs == ("left out as copies of an earlier row: 2 rows: T1, T1",)


def test_copies_are_found_without_ids_and_other_places_are_no_copies(tmp_path: Path) -> None:
    rows = ("5,120.38,36.07", "5,120.39,36.07", "5,120.38,36.07")
    text = "\n".join(["population,lon,lat", *rows])
    found, record = read(make_layer(tmp_path, "townships", text), tmp_path)
    assert found["id"].tolist() == ["1", "2"]
    assert record.repairs[-1] == "left out as copies of an earlier row: 1 row: 3"


def test_like_rows_in_different_places_are_no_copies(tmp_path: Path) -> None:
    places = frame(3)[["population", "geometry"]].assign(population=5)
    found, record = read(bring(tmp_path, places, "townships"), tmp_path)
    assert (len(found), record.repairs) == (3, ("no ids: rows numbered 1 to 3",))


def test_a_shape_twice_with_other_facts_stays_and_is_told(tmp_path: Path) -> None:
    text = f"{TOWNS}{ROW.replace('T1', 'T2')}\n"
    found, record = read(make_layer(tmp_path, "townships", text), tmp_path)
    assert (len(found), record.repairs) == (2, ())
    assert record.warnings == ("same shape as another row: 2 rows: T1, T2",)


def test_areas_in_a_layer_of_points_become_points_inside(tmp_path: Path) -> None:
    horseshoe = Polygon([(0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)])
    area = shapely.transform(horseshoe, lambda c: c / 100 + [120.3, 36.0])
    found, record = read(bring(tmp_path, town_places(area), "townships"), tmp_path)
    (place,) = found[found["id"] == "T00"].to_crs("EPSG:4326").geometry
    assert area.contains(place)
    assert not area.contains(area.centroid)
    assert record.repairs == ("a point inside taken for 1 areas",)


def test_a_row_of_several_points_is_split_where_it_carries_no_amount(tmp_path: Path) -> None:
    ports = gpd.GeoDataFrame(
        {"id": ["P1", "P2"], "role": ["coal", "oil"]},
        geometry=[MultiPoint([(120.2, 36.0), (120.3, 36.0)]), Point(120.25, 36.0)],
        crs="EPSG:4326",
    )
    found, record = read(bring(tmp_path, ports, "ports"), tmp_path)
    assert found["id"].tolist() == ["P1-1", "P1-2", "P2"]
    assert found["role"].tolist() == ["coal", "coal", "oil"]
    lon = found.to_crs("EPSG:4326").geometry.x.round(6)
    assert lon.tolist() == [120.2, 120.3, 120.25]
    assert record.repairs == ("1 rows of several points split into 2",)
    assert (record.rows_read, record.rows_kept) == (2, 3)


def test_of_a_mixed_collection_the_parts_of_the_kind_stay(tmp_path: Path) -> None:
    mixed = GeometryCollection([SQUARE, Point(120.3, 36.0), LineString([(120, 36), (121, 36)])])
    (tmp_path / "d.geojson").write_text(polygons(mixed).to_json(), encoding="utf-8")
    found, record = read(point_to(tmp_path / "d.geojson", "districts"), tmp_path)
    assert found.to_crs("EPSG:4326").geometry[0].equals_exact(SQUARE, 1e-9)
    assert record.repairs == ("parts of another type left out of 1 mixed shapes",)


def test_repairs_are_shown_by_check(tmp_path: Path) -> None:
    from click.testing import CliRunner  # noqa: PLC0415

    from siting import cli  # noqa: PLC0415
    from tests.packs import OwnStudy  # noqa: PLC0415

    own = OwnStudy(tmp_path / "study", ["shore_power"])
    own.bring_change("parks", "K05", lon="2.35", lat="48.86")
    answer = CliRunner().invoke(cli.main, ["check", str(own.write())])
    assert answer.exit_code == 0
    assert "parks            74 rows" in answer.stdout
    assert "repaired: left out for coordinates out of range" in answer.stdout
    assert "1 row: K05" in answer.stdout
