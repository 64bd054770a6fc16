"""Small studies for tests, built from the records themselves, and small good layers as files."""

from pathlib import Path
from types import MappingProxyType
from typing import Any

from siting.model import AccessLeg, Label, LayerSpec, SolverSettings, Study

# Two crossings on Qingdao's Xianggang Road, 450 m apart, and the road between them.
GOOD_LAYERS = MappingProxyType(
    {
        "road_nodes": (
            "id,name_zh,name_en,kind,lon,lat\n"
            "N1,五四广场,May Fourth Square,crossing,120.380,36.065\n"
            "N2,燕儿岛路,Yan'erdao Rd,crossing,120.385,36.065\n"
        ),
        "road_edges": (
            "id,from_id,to_id,ref,name_zh,name_en,highway,oneway,free_flow_kmh,length_km,hgv,wkt\n"
            "E1,N1,N2,,香港中路,Xianggang Middle Rd,primary,0,40,0.46,yes,"
            '"LINESTRING (120.380 36.065, 120.385 36.065)"\n'
        ),
        "candidates": (
            "id,name_zh,name_en,type,suits_hydrogen,suits_charging_car,suits_charging_truck,"
            "suits_charging_bus,lon,lat\n"
            "C1,停车场,Car park,public_parking,0,1,0,1,120.381,36.066\n"
            "C2,加油站,Filling station,petrol_cluster,1,1,1,0,120.384,36.064\n"
        ),
        "townships": (
            "id,name_zh,name_en,district,population,lon,lat\n"
            "T1,香港中路街道,Xianggang Middle Rd,市南区,60000,120.382,36.067\n"
        ),
        "targets": (
            "id,name_zh,name_en,plan_item,value,unit\nG1,充电桩,Charging piles,44,35000,piles\n"
        ),
    }
)
"""CSV text of one good layer a kind."""


def make_layer(
    folder: Path, kind: str, text: str | None = None, *, suffix: str = ".csv", **spec: Any
) -> LayerSpec:
    """Write a layer's text (the good one by default) and return its specification."""
    path = folder / f"{kind}{suffix}"
    path.write_text(GOOD_LAYERS[kind] if text is None else text, encoding="utf-8")
    return point_to(path, kind, **spec)


def point_to(path: Path, kind: str, **spec: Any) -> LayerSpec:
    """Return the specification of a layer in a file that may or may not be there."""
    facts = {"reference": path.name, "crs": "EPSG:4326" if path.suffix == ".csv" else None} | spec
    return LayerSpec(kind=kind, path=str(path), **facts)


def make_study(folder: Path, *, crs: str = "EPSG:4549", **layers: LayerSpec | str) -> Study:
    """Return a study with these layers (text is written as CSV), or with ``GOOD_LAYERS``."""
    specs = {
        kind: make_layer(folder, kind, layer) if isinstance(layer, str) else layer
        for kind, layer in (layers or dict(GOOD_LAYERS)).items()
    }
    return Study(
        name="test",
        title=Label(zh="测试", en="Test"),
        crs=crs,
        edition="2026",
        seed=1,
        layers=specs,
        access=AccessLeg(speed_kmh=20.0, detour_ratio=1.3, max_distance_m=3000.0),
        service_area_buffer_m=500.0,
        profiles={},
        facilities=(),
        solver=SolverSettings(time_limit_s=10.0, gap=0.0),
        notice=Label(zh="", en=""),
        sources={},
    )
