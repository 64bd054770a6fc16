"""Reading a facility's numbers: values by class, and what is wrong with prices and shares."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import pandas as pd

from siting.errors import ConfigError, InputError, Problem
from siting.model import FacilitySpec

_SHOWN = 5
_WHOLE = 1e-9  # shares of decimals add up to 1 no more exactly than this


def table(facility: FacilitySpec, key: str) -> Mapping[str, float]:
    """Return the numbers of a table by class."""
    return facility.tables[key].values  # noqa: PD011 - a record, not a frame


def number(facility: FacilitySpec, key: str) -> float:
    """Return the value of an assumption."""
    return facility.assumptions[key].value


def by_class(
    classes: pd.Series, facility: FacilitySpec, *tables: str, ids: pd.Series
) -> pd.Series:
    """Return the number of each row's class, looked up in tables that complete one another.

    Parameters
    ----------
    classes
        Class of each row ``(n,)``.
    facility
        Brings the tables.
    tables
        Their keys; a later one replaces a class of an earlier one.
    ids
        Id of each row ``(n,)``, for the message.

    Returns
    -------
    Series
        ``(n,)`` in the unit of the tables, index as given.

    Raises
    ------
    InputError
        If rows have a class that no table knows, or none.
    """
    problems = list(class_problems(classes, facility, *tables, ids=ids))
    if problems:
        raise InputError(*problems)
    return classes.map(_joined(facility, tables)).astype(float)


def class_problems(
    classes: pd.Series, facility: FacilitySpec, *tables: str, ids: pd.Series
) -> Iterator[Problem]:
    """Yield one line for the rows whose class the tables do not know, if there are any."""
    known = _joined(facility, tables)
    lost = ~classes.isin(list(known))
    if not lost.any():
        return
    named = ("none" if pd.isna(c) or c == "" else str(c) for c in classes[lost])
    rows = [f"{i}: {name}" for i, name in zip(ids[lost], named, strict=True)]
    yield Problem(
        where=f"facility {facility.key}, [{', '.join(f'tables.{key}' for key in tables)}]",
        what=f"{len(rows)} rows of {classes.name} have a class that is not in the table",
        got=", ".join(rows[:_SHOWN]),
        expected=f"one of {', '.join(known)}",
        mend="Correct the rows, or add the class to the table with its source.",
    )


def check_numbers(
    facility: FacilitySpec,
    *,
    amounts: Iterable[str] = (),
    shares: Iterable[str] = (),
    divisors: Iterable[str] = (),
    losses: Iterable[str] = (),
    parts: Iterable[str] = (),
) -> None:
    """Refuse numbers that mean nothing where they are used.

    These are negative amounts and prices, shares outside [0, 1], divisors of 0 or less, losses of
    everything, and tables of parts that do not add up to 1.

    Raises
    ------
    ConfigError
        One line for each of them.
    """
    problems = [
        *_outside(facility, amounts, lambda value: value >= 0, "a number ≥ 0"),
        *_outside(facility, shares, lambda value: 0 <= value <= 1, "a share, 0 to 1"),
        *_outside(facility, divisors, lambda value: value > 0, "a number above 0"),
        *_outside(facility, losses, lambda value: 0 <= value < 1, "a share, 0 to below 1"),
        *_not_whole(facility, parts),
    ]
    if problems:
        raise ConfigError(*problems)


def _outside(
    facility: FacilitySpec,
    keys: Iterable[str],
    is_right: Callable[[float], bool],
    expected: str,
) -> Iterator[Problem]:
    for key in keys:
        row = facility.assumptions[key]
        given = [value for value in (row.low, row.value, row.high) if value is not None]
        wrong = [value for value in given if not is_right(value)]
        if wrong:
            yield Problem(
                where=f"facility {facility.key}, [assumptions.{key}]",
                what=f"{row.label.en or key} is out of range",
                got=", ".join(f"{value:g}" for value in wrong),
                expected=expected,
            )


def _not_whole(facility: FacilitySpec, keys: Iterable[str]) -> Iterator[Problem]:
    for key in keys:
        parts = table(facility, key)
        if min(parts.values(), default=-1.0) < 0 or abs(sum(parts.values()) - 1.0) > _WHOLE:
            yield Problem(
                where=f"facility {facility.key}, [tables.{key}]",
                what="the shares do not add up to 1",
                got=", ".join(f"{name} = {value:g}" for name, value in parts.items()),
                expected="shares ≥ 0 that add up to 1",
            )


def _joined(facility: FacilitySpec, tables: Iterable[str]) -> Mapping[str, float]:
    return {name: value for key in tables for name, value in table(facility, key).items()}
