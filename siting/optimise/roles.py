"""What a site may be: free to choose, required, existing, enlargeable, a competitor's, forbidden."""

from dataclasses import dataclass, replace
from enum import IntFlag

import numpy as np
from numpy.typing import ArrayLike, NDArray

from siting.errors import ModelError, Problem


class SiteRole(IntFlag):
    """Role of a site, a number an array can hold; flags may be joined where that makes sense."""

    CANDIDATE = 0  # may be chosen
    REQUIRED = 1  # must be chosen, counts towards p and pays its cost
    EXISTING = 2  # is open already: serves demand, does not count towards p, costs nothing
    FORBIDDEN = 4  # must not be chosen
    COMPETITOR = 8  # is open and not ours: takes its part of the demand
    UPGRADABLE = 16  # existing, and may be enlarged: an enlargement counts, or costs


_OURS = SiteRole.REQUIRED | SiteRole.EXISTING | SiteRole.UPGRADABLE
_SPECIAL = (
    (
        SiteRole.COMPETITOR,
        "competitor",
        "Leave it out, or ask mclp, p_median or a coverage curve, which know it.",
    ),
    (
        SiteRole.UPGRADABLE,
        "upgradable",
        "Call it existing, or ask a model with capacities, which knows it.",
    ),
)
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Roles:
    """Roles as masks ``(n_sites,)``.

    ``is_existing`` holds upgradable sites too, ``is_kept_open`` joins existing and required ones;
    ``is_allowed`` are all that may be open and ours.
    """

    is_existing: NDArray[np.bool_]
    is_kept_open: NDArray[np.bool_]
    is_allowed: NDArray[np.bool_]
    is_competitor: NDArray[np.bool_]
    is_upgradable: NDArray[np.bool_]

    @property
    def n_existing(self) -> int:
        """Number of existing sites."""
        return int(self.is_existing.sum())

    @property
    def n_required(self) -> int:
        """Number of sites that must be open and are not yet."""
        return int((self.is_kept_open & ~self.is_existing).sum())

    @property
    def n_free(self) -> int:
        """Number of sites that may be chosen, required ones included."""
        return int(self.is_allowed.sum()) - self.n_existing

    @property
    def everyone(self) -> "Roles":
        """The same roles with competitors as existing sites: whom demand may turn to."""
        return replace(
            self,
            is_existing=self.is_existing | self.is_competitor,
            is_kept_open=self.is_kept_open | self.is_competitor,
            is_allowed=self.is_allowed | self.is_competitor,
        )


def read_roles(
    roles: ArrayLike | None,
    n_sites: int,
    *,
    where: str,
    knows: SiteRole = SiteRole.CANDIDATE,
) -> Roles:
    """Turn the role numbers of sites into masks.

    Parameters
    ----------
    roles
        ``(n_sites,)`` of ``SiteRole``; None makes every site a candidate.
    n_sites
        How many sites there are.
    where
        The model, for the error.
    knows
        Which of competitor and upgradable mean something to the model; the others are refused.

    Returns
    -------
    Roles
        Masks in the order of the sites.

    Raises
    ------
    ModelError
        If the number of roles is wrong, a role is unknown or means nothing to the model, or a
        site is forbidden or a competitor's and at the same time ours.
    """
    given = np.zeros(n_sites, dtype=np.int64) if roles is None else np.asarray(roles)
    problems = _shape_problems(given, n_sites) or _joined_problems(given, knows)
    if problems:
        raise ModelError(
            *(
                Problem(where=f"{where}, roles", what=what, got=got, expected=expected, mend=mend)
                for what, got, expected, mend in problems
            )
        )
    given = given.astype(np.int64)
    is_existing = given & int(SiteRole.EXISTING | SiteRole.UPGRADABLE) > 0
    return Roles(
        is_existing=is_existing,
        is_kept_open=is_existing | (given & int(SiteRole.REQUIRED) > 0),
        is_allowed=given & int(SiteRole.FORBIDDEN | SiteRole.COMPETITOR) == 0,
        is_competitor=given & int(SiteRole.COMPETITOR) > 0,
        is_upgradable=given & int(SiteRole.UPGRADABLE) > 0,
    )


_Told = tuple[str, str, str, str]


def _shape_problems(given: NDArray[np.int64], n_sites: int) -> list[_Told]:
    if given.shape != (n_sites,):
        return [("not one role a site", str(given.shape), f"({n_sites},)", "")]
    if given.dtype.kind not in "iu" or not np.isin(given, np.arange(32)).all():
        return [("not the numbers of SiteRole", str(given.dtype), "0, 1, 2, 4, 8 or 16", "")]
    return []


def _joined_problems(given: NDArray[np.int64], knows: SiteRole) -> list[_Told]:
    is_ours = given & int(_OURS) > 0
    is_forbidden = given & int(SiteRole.FORBIDDEN) > 0
    is_theirs = given & int(SiteRole.COMPETITOR) > 0
    problems = []
    for is_wrong, what in (
        (is_forbidden & is_ours, "sites both forbidden and required or existing"),
        (is_theirs & (is_ours | is_forbidden), "sites both a competitor's and ours or forbidden"),
    ):
        if is_wrong.any():
            problems.append((what, _listed(is_wrong), "one of them", ""))
    for role, name, mend in _SPECIAL:
        has_role = given & int(role) > 0
        if has_role.any() and not role & knows:
            what = f"the role {name} means nothing to this model"
            problems.append((what, _listed(has_role), "another role", mend))
    return problems


def _listed(is_meant: NDArray[np.bool_]) -> str:
    sites = np.flatnonzero(is_meant)
    return f"sites {', '.join(map(str, sites[:_SHOWN]))}" + (" …" if len(sites) > _SHOWN else "")
