"""Qingdao with the open data there are: substations, power plants, towns and the new airport."""

import geopandas as gpd
import pandas as pd
import pytest

import siting
from siting.model import Result
from tests.packs import PACK, OwnStudy, criterion
from tests.requirements import require_data

pytestmark = [pytest.mark.real, pytest.mark.slow]

METRIC = "EPSG:4549"
NEAR_ROAD_M = 3000.0
FROM_KV = 110.0


def near_roads(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep what lies in the districts and near a road of the pack."""
    roads = gpd.GeoSeries.from_wkt(pd.read_csv(PACK / "road_edges.csv")["wkt"], crs="EPSG:4326")
    districts = gpd.read_file(PACK / "districts.geojson").to_crs(METRIC).union_all()
    metric = frame.to_crs(METRIC).geometry
    away = metric.distance(roads.to_crs(METRIC).union_all())
    return frame[metric.intersects(districts) & (away < NEAR_ROAD_M)]


def read(name: str) -> gpd.GeoDataFrame:
    frame = gpd.read_file(require_data("qingdao", f"{name}.geojson"))
    points = frame.to_crs(METRIC).representative_point().to_crs("EPSG:4326")
    return frame.set_geometry(points)


def energy() -> gpd.GeoDataFrame:
    """Return substations from 110 kV (OSM) and power plants (WRI) under the sources' own names."""
    power = read("osm_power")
    stations = power[(power["power"] == "substation") & (power["max_kv"] >= FROM_KV)]
    high = stations["max_kv"].map(lambda kv: f"substation_{kv:.0f}")
    stations = stations.assign(art=high, amount=stations["max_kv"], einheit="kV", state="")
    plants = read("wri_power_plants")
    plants = plants.assign(art="power_plant", amount=plants["capacity_mw"], einheit="MW", state="")
    both = pd.concat([stations, plants], ignore_index=True)
    both = near_roads(gpd.GeoDataFrame(both, geometry="geometry", crs="EPSG:4326"))
    both = both[["name", "art", "amount", "einheit", "state", "geometry"]]
    return both.assign(code=[f"W{number}" for number in range(len(both))])


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = tmp_path_factory.mktemp("enriched")
    own = OwnStudy(folder, ["charging"])
    bring(own, "energy", energy(), type="art", capacity="amount", unit="einheit", status="state", id="code", name_zh="name")  # fmt: skip
    towns = near_roads(read("geonames_cities15000_2012"))
    bring(own, "townships", towns, population="pop", id="geonameid", name_en="name")
    airport = read("ourairports").assign(use="airport_cargo", freight="H", item="")
    bring(own, "parks", airport, id="ident", name_en="name", type="use", freight_intensity="freight", plan_item="item")  # fmt: skip
    del own.tables["layer_defaults"]["crs"]
    for row in own.tables["layers"].values():
        if row["file"].endswith(".csv"):
            row["crs"] = "EPSG:4326"
    own.tables["missing_data"] = "leave_out"
    grid = criterion(own.kinds["charging"], "grid")
    grid["params"]["where"] = {"type": ["substation_110", "substation_220", "substation_500"]}
    own.kinds["charging"]["model"]["params"]["sites"] = 20
    return siting.plan(own.write())


def bring(own: OwnStudy, kind: str, frame: gpd.GeoDataFrame, **columns: str) -> None:
    path = own.folder / f"open_{kind}.geojson"
    frame.to_file(path, driver="GeoJSON")
    own.tables["layers"][kind] = {
        "file": path.name,
        "columns": columns,
        "licence": "ODbL 1.0, CC BY 4.0",
        "attribution": "OpenStreetMap contributors; WRI; GeoNames; OurAirports",
    }


def test_every_open_layer_came_in_whole(result: Result) -> None:
    records = {record.kind: record for record in result.provenance}
    for kind in ("energy", "townships", "parks"):
        assert records[kind].reference == f"open_{kind}.geojson"
        assert records[kind].rows_kept == records[kind].rows_read
    assert records["energy"].rows_kept > 20
    assert records["townships"].rows_kept >= 4
    assert {"substation_220", "power_plant"} <= set(result.layers["energy"]["type"])


def test_the_study_is_planned_with_them(result: Result) -> None:
    plan = result.plans["charging"]
    assert 1 <= len(plan.sites) <= 20
    # Twenty hubs can sell about a third of the city's demand, and that they do.
    assert 0.3 < plan.facts["coverage_share"] <= 1
    assert plan.objective > 0.9 * plan.facts["capacity"]
    near = result.criteria[result.criteria["criterion"] == "grid"]["raw"]
    assert near.notna().any()
    assert near.min() < 5.0


def test_what_the_open_data_lack_is_left_out_and_told(result: Result) -> None:
    parts = result.study.facilities[0].left_out
    lost = {item.key for item in parts}
    assert "grid" not in lost
    assert "ecological_redline" in lost
    told = " ".join(notice.label.en for notice in result.notices)
    assert [item.key for item in parts if (item.note or item.label).en not in told] == []
