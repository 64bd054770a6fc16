"""The Python door: the same run as the command line, without its files."""

import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import layers
from layers.roles import read_roles
from siting._config_with import merged, with_changes
from siting.config import keep_facilities, load_study
from siting.errors import OutputError
from siting.model import Progress, Result, Study
from siting.network import HierarchyStore
from siting.network.hierarchy import Arrays
from siting.pipeline import run

if TYPE_CHECKING:
    from layers.cache import ArrayCache

_READ_SHARE = 0.3  # of the wall time of a run on the embedded pack
_CACHE = "SITING_CACHE"

_log = logging.getLogger(__name__)


def plan(
    study: str | Path | Study,
    *,
    facilities: Sequence[str] = (),
    roles: str | Path | None = None,
    changes: str | Path | None = None,
    progress: Progress | None = None,
) -> Result:
    """Plan a study.

    Parameters
    ----------
    study
        Name of a built-in study, path of a TOML file, or a ``Study``.
    facilities
        Facility types to plan; none given plans all of the study's.
    roles
        File of the roles of single candidates (required, existing, forbidden), such as an edited
        ``sites.gpkg``; see ``layers.roles.read_roles``.
    changes
        File of weights and sites saved from the map. Where it and ``roles`` name the same site, it holds.
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
    asked = ask(study, facilities=facilities, roles=roles, changes=changes)
    inputs = layers.read(asked, progress=part_of(progress, 0.0, _READ_SHARE))
    store = hierarchy_store(_cache_folder() / "hierarchies")
    return run(asked, inputs, progress=part_of(progress, _READ_SHARE, 1.0), store=store)


def ask(
    study: str | Path | Study,
    *,
    facilities: Sequence[str] = (),
    roles: str | Path | None = None,
    changes: str | Path | None = None,
) -> Study:
    """Return the study to plan: read where it is named, changed as the map was, some types kept.

    What is said of one site by the study gives way to the file of roles, that to the changes.

    Raises
    ------
    SitingError
        If the study, the roles or the changes are wrong.
    """
    if changes is None and not isinstance(study, Study):
        told = load_study(study, facilities=facilities)
    else:
        # Changes may name types that are not kept, so they are held against the whole study.
        told = study if isinstance(study, Study) else load_study(study)
    if roles is not None:
        keys = [facility.key for facility in keep_facilities(told, facilities).facilities]
        given = read_roles(Path(roles), facilities=keys)
        told = replace(told, roles=merged(told.roles, given))
    if changes is not None:
        told = with_changes(told, Path(changes))
    return keep_facilities(told, facilities)


def hierarchy_store(folder: Path) -> HierarchyStore:
    """Return where the hierarchies of large road graphs are kept between runs.

    Keys are made from the graph of a vehicle profile and its weights, so that another graph or profile
    is another entry. A folder that cannot be written is told, and the run goes on.
    """

    @cache
    def kept() -> "ArrayCache":
        from layers.cache import ArrayCache  # noqa: PLC0415 - small studies do without

        return ArrayCache(folder=folder)

    def save(key: str, arrays: Arrays) -> None:
        try:
            kept().save(key, arrays)
        except OutputError as error:
            _log.warning("%s", error)

    return HierarchyStore(load=lambda key: kept().load(key), save=save)


def _cache_folder() -> Path:
    """Return ``SITING_CACHE``, else our folder in the user's cache."""
    own, shared = os.environ.get(_CACHE), os.environ.get("XDG_CACHE_HOME")
    return Path(own) if own else Path(shared or Path.home() / ".cache") / "hydrogen-siting"


def part_of(progress: Progress | None, start: float, stop: float) -> Progress | None:
    """Return a progress that fills only the stretch from ``start`` to ``stop`` of another."""
    if progress is None:
        return None
    return lambda fraction, message: progress(start + (stop - start) * fraction, message)
