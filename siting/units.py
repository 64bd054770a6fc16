"""Conversions between units, and the integer scales of the network. Sourced factors are data (TOML)."""

from typing import Final

SECONDS_PER_MINUTE: Final = 60.0
DAYS_PER_YEAR: Final = 365.0
MINUTES_PER_HOUR: Final = 60.0
METRES_PER_KM: Final = 1000.0
KWH_PER_MWH: Final = 1000.0
KVA_PER_MVA: Final = 1000.0
KG_PER_TONNE: Final = 1000.0
GRAMS_PER_TONNE: Final = 1.0e6
HOURS_PER_YEAR: Final = 8760.0
CNY_PER_MCNY: Final = 1.0e6
M2_PER_KM2: Final = 1.0e6

DECISECONDS_PER_SECOND: Final = 10
"""Travel times are integers of 0.1 s inside the network, so that sums are exact."""

DECIMETRES_PER_METRE: Final = 10
"""Road lengths are integers of 0.1 m inside the network."""


def deciseconds(length_m: float, speed_kmh: float) -> int:
    """Return the time to drive a length, rounded to 0.1 s.

    Parameters
    ----------
    length_m
        Length in metres, ≥ 0.
    speed_kmh
        Speed in km/h, > 0.

    Returns
    -------
    int
        Time in 0.1 s.

    Examples
    --------
    >>> deciseconds(1000.0, 60.0)
    600
    """
    seconds = length_m / METRES_PER_KM / speed_kmh * 3600.0
    return round(seconds * DECISECONDS_PER_SECOND)


def decimetres(length_m: float) -> int:
    """Return a length rounded to 0.1 m, as an integer of 0.1 m."""
    return round(length_m * DECIMETRES_PER_METRE)
