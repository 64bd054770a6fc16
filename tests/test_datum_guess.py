"""A layer in no, or in the wrong, coordinate system is refused with those that would fit."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from pyproj import Transformer

import layers
from layers._crs_guess import _names
from siting.errors import SitingError
from tests.builders import GOOD_LAYERS, make_layer, make_study, point_to

TOWNSHIPS = GOOD_LAYERS["townships"]
PLACE = (120.382, 36.067)
DEGREES = "EPSG:4326, EPSG:4490, GCJ-02, BD-09"


def in_system(epsg: int, *, swapped: bool = False, place: tuple[float, float] = PLACE) -> str:
    """Return the good townships with their place in another system."""
    x, y = Transformer.from_crs("EPSG:4326", epsg, always_xy=True).transform(*place)
    return TOWNSHIPS.replace(
        "120.382,36.067", f"{y:.9f},{x:.9f}" if swapped else f"{x:.9f},{y:.9f}"
    )


def refusal(folder: Path, text: str, crs: str | None, *, alone: bool = False) -> str:
    """Return the line on the townships, read beside good candidates or alone."""
    rest = {} if alone else {"candidates": make_layer(folder, "candidates")}
    layer = make_layer(folder, "townships", text, crs=crs)
    with pytest.raises(SitingError) as caught:
        layers.read(make_study(folder, townships=layer, **rest))
    (line,) = str(caught.value).splitlines()
    assert line.startswith("layer townships (townships.csv): ")
    return line


@pytest.mark.parametrize(
    ("epsg", "first", "others"),
    [
        (4326, DEGREES, ()),
        (4549, "EPSG:4549 (CGCS2000)", ("EPSG:2385 (Xian 1980)", "EPSG:2437 (Beijing 1954)")),
        (4528, "EPSG:4528 (CGCS2000)", ("EPSG:2364 (Xian 1980)", "EPSG:2416 (Beijing 1954)")),
        (4499, "EPSG:4499 (CGCS2000)", ("EPSG:2335 (Xian 1980)", "EPSG:21421 (Beijing 1954)")),
        (32651, "EPSG:4510 (CGCS2000)", ("EPSG:32651 (WGS 84)",)),
        (3857, "EPSG:3857 (WGS 84)", ()),
    ],
)
def test_a_layer_without_crs_is_refused_with_what_would_fit(
    tmp_path: Path, epsg: int, first: str, others: tuple[str, ...]
) -> None:
    line = refusal(tmp_path, in_system(epsg), None)
    assert "coordinate system missing" in line
    assert f"They would fit {first}" in line
    for other in others:
        assert other in line


@pytest.mark.parametrize(
    ("epsg", "words"),
    [
        (4326, DEGREES),
        (4528, "EPSG:4528 (CGCS2000, zone 40)."),
        (4499, "EPSG:4499 (CGCS2000, zone 21)."),
        (4549, "a zone without number in front: EPSG:4534 to 4554 (CGCS2000) or a UTM zone."),
    ],
)
def test_alone_the_numbers_themselves_tell(tmp_path: Path, epsg: int, words: str) -> None:
    assert f"They would fit {words}" in refusal(tmp_path, in_system(epsg), None, alone=True)


@pytest.mark.parametrize(
    ("written", "declared", "words"),
    [
        (4528, "EPSG:4549", "They would fit EPSG:4528 (CGCS2000)"),  # zone number in front
        (4549, "EPSG:4528", "They would fit EPSG:4549 (CGCS2000)"),  # … left out
        (4549, "EPSG:4326", "They would fit EPSG:4549 (CGCS2000)"),
        (4326, "EPSG:4549", f"They would fit {DEGREES}"),
        (4526, "EPSG:4549", "They would fit EPSG:4526 (CGCS2000)"),
    ],
)  # fmt: skip
def test_a_wrong_crs_is_refused_with_the_one_that_fits(
    tmp_path: Path, written: int, declared: str, words: str
) -> None:
    # 114.5 E for zone 38, which EPSG:4526 is; else Qingdao.
    is_other = written == 4526
    place = (114.5, 36.067) if is_other else PLACE
    text = in_system(written, place=place)
    rest = GOOD_LAYERS["candidates"].replace("120.38", "114.5") if is_other else None
    layer = make_layer(tmp_path, "townships", text, crs=declared)
    study = make_study(
        tmp_path, townships=layer, candidates=make_layer(tmp_path, "candidates", rest), crs="auto"
    )
    with pytest.raises(SitingError) as caught:
        layers.read(study)
    line = str(caught.value)
    assert "out of range" in line
    assert words in line


@pytest.mark.parametrize("epsg", [4549, 4528, 32651, 2437])
def test_northing_in_the_x_column_is_seen_not_read(tmp_path: Path, epsg: int) -> None:
    line = refusal(tmp_path, in_system(epsg, swapped=True), f"EPSG:{epsg}")
    assert "swapped" in line
    line = refusal(tmp_path, in_system(epsg, swapped=True), None)
    assert "coordinate system missing" in line
    assert "Exchanged, they would fit" in line
    assert f"EPSG:{epsg} (" in line


def test_a_crs_that_fits_is_not_proposed_again(tmp_path: Path) -> None:
    text = in_system(4549).replace("T1", "T9") + "T2,甲,A,乙,5,99999999,3993000\n"
    assert "They would fit EPSG:4549" not in refusal(tmp_path, text, "EPSG:4549")


def test_a_file_without_crs_beside_good_layers(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"id": ["T1"], "name_zh": ["甲"], "district": [""], "population": [5]},
        geometry=gpd.points_from_xy([534_409.1], [3_993_003.2]),
    )
    with pytest.warns(UserWarning, match="crs"):
        frame.to_file(tmp_path / "t.gpkg", layer="townships")
    spec = point_to(tmp_path / "t.gpkg", "townships")
    with pytest.raises(SitingError, match=r"They would fit EPSG:4549 \(CGCS2000\)"):
        layers.read(
            make_study(tmp_path, townships=spec, candidates=make_layer(tmp_path, "candidates"))
        )


@pytest.mark.parametrize(
    ("place", "epsg", "expected"),
    [
        ((-8.61, 41.15), 3763, "EPSG:3763 (ETRS89)"),  # Porto
        ((-8.61, 41.15), 32629, "EPSG:32629 (WGS 84)"),
        ((24.94, 60.17), 3067, "EPSG:3067 (ETRS89)"),  # Helsinki
        ((24.94, 60.17), 3879, "EPSG:3879 (ETRS89)"),
        ((24.94, 60.17), 3035, "EPSG:3035 (ETRS89-extended)"),
        ((-46.63, -23.55), 31983, "EPSG:31983 (SIRGAS 2000)"),  # São Paulo
    ],
)  # fmt: skip
def test_national_grids_elsewhere_are_known(
    place: tuple[float, float], epsg: int, expected: str
) -> None:
    places = np.array([Transformer.from_crs(4326, epsg, always_xy=True).transform(*place)])
    assert expected in list(_names(places, place))[:6]


def test_numbers_that_fit_nothing_bring_no_advice(tmp_path: Path) -> None:
    text = TOWNSHIPS.replace("120.382,36.067", "1e12,-7e11")
    assert "would fit" not in refusal(tmp_path, text, None)
    assert "would fit" not in refusal(tmp_path, text, None, alone=True)


def test_degrees_elsewhere_are_not_taken_for_chinese() -> None:
    assert list(_names(np.array([[-8.6, 41.1]]), None)) == ["EPSG:4326"]
    assert list(_names(np.array([[-8.6, 41.1]]), PLACE)) == []
