"""Where the data come from and what they cannot tell: in the report, the GeoPackage and the manifest."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
from shapely import LineString, Point, box

from maps._page_base import about_data
from maps._report_data import data_quality
from maps.about import describe
from maps.gpkg import write_gpkg
from maps.manifest import render_manifest
from siting.config import load_wording
from siting.model import Label, LayerRecord, LeftOut, Result
from siting.schema import GRIDS, LAYERS
from tests.sample import CRS, NASTY_NAMES, TABLE_NAME, sample_result

RECORD = LayerRecord(
    kind="energy", reference="stations.csv", sha256="0123456789abcdef" * 4, licence="ODbL 1.0",
    attribution="© OpenStreetMap contributors", crs_found="GCJ-02", crs_used="EPSG:4549",
    rows_read=1250, rows_kept=1200, source="OpenStreetMap", date="2026-10-01",
    repairs=("GCJ-02 to WGS 84: 1200 of 1200 coordinates moved", "50 doubles left out"),
    warnings=("sits about 450 m off the roads (450 m east, 0 m south)",),
)  # fmt: skip


def known(**changes: object) -> Result:
    """Return the sample with one layer more whose record is full."""
    result = sample_result()
    record = replace(RECORD, **changes)
    return replace(result, provenance=(*result.provenance, record))


def report(result: Result) -> str:
    return "\n".join(data_quality(result))


def rows(text: str, title: str) -> list[list[str]]:
    """Return the cells of the rows of the table under a title, without its head."""
    part = text[text.index(title) :]
    start = part.index("\n| ")
    block = part[start:].split("\n\n")[0].strip().splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in block[2:]]


def test_every_layer_says_where_it_comes_from_and_what_became_of_it() -> None:
    assert rows(report(known()), "## 数据质量")[-1] == [
        *("energy", "stations.csv", "OpenStreetMap", "2026-10-01", "GCJ-02 → EPSG:4549"),
        *("1,250 → 1,200", "ODbL 1.0", "© OpenStreetMap contributors", "0123456789ab"),
    ]


def test_what_was_not_changed_is_said_once_and_what_is_not_known_is_a_dash() -> None:
    bare = known(
        crs_found="", crs_used="", rows_read=1200, source="", date="", licence="", attribution=""
    )
    assert rows(report(bare), "## 数据质量")[-1] == [
        *("energy", "stations.csv", "—", "—", "—", "1,200", "—", "—", "0123456789ab")
    ]
    same = known(crs_found="EPSG:4549")
    assert rows(report(same), "## 数据质量")[-1][4] == "EPSG:4549"


def test_repairs_and_doubts_name_all_layers_that_they_hold_for() -> None:
    result = known()
    twin = replace(RECORD, kind="parks", repairs=("50 doubles left out",))
    text = report(replace(result, provenance=(*result.provenance, twin)))
    repairs = text[text.index("### 修复") : text.index("### 存疑")]
    doubts = text[text.index("### 存疑") : text.index("### 缺少")]
    assert "- energy, parks: 50 doubles left out\n" in repairs
    assert "- energy: GCJ-02 to WGS 84: 1200 of 1200 coordinates moved\n" in repairs
    assert "- candidates: 1 duplicate row dropped: \\| C001 \\|\n" in repairs
    assert "- energy, parks: sits about 450 m off the roads (450 m east, 0 m south)\n" in doubts
    assert "doubles" not in doubts


def test_what_was_left_out_is_said_with_what_is_missing() -> None:
    result = sample_result()
    first, *others = result.study.facilities
    note = Label(zh="以保护区代替", en="protected areas stand in")
    parts = (
        LeftOut(part="rule", key="redline", label=Label(zh="红线", en="redline"),
                missing="ecological_redline", note=note),
        LeftOut(part="criterion", key="grid", label=Label(zh="变电站", en="substation")),
    )  # fmt: skip
    study = replace(
        result.study,
        facilities=(replace(first, left_out=parts), *others),
        left_out={"shore_power": Label(zh="没有泊位", en="no berths")},
    )
    text = report(replace(result, study=study))
    assert "- shore\\_power: 没有泊位 / no berths\n" in text
    assert (
        "规则 / rule 红线 / redline 未计入 / left out（缺 ecological\\_redline / "
        "no ecological\\_redline）。以保护区代替 / protected areas stand in\n"
    ) in text
    assert "指标 / criterion 变电站 / substation 未计入 / left out（无可用值" in text
    about = dict(describe(replace(result, study=study)))
    assert about["facility.shore_power.left_out_en"] == "no berths"
    assert about["facility.hydrogen.left_out.rule.redline"] == "ecological_redline"
    assert about["facility.hydrogen.left_out.criterion.grid"] == "no value"


def test_distances_to_the_roads_are_told_and_what_reaches_none() -> None:
    result = sample_result()
    demand = result.demand.copy()
    demand.loc[demand["demand_id"] == "D03", "access_m"] = np.nan  # 300 of 2,200 kg/day
    candidates = result.candidates.copy()
    mine = candidates["facility"] == "hydrogen"
    candidates.loc[mine, "access_m"] = [100.0, 200.0, 300.0, 400.0, np.nan]
    text = report(replace(result, demand=demand, candidates=candidates))
    found = rows(text, "### 到路网的距离")
    assert found[0][1:] == ["候选点 / candidates", "250", "385", "400", "1", "—"]
    assert found[1][1:] == ["需求点 / demand", "420", "420", "420", "1", "13.6 %"]
    assert len(found) == 2 * 3


def edged(layers: Mapping[str, gpd.GeoDataFrame], *, journeys_km: float = 10.0) -> list[list[str]]:
    """Return the table of edge effects of demand 2, 9, 12 and 50 km east of the west border."""
    result = sample_result()
    mine = result.demand[result.demand["facility"] == "charging"].iloc[[0, 0, 0, 0]]
    demand = mine.assign(demand=[1.0, 2.0, 3.0, 4.0]).set_geometry(
        [Point(500_000 + 1000 * east, 4_000_000) for east in (2, 9, 12, 50)], crs=CRS
    )
    allocation = result.allocation.assign(distance_km=journeys_km)
    result = replace(result, demand=demand, allocation=allocation, layers=layers)
    return rows(report(result), "### 边缘效应")


def frame(*shapes: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs=CRS)


DISTRICTS = frame(
    box(500_000, 3_900_000, 540_000, 4_100_000), box(540_000, 3_900_000, 600_000, 4_100_000)
)


def test_demand_near_the_border_is_counted() -> None:
    found = edged({"districts": DISTRICTS})
    assert found[1][1:] == ["10", "2 / 4", "30.0 %"]  # the line between districts is no border
    assert edged({"districts": DISTRICTS}, journeys_km=12.5)[1][1:] == ["12.5", "3 / 4", "60.0 %"]


def test_the_coast_is_no_edge() -> None:
    coast = frame(LineString([(500_000, 3_890_000), (500_000, 4_110_000)]))
    assert edged({"districts": DISTRICTS, "coastline": coast})[1][1:] == ["10", "0 / 4", "0.0 %"]
    half = frame(LineString([(500_000, 4_005_000), (500_000, 4_110_000)]))
    assert edged({"districts": DISTRICTS, "coastline": half})[1][2] == "2 / 4"  # 3 km to the south


def test_gateways_are_edges_with_and_without_districts() -> None:
    gateways = frame(Point(549_000, 4_000_000))
    assert edged({"gateways": gateways})[1][1:] == ["10", "1 / 4", "40.0 %"]
    assert edged({"gateways": gateways, "districts": DISTRICTS})[1][2] == "3 / 4"


def test_without_a_border_or_journeys_nobody_can_tell() -> None:
    result = sample_result()
    assert "no border is known: cannot tell" in report(replace(result, layers={}))
    assert edged({"districts": DISTRICTS}, journeys_km=0.0)[1][1:] == ["—", "—", "—"]
    bare = replace(result, allocation=result.allocation.iloc[:0])
    assert rows(report(bare), "### 边缘效应")[0][1:] == ["—", "—", "—"]


@pytest.mark.parametrize("text", NASTY_NAMES)
def test_text_from_the_data_stays_text(text: str) -> None:
    plain = report(known())
    nasty = report(known(reference=text, source=text, warnings=(text,), repairs=(text,)))
    assert nasty.count("\n") <= plain.count("\n")
    assert "<img" not in nasty
    assert "<b>" not in nasty
    assert "`c`" not in nasty


# GeoPackage


def metadata(path: Path, layer: str | None = None) -> dict[str, str]:
    """Return what GDAL reads as metadata of the package, or of a layer."""
    info = pyogrio.read_info(path, layer=layer or "sites")
    return dict(info["layer_metadata" if layer else "dataset_metadata"] or {})


def test_gdal_reads_the_metadata_of_the_package(tmp_path: Path) -> None:
    result = known(reference=TABLE_NAME)
    write_gpkg(result, tmp_path / "a.gpkg")
    found = metadata(tmp_path / "a.gpkg")
    assert found == {
        key: " ".join(v.split()) if "\u2028" in v else v for key, v in describe(result)
    }
    assert found["layer.energy.crs_found"] == "GCJ-02"
    assert found["layer.energy.crs_used"] == "EPSG:4549"
    assert found["layer.energy.date"] == "2026-10-01"
    assert found["layer.energy.rows"] == "1200 of 1250"
    assert found["layer.energy.warnings"].startswith("sits about 450 m")
    assert found["layer.energy.reference"] == TABLE_NAME


def test_layers_that_are_inputs_carry_their_own(tmp_path: Path) -> None:
    result = known(kind="road_edges")
    write_gpkg(result, tmp_path / "a.gpkg")
    found = metadata(tmp_path / "a.gpkg", "roads")
    assert found["licence"] == "ODbL 1.0"
    assert found["attribution"] == "© OpenStreetMap contributors"
    assert "licence" not in metadata(tmp_path / "a.gpkg", "sites")


def test_metadata_tables_are_as_the_standard_has_them(tmp_path: Path) -> None:
    write_gpkg(known(kind="road_edges"), tmp_path / "a.gpkg")
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as package:
        assert package.execute("PRAGMA foreign_key_check").fetchall() == []
        extensions = package.execute(
            "SELECT table_name, scope FROM gpkg_extensions WHERE extension_name = 'gpkg_metadata'"
        ).fetchall()
        references = package.execute(
            "SELECT reference_scope, table_name, timestamp FROM gpkg_metadata_reference"
        ).fetchall()
    assert sorted(extensions) == [
        ("gpkg_metadata", "read-write"),
        ("gpkg_metadata_reference", "read-write"),
    ]
    day = "2026-11-23T00:00:00.000Z"
    assert references == [("geopackage", None, day), ("table", "roads", day)]


def test_equal_results_give_equal_packages(tmp_path: Path) -> None:
    for name in "ab":
        write_gpkg(known(), tmp_path / f"{name}.gpkg")
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


# Manifest and map


def test_the_manifest_holds_the_whole_record() -> None:
    created = datetime(2026, 11, 24, tzinfo=UTC)
    text = render_manifest(known(), versions={}, files={}, created=created)
    record = json.loads(text)["inputs"][-1]
    expected = {
        name: list(value) if isinstance(value := getattr(RECORD, name), tuple) else value
        for name in RECORD.__dataclass_fields__
    }
    assert record == expected


def test_every_attribution_reaches_the_map_s_credits() -> None:
    """The page prints each of them once, from this list (``maps/web/legend.js``)."""
    owners = ["A", "B (ODbL)", "A", "丙"]
    records = tuple(
        replace(RECORD, kind=f"k{n}", attribution=name) for n, name in enumerate(owners)
    )
    told = about_data(replace(sample_result(), provenance=records), [])["layers"]
    assert [layer["attribution"] for layer in told] == owners


def test_every_kind_of_layer_and_raster_has_a_name_in_both_languages() -> None:
    words = load_wording()
    for kind in (*LAYERS, *GRIDS):
        assert words[f"kind_{kind}"].zh
        assert words[f"kind_{kind}"].en
