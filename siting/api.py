"""The Python door: the same run as the command line, without its files."""

from collections.abc import Sequence
from pathlib import Path

import layers
from siting.config import keep_facilities, load_study
from siting.model import Progress, Result, Study
from siting.pipeline import run

_READ_SHARE = 0.3  # of the wall time of a run on the embedded pack


def plan(
    study: str | Path | Study,
    *,
    facilities: Sequence[str] = (),
    progress: Progress | None = None,
) -> Result:
    """Plan a study.

    Parameters
    ----------
    study
        Name of a built-in study, path of a TOML file, or a ``Study``.
    facilities
        Facility types to plan; none given plans all of the study's.
    progress
        Called with a fraction in [0, 1] and what is being done.

    Returns
    -------
    Result
        Candidates with scores and rules, chosen sites, allocation, service areas, plans.

    Raises
    ------
    SitingError
        With every problem found, one line each.

    Examples
    --------
    >>> import siting
    >>> result = siting.plan("qingdao", facilities=["shore_power"])
    >>> result.plans["shore_power"].status.value
    'optimal'
    """
    if isinstance(study, Study):
        asked = keep_facilities(study, facilities)
    else:
        asked = load_study(study, facilities=facilities)
    inputs = layers.read(asked, progress=part_of(progress, 0.0, _READ_SHARE))
    return run(asked, inputs, progress=part_of(progress, _READ_SHARE, 1.0))


def part_of(progress: Progress | None, start: float, stop: float) -> Progress | None:
    """Return a progress that fills only the stretch from ``start`` to ``stop`` of another."""
    if progress is None:
        return None
    return lambda fraction, message: progress(start + (stop - start) * fraction, message)
