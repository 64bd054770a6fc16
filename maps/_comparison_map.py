"""What the page of two maps knows: the sites of both plans, what became of each, and why."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict
from math import isnan
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from maps._page_base import about_data, base_data, lonlat_bounds, style_data
from maps._page_columns import Json, numbers, texts
from maps._page_facility import pair
from maps._page_geometry import code_polygons, point_columns
from maps._page_shell import words_data
from maps.offline import Licence
from maps.style import CHANGE_STYLES, facility_colour
from siting.model import FacilitySpec, Label, Result

PAGE_VERSION: Final = 1
"""Version of the data inside the page; raised when a key changes meaning."""

_AREA_TOLERANCE_M: Final = 50.0
_SIDES: Final = ("a", "b")
_FIGURES: Final = {"rank": 0, "score": 3, "demand_served": 1, "cost_mcny": 2, "year": 0}


def comparison_data(
    results: tuple[Result, Result],
    frames: Mapping[str, pd.DataFrame],
    *,
    labels: Mapping[str, Label],
    names: tuple[str, str],
    only: tuple[Sequence[Label], Sequence[Label]],
    takeover_km: float,
    wording: Mapping[str, Label],
    licences: tuple[Licence, ...],
) -> dict[str, Json]:
    """Return everything the page knows, as JSON values; ground and sources are those of the second.

    Parameters
    ----------
    results, names
        Before and after, and what the reader calls them.
    frames
        After ``siting.compare.COMPARISON_FRAMES``.
    labels, only, takeover_km
        As ``siting.compare.Comparison`` has them.
    """
    after = results[1]
    style = style_data()
    layers = style["layers"]
    looks = {f"change_{key}": asdict(look) for key, look in CHANGE_STYLES.items()}
    study = after.study
    return {
        "version": PAGE_VERSION,
        "study": {
            "name": study.name,
            "title": pair(study.title),
            "notice": pair(study.notice),
            "edition": study.edition,
            "crs": after.crs,
        },
        "names": list(names),
        "only": [[pair(label) for label in lonely] for lonely in only],
        "takeover_km": takeover_km,
        "bounds": [round(value, 5) for value in lonlat_bounds(after)],
        "words": words_data(wording),
        "style": style | {"layers": (layers if isinstance(layers, dict) else {}) | looks},
        "base": base_data(after),
        "facilities": [
            _facility(results, frames, spec, place=place)
            for place, spec in enumerate(study.facilities)
            if spec.key in labels
        ],
        "about": about_data(after, licences),
    }


def _facility(
    results: tuple[Result, Result],
    frames: Mapping[str, pd.DataFrame],
    spec: FacilitySpec,
    *,
    place: int,
) -> dict[str, Json]:
    own = {name: _of(frames[name], spec.key) for name in ("sites", "totals", "causes")}
    causes: list[dict[Hashable, Any]] = own["causes"].to_dict("records")
    of_all = _of(frames["causes"], "").to_dict("records")
    return {
        "key": spec.key,
        "label": pair(spec.label),
        "colour": facility_colour(spec.key, spec.colour, position=place),
        "unit": spec.demand_unit,
        "totals": [
            {
                "figure": row["figure"],
                "label": [row["zh"], row["en"]],
                "unit": row["unit"],
                **{name: _known(row[name]) for name in (*_SIDES, "change")},
            }
            for row in own["totals"].to_dict("records")
        ],
        "why": [[row["zh"], row["en"]] for row in (*of_all, *causes) if not row["candidate_id"]],
        "sites": {
            "change": texts(own["sites"]["change"]),
            "distance_m": numbers(own["sites"]["distance_m"], digits=0),
            "why": [_reasons(causes, row) for row in own["sites"].to_dict("records")],
            **{
                side: _side(result, spec.key, own["sites"], side)
                for side, result in zip(_SIDES, results, strict=True)
            },
        },
    }


def _side(result: Result, key: str, rows: pd.DataFrame, side: str) -> dict[str, Json]:
    """Return the columns of one side, in the order of the rows; a site it lacks has no place."""
    ids = rows[f"candidate_{side}"]
    sites = gpd.GeoDataFrame(_of(result.sites, key)).set_index("candidate_id")
    here = gpd.GeoDataFrame(sites.reindex(ids).reset_index(drop=True))
    # A row that is nowhere has None for a geometry, of which there are no coordinates.
    places = point_columns(gpd.GeoDataFrame(geometry=here.geometry, crs=result.crs))
    areas = _of(result.service_areas, key)
    shapes = code_polygons(gpd.GeoDataFrame(areas), tolerance_m=_AREA_TOLERANCE_M)
    area_of = dict(zip(areas["candidate_id"].astype(str), shapes, strict=True))
    return {
        "id": texts(ids),
        "zh": texts(rows[f"name_zh_{side}"]),
        "en": texts(rows[f"name_en_{side}"]),
        "size_zh": texts(here["size_zh"]),
        "size_en": texts(here["size_en"]),
        **places,
        **{
            name: numbers(rows[f"{name}_{side}"].astype(float), digits=digits)
            for name, digits in _FIGURES.items()
        },
        "area": [area_of.get(str(name), []) for name in ids],
    }


def _reasons(
    causes: Sequence[Mapping[Hashable, Any]], row: Mapping[Hashable, Any]
) -> list[list[str]]:
    """Return what can be said of a site's change, of where it was before where it is now."""
    ids = [key for key in dict.fromkeys(row[f"candidate_{side}"] for side in _SIDES) if key]
    return [
        [f"{key}：{told['zh']}", f"{key}: {told['en']}"]
        if len(ids) > 1
        else [told["zh"], told["en"]]
        for key in ids
        for told in causes
        if told["candidate_id"] == key
    ]


def _of(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    return frame[frame["facility"] == key].reset_index(drop=True)


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)
