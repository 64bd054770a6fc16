"""Waiting at a station with several servers: how many connectors a stream of vehicles needs.

Vehicles come at random (Poisson) and wait in one line for the next free of ``c`` equal connectors.
With exponential service times the answer is exact (M/M/c); other service times are corrected by
their variation (M/G/c). Time may be in any unit, the same for rates and waits.

References
----------
Gross, Shortle, Thompson, Harris (2008), Fundamentals of Queueing Theory, 4th ed., sections 2.3 to 2.5:
Erlang's formulas. Lee and Longton (1959), Queueing processes associated with airline passenger check-in,
Operational Research Quarterly 10: the correction (1 + c_s²) / 2 of the mean wait.
"""

import math

from siting.errors import ConfigError, Problem

_ROUNDING = 1e-9
"""What a wait or utilisation may exceed its limit by, as a share: a load at the limit may be rounded."""


def erlang_b(servers: int, load_erlang: float) -> float:
    """Return the share of arrivals that find all servers busy and leave (loss formula).

    The recursion over the servers holds for thousands of them: every value is in [0, 1], where
    powers and factorials would overflow.

    Parameters
    ----------
    servers
        Number of servers, ≥ 0.
    load_erlang
        Arrivals times mean service time, ≥ 0.

    Returns
    -------
    float
        Share in [0, 1]; 1 without servers, 0 without load.

    Raises
    ------
    ConfigError
        If a number is out of its range.
    """
    _require_amounts(servers=servers, load_erlang=load_erlang)
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load_erlang * blocked / (k + load_erlang * blocked)
    return blocked


def erlang_c(servers: int, load_erlang: float) -> float:
    """Return the share of arrivals that have to wait (delay formula).

    Returns
    -------
    float
        Share in [0, 1]; 1 where the load is not below the number of servers.

    Examples
    --------
    >>> round(erlang_c(5, 4.0), 4)
    0.5541
    """
    blocked = erlang_b(servers, load_erlang)
    return _delayed(blocked, servers, load_erlang)


def mean_wait(
    servers: int, arrivals: float, service_rate: float, *, variation: float = 1.0
) -> float:
    """Return the mean wait before service.

    Parameters
    ----------
    servers
        Number of servers, ≥ 0.
    arrivals, service_rate
        Arrivals, and services of one server, per unit of time; ≥ 0 and > 0.
    variation
        Coefficient of variation of the service time, ≥ 0: 1 is exponential, 0 always the same.

    Returns
    -------
    float
        Time ≥ 0 over all arrivals, those who need not wait included; infinite where arrivals are
        not below what all servers can do, 0 without arrivals.
    """
    _require_amounts(arrivals=arrivals, variation=variation)
    load = arrivals / _positive("service_rate", service_rate)
    return _mean_wait(erlang_b(servers, load), servers, load, service_rate, variation)


def wait_percentile(
    servers: int,
    arrivals: float,
    service_rate: float,
    *,
    share: float = 0.95,
    variation: float = 1.0,
) -> float:
    """Return the wait that a share of the arrivals do not exceed.

    Exact for exponential service times; for others the waits are stretched as their mean is, which is
    right for a busy line.

    Returns
    -------
    float
        Time ≥ 0; 0 where so many do not wait at all, infinite where the queue grows for ever.
    """
    _require_amounts(arrivals=arrivals, variation=variation)
    load = arrivals / _positive("service_rate", service_rate)
    delayed = erlang_c(servers, load)
    if delayed <= 1.0 - share:
        return 0.0
    if load >= servers or share >= 1.0:
        return math.inf
    exponential = math.log(delayed / (1.0 - share)) / ((servers - load) * service_rate)
    return exponential * _stretch(variation)


def smallest_servers(
    arrivals: float,
    service_rate: float,
    *,
    wait: float,
    utilisation: float = 1.0,
    variation: float = 1.0,
) -> int:
    """Return the fewest servers that keep the mean wait and the utilisation within limits.

    Parameters
    ----------
    arrivals, service_rate
        Arrivals, and services of one server, per unit of time; ≥ 0 and > 0.
    wait
        The longest mean wait, > 0.
    utilisation
        The largest share of the time that a server is busy, in (0, 1].
    variation
        Coefficient of variation of the service time, ≥ 0.

    Returns
    -------
    int
        0 without arrivals; more arrivals never need fewer.

    Raises
    ------
    ConfigError
        If a number is out of its range.

    Examples
    --------
    >>> smallest_servers(12.0, 3.0, wait=10 / 60, utilisation=0.85)
    6
    >>> smallest_servers(0.0, 3.0, wait=0.1)
    0
    """
    _require_limits(wait, utilisation)
    _require_amounts(arrivals=arrivals, variation=variation)
    load = arrivals / _positive("service_rate", service_rate)
    servers, blocked = 0, 1.0
    while load > 0.0:  # ends: the wait falls to nothing as servers are added
        servers += 1
        blocked = load * blocked / (servers + load * blocked)
        if load > servers * utilisation * (1.0 + _ROUNDING):
            continue
        if _mean_wait(blocked, servers, load, service_rate, variation) <= wait * (1.0 + _ROUNDING):
            break
    return servers


def largest_arrivals(
    servers: int,
    service_rate: float,
    *,
    wait: float,
    utilisation: float = 1.0,
    variation: float = 1.0,
) -> float:
    """Return the most arrivals that servers can take within the limits: the inverse of the above.

    Returns
    -------
    float
        Arrivals per unit of time, ≥ 0, for which ``smallest_servers`` asks for no more than
        ``servers``; found by bisection to the last bit.
    """
    _require_limits(wait, utilisation)
    _require_amounts(servers=servers, variation=variation)
    low, high = 0.0, servers * _positive("service_rate", service_rate) * utilisation
    if _waits_at_most(wait, servers, high, service_rate, variation):
        return high
    while True:
        middle = (low + high) / 2.0
        if not low < middle < high:
            return low
        if _waits_at_most(wait, servers, middle, service_rate, variation):
            low = middle
        else:
            high = middle


def _waits_at_most(
    wait: float, servers: int, arrivals: float, service_rate: float, variation: float
) -> bool:
    return mean_wait(servers, arrivals, service_rate, variation=variation) <= wait


def _delayed(blocked: float, servers: int, load: float) -> float:
    if load >= servers:
        return 1.0 if load > 0.0 else 0.0
    return servers * blocked / (servers - load * (1.0 - blocked))


def _mean_wait(
    blocked: float, servers: int, load: float, service_rate: float, variation: float
) -> float:
    if load <= 0.0:
        return 0.0
    if load >= servers:
        return math.inf
    exponential = _delayed(blocked, servers, load) / ((servers - load) * service_rate)
    return exponential * _stretch(variation)


def _stretch(variation: float) -> float:
    """Return how much longer waits are than with exponential service times."""
    return (1.0 + variation**2) / 2.0


def _require_limits(wait: float, utilisation: float) -> None:
    _positive("wait", wait)
    if not _positive("utilisation", utilisation) <= 1.0:
        raise ConfigError(_problem("utilisation", utilisation, "a share in (0, 1]"))


def _positive(name: str, value: float) -> float:
    if not (math.isfinite(value) and value > 0.0):
        raise ConfigError(_problem(name, value, "a number above 0"))
    return value


def _require_amounts(**amounts: float) -> None:
    problems = [
        _problem(name, value, "a number ≥ 0")
        for name, value in amounts.items()
        if not (math.isfinite(value) and value >= 0.0)
    ]
    if problems:
        raise ConfigError(*problems)


def _problem(name: str, value: float, expected: str) -> Problem:
    return Problem(
        where=f"queue, {name}",
        what="out of range",
        got=f"{value:g}",
        expected=expected,
        mend="Correct the assumptions that the queue is worked out from.",
    )
