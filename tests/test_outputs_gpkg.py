"""sites.gpkg: layers, columns, styles, the same bytes twice, and what GDAL's own checks say."""

import io
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from maps import _page_base, _page_geometry, restricted, style
from maps.about import describe
from maps.gpkg import write_gpkg
from siting.errors import CrsError, OutputError
from siting.frames import RESULT_FRAMES
from siting.model import Label, Result
from tests.requirements import require, require_osgeo
from tests.sample import NASTY_NAMES, sample_result

_SPATIAL = (
    *("candidates", "sites", "allocation", "service_areas", "demand", "flows", "roads"),
    *("districts", "land", "protected", "energy"),
)
_FIGURES = (
    *("equipment", "supply", "economics", "sensitivity", "benefits", "roll_out", "robustness"),
    *("curve", "front", "standing", "scorecard", "indicators", "checks"),
)
_LAYERS = (*_SPATIAL, *_FIGURES, "provenance", "metadata")


def _empty(result: Result) -> Result:
    """Return a result with no rows, whose frames have forgotten their column types."""
    frames = {}
    for name in RESULT_FRAMES:
        frame = getattr(result, name).iloc[:0]
        plain = [column for column in frame.columns if column != "geometry"]
        frames[name] = frame.astype(dict.fromkeys(plain, object))
    return replace(result, **frames, layers={}, plans={})


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gpkg") / "sites.gpkg"
    write_gpkg(sample_result(), path)
    return path


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gpkg") / "sites.gpkg"
    write_gpkg(_empty(sample_result()), path)
    return path


def _read(path: Path, layer: str) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(path, layer=layer)


def _query(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_layers_come_in_the_promised_order_and_number(package: Path) -> None:
    rows = _query(
        package, "SELECT table_name, data_type, srs_id FROM gpkg_contents ORDER BY rowid"
    )
    assert [row[0] for row in rows] == [*_LAYERS, "layer_styles"]
    assert {row[2] for row in rows if row[1] == "features"} == {4326}
    assert {row[0]: row[1] for row in rows}["metadata"] == "attributes"
    result = sample_result()
    counts = {name: len(_read(package, name)) for name in _SPATIAL}
    assert counts == {
        **{name: len(getattr(result, name)) for name in _SPATIAL[:6]},
        "roads": 2,
        "districts": 3,
        "land": 1,
        "protected": 2,
        "energy": 1,
    }
    figures = {name: len(_read(package, name)) for name in _FIGURES}
    assert figures == {name: len(getattr(result, name)) for name in _FIGURES}


def test_it_is_version_1_2(package: Path) -> None:
    assert _query(package, "PRAGMA user_version") == [(10200,)]


def test_candidates_carry_every_criterion_and_the_rule_that_excludes(package: Path) -> None:
    frame = _read(package, "candidates").set_index(["facility", "candidate_id"])
    site = frame.loc[("hydrogen", "C001")]
    assert (site["raw_demand"], site["value_demand"]) == (36.0, 0.9)
    assert site["contribution_demand"] == 0.45
    assert (site["rank"], site["is_chosen"], site["excluded_by"]) == (1, True, "")
    lost = frame.loc[("hydrogen", "C004")]
    assert lost["excluded_by"] == "protected_area"
    assert np.isnan(lost["score"])
    assert pd.isna(lost["rank"])


def test_places_are_where_they_were_rounded_to_a_centimetre(package: Path) -> None:
    frame = _read(package, "candidates")
    before = sample_result().candidates.to_crs("EPSG:4326")
    coordinates = shapely.get_coordinates(frame.geometry.to_numpy())
    assert (coordinates == np.round(coordinates, 7)).all()
    assert np.abs(coordinates - shapely.get_coordinates(before.geometry.to_numpy())).max() <= 6e-8
    # (lon, lat), not the other way round
    assert (coordinates[:, 0] > 119).all()


def test_service_areas_keep_their_holes(package: Path) -> None:
    areas = _read(package, "service_areas").geometry
    assert all(len(area.geoms[0].interiors) == 1 for area in areas)
    assert areas.is_valid.all()


def test_hostile_names_come_through_literally(package: Path) -> None:
    shown = set()
    for layer in _SPATIAL:
        frame = _read(package, layer)
        for column in ("name_zh", "name_en"):
            shown |= set(frame.get(column, []))
    assert set(NASTY_NAMES) <= shown


def test_a_name_is_not_cut_at_a_nul(tmp_path: Path) -> None:
    result = sample_result()
    named = result.candidates.assign(name_en="before\x00after")
    write_gpkg(replace(result, candidates=named), tmp_path / "a.gpkg")
    assert set(_read(tmp_path / "a.gpkg", "candidates")["name_en"]) == {"beforeafter"}


def test_metadata_says_what_the_data_are(package: Path) -> None:
    about = dict(_query(package, "SELECT key, value FROM metadata ORDER BY fid"))
    assert tuple(about.items()) == describe(sample_result())
    expected = {
        "title_zh": "青岛样例《甲 & 乙》",
        "edition": "2026-11-23",
        "crs": "EPSG:4326",
        "working_crs": "EPSG:4549",
        "working_crs_name": "CGCS2000 / 3-degree Gauss-Kruger CM 120E",
        "notice_en": "For internal research; not reviewed, not for publication",
        "facility.shore_power.model": "budget",
        "facility.shore_power.objective": "8000",
        "facility.shore_power.bound": "10000",
        "facility.shore_power.gap": "0.2",
        "facility.shore_power.status": "time_limit",
        "layer.candidates.licence": "CC BY 4.0",
        "layer.candidates.rows": "12 of 13",
        "source.pack": "hand-compiled, CC BY 4.0",
    }
    assert {key: about[key] for key in expected} == expected
    assert about["note.1.schematic_coast_en"].startswith("[warning] the coast")
    assert "datum_zh" in about


def test_metadata_keys_are_unique_and_other_datums_are_not_called_cgcs2000() -> None:
    rows = describe(sample_result())
    assert len({key for key, _ in rows}) == len(rows)
    elsewhere = dict(describe(replace(sample_result(), crs="EPSG:32629", provenance=(), plans={})))
    assert not [key for key in elsewhere if key.startswith("datum")]
    assert elsewhere["layer.townships.licence"] == "CC BY 4.0"


def test_the_same_result_gives_the_same_bytes_and_gdal_keeps_its_clock(tmp_path: Path) -> None:
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2001-02-03T04:05:06.000Z"})
    # The project inside names the file.
    one, two = tmp_path / "1" / "sites.gpkg", tmp_path / "2" / "sites.gpkg"
    try:
        for path in (one, two):
            path.parent.mkdir()
            write_gpkg(sample_result(), path)
        kept = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    assert kept == "2001-02-03T04:05:06.000Z"
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(
    ("edition", "day"),
    [("2026-11-23", "2026-11-23"), ("draft 7", "1970-01-01"), ("", "1970-01-01")],
)
def test_every_date_inside_is_the_edition(edition: str, day: str, tmp_path: Path) -> None:
    result = sample_result()
    write_gpkg(replace(result, study=replace(result.study, edition=edition)), tmp_path / "a.gpkg")
    dates = _query(tmp_path / "a.gpkg", "SELECT last_change FROM gpkg_contents")
    dates += _query(tmp_path / "a.gpkg", "SELECT update_time FROM layer_styles")
    assert set(dates) == {(f"{day}T00:00:00.000Z",)}
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_empty_frames_give_empty_layers_of_the_same_shape(package: Path, bare: Path) -> None:
    for layer in _SPATIAL:
        full, empty = (pyogrio.read_info(path, layer=layer) for path in (package, bare))
        assert empty["features"] == 0
        for said in ("geometry_type", "crs", "ogr_types", "ogr_subtypes"):
            assert list(np.atleast_1d(empty[said])) == list(np.atleast_1d(full[said])), layer
        assert list(empty["fields"]) == list(full["fields"])


def _styles(path: Path) -> dict[str, ET.Element]:
    rows = _query(path, "SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault")
    return {str(name): ET.fromstring(str(qml)) for name, qml in rows}  # noqa: S314 - our own text


def test_styles_belong_to_layers_and_their_geometry(package: Path) -> None:
    columns = _query(package, "SELECT table_name, column_name FROM gpkg_geometry_columns")
    styled = _query(package, "SELECT f_table_name, f_geometry_column FROM layer_styles")
    assert {name for name, _ in styled} == set(_SPATIAL)
    assert set(styled) <= set(columns)


def _colours(root: ET.Element, key: str) -> list[str]:
    return [str(prop.get("v")) for prop in root.iter("prop") if prop.get("k") == key]


def test_candidates_have_the_classes_and_colours_of_the_map(package: Path) -> None:
    root = _styles(package)["candidates"]
    limits = [(float(r.get("lower", "")), float(r.get("upper", ""))) for r in root.iter("range")]
    assert limits == list(style.score_ranges())
    fills = [",".join(colour.split(",")[:3]) for colour in _colours(root, "color")]
    assert fills == [
        ",".join(str(int(c[i : i + 2], 16)) for i in (1, 3, 5)) for c in style.SCORE_COLOURS
    ]


def test_sites_are_coloured_by_facility_whatever_the_labels_say(tmp_path: Path) -> None:
    result = sample_result()
    first, *others = result.study.facilities
    hostile = replace(first, label=Label(zh='"/><x>&\x07', en=NASTY_NAMES[2]), colour="url(evil)")
    study = replace(result.study, facilities=(hostile, *others))
    write_gpkg(replace(result, study=study), tmp_path / "a.gpkg")
    root = _styles(tmp_path / "a.gpkg")["sites"]
    categories = list(root.iter("category"))
    assert [c.get("value") for c in categories] == ["hydrogen", "charging", "shore_power"]
    assert categories[0].get("label") == f'"/><x>& / {NASTY_NAMES[2]}'
    assert _colours(root, "color") == ["0,114,178,255", "0,158,115,255", "213,94,0,255"]


def test_a_place_without_an_image_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    result = sample_result()
    far = result.candidates.set_geometry(result.candidates.translate(xoff=np.inf))
    with pytest.raises(CrsError):
        write_gpkg(replace(result, candidates=far), tmp_path / "a.gpkg")
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"a\.gpkg: cannot be written"):
        write_gpkg(sample_result(), tmp_path / "nowhere" / "a.gpkg")


@pytest.fixture(params=["package", "bare"])
def any_package(request: pytest.FixtureRequest) -> Path:
    path: Path = request.getfixturevalue(request.param)
    return path


def test_ogrinfo_reads_every_layer_without_complaint(any_package: Path) -> None:
    command = [str(require("ogrinfo")), "-ro", "-al", "-so", str(any_package)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not told.stderr
    assert "Warning" not in told.stdout
    for layer in _LAYERS:
        assert f"Layer name: {layer}\n" in told.stdout


def test_gdals_validator_accepts_it_and_would_not_accept_anything(
    any_package: Path, tmp_path: Path
) -> None:
    def validate(path: Path) -> subprocess.CompletedProcess[str]:
        command = [require_osgeo(), "-m", "osgeo_utils.samples.validate_gpkg", "--extra", path]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    told = validate(any_package)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    broken = tmp_path / "broken.gpkg"
    broken.write_bytes(any_package.read_bytes())
    with closing(sqlite3.connect(broken)) as connection, connection:
        connection.execute("UPDATE gpkg_contents SET data_type = 'attributes'")
    assert validate(broken).returncode


def test_every_column_has_a_name_of_its_own_to_show(package: Path) -> None:
    rows = _query(package, "SELECT table_name, column_name, name FROM gpkg_data_columns")
    named = {(table, column) for table, column, _ in rows}
    columns = {
        (layer, str(column))
        for layer in _LAYERS
        for column in ("fid", *pyogrio.read_info(package, layer=layer)["fields"])
    }
    assert named == columns
    known = {column for _, column, name in rows if column == name}
    assert known == set()
    said = {(table, column): name for table, column, name in rows}
    assert said["candidates", "score"] == "综合得分（0–1） / score (0–1)"
    assert (
        said["candidates", "raw_grid"] == "原值：变电站距离 / raw: distance to a substation (km)"
    )


def test_the_styles_name_the_columns_in_their_order(package: Path) -> None:
    for layer, root in _styles(package).items():
        fields = ["fid", *pyogrio.read_info(package, layer=layer)["fields"]]
        assert [alias.get("field") for alias in root.iter("alias")] == fields


def test_the_sld_has_the_same_classes_and_colours(package: Path) -> None:
    rows = dict(_query(package, "SELECT f_table_name, styleSLD FROM layer_styles"))
    root = ET.fromstring(str(rows["candidates"]))  # noqa: S314 - our own text
    fills = [
        element.text
        for element in root.iter("{http://www.opengis.net/se}SvgParameter")
        if element.get("name") == "fill"
    ]
    assert fills == list(style.SCORE_COLOURS)
    literals = [e.text for e in root.iter("{http://www.opengis.net/ogc}Literal")]
    limits = [f"{limit:g}" for pair in style.score_ranges() for limit in pair]
    assert literals == limits
    assert set(rows) == set(_SPATIAL)
    assert all(ET.fromstring(str(text)) is not None for text in rows.values())  # noqa: S314


def test_a_project_inside_names_every_table_once_by_type(package: Path) -> None:
    ((name, content),) = _query(package, "SELECT name, content FROM qgis_projects")
    assert name == "sample"
    with zipfile.ZipFile(io.BytesIO(bytes.fromhex(str(content)))) as archive:
        assert archive.namelist() == ["sample.qgs"]
        root = ET.fromstring(archive.read("sample.qgs"))  # noqa: S314 - our own text
    sources = {e.text for e in root.iter("datasource")}
    tables = {str(source).split("layername=")[1].split("|")[0] for source in sources}
    assert tables == set(_LAYERS)
    assert all(str(source).startswith("./sites.gpkg|") for source in sources)
    ids = [element.text for element in root.iter("id")]
    assert len(set(ids)) == len(ids)
    assert {e.text for e in root.iter("item")} == set(ids)
    label = root.findtext("properties/CopyrightLabel/Label", "")
    assert "not reviewed, not for publication" in label


def test_provenance_has_a_row_for_every_input(package: Path) -> None:
    frame = _read(package, "provenance")
    result = sample_result()
    assert frame["kind"].tolist() == [record.kind for record in result.provenance]
    first = frame.iloc[0]
    assert (first["licence"], first["crs"], first["hash"]) == ("CC BY 4.0", "EPSG:4326", "ab" * 32)
    assert (first["rows"], first["rows_read"]) == (12, 13)
    assert first["repairs"] == "1 duplicate row dropped: | C001 |"


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4549"])
def test_restricted_places_leave_only_roughly(crs: str, tmp_path: Path) -> None:
    result = sample_result()
    energy = result.layers["energy"]
    station = energy.assign(id="N02", type="h2_station", note="gate code 1234")
    moved = station.set_geometry(station.translate(xoff=1234.5))
    both = pd.concat(
        [
            energy.translate(xoff=321.0)
            .to_frame("geometry")
            .join(pd.DataFrame(energy.drop(columns="geometry"))),
            moved,
        ]
    )
    layers = {**result.layers, "energy": gpd.GeoDataFrame(both, crs=result.crs)}
    supply = result.supply.assign(source_id="N01", distance_km=11.2528)
    write_gpkg(replace(result, layers=layers, supply=supply), tmp_path / "sites.gpkg", crs=crs)
    found = _read(tmp_path / "sites.gpkg", "energy").to_crs("EPSG:4326").set_index("id")
    places = shapely.get_coordinates(found.geometry.to_numpy())
    assert places[0] == pytest.approx([120.43, 36.26], abs=2e-7)
    exact = shapely.get_coordinates(moved.to_crs("EPSG:4326").geometry.to_numpy())
    assert places[1] == pytest.approx(exact[0], abs=2e-7)
    assert found["is_rounded"].tolist() == [True, False]
    assert not {"note", "source", "uncertainty_m"} & set(found.columns)
    assert set(_read(tmp_path / "sites.gpkg", "supply")["distance_km"]) == {11.0}
    assert b"gate code" not in (tmp_path / "sites.gpkg").read_bytes()


def test_columns_that_nobody_promised_stay_in_the_house(tmp_path: Path) -> None:
    result = sample_result()
    frames = {
        name: getattr(result, name).assign(owner_phone="0532-1234")
        for name in ("candidates", "sites", "demand", "allocation", "flows", "economics")
    }
    layers = {
        kind: frame.assign(owner_phone="0532-1234", note="0532-1234")
        for kind, frame in result.layers.items()
    }
    write_gpkg(replace(result, **frames, layers=layers), tmp_path / "sites.gpkg")
    assert b"0532-1234" not in (tmp_path / "sites.gpkg").read_bytes()


def test_the_rule_of_the_map_is_the_rule_of_the_package() -> None:
    assert restricted.SHOWN_EXACTLY == _page_base._SHOWN_EXACTLY
    assert restricted.COARSE_DIGITS == _page_geometry.COARSE_DIGITS


def test_the_argument_is_left_alone(tmp_path: Path) -> None:
    result, same = sample_result(), sample_result()
    write_gpkg(result, tmp_path / "a.gpkg")
    for name in RESULT_FRAMES:
        pd.testing.assert_frame_equal(
            pd.DataFrame(getattr(result, name)), pd.DataFrame(getattr(same, name))
        )
    assert list(result.candidates.columns) == list(RESULT_FRAMES["candidates"])
