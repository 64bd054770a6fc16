"""Where the data come from and what they cannot tell: in the GeoPackage, the manifest and the map."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyogrio

from maps._page_base import about_data
from maps.about import describe
from maps.gpkg import write_gpkg
from maps.manifest import render_manifest
from siting.config import load_wording
from siting.model import Label, LayerRecord, LeftOut, Result
from siting.schema import GRIDS, LAYERS
from tests.sample import TABLE_NAME, sample_result

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
    about = dict(describe(replace(result, study=study)))
    assert about["facility.shore_power.left_out_en"] == "no berths"
    assert about["facility.hydrogen.left_out.rule.redline"] == "ecological_redline"
    assert about["facility.hydrogen.left_out.criterion.grid"] == "no value"


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
        (tmp_path / name).mkdir()
        write_gpkg(known(), tmp_path / name / "sites.gpkg")
    assert len({(tmp_path / n / "sites.gpkg").read_bytes() for n in "ab"}) == 1


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
