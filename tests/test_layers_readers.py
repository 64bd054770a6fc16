"""The same layer from every format, encoding and naming; what had to be found out is told."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from openpyxl import Workbook
from shapely.geometry import Point

import layers
from layers._table import read_table
from siting.errors import InputError
from siting.model import LayerRecord, LayerSpec
from siting.schema import LAYERS
from tests.builders import make_layer, make_study, point_to
from tests.corpus.base import HEADER, ROW, SQUARE, TOWNS, archive, frame, polygons, workbook, write
from tests.requirements import require_data


def read(spec: LayerSpec, folder: Path) -> tuple[gpd.GeoDataFrame, LayerRecord]:
    inputs = layers.read(make_study(folder, **{spec.kind: spec}))
    return inputs.layers[spec.kind], inputs.provenance[0]


def towns(folder: Path, text: str = TOWNS, **spec: Any) -> tuple[gpd.GeoDataFrame, LayerRecord]:
    return read(make_layer(folder, "townships", text, **spec), folder)


def towns_of(folder: Path, name: str, data: bytes, **spec: Any) -> tuple[Any, LayerRecord]:
    (folder / name).write_bytes(data)
    facts = {"crs": "EPSG:4326"} | spec
    return read(point_to(folder / name, "townships", **facts), folder)


# Formats


def _table(places: gpd.GeoDataFrame) -> pd.DataFrame:
    lonlat = {"lon": places.geometry.x, "lat": places.geometry.y}
    return pd.DataFrame(places.drop(columns="geometry")).assign(**lonlat)


def _csv(places: gpd.GeoDataFrame, path: Path) -> None:
    _table(places).to_csv(path, index=False)


def _xlsx(places: gpd.GeoDataFrame, path: Path) -> None:
    _table(places).to_excel(path, index=False)


def _parquet(places: gpd.GeoDataFrame, path: Path) -> None:
    _table(places).to_parquet(path)


def _zipped(places: gpd.GeoDataFrame, path: Path) -> None:
    inner = path.parent / "inner"
    inner.mkdir()
    write(places, inner / "towns.shp", encoding="GB18030")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for part in sorted(inner.iterdir()):
            file.write(part, f"层/{part.name}")


WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    "towns.gpkg": write,
    "towns.geojson": write,
    "towns.fgb": write,
    "towns.parquet": write,
    "towns.shp": lambda places, path: write(places, path, encoding="UTF-8"),
    "gbk.shp": lambda places, path: write(places, path, encoding="GB18030"),
    "towns.tab": lambda places, path: write(places, path, encoding="UTF-8"),
    "towns.gml": write,
    "towns.csv": _csv,
    "towns.xlsx": _xlsx,
    "plain.parquet": _parquet,
    "towns.zip": _zipped,
}


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_file_in_every_format_is_the_same_layer(tmp_path: Path, name: str) -> None:
    places = frame(name_en=["Xianggang"] * 39 + [""], note=["", "{{7*7}}", "@SUM(1)", "é"] * 10)
    WRITERS[name](places, tmp_path / name)
    is_table = name in {"towns.csv", "towns.xlsx", "plain.parquet"}
    found, record = read(
        point_to(tmp_path / name, "townships", crs="EPSG:4326" if is_table else None), tmp_path
    )
    (tmp_path / "reference.geojson").write_text(places.to_json(), encoding="utf-8")
    wanted, _ = read(point_to(tmp_path / "reference.geojson", "townships"), tmp_path)
    pd.testing.assert_frame_equal(
        pd.DataFrame(found.drop(columns="geometry")), pd.DataFrame(wanted.drop(columns="geometry"))
    )
    # MapInfo stores coordinates as whole numbers of its bounds; the others as they are.
    within_m = 0.05 if name.endswith(".tab") else 1e-6
    gaps = shapely.distance(found.geometry.to_numpy(), wanted.geometry.to_numpy())
    assert gaps.max() <= within_m
    assert (record.rows_read, record.rows_kept, record.crs_found) == (40, 40, "EPSG:4326")


def test_kml_is_read_with_its_name_and_without_its_heights(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        "<Document><Placemark><name>前湾</name><Point><coordinates>120.2,36.0,7</coordinates>"
        "</Point></Placemark></Document></kml>"
    )
    (tmp_path / "ports.kml").write_text(text, encoding="utf-8")
    spec = point_to(tmp_path / "ports.kml", "ports")
    ports, record = read(spec, tmp_path)
    assert ports["name_zh"].tolist() == ["前湾"]
    assert record.repairs == (
        "column Name read as name_zh",
        "no ids: rows numbered 1 to 1",
        "heights dropped from 1 shapes",
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as kmz:
        kmz.writestr("doc.kml", text)
    (tmp_path / "ports.kmz").write_bytes(file.getvalue())
    packed, _ = read(point_to(tmp_path / "ports.kmz", "ports"), tmp_path)
    assert packed.to_json() == ports.to_json()


def test_of_several_layers_the_one_asked_for_is_read(tmp_path: Path) -> None:
    for name, count in (("甲", 3), ("townships", 4), ("b", 5)):
        write(frame(count), tmp_path / "city.gpkg", layer=name)
    for layer, rows in (("甲", 3), (None, 4), ("b", 5)):
        found, _ = read(point_to(tmp_path / "city.gpkg", "townships", layer=layer), tmp_path)
        assert len(found) == rows


def test_a_table_in_a_database_file_is_placed_by_its_columns(tmp_path: Path) -> None:
    pyogrio.write_dataframe(_table(frame(3)), tmp_path / "towns.gpkg")
    found, _ = read(point_to(tmp_path / "towns.gpkg", "townships", crs="EPSG:4326"), tmp_path)
    assert found.to_crs("EPSG:4326").geometry.x.round(6).tolist() == [120.38, 120.381, 120.382]


def test_real_shapes_survive_a_shapefile_in_gbk(tmp_path: Path) -> None:
    """Railway stations of Shandong: names as a design institute would write them."""
    places = gpd.read_file(require_data("qingdao", "osm_railway_stations.geojson"))
    places = places[places["name"].str.contains("[\u4e00-\u9fff]", na=False)].head(80)
    write(places, tmp_path / "s.shp", encoding="GB18030")
    (tmp_path / "s.cpg").unlink()
    ports, record = read(point_to(tmp_path / "s.shp", "ports"), tmp_path)
    by_number = ports.assign(number=ports["id"].astype(int)).sort_values("number")
    assert by_number["name_zh"].tolist() == places["name"].tolist()
    assert record.repairs[0] == "text read as GB18030; no code page is named"


# Encodings and marks of tables


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("utf-16", ("text read as UTF-16",)),
        ("utf-16-le", ("text read as UTF-16",)),
        ("utf-16-be", ("text read as UTF-16",)),
        ("gbk", ("text read as GB18030",)),
        ("gb18030", ("text read as GB18030",)),
    ],
)
def test_the_encoding_of_a_table_is_found_and_told(
    tmp_path: Path, encoding: str, told: tuple[str, ...]
) -> None:
    text = TOWNS.replace("市南区", "一区")  # U+4E00 has a zero byte in UTF-16
    found, record = towns_of(tmp_path, "towns.csv", text.encode(encoding))
    assert found["name_zh"].tolist() == ["香港中路街道"]
    assert record.repairs == told


@pytest.mark.parametrize(
    ("name", "encoding"), [("São João", "latin-1"), ("Þingvellir", "cp1252"), ("九龍塘", "big5")]
)
def test_an_encoding_that_is_named_is_used(tmp_path: Path, name: str, encoding: str) -> None:
    text = TOWNS.replace("香港中路街道", name).replace("市南区", "")
    found, record = towns_of(tmp_path, "t.csv", text.encode(encoding), encoding=encoding)
    assert found["name_zh"].tolist() == [name]
    assert record.repairs == ()


def test_gb2312_means_its_extension_too(tmp_path: Path) -> None:
    """镕 is in GBK and not in GB 2312; files that call themselves GB2312 hold it."""
    data = TOWNS.replace("市南区", "镕").encode("gbk")
    found, _ = towns_of(tmp_path, "t.csv", data, encoding="GB2312")
    assert found["district"].tolist() == ["镕"]


@pytest.mark.parametrize(
    ("mark", "told"), [(";", "cells divided by semicolons"), ("\t", "cells divided by tabs")]
)
def test_cells_are_divided_by_what_the_header_says(tmp_path: Path, mark: str, told: str) -> None:
    found, record = towns(tmp_path, TOWNS.replace(",", mark))
    assert found["population"].tolist() == [60000.0]
    assert record.repairs == (told,)


def test_a_semicolon_inside_quotes_divides_nothing(tmp_path: Path) -> None:
    found, _ = towns(tmp_path, TOWNS.replace("district", '"a;b;c;d;e;f;g;h;i"'))
    assert found["district"].tolist() == [""]


def test_decimal_commas_are_read_where_a_cell_proves_them(tmp_path: Path) -> None:
    text = TOWNS.replace(",", ";").replace("120.382;36.067", "120,3825;36,067")
    found, record = towns(tmp_path, text.replace("60000", "60000,5"))
    assert found["population"].tolist() == [60000.5]
    (lonlat,) = found.to_crs("EPSG:4326").geometry
    assert (lonlat.x, lonlat.y) == pytest.approx((120.3825, 36.067))
    assert record.repairs == ("cells divided by semicolons", "decimal commas read")


@pytest.mark.parametrize(
    "text", ['"60,000"', '"60 000"', "60\u00a0000", "60\u202f000", "６００００"]
)
def test_numbers_that_are_text_are_read_and_told(tmp_path: Path, text: str) -> None:
    found, record = towns(tmp_path, TOWNS.replace("60000", text))
    assert found["population"].tolist() == [60000.0]
    assert record.repairs == ("column population: 1 numbers read from text",)


def test_points_are_where_lon_and_lat_say_beside_an_outline(tmp_path: Path) -> None:
    text = TOWNS.replace(HEADER, f"{HEADER},wkt").replace(ROW, f'{ROW},"{SQUARE.wkt}"')
    found, record = towns(tmp_path, text)
    assert found.to_crs("EPSG:4326").geometry[0].x == pytest.approx(120.382)
    assert record.repairs == ()


def test_long_outlines_are_read(tmp_path: Path) -> None:
    """The module csv stops at 131,072 characters unless told otherwise."""
    circle = Point(120.4, 36.1).buffer(0.1, quad_segs=2000)
    text = f'id,wkt\nD1,"{circle.wkt}"\n'
    assert len(text) > 200_000
    found, _ = read(make_layer(tmp_path, "districts", text), tmp_path)
    assert len(found.geometry[0].exterior.coords) == len(circle.exterior.coords)


# Shapefiles and their code page


@pytest.mark.parametrize(
    ("written", "page", "told"),
    [
        ("UTF-8", "UTF-8", ()),
        ("GB18030", "GB18030", ()),
        ("GB18030", "GBK", ()),
        ("GB18030", "936", ()),
        ("GB18030", "UTF-8", ("text read as GB18030; .cpg says UTF-8",)),
        ("GB18030", "ISO-8859-1", ("text read as GB18030; .cpg says ISO-8859-1",)),
        ("GB18030", None, ("text read as GB18030; no code page is named",)),
        ("UTF-8", "GBK", ("text read as UTF-8; .cpg says GBK",)),
        ("UTF-8", None, ("text read as UTF-8; no code page is named",)),
        ("UTF-8", "Klingon", ("text read as UTF-8; .cpg says Klingon",)),
    ],
)
def test_the_code_page_of_a_shapefile_is_what_its_bytes_say(
    tmp_path: Path, written: str, page: str | None, told: tuple[str, ...]
) -> None:
    places = frame(5).rename(columns={"name_zh": "名称"})
    write(places, tmp_path / "t.shp", encoding=written)
    (tmp_path / "t.cpg").unlink()
    if page is not None:
        (tmp_path / "t.cpg").write_text(page, encoding="ascii")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    found, record = read(point_to(tmp_path / "t.shp", "townships"), tmp_path)
    assert found["name_zh"].tolist() == ["香港中路街道"] * 5
    assert record.repairs == (*told, "column 名称 read as name_zh")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_latin_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    write(frame(3, name_zh=["São João"] * 3), tmp_path / "t.shp", encoding="ISO-8859-1")
    found, _ = read(point_to(tmp_path / "t.shp", "townships"), tmp_path)
    assert found["name_zh"].tolist() == ["São João"] * 3


def test_names_that_a_shapefile_cut_are_recognised(tmp_path: Path) -> None:
    edges = gpd.GeoDataFrame(
        {"id": ["E1"], "uncertainty_m": [30.0], "name_zh": ["港"]},
        geometry=[Point(120.38, 36.07)],
        crs="EPSG:4326",
    )
    edges.columns = ["id", "uncertaint", "name_zh", "geometry"]
    write(edges, tmp_path / "p.shp", encoding="UTF-8")
    found, record = read(point_to(tmp_path / "p.shp", "ports"), tmp_path)
    assert found["uncertainty_m"].tolist() == [30.0]
    assert record.repairs == ("column uncertaint read as uncertainty_m",)


def test_a_cut_name_that_may_be_several_is_none(tmp_path: Path) -> None:
    """suits_charging_car, _truck and _bus are one name after ten letters."""
    facts = {"id": ["C1"], "type": ["depot"], "suits_hydr": [1], "suits_char": [1]}
    table = gpd.GeoDataFrame(facts, geometry=[Point(120.38, 36.07)], crs="EPSG:4326")
    write(table, tmp_path / "c.shp", encoding="UTF-8")
    missing = "missing columns suits_charging_car, suits_charging_truck, suits_charging_bus"
    with pytest.raises(InputError, match=missing):
        read(point_to(tmp_path / "c.shp", "candidates"), tmp_path)


def test_dates_are_text_as_a_person_writes_them(tmp_path: Path) -> None:
    days = pd.to_datetime(["2024-02-29", None, "2024-03-01"])
    write(frame(3).assign(note=days), tmp_path / "towns.gpkg")
    found, _ = read(point_to(tmp_path / "towns.gpkg", "townships"), tmp_path)
    assert found["note"].tolist() == ["2024-02-29", "", "2024-03-01"]


def test_the_hash_of_a_shapefile_is_of_all_its_parts(tmp_path: Path) -> None:
    write(frame(3), tmp_path / "t.shp", encoding="UTF-8")
    spec = point_to(tmp_path / "t.shp", "townships")
    _, one = read(spec, tmp_path)
    _, same = read(spec, tmp_path)
    data = (tmp_path / "t.dbf").read_bytes()
    (tmp_path / "t.dbf").write_bytes(data.replace(b"1000", b"1009"))
    _, other = read(spec, tmp_path)
    assert one.sha256 == same.sha256 != other.sha256


def test_parts_in_capitals_are_parts(tmp_path: Path) -> None:
    write(frame(3), tmp_path / "t.shp", encoding="UTF-8")
    for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
        (tmp_path / f"t{suffix}").rename(tmp_path / f"t{suffix.upper()}")
    found, _ = read(point_to(tmp_path / "t.SHP", "townships"), tmp_path)
    assert len(found) == 3


# Workbooks


def test_a_header_below_titles_is_found(tmp_path: Path) -> None:
    spec = workbook(
        ["青岛市乡镇街道人口统计表"],
        [],
        ["单位：人", None, "2020"],
        ["编号", "名称", "人口", "经度", "纬度", None, "日期"],
        ["T1", "香港中路街道", 60000, 120.382, 36.067, "x", date(2020, 11, 1)],
        [None] * 7,
        ["T2", "珠海路街道", "60,001", 120.392, 36.067, None, None],
    )(tmp_path)
    found, record = read(spec, tmp_path)
    assert found["population"].tolist() == [60000.0, 60001.0]
    assert record.rows_read == 2
    assert record.repairs == (
        "header found in row 4 of the sheet",
        "1 blank rows left out",
        "column 经度 read as lon",
        "column 纬度 read as lat",
        "column 编号 read as id",
        "column 名称 read as name_zh",
        "column 人口 read as population",
        "column population: 1 numbers read from text",
    )


def test_a_sheet_is_chosen_by_name_or_by_kind(tmp_path: Path) -> None:
    rows = [HEADER.split(","), ROW.split(",")]
    for sheets, layer in ((("甲", "乙"), "乙"), (("甲", "townships"), None)):
        spec = workbook(*rows, sheets=sheets, layer=layer)(tmp_path)
        assert read(spec, tmp_path)[0]["id"].tolist() == ["T1"]


def test_stored_values_of_formulas_flags_and_dates_are_read(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["id", "note", "suits_hydrogen", "suits_charging_car"])
    book.active.append(["C1", date(2024, 2, 29), True, False])
    book.active["E1"], book.active["F1"], book.active["G1"] = "suits_charging_truck", "lon", "lat"
    book.active["H1"], book.active["I1"] = "suits_charging_bus", "type"
    book.active["E2"], book.active["F2"], book.active["G2"] = 1, 120.38, 36.06
    book.active["H2"], book.active["I2"] = 0, "depot"
    book.save(tmp_path / "c.xlsx")
    spec = point_to(tmp_path / "c.xlsx", "candidates", crs="EPSG:4326")
    found, _ = read(spec, tmp_path)
    assert found["note"].tolist() == ["2024-02-29"]
    assert found["suits_hydrogen"].tolist() == [1]


# Archives


def test_an_archive_is_read_like_the_file_inside(tmp_path: Path) -> None:
    spec = archive(("deep/er/towns.csv", TOWNS.encode("gbk")), ("readme.md", b"x"))(tmp_path)
    found, record = read(spec, tmp_path)
    assert found["name_zh"].tolist() == ["香港中路街道"]
    assert record.repairs == ("text read as GB18030",)
    plain, _ = towns(tmp_path)
    assert found.to_json() == plain.to_json()


def test_what_macos_adds_to_an_archive_is_no_data(tmp_path: Path) -> None:
    members = (("towns.csv", TOWNS.encode()), ("__MACOSX/._towns.csv", b"\0\5\x16\7"))
    assert read(archive(*members)(tmp_path), tmp_path)[0]["id"].tolist() == ["T1"]


def test_a_small_archive_may_shrink_as_it_likes(tmp_path: Path) -> None:
    text = TOWNS.replace(HEADER, f"{HEADER},note").replace(ROW, f"{ROW},{'x' * 5_000_000}")
    spec = archive(("towns.csv", text.encode()))(tmp_path)
    assert Path(spec.path).stat().st_size < len(text) / 200
    assert len(read(spec, tmp_path)[0]["note"][0]) == 5_000_000


def test_the_member_is_chosen_by_name_stem_or_kind(tmp_path: Path) -> None:
    other = TOWNS.replace("T1", "T9").encode()
    for layer, names in (
        ("a", ("a.csv", "b.csv")),
        ("x/a.csv", ("x/a.csv", "y/a.csv")),
        (None, ("townships.csv", "b.csv")),
    ):
        spec = archive((names[0], TOWNS.encode()), (names[1], other), layer=layer)(tmp_path)
        assert read(spec, tmp_path)[0]["id"].tolist() == ["T1"]


def test_a_layer_inside_a_file_inside_an_archive(tmp_path: Path) -> None:
    for name, count in (("a", 3), ("b", 4)):
        write(frame(count), tmp_path / "city.gpkg", layer=name)
    data = (tmp_path / "city.gpkg").read_bytes()
    found, _ = read(archive(("city.gpkg", data), layer="b", crs=None)(tmp_path), tmp_path)
    assert len(found) == 4


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "cp437"])
def test_names_in_an_archive_are_in_whatever_windows_or_macos_wrote(
    tmp_path: Path, encoding: str
) -> None:
    name = {"cp437": "Ä.csv"}.get(encoding, "街道.csv")
    stand_in = "x" * len(name.encode(encoding))
    spec = archive((stand_in, TOWNS.encode()), ("b.csv", b"id"), layer=name)(tmp_path)
    path = Path(spec.path)
    path.write_bytes(path.read_bytes().replace(stand_in.encode(), name.encode(encoding)))
    assert read(spec, tmp_path)[0]["id"].tolist() == ["T1"]


def test_text_that_was_misread_before_is_told_and_kept(tmp_path: Path) -> None:
    misread = "香港中路街道".encode("gbk").decode("latin-1")
    found, record = towns(tmp_path, TOWNS.replace("香港中路街道", misread))
    assert found["name_zh"].tolist() == [misread]
    told = f"column name_zh: text looks as if read in a wrong encoding, such as {misread!r}"
    assert record.warnings == (told,)
    _, record = towns(tmp_path, TOWNS.replace("市南区", "市\ufffd区"))
    assert "column district: text looks as if" in record.warnings[0]


@pytest.mark.parametrize(
    "name", ["São João", "Åre älvdal", "Straße", "Zoë–Nordstraße", "ESTAÇÃO", "AÇÃO E FUNDAÇÃO"]
)
def test_accents_are_not_taken_for_misread_text(tmp_path: Path, name: str) -> None:
    assert towns(tmp_path, TOWNS.replace("Xianggang Middle Rd", name))[1].warnings == ()


def test_geofabriks_ids_are_not_their_class_codes(tmp_path: Path) -> None:
    text = TOWNS.replace("id,", "osm_id,code,", 1).replace("T1,", "T1,5203,")
    assert towns(tmp_path, text)[0]["id"].tolist() == ["T1"]


# Names of columns


def test_chinese_names_are_recognised_and_told(tmp_path: Path) -> None:
    header = "編號,名稱,英文名,行政区,常住人口,經度,緯度"
    found, record = towns(tmp_path, TOWNS.replace(HEADER, header))
    plain, _ = towns(tmp_path)
    assert found.to_json() == plain.to_json()
    assert record.repairs == (
        "column 經度 read as lon",
        "column 緯度 read as lat",
        "column 編號 read as id",
        "column 名稱 read as name_zh",
        "column 英文名 read as name_en",
        "column 行政区 read as district",
        "column 常住人口 read as population",
    )


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("ID,Name_ZH,NAME EN,District,POPULATION,Lon,LAT", "population"),
        ("code,name:zh,name:en,county,ＰＯＰ,lng,latitude", "population"),
        ("fid,中文名,英文名称,区县,人口（人）,X,Y", "population"),
    ],
)
def test_names_are_recognised_whatever_case_and_width(
    tmp_path: Path, header: str, column: str
) -> None:
    found, _ = towns(tmp_path, TOWNS.replace(HEADER, header))
    plain, _ = towns(tmp_path)
    assert found[column].tolist() == plain[column].tolist()
    assert found.to_json() == plain.to_json()


def test_a_name_goes_where_its_script_says(tmp_path: Path) -> None:
    for name, column in (("香港中路街道", "name_zh"), ("Xianggang", "name_en")):
        found, _ = towns(tmp_path, f"id,name,population,lon,lat\nT1,{name},5,120.38,36.07\n")
        assert found[column].tolist() == [name]
        assert found[{"name_zh": "name_en", "name_en": "name_zh"}[column]].tolist() == [""]


def test_an_exact_or_mapped_column_is_never_overruled(tmp_path: Path) -> None:
    text = TOWNS.replace(HEADER, f"{HEADER},人口,pop").replace(ROW, f"{ROW},1,2")
    found, record = towns(tmp_path, text)
    assert (found["population"].tolist(), record.repairs) == ([60000.0], ())
    found, record = towns(tmp_path, text.replace("population", "x"), columns={"population": "pop"})
    assert (found["population"].tolist(), record.repairs) == ([2.0], ())


def test_rows_without_ids_are_numbered(tmp_path: Path) -> None:
    text = "population,lon,lat\n5,120.38,36.07\n6,120.39,36.07\n"
    found, record = towns(tmp_path, text)
    assert found["id"].tolist() == ["1", "2"]
    assert record.repairs == ("no ids: rows numbered 1 to 2",)


def test_a_better_name_wins_over_a_running_number(tmp_path: Path) -> None:
    text = TOWNS.replace("id,", "OBJECTID,编号,").replace("T1,", "17,T1,")
    assert towns(tmp_path, text)[0]["id"].tolist() == ["T1"]


def test_every_alias_means_one_column_of_a_kind() -> None:
    """A name may serve several kinds, but within a kind it must not be in doubt by itself."""
    from siting.aliases import ALIASES, fold  # noqa: PLC0415

    for kind, schema in LAYERS.items():
        names = [name for name in schema.names if name in ALIASES] + ["lon", "lat", "wkt"]
        owners: dict[str, set[str]] = {}
        for name in names:
            for group in ALIASES[name]:
                for alias in group:
                    owners.setdefault(fold(alias), set()).add(name)
        shared = {alias: who for alias, who in owners.items() if len(who) > 1}
        assert set(shared) <= {"name"} | {fold(a) for a in ALIASES["type"][0]}, kind


def test_reading_a_table_leaves_the_limit_of_csv_alone(tmp_path: Path) -> None:
    import csv  # noqa: PLC0415

    before = csv.field_size_limit(200_000)
    read_table(make_layer(tmp_path, "townships"), LAYERS["townships"])
    assert csv.field_size_limit(before) == 200_000


def test_polygons_survive_every_format(tmp_path: Path) -> None:
    for name in ("d.gpkg", "d.geojson", "d.fgb", "d.shp", "d.parquet"):
        write(polygons(SQUARE), tmp_path / name)
        found, _ = read(point_to(tmp_path / name, "districts"), tmp_path)
        assert (
            found.to_crs("EPSG:4326")
            .geometry[0]
            .normalize()
            .equals_exact(SQUARE.normalize(), 1e-9)
        )
        np.testing.assert_allclose(found.geometry[0].area, 9.0e6, rtol=0.01)


def test_a_workbook_without_its_parts_is_refused_and_let_go(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "towns.xlsx", "w") as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(InputError, match="cannot be read as a workbook") as caught:
        read(point_to(tmp_path / "towns.xlsx", "townships"), tmp_path)
    # The error holds the frames in which the file was opened; none may hold it open.
    held = [path.resolve().name for path in Path("/proc/self/fd").iterdir()]
    assert caught.value.problems
    assert "towns.xlsx" not in held
