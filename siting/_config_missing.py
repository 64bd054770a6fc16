"""What a study leaves out because it does not bring the data: rules, and facilities in service."""

from collections.abc import Collection, Mapping, Sequence

from siting import _config_schema as files
from siting.model import LeftOut, RuleSpec


def rules_without_data(
    keys: Sequence[str],
    rules: Mapping[str, RuleSpec],
    brought: Collection[str],
    *,
    may_lack: bool,
) -> tuple[LeftOut, ...]:
    """Return the rules of a facility whose layer or raster the study lacks and that may be left out.

    Parameters
    ----------
    keys
        Rules of the facility.
    brought
        Layers and rasters of the study.
    may_lack
        Whether the study leaves out what lacks data; rules that say what stands in (``absent``) are
        left out in any case.
    """
    found = []
    for key in keys:
        rule = rules[key]
        needs = [rule.params[name] for name in ("layer", "grid") if name in rule.params]
        lacking = [str(name) for name in needs if name not in brought]
        if lacking and (may_lack or rule.absent is not None):
            found.append(
                LeftOut(
                    part="rule",
                    key=key,
                    label=rule.label,
                    missing=", ".join(lacking),
                    note=rule.absent,
                )
            )
    return tuple(found)


def existing_with_data(
    raw: files.FacilityFile, brought: Collection[str], *, may_lack: bool
) -> files.ExistingFile | None:
    """Return where facilities in service are told; None where that layer is missing and may be."""
    if raw.existing is None or (may_lack and raw.existing.layer not in brought):
        return None
    return raw.existing
