"""What a result says of itself, as key and value: the metadata that travels with its data."""

from collections.abc import Iterator

from pyproj import CRS

from siting.crs import LONLAT
from siting.model import FacilitySpec, Label, LayerRecord, LayerSpec, Plan, Result

# PROJ knows no better than the identity between the two; plate motion since 2000 parts them.
_DATUM_NOTE = Label(
    zh="CGCS2000 坐标按 WGS 84 发布，未作基准转换（两者相差约 0.7 m）",
    en="CGCS2000 coordinates are published as WGS 84 without a datum shift (about 0.7 m apart)",
)


def describe(result: Result, crs: str = LONLAT) -> tuple[tuple[str, str], ...]:
    """Return (key, value) rows: title, notice, CRS, the plan of every facility, layers, sources.

    ``crs`` is the system of the geometry that goes out.

    Keys are unique and in a fixed order; nothing depends on when or where the plan was made.
    """
    study = result.study
    rows: list[tuple[str, str]] = [
        ("study", study.name),
        *_both("title", study.title),
        ("edition", study.edition),
        *_both("notice", study.notice),
        ("crs", crs),
        ("working_crs", result.crs),
        ("working_crs_name", str(CRS.from_user_input(result.crs).name)),
        *(_both("datum", _DATUM_NOTE) if _is_cgcs2000(result.crs) and crs == LONLAT else ()),
        ("seed", str(study.seed)),
    ]
    for facility in study.facilities:
        rows += _facility_rows(facility, result.plans.get(facility.key))
    for key, why in sorted(study.left_out.items()):
        rows += _both(f"facility.{key}.left_out", why)
    for record in result.provenance:
        rows += _record_rows(record)
    for kind in sorted(set(study.layers) - {record.kind for record in result.provenance}):
        rows += _spec_rows(study.layers[kind])
    rows += [(f"source.{key}", value) for key, value in study.sources.items()]
    for number, notice in enumerate(result.notices, start=1):
        label = Label(
            zh=f"[{notice.level}] {notice.label.zh}", en=f"[{notice.level}] {notice.label.en}"
        )
        rows += _both(f"note.{number}.{notice.code}", label)
    return tuple(rows)


def describe_layer(record: LayerRecord) -> Iterator[tuple[str, str]]:
    """Yield (key, value) rows on where a layer comes from and what was done to it.

    ``source``, ``date``, ``repairs`` and ``warnings`` only where there are any.
    """
    yield "reference", record.reference
    yield from _filled(("source", record.source), ("date", record.date))
    yield "licence", record.licence
    yield "attribution", record.attribution
    yield "sha256", record.sha256
    yield "crs_found", record.crs_found
    yield from _filled(("crs_used", record.crs_used))
    yield "rows", f"{record.rows_kept} of {record.rows_read}"
    yield from _filled(
        ("repairs", "; ".join(record.repairs)), ("warnings", "; ".join(record.warnings))
    )


def number_text(value: float) -> str:
    """Return a number as text: ten significant digits, no trailing zeros."""
    return f"{value:.10g}"


def _is_cgcs2000(crs: str) -> bool:
    datum = CRS.from_user_input(crs).datum
    return datum is not None and datum.name in {"China 2000", "CGCS2000"}


def _both(key: str, label: Label) -> tuple[tuple[str, str], tuple[str, str]]:
    return (f"{key}_zh", label.zh), (f"{key}_en", label.en)


def _filled(*rows: tuple[str, str]) -> Iterator[tuple[str, str]]:
    return ((key, value) for key, value in rows if value)


def _facility_rows(facility: FacilitySpec, plan: Plan | None) -> Iterator[tuple[str, str]]:
    stem = f"facility.{facility.key}"
    yield from _both(f"{stem}.label", facility.label)
    yield f"{stem}.profile", facility.profile
    yield f"{stem}.service_minutes", number_text(facility.service_minutes)
    for part in facility.left_out:
        yield f"{stem}.left_out.{part.part}.{part.key}", part.missing or "no value"
    if plan is None:
        return
    yield f"{stem}.model", plan.model
    yield f"{stem}.sites", str(len(plan.sites))
    yield f"{stem}.objective", number_text(plan.objective)
    yield f"{stem}.bound", number_text(plan.bound)
    yield f"{stem}.gap", number_text(plan.gap)
    yield f"{stem}.unit", plan.unit
    yield f"{stem}.status", plan.status.value
    for key, value in plan.facts.items():
        yield f"{stem}.fact.{key}", number_text(value)


def _record_rows(record: LayerRecord) -> Iterator[tuple[str, str]]:
    return ((f"layer.{record.kind}.{key}", value) for key, value in describe_layer(record))


def _spec_rows(spec: LayerSpec) -> Iterator[tuple[str, str]]:
    stem = f"layer.{spec.kind}"
    yield f"{stem}.reference", spec.reference
    yield f"{stem}.licence", spec.licence
    yield f"{stem}.attribution", spec.attribution
