"""PostGIS both ways against a real server: layers in, results out, and what must not happen."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import psycopg
import pytest

import layers
import siting
from layers._source import read_source
from maps.database import write_database
from siting.config import load_study
from siting.errors import ConfigError, CrsError, InputError, OutputError, SitingError
from siting.frames import RESULT_FRAMES
from siting.model import LayerSpec, Result, Study
from tests.postgis import PASSWORD, postgis_server

SECRETS = (PASSWORD, "s%C3%A9cret%20p%40ss", "p@ss", "p%40ss")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with postgis_server() as found:
        yield found


@pytest.fixture(scope="module")
def result() -> Result:
    return siting.plan("qingdao", facilities=["shore_power"])


@pytest.fixture(scope="module")
def written(address: str, result: Result) -> tuple[str, ...]:
    return write_database(result, address)


def table(kind: str, name: str | None, address: str, **spec: str) -> LayerSpec:
    return LayerSpec(kind=kind, path=address, reference="postgresql://db", layer=name, **spec)


def query(address: str, text: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address) as connection:
        return connection.execute(text.encode()).fetchall()


def run(address: str, *statements: str) -> None:
    with psycopg.connect(address) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def refuse(spec: LayerSpec) -> str:
    with pytest.raises(InputError) as caught:
        read_source(spec)
    return str(caught.value)


def assert_same(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> None:
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.drop(columns="geometry")), pd.DataFrame(other.drop(columns="geometry"))
    )
    assert one.geometry.to_wkb().tolist() == other.geometry.to_wkb().tolist()


@pytest.mark.usefixtures("written")
def test_layers_come_back_as_they_went_out(address: str, result: Result) -> None:
    study = load_study("qingdao")
    specs = {
        kind: table(kind, f"siting.layer_{kind}", address) if kind in result.layers else spec
        for kind, spec in study.layers.items()
    }
    here, there = layers.read(study), layers.read(replace(study, layers=specs))
    assert set(result.layers) <= set(here.layers)
    for kind in here.layers:
        assert_same(here.layers[kind], there.layers[kind])
    hashes = {record.kind: record.sha256 for record in there.provenance}
    again = layers.read(replace(study, layers=specs))
    assert hashes == {record.kind: record.sha256 for record in again.provenance}
    assert len(set(hashes.values())) == len(hashes)


def test_every_frame_is_a_table_with_its_crs(
    address: str, result: Result, written: tuple[str, ...]
) -> None:
    names = [*RESULT_FRAMES, *(f"layer_{kind}" for kind in sorted(result.layers))]
    assert written == tuple(f"siting.{name}" for name in names)
    for name in RESULT_FRAMES:
        ((rows,),) = query(address, f"SELECT count(*) FROM siting.{name}")  # noqa: S608 - ours
        assert rows == len(getattr(result, name))
    ((srid,),) = query(address, "SELECT DISTINCT ST_SRID(geometry) FROM siting.candidates")
    assert f"EPSG:{srid}" == result.crs
    (index,) = query(address, "SELECT indexdef FROM pg_indexes WHERE tablename = 'sites'")
    assert "gist" in str(index[0])


def test_a_study_may_name_a_table(tmp_path: Path, address: str, written: tuple[str, ...]) -> None:
    assert "siting.layer_ports" in written
    text = (Path("config/studies/qingdao.toml")).read_text(encoding="utf-8")
    own = f'ports = {{ database = "{address}", layer = "siting.layer_ports" }}'
    text = text.replace('ports = { file = "starter:qingdao/ports.csv" }', own)
    text = text.replace('[layer_defaults]\ncrs = "EPSG:4326"', "[layer_defaults]")
    text = text.replace('.csv" }', '.csv", crs = "EPSG:4326" }')
    text = text.replace('.csv", columns', '.csv", crs = "EPSG:4326", columns')
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    study = load_study(path)
    assert study.layers["ports"].reference.startswith("postgresql://planner@127.0.0.1:")
    assert not any(secret in repr(study) for secret in SECRETS)
    assert_same(
        layers.read(study).layers["ports"], layers.read(load_study("qingdao")).layers["ports"]
    )


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('{ database = "mysql://h/d", layer = "a" }', "postgres"),
        ('{ database = "postgresql://h/d" }', 'layer = "schema.table"'),
        ('{ database = "postgresql://h/d", file = "a.csv", layer = "a" }', "either a file or"),
    ],
)
def test_half_an_address_is_refused(tmp_path: Path, row: str, told: str) -> None:
    text = (Path("config/studies/qingdao.toml")).read_text(encoding="utf-8")
    path = tmp_path / "own.toml"
    path.write_text(
        text.replace('ports = { file = "starter:qingdao/ports.csv" }', f"ports = {row}"),
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match=r"layers\.ports") as caught:
        load_study(path)
    assert told in str(caught.value)


def test_a_name_is_never_sql(address: str, written: tuple[str, ...]) -> None:
    before = query(address, "SELECT count(*) FROM siting.layer_ports")
    for name in (
        "siting.layer_ports; DROP TABLE siting.layer_ports",
        'layer_ports" ; DROP TABLE siting.layer_ports; --',
        "siting.layer_ports WHERE 1=1",
    ):
        message = refuse(table("ports", name, address))
        assert "no such table or view" in message
        assert "\n" not in message
    assert query(address, "SELECT count(*) FROM siting.layer_ports") == before
    assert written


def test_odd_names_and_types_are_read(address: str) -> None:
    run(
        address,
        'CREATE SCHEMA "港口; --"',
        'CREATE TABLE "港口; --"."Ports ""x""" (id text, name_zh text, name_en text, role text,'
        " note numeric, shape geometry(PointZ, 4326))",
        'INSERT INTO "港口; --"."Ports ""x""" VALUES'
        " ('P1', '前湾', 'Qianwan', 'hub', 1.5, 'SRID=4326;POINT Z (120.2 36.0 3)')",
    )
    spec = table("ports", '港口; --.Ports "x"', address)
    raw = read_source(spec)
    assert raw.cells["name_zh"].tolist() == ["前湾"]
    assert raw.cells["note"].tolist() == [1.5]
    assert raw.crs is not None
    assert raw.crs.to_epsg() == 4326


def test_what_a_table_may_lack(address: str) -> None:
    run(
        address,
        "CREATE TABLE two (id text, a geometry, b geometry)",
        "CREATE TABLE none_of_it (id text)",
        "CREATE TABLE no_rows (id text, g geometry(Point, 4326))",
        "CREATE TABLE no_srid (id text, g geometry)",
        "INSERT INTO no_srid VALUES ('P1', 'POINT (120.2 36.0)')",
    )
    assert "several geometry columns (got a, b" in refuse(table("ports", "two", address))
    assert "no geometry column (got id" in refuse(table("ports", "none_of_it", address))
    assert "no rows" in refuse(table("ports", "no_rows", address))
    (fault,) = read_source(table("ports", "no_srid", address)).faults
    assert isinstance(fault, CrsError)
    named = read_source(table("ports", "no_srid", address, crs="EPSG:4490"))
    assert named.crs is not None
    assert named.crs.to_epsg() == 4490


def broken(address: str) -> list[str]:
    return [
        address.replace("p%40ss", "p%40sx"),
        address.replace("127.0.0.1:", "127.0.0.1:1"),
        address.replace("/postgres", "/nowhere"),
        address.replace("127.0.0.1:", "127.0.0.1:x"),
        f"{address}?sslmode=nonsense&password=p@ss",
    ]


def test_a_password_is_never_shown(address: str, result: Result) -> None:
    errors: list[SitingError] = []
    for wrong in broken(address):
        with pytest.raises(InputError) as read:
            read_source(table("ports", "siting.layer_ports", wrong))
        with pytest.raises(OutputError) as write:
            write_database(result, wrong)
        errors += [read.value, write.value]
    for error in errors:
        told = f"{error}{error!r}{error.__cause__!r}"
        assert not any(secret in told for secret in (*SECRETS, "p%40sx", "p@sx"))
        assert "database" in str(error)
        assert "\n" not in str(error)


@pytest.mark.usefixtures("written")
def test_reading_cannot_write(address: str) -> None:
    run(
        address,
        "CREATE TABLE hit (id text)",
        "CREATE FUNCTION trap() RETURNS text LANGUAGE plpgsql VOLATILE AS"
        " $$BEGIN INSERT INTO hit VALUES ('x'); RETURN 'x'; END$$",
        "CREATE VIEW trapped AS SELECT trap() AS id, 'SRID=4326;POINT (1 1)'::geometry AS g",
    )
    assert "read-only" in refuse(table("ports", "trapped", address))
    assert query(address, "SELECT * FROM hit") == []


@pytest.mark.usefixtures("written")
def test_an_earlier_result_is_replaced_only_when_asked(address: str, result: Result) -> None:
    with pytest.raises(OutputError, match="holds a result"):
        write_database(result, address)
    run(address, "CREATE VIEW public.built_on_it AS SELECT * FROM siting.sites")
    with pytest.raises(OutputError, match="nothing was changed"):
        write_database(result, address, overwrite=True)
    assert query(address, "SELECT count(*) FROM built_on_it") == [(len(result.sites),)]
    run(address, "DROP VIEW public.built_on_it")
    write_database(result, address, overwrite=True)
    assert query(address, "SELECT count(*) FROM siting.sites") == [(len(result.sites),)]


def test_what_others_put_there_stays(address: str, result: Result) -> None:
    run(address, "CREATE SCHEMA city", "CREATE TABLE city.roads (id text)")
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="not ours"):
            write_database(result, address, schema="city", overwrite=overwrite)
    assert query(address, "SELECT * FROM city.roads") == []


@pytest.mark.parametrize("schema", ["", "pg_catalog", 'a"b', "a;b", "A", "1a", "x" * 64])
def test_a_schema_name_is_checked_first(result: Result, schema: str) -> None:
    with pytest.raises(OutputError, match="not a schema's name"):
        write_database(result, "postgresql://nobody@127.0.0.1:1/x", schema=schema)


def test_nothing_is_left_of_a_write_that_fails(
    address: str, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_sql = pd.DataFrame.to_sql

    def fail_late(frame: pd.DataFrame, name: str, connection: object, **options: object) -> None:
        if name == "reasons":
            options["schema"] = "missing"
        to_sql(frame, name, connection, **options)

    monkeypatch.setattr(pd.DataFrame, "to_sql", fail_late)
    with pytest.raises(OutputError, match="nothing was changed"):
        write_database(result, address, schema="half")
    assert query(address, "SELECT 1 FROM pg_namespace WHERE nspname = 'half'") == []


def test_no_study_keeps_a_password(tmp_path: Path, address: str, result: Result) -> None:
    from maps.store import write_result  # noqa: PLC0415

    ports = replace(table("ports", "siting.layer_ports", address), reference="postgresql://db")
    study: Study = replace(result.study, layers={**result.study.layers, "ports": ports})
    write_result(replace(result, study=study), tmp_path)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not any(secret.encode() in kept for secret in SECRETS)
