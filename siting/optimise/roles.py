"""What a site may be: free to choose, required, existing or forbidden."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Roles:
    """Roles as masks ``(n_sites,)``; ``is_kept_open`` joins required and existing sites."""

    is_existing: NDArray[np.bool_]
    is_kept_open: NDArray[np.bool_]
    is_allowed: NDArray[np.bool_]

    @property
    def n_existing(self) -> int:
        """Number of existing sites."""
        return int(self.is_existing.sum())


def read_roles(roles: ArrayLike | None, n_sites: int, *, where: str) -> Roles:
    """Turn the role numbers of sites into masks.

    Parameters
    ----------
    roles
        ``(n_sites,)`` of ``SiteRole``; None makes every site a candidate.
    n_sites
        How many sites there are.
    where
        The model, for the error.

    Returns
    -------
    Roles
        Masks in the order of the sites.

    Raises
    ------
    ModelError
        If the number of roles is wrong, a role is unknown, or a site is forbidden and at the
        same time required or existing.
    """
    given = np.zeros(n_sites, dtype=np.int64) if roles is None else np.asarray(roles)
    problems = []
    if given.shape != (n_sites,):
        problems.append(("not one role a site", str(given.shape), f"({n_sites},)"))
    elif given.dtype.kind not in "iu" or not np.isin(given, np.arange(8)).all():
        problems.append(("not the numbers of SiteRole", str(given.dtype), "0, 1, 2 or 4"))
    else:
        open_and_shut = np.flatnonzero((given & 4 > 0) & (given & 3 > 0))
        if len(open_and_shut):
            listed = ", ".join(map(str, open_and_shut[:5]))
            problems.append(
                ("sites both forbidden and required or existing", f"sites {listed}", "one of them")
            )
    if problems:
        what, got, expected = problems[0]
        raise ModelError(Problem(where=f"{where}, roles", what=what, got=got, expected=expected))
    given = given.astype(np.int64)
    return Roles(
        is_existing=given & 2 > 0,
        is_kept_open=given & 3 > 0,
        is_allowed=given & 4 == 0,
    )
