"""What every district gets at least: a number of sites, or a share of its demand covered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from siting.errors import ModelError, Problem
from siting.optimise.roles import Roles

_SHOWN = 5
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DistrictMinimum:
    """The least every district gets.

    Parameters
    ----------
    site_district
        District of each site, ``(n_sites,)`` numbers or names; needed for ``least_sites``.
    demand_district
        District of each demand point, ``(n_demand,)``; needed for ``least_share``.
    least_sites
        Open sites in each district, ≥ 0, existing ones included; one number for all districts, or
        one by name, where a district that is not named needs none.
    least_share
        Share of each district's demand that is covered, [0, 1]; likewise.

    Examples
    --------
    >>> DistrictMinimum(site_district=["A", "A", "B"], least_sites=1).least_sites
    1
    """

    site_district: ArrayLike | None = None
    demand_district: ArrayLike | None = None
    least_sites: int | Mapping[object, int] = 0
    least_share: float | Mapping[object, float] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Floors:
    """A minimum, read: districts by number.

    ``site`` ``(n_sites,)`` and ``point`` ``(n_demand,)`` hold the number of the district;
    ``least_sites`` and ``least_share`` are ``(n_districts,)``.
    """

    names: tuple[str, ...]
    site: NDArray[np.int64]
    point: NDArray[np.int64]
    least_sites: NDArray[np.int64]
    least_share: NDArray[np.float64]

    def counts(self, is_counted: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return how many of these sites lie in each district."""
        return np.bincount(self.site[is_counted], minlength=len(self.names)).astype(np.int64)

    def demand(self, amount: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the demand of each district."""
        total = np.bincount(self.point, weights=amount, minlength=len(self.names))
        return total.astype(float)


def read_minimum(
    minimum: DistrictMinimum | None, shape: tuple[int, int], *, where: str, shares: bool
) -> Floors | None:
    """Return the minimum by district number; None where nothing is asked.

    Raises
    ------
    ModelError
        If districts are missing or of the wrong size, a minimum is out of range or names a
        district that is not there, or shares are asked of a model without them.
    """
    if minimum is None:
        return None
    where = f"{where}, districts"
    n, m = shape
    asks_share = minimum.least_share != 0
    if asks_share and not shares:
        raise _bad(where, "this model covers everyone, or nobody: it knows no least_share", "")
    of_site = _labels(minimum.site_district, m, where, "site_district", minimum.least_sites != 0)
    of_point = _labels(minimum.demand_district, n, where, "demand_district", asks_share)
    labels, into = np.unique(np.concatenate([of_site, of_point]), return_inverse=True)
    names = tuple(str(label) for label in labels)
    sites = _least(minimum.least_sites, names, where, "least_sites")
    share = _least(minimum.least_share, names, where, "least_share")
    if not (sites == np.floor(sites)).all():
        raise _bad(f"{where}, least_sites", "not whole numbers", str(minimum.least_sites))
    if (share > 1).any():
        raise _bad(f"{where}, least_share", "not shares", str(minimum.least_share))
    # A number for all means the districts that the number is about: of sites, or of points.
    sites[_absent(into[:m], len(names))] *= isinstance(minimum.least_sites, Mapping)
    share[_absent(into[m:], len(names))] *= isinstance(minimum.least_share, Mapping)
    return Floors(
        names=names,
        site=into[:m].astype(np.int64),
        point=into[m:].astype(np.int64),
        least_sites=sites.astype(np.int64),
        least_share=share,
    )


def check_sites_enough(floors: Floors | None, role: Roles, p: int | None, *, where: str) -> None:
    """Refuse minima beyond the sites there are, or beyond p; tell by district what would do.

    ``p`` counts new sites; None is no limit.
    """
    if floors is None:
        return
    there, open_ = floors.counts(role.is_allowed), floors.counts(role.is_kept_open)
    short = np.flatnonzero(there < floors.least_sites)
    if len(short):
        raise ModelError(
            *(
                Problem(
                    where=f"{where}, district {floors.names[d]}",
                    what="fewer sites may be open than it needs",
                    got=str(there[d]),
                    expected=f"at least {floors.least_sites[d]}",
                    mend="Allow more sites there, or ask for less.",
                )
                for d in short[:_SHOWN]
            )
        )
    more = np.maximum(floors.least_sites - open_, 0)
    needed = int(more.sum()) + role.n_required
    if p is not None and needed > p:
        raise too_few(floors, more, p, needed, where=where)


def too_few(
    floors: Floors, more: NDArray[np.int64], p: int, needed: int, *, where: str
) -> ModelError:
    """Return the error of a p too small, with what each district needs."""
    asking = np.flatnonzero(more)
    told = ", ".join(f"{floors.names[d]} {more[d]}" for d in asking[:_SHOWN])
    told += " …" if len(asking) > _SHOWN else ""
    return ModelError(
        Problem(
            where=f"{where}, p",
            what="too few sites for the minimum of every district",
            got=str(p),
            expected=f"at least {needed}; new sites by district: {told}",
            mend="Raise p, or ask for less.",
        )
    )


def certify_floors(
    floors: Floors | None,
    sites: NDArray[np.int64],
    covered: NDArray[np.bool_] | None,
    amount: NDArray[np.float64],
    *,
    where: str,
) -> None:
    """Stop a plan that gives a district less than its minimum, counted from sites and points."""
    if floors is None:
        return
    for d, name in enumerate(floors.names):
        is_short = int((floors.site[sites] == d).sum()) < floors.least_sites[d]
        if covered is not None and floors.least_share[d] > 0:
            inside = floors.point == d
            least = floors.least_share[d] * float(amount[inside].sum())
            is_short |= float(amount[inside & covered].sum()) < least * (1 - 1e-6) - 1e-12
        if is_short:
            raise _bad(f"{where}, district {name}", "the plan gives it less than its minimum", "")


def _labels(
    given: ArrayLike | None,
    n: int,
    where: str,
    name: str,
    is_needed: bool,  # noqa: FBT001
) -> NDArray[np.str_]:
    if given is None:
        if is_needed:
            raise _bad(f"{where}, {name}", "not given, and a minimum asks for it", "")
        return np.full(n, "")
    values = np.asarray(given)
    if values.shape != (n,):
        raise _bad(f"{where}, {name}", "wrong size", str(values.shape), f"({n},)")
    return np.array([str(v) for v in values.tolist()])


def _least(
    given: float | Mapping[object, float], names: Sequence[str], where: str, name: str
) -> NDArray[np.float64]:
    if not isinstance(given, Mapping):
        values = np.full(len(names), float(given))
    else:
        by_name = {str(key): float(value) for key, value in given.items()}
        unknown = [key for key in by_name if key not in names]
        if unknown:
            raise _bad(f"{where}, {name}", "no such district", ", ".join(unknown[:_SHOWN]))
        values = np.array([by_name.get(label, 0.0) for label in names])
    if not (np.isfinite(values) & (values >= 0)).all():
        raise _bad(f"{where}, {name}", "negative or not a number", str(given))
    return values


def _absent(into: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    return np.setdiff1d(np.arange(n), into)


def _bad(where: str, what: str, got: str, expected: str = "") -> ModelError:
    return ModelError(Problem(where=where, what=what, got=got, expected=expected))
