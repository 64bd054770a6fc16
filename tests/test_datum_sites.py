"""The same places in any coordinate system give the same plan."""

import csv
import dataclasses
import io
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer

import layers
import siting
from siting.config import load_study
from siting.datum import find_datum, shift
from siting.model import CertaintySettings, Inputs, LayerSpec, Result, Study

SYSTEMS = ["EPSG:4490", "EPSG:4549", "EPSG:4528", "GCJ-02", "BD-09"]
# One that is projected and one that is shifted are planned at once, the others where there is time.
PLANNED = ["EPSG:4528", "GCJ-02"]


@cache
def study() -> Study:
    """Return the embedded study, hydrogen only, without the draws that no site depends on."""
    full = load_study("qingdao", facilities=["hydrogen"])
    return dataclasses.replace(full, certainty=CertaintySettings(weight_draws=20))


@cache
def plan_as_shipped() -> Result:
    return siting.plan(study())


@cache
def inputs_as_shipped() -> Inputs:
    return layers.read(study())


def rewritten(spec: LayerSpec, crs: str, folder: Path) -> LayerSpec:
    """Return a table of points with its coordinates in another system."""
    rows = list(csv.DictReader(io.StringIO(Path(spec.path).read_text(encoding="utf-8-sig"))))
    places = np.array([[float(row["lon"]), float(row["lat"])] for row in rows])
    datum = find_datum(crs)
    if datum is None:
        transformer = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        places = np.column_stack(transformer.transform(*places.T))
    else:
        places = shift(places, datum)
    for row, (x, y) in zip(rows, places, strict=True):
        row |= {"lon": f"{x:.9f}", "lat": f"{y:.9f}"}
    path = folder / f"{spec.kind}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return dataclasses.replace(spec, path=str(path), reference=path.name, crs=crs)


@pytest.mark.parametrize(
    "crs", [pytest.param(s, marks=() if s in PLANNED else pytest.mark.slow) for s in SYSTEMS]
)
def test_the_same_candidates_in_another_system_give_the_same_sites(
    crs: str, tmp_path: Path
) -> None:
    spec = rewritten(study().layers["candidates"], crs, tmp_path)
    other = dataclasses.replace(study(), layers={**study().layers, "candidates": spec})
    expected, found = plan_as_shipped(), siting.plan(other)
    assert found.plans["hydrogen"].sites == expected.plans["hydrogen"].sites
    assert len(found.sites) == len(expected.sites) > 5
    apart_m = found.sites.geometry.distance(expected.sites.geometry)
    assert apart_m.max() < 0.01  # a metre is asked for
    np.testing.assert_allclose(found.sites["score"], expected.sites["score"], atol=1e-4)
    (record,) = [r for r in found.provenance if r.kind == "candidates"]
    assert record.crs_found == crs


@pytest.mark.parametrize("crs", SYSTEMS)
def test_every_table_of_places_in_another_system_is_read_alike(crs: str, tmp_path: Path) -> None:
    kinds = (
        "road_nodes",
        "townships",
        "ports",
        "berths",
        "parks",
        "energy",
        "candidates",
        "gateways",
    )
    specs = {kind: rewritten(study().layers[kind], crs, tmp_path) for kind in kinds}
    found = layers.read(dataclasses.replace(study(), layers={**study().layers, **specs}))
    for kind in kinds:
        ours, theirs = found.layers[kind], inputs_as_shipped().layers[kind]
        assert ours["id"].tolist() == theirs["id"].tolist()
        gap_m = shapely.distance(np.asarray(ours.geometry), np.asarray(theirs.geometry))
        assert gap_m.max() < 0.01


def test_undeclared_the_shift_would_move_the_sites(tmp_path: Path) -> None:
    """What the test above would miss if nothing were converted."""
    spec = rewritten(study().layers["candidates"], "GCJ-02", tmp_path)
    specs = {**study().layers, "candidates": dataclasses.replace(spec, crs="EPSG:4326")}
    found = layers.read(dataclasses.replace(study(), layers=specs)).layers["candidates"]
    gap_m = found.geometry.distance(inputs_as_shipped().layers["candidates"].geometry)
    assert gap_m.between(400, 520).all()
