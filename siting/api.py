"""The Python door: the same run as the command line, without its files."""

from collections.abc import Sequence
from pathlib import Path

import layers
from siting.config import load_study
from siting.model import Progress, Result, Study
from siting.pipeline import run


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
    asked = study if isinstance(study, Study) else load_study(study, facilities=facilities)
    return run(asked, layers.read(asked, progress=progress), progress=progress)
