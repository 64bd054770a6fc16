"""All layers of a study: read, check, bring into the working CRS, say what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np

from layers._check import Checked, check_layer, check_strays
from layers._crs_guess import advise
from layers._datum import crs_found, doubt_datum, to_wgs84
from layers._geometry import make_valid
from layers._offset import tell_offsets
from layers._roads import check_ends, check_lengths
from layers._source import hash_source, read_source
from siting.crs import Bounds, to_crs, working_crs
from siting.errors import CrsError, InputError, MissingFileError, Problem, SitingError
from siting.model import BlockSource, GridSpec, Inputs, LayerRecord, LayerSpec, Progress, Study

_STUDY_AREA = "districts"


def read_study(study: Study, *, progress: Progress | None = None) -> Inputs:
    """Read every layer of a study; see ``layers.read``."""
    checked, faults = _check_layers(study.layers, progress)
    checked, strays = _check_strays(checked)
    placed = [c.shapes.lonlat for c in checked.values() if c.shapes is not None]
    faults = advise(faults + strays, [layer.raw for layer in checked.values()], placed)
    bounds = _bounds(checked)
    if bounds is None:
        nowhere = Problem(where="study: layers", what="no layer says where the study lies")
        raise _join(faults or [InputError(nowhere)])
    try:
        crs = working_crs(study.crs, bounds)
    except CrsError as error:
        raise _join([*faults, error]) from error
    frames: dict[str, gpd.GeoDataFrame] = {}
    records: list[LayerRecord] = []
    for name, layer in checked.items():
        frame, repairs = _to_frame(layer, crs)
        if frame is not None:
            frames[name] = frame
            records.append(_record(layer, len(frame), repairs, crs, bounds))
    faults += _check_roads(frames, study.layers)
    grids, of_grids, wrong = _read_grids(study.grids, bounds)
    faults += wrong
    if faults:
        raise _join(faults)
    records = tell_offsets(frames, study.layers, records)
    return Inputs(crs=crs, layers=frames, provenance=(*records, *of_grids), grids=grids)


def _read_grids(
    specs: Mapping[str, GridSpec], bounds: Bounds
) -> tuple[dict[str, BlockSource], list[LayerRecord], list[SitingError]]:
    if not specs:
        return {}, [], []
    from layers.raster import read_grids  # noqa: PLC0415 - GDAL takes time to load

    return read_grids(specs, bounds)


def _check_layers(
    specs: Mapping[str, LayerSpec], progress: Progress | None
) -> tuple[dict[str, Checked], list[SitingError]]:
    """Read and check layer by layer; a layer that cannot be read is only in the errors."""
    checked: dict[str, Checked] = {}
    faults: list[SitingError] = []
    for done, (name, spec) in enumerate(specs.items(), start=1):
        try:
            source = read_source(spec)
            raw, moved, doubt = to_wgs84(source)
        except SitingError as error:
            faults.append(error)
        else:
            layer, wrong = check_layer(source, raw)
            told, doubts = tuple(filter(None, (moved,))), tuple(filter(None, (doubt,)))
            checked[name] = replace(
                layer, repairs=told + layer.repairs, warnings=doubts + layer.warnings
            )
            faults += wrong
        if progress is not None:
            progress(done / len(specs), spec.kind)
    return checked, faults


def _check_strays(
    checked: Mapping[str, Checked],
) -> tuple[dict[str, Checked], list[SitingError]]:
    """Take the shapes from layers that lie elsewhere, so that they do not choose the CRS."""
    # Each layer has one vote, so that a large one that is wrong does not outvote the rest.
    middles = [
        np.median(layer.shapes.lonlat, axis=0)
        for layer in checked.values()
        if layer.shapes is not None and len(layer.shapes.lonlat)
    ]
    if not middles:
        return dict(checked), []
    lon, lat = np.median(middles, axis=0)
    kept, faults = {}, []
    for name, layer in checked.items():
        kept[name], found = check_strays(layer, (lon, lat))
        faults += found
    return kept, faults


def _bounds(checked: Mapping[str, Checked]) -> Bounds | None:
    """Return the (west, south, east, north) of the districts, or of all layers without them."""
    places = {
        name: layer.shapes.lonlat
        for name, layer in checked.items()
        if layer.shapes is not None and len(layer.shapes.lonlat)
    }
    if not places:
        return None
    lonlat = places.get(_STUDY_AREA, np.vstack(list(places.values())))
    west, south = lonlat.min(axis=0).tolist()
    east, north = lonlat.max(axis=0).tolist()
    return west, south, east, north


def _to_frame(layer: Checked, crs: str) -> tuple[gpd.GeoDataFrame | None, tuple[str, ...]]:
    """Return a layer in the working CRS, sorted by id, and what was repaired; None if broken."""
    if layer.table is None or layer.shapes is None:
        return None, ()
    found = layer.raw.crs
    repairs = layer.repairs
    frame = gpd.GeoDataFrame(
        layer.table, geometry=layer.shapes.geometry, crs=crs if found is None else found
    )
    if found is not None:
        frame = to_crs(frame, crs)
        # Reprojection bends slivers over themselves now and then.
        shapes, mended = make_valid(np.asarray(frame.geometry, dtype=object))
        if mended:
            frame = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=crs))
            repairs += (f"{mended} polygons made valid after reprojection",)
    return frame.sort_values("id", kind="stable", ignore_index=True), repairs


def _record(
    layer: Checked, rows_kept: int, repairs: tuple[str, ...], used: str, bounds: Bounds
) -> LayerRecord:
    spec, crs = layer.raw.spec, layer.raw.crs
    doubt = doubt_datum(crs, bounds)
    return LayerRecord(
        kind=spec.kind,
        reference=spec.reference,
        sha256=hash_source(layer.source),
        licence=spec.licence,
        attribution=spec.attribution,
        crs_found=crs_found(spec, crs),
        crs_used="" if crs is None else used,
        source=spec.source,
        date=spec.date,
        rows_read=len(layer.source.cells),
        rows_kept=rows_kept,
        repairs=repairs,
        warnings=(*layer.warnings, doubt) if doubt else layer.warnings,
    )


def _check_roads(
    frames: Mapping[str, gpd.GeoDataFrame], specs: Mapping[str, LayerSpec]
) -> list[SitingError]:
    if "road_edges" not in frames:
        return []
    edges, spec = frames["road_edges"], specs["road_edges"]
    problems = check_lengths(edges, spec)
    if "road_nodes" in frames:
        problems += check_ends(edges, frames["road_nodes"], spec)
    return [InputError(problem) for problem in problems]


def _join(faults: Sequence[SitingError]) -> SitingError:
    """Make one error of many; its class is the one that most needs telling."""
    problems = [problem for fault in faults for problem in fault.problems]
    if any(isinstance(fault, MissingFileError) for fault in faults):
        return MissingFileError(*problems)
    if all(isinstance(fault, CrsError) for fault in faults):
        return CrsError(*problems)
    return InputError(*problems)
