"""The shifted Chinese coordinates GCJ-02 and BD-09, to WGS84 and back.

Web maps of China draw every place some hundreds of metres from where it is, by a smooth function of
the place (GCJ-02); Baidu rotates once more (BD-09). Neither is published; what is here is the public
approximation. It is a function of the WGS84 place, so the way back is found by iteration.

References
----------
Constants and vectors: eviltransform, https://github.com/googollee/eviltransform (2013–), and
coordtransform, https://github.com/wandergis/coordtransform (2015–).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Places: TypeAlias = NDArray[np.float64]

GCJ02: Final = "GCJ-02"
BD09: Final = "BD-09"
CHINA: Final = (72.004, 0.8293, 137.8347, 55.8271)
"""(west, south, east, north), inclusive, of the WGS84 places that are shifted; elsewhere nothing is."""

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("gcj02", "gcj2", "gcj", "火星坐标", "火星坐标系", "国测局坐标"), GCJ02),
        **dict.fromkeys(("bd09", "bd9", "bd09ll", "百度坐标", "百度坐标系"), BD09),
    }
)

# Krasovsky 1940, which the public approximation measures on.
_AXIS_M, _ECCENTRICITY_SQUARED = 6_378_245.0, 0.006_693_421_622_965_943_23
_ORIGIN_DEG = (105.0, 35.0)
_BAIDU_WAVE = np.pi * 3000 / 180  # radians per degree
_BAIDU_SHIFT_DEG = (0.0065, 0.0060)
# A step leaves less than 3 % of the error; 1e-11 degrees are a micrometre.
_MOST_STEPS, _STEP_DEG, _EDGE_DEG = 20, 1e-11, 1e-9


def find_datum(text: str | None) -> str | None:
    """Return ``GCJ-02`` or ``BD-09`` where a text names one of them, else None.

    Case, spaces and hyphens do not matter.

    Examples
    --------
    >>> find_datum("gcj02"), find_datum("BD-09"), find_datum("EPSG:4326"), find_datum(None)
    ('GCJ-02', 'BD-09', None, None)
    """
    return None if text is None else _NAMES.get("".join(c for c in text.lower() if c.isalnum()))


def shift(lonlat: Places, datum: str) -> Places:
    """Return where GCJ-02 or BD-09 shows places of WGS84.

    Parameters
    ----------
    lonlat
        Shape (n, 2), degrees, WGS84. Rows that are not finite stay as they are.
    datum
        ``GCJ-02`` or ``BD-09``.

    Returns
    -------
    Places
        Shape (n, 2), degrees. Places outside of ``CHINA`` come back as they were, bit for bit: the
        shift ends with a jump at the edge of that box, as in all public code.

    Raises
    ------
    KeyError
        For any other datum.

    Examples
    --------
    >>> shift(np.array([[116.404, 39.915], [-8.6, 41.1]]), "GCJ-02").round(6).tolist()
    [[116.410244, 39.916404], [-8.6, 41.1]]
    >>> shift(np.empty((0, 2)), "BD-09").shape
    (0, 2)
    """
    shifted = lonlat.astype(np.float64)
    inside = is_shifted(lonlat)
    shifted[inside] = _FORMULAS[datum](shifted[inside])
    return shifted


def unshift(lonlat: Places, datum: str) -> Places:
    """Return the WGS84 places that GCJ-02 or BD-09 shows at the given ones.

    Found by fixed-point iteration: ``shift`` of the result meets the input to a micrometre.

    Parameters
    ----------
    lonlat
        Shape (n, 2), degrees, in the datum. Rows that are not finite stay as they are.
    datum
        ``GCJ-02`` or ``BD-09``.

    Returns
    -------
    Places
        Shape (n, 2), degrees, WGS84. Whatever comes from inside of ``CHINA`` goes back there; a place
        at which nothing from there is shown comes back as it was. In a seam of a kilometre along the
        edge of the box there may be both or neither: then the place inside wins, or none is shown.

    Raises
    ------
    KeyError
        For any other datum.
    """
    formula = _FORMULAS[datum]
    found = lonlat.astype(np.float64)
    # No place is shifted by more than 0.03 degrees: elsewhere there is nothing to look for.
    near = np.flatnonzero(is_shifted(lonlat, margin_deg=0.05))
    target = found[near]
    guess = target.copy()
    for _ in range(_MOST_STEPS):
        error = formula(guess) - target
        guess -= error
        if not len(error) or np.abs(error).max() < _STEP_DEG:
            break
    inside = is_shifted(guess, margin_deg=_EDGE_DEG)
    found[near[inside]] = guess[inside]
    return found


def is_shifted(lonlat: Places, *, margin_deg: float = 0.0) -> NDArray[np.bool_]:
    """Tell which places, shape (n, 2) in degrees, lie in the box that is shifted; NaN does not."""
    west, south, east, north = CHINA
    low, high = (west - margin_deg, south - margin_deg), (east + margin_deg, north + margin_deg)
    return np.asarray(((lonlat >= low) & (lonlat <= high)).all(axis=1), np.bool_)


def _gcj02(lonlat: Places) -> Places:
    x, y = (lonlat - _ORIGIN_DEG).T
    common = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    east_m = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east_m += (common + _waves(x, ((20, 1), (40, 3), (150, 12), (300, 30)))) * 2 / 3
    north_m = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north_m += (common + _waves(y, ((20, 1), (40, 3), (160, 12), (320, 30)))) * 2 / 3
    latitude = np.radians(lonlat[:, 1])
    flattened = 1 - _ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    across_m = _AXIS_M / np.sqrt(flattened)  # radius of the prime vertical, then of the meridian
    along_m = across_m * (1 - _ECCENTRICITY_SQUARED) / flattened
    degrees = np.degrees([east_m / (across_m * np.cos(latitude)), north_m / along_m])
    return np.asarray(lonlat + degrees.T)


def _waves(degrees: NDArray[np.float64], terms: tuple[tuple[int, int], ...]) -> Places:
    """Return the sum of sines of (amplitude in metres, half wavelength in degrees)."""
    waves = [amplitude * np.sin(np.pi * degrees / half) for amplitude, half in terms]
    return np.asarray(np.sum(waves, axis=0))


def _bd09(lonlat: Places) -> Places:
    x, y = _gcj02(lonlat).T
    radius = np.hypot(x, y) + 2e-5 * np.sin(_BAIDU_WAVE * y)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(_BAIDU_WAVE * x)
    turned = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return turned + _BAIDU_SHIFT_DEG


_FORMULAS: Final[Mapping[str, Callable[[Places], Places]]] = MappingProxyType(
    {GCJ02: _gcj02, BD09: _bd09}
)
