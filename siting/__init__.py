"""Siting of hydrogen stations, charging stations and shore power by network distance.

``siting.plan("qingdao")`` plans a study and returns its ``Result``; the command line does the same
and writes the outputs. Nothing heavy is imported until it is needed.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from siting.api import plan

__all__ = ["plan"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Import the Python door on first use, so that ``siting --help`` answers at once."""
    if name == "plan":
        from siting.api import plan  # noqa: PLC0415

        return plan
    message = f"module 'siting' has no attribute {name!r}"
    raise AttributeError(message)
