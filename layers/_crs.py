"""Which coordinate system a layer is in: what its file says and what the study says."""

from pyproj import CRS

from layers._raw import place
from siting.crs import authority, find_crs
from siting.errors import CrsError, Problem
from siting.model import LayerSpec


def declared_crs(spec: LayerSpec, found: CRS | None) -> CRS:
    """Return the CRS of a layer.

    Parameters
    ----------
    spec
        Its ``crs`` is what the study says, None where it says nothing.
    found
        What the file carries, None where it carries none.

    Raises
    ------
    CrsError
        When neither names one, or they name different ones.
    """
    if spec.crs is None:
        if found is not None:
            return found
        raise CrsError(
            Problem(
                where=place(spec),
                what="coordinate system missing",
                expected="the CRS of its coordinates",
                mend='Give the file one, or add crs = "EPSG:4326" (or what it is) to the layer.',
            )
        )
    named = find_crs(spec.crs, where=place(spec))
    if found is not None and not found.equals(named, ignore_axis_order=True):
        raise CrsError(
            Problem(
                where=place(spec),
                what="the file and the study name different coordinate systems",
                got=f"{authority(found)} in the file, {authority(named)} in the study",
                expected="the same",
                mend="Take crs out of the layer; the file's own is used.",
            )
        )
    return named
