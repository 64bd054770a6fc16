"""The arithmetic of investment: present values, rates of return, payback and levelised cost.

Money comes at the ends of years: ``cash[0]`` is paid today, ``cash[t]`` after t years. Rates are
shares a year (0.06 is 6 %), real or nominal as the money is.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

FloatArray = NDArray[np.float64]


def annuity_factor(rate: ArrayLike, years: ArrayLike) -> FloatArray:
    """Return what one unit of money at the end of every year is worth today.

    Parameters
    ----------
    rate
        Discount rate a year, > −1; broadcasts with ``years``.
    years
        Number of years, ≥ 0.

    Returns
    -------
    NDArray
        (1 − (1 + r)⁻ⁿ) / r, and n where the rate is 0.

    Examples
    --------
    >>> round(float(annuity_factor(0.12, 5)), 4)
    3.6048
    >>> float(annuity_factor(0.0, 20))
    20.0
    """
    r, n = np.broadcast_arrays(np.asarray(rate, dtype=float), np.asarray(years, dtype=float))
    growth = np.log1p(r)
    is_zero = r == 0
    factor = -np.expm1(-n * growth) / np.where(is_zero, 1.0, r)
    return np.asarray(np.where(is_zero, n, factor), dtype=float)


def net_present_value(rate: float, cash: ArrayLike) -> float:
    """Return what a row of payments is worth today.

    Parameters
    ----------
    rate
        Discount rate a year, > −1.
    cash
        Payments ``(n_years + 1,)``, the first of them today; NaN = not known.

    Returns
    -------
    float
        In the unit of the payments; NaN where one is not known, 0 for no payments.

    Examples
    --------
    >>> round(net_present_value(0.10, [-100.0, 0.0, 242.0]), 9)
    100.0
    >>> net_present_value(0.10, [])
    0.0
    """
    flow = np.asarray(cash, dtype=float)
    years = np.arange(len(flow))
    return float(flow @ (1.0 + rate) ** -years)


def internal_rate(cash: ArrayLike) -> float:
    """Return the discount rate at which payments are worth nothing: the internal rate of return.

    Only the conventional case has one rate that means a return: money goes out first and comes
    back later, so that the signs change once (Descartes: one positive root of the discount factor,
    which a bracket that doubles must catch).

    Parameters
    ----------
    cash
        Payments ``(n_years + 1,)``, the first of them today.

    Returns
    -------
    float
        Share a year, > −1; below 0 where less comes back than went out. NaN where there is none:
        nothing is paid, nothing comes back, the signs change more than once, or a payment is NaN.

    Examples
    --------
    >>> round(internal_rate([-100.0, 60.0, 60.0]), 6)
    0.130662
    >>> internal_rate([-100.0, -5.0])
    nan
    """
    flow = np.asarray(cash, dtype=float)
    signs = np.sign(flow[flow != 0])
    if not np.isfinite(flow).all() or not len(signs) or signs[0] > 0:
        return math.nan
    if np.count_nonzero(np.diff(signs)) != 1:
        return math.nan
    scaled = flow / np.abs(flow).max()
    upper = 1.0
    while np.polyval(scaled[::-1], upper) < 0:
        upper *= 2.0
    factor = brentq(lambda v: float(np.polyval(scaled[::-1], v)), 0.0, upper, xtol=1e-15)
    return 1.0 / float(factor) - 1.0


def discounted_payback(rate: float, cash: ArrayLike) -> float:
    """Return after how many years the discounted payments have come back.

    Parameters
    ----------
    rate
        Discount rate a year, > −1.
    cash
        Payments ``(n_years + 1,)``, the first of them today.

    Returns
    -------
    float
        Years, in proportion within the year in which the balance turns; 0 where nothing is owed
        from the start, NaN where it is never paid back or a payment is not known.

    Examples
    --------
    >>> discounted_payback(0.0, [-100.0, 40.0, 40.0, 40.0])
    2.5
    >>> discounted_payback(0.0, [-100.0, 40.0])
    nan
    """
    flow = np.asarray(cash, dtype=float)
    if not len(flow) or not np.isfinite(flow).all():
        return math.nan
    today = flow * (1.0 + rate) ** -np.arange(len(flow))
    balance = np.cumsum(today)
    paid = np.flatnonzero(balance >= 0)
    if not len(paid):
        return math.nan
    year = int(paid[0])
    return 0.0 if year == 0 else year - 1 - float(balance[year - 1] / today[year])


def levelised_cost(
    rate: float, years: ArrayLike, *, capex: ArrayLike, yearly: ArrayLike, output: ArrayLike
) -> float:
    """Return the constant price of a unit of output that just pays for everything.

    Parameters
    ----------
    rate
        Discount rate a year, > −1.
    years
        Lifetime of each plant ``(n,)``, years.
    capex, yearly
        Money to build each plant and to keep and run it for a year ``(n,)``.
    output
        Output of each plant a year ``(n,)``, ≥ 0.

    Returns
    -------
    float
        Money per unit of output: present value of all cost over that of all output. NaN where
        there is no output or a cost is not known.

    References
    ----------
    Short, Packey and Holt (1995), Manual for the Economic Evaluation of Energy Efficiency and Renewable
    Energy Technologies, NREL/TP-462-5173: with one plant this is (FCR x investment + yearly cost) / output,
    FCR the inverse of the annuity factor.

    Examples
    --------
    >>> levelised_cost(0.0, [10], capex=[100.0], yearly=[5.0], output=[5.0])
    3.0
    >>> levelised_cost(0.06, [], capex=[], yearly=[], output=[])
    nan
    """
    factor = annuity_factor(rate, years)
    cost = np.asarray(capex, dtype=float) + factor * np.asarray(yearly, dtype=float)
    total = float((factor * np.asarray(output, dtype=float)).sum())
    return float(cost.sum()) / total if total > 0 else math.nan
