"""Bad files by name, each made on the fly, with the line it must give.

``CASES`` maps a name to what makes the file (in an empty folder, returning the layer's specification)
and to the lines of the error. ``<…>`` in a line stands for words of GDAL, Arrow or the like.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from siting.model import LayerSpec
from tests.corpus import archives, cells, files, others, places

Make = Callable[[Path], LayerSpec]


class Case(NamedTuple):
    """A bad file and the lines of its error."""

    make: Make
    lines: tuple[str, ...]


def _cases() -> Mapping[str, Case]:
    found: dict[str, Case] = {}
    for module in (files, archives, cells, places, others):
        for name, (make, *lines) in module.CASES.items():
            if name in found:
                message = f"two cases are named {name}"
                raise ValueError(message)
            found[name] = Case(make, tuple(lines))
    return found


CASES = _cases()
