"""Pictures for the report: a vector drawing is read before it is taken, and refused when it can act."""

import re
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

from siting.errors import OutputError, Problem

# Elements that run, load or hold other documents.
_REFUSED: Final = frozenset(
    {
        "script",
        "foreignobject",
        "iframe",
        "embed",
        "object",
        "audio",
        "video",
        "handler",
        "listener",
    }
)
_INNER: Final = re.compile(r"\s*(#|data:image/(png|jpeg);)", re.IGNORECASE)
_OUTER_STYLE: Final = re.compile(
    r"@import|url\(\s*+['\"]?+(?!#|data:image/(?:png|jpeg);)", re.IGNORECASE
)


def check_svg(svg: bytes, *, where: str) -> None:
    """Refuse a drawing that is no SVG, runs anything or refers to anything outside itself.

    Parameters
    ----------
    where
        The figure, for the message.

    Raises
    ------
    OutputError
        With everything that is wrong, a line each.
    """
    reader = _Reader()
    parser = ParserCreate()
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.text
    parser.EndElementHandler = reader.end
    parser.EntityDeclHandler = reader.entity
    parser.ProcessingInstructionHandler = reader.instruction
    try:
        parser.Parse(svg, True)  # noqa: FBT003  # expat takes it by position
    except ExpatError as error:
        reader.found["is not well-formed XML"] = str(error)
    problems = [
        Problem(where=where, what=what, got=got, expected="a self-contained SVG drawing")
        for what, got in reader.found.items()
    ]
    if problems:
        raise OutputError(*problems)


class _Reader:
    """Collects what is wrong, each kind once with the first example."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self.style: list[str] | None = None
        self.is_first = True

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2].lower()
        if self.is_first and local != "svg":
            self._note("is no SVG", name)
        self.is_first = False
        if local in _REFUSED:
            self._note("holds an element that acts or loads", name)
        if local == "style":
            self.style = []
        for key, value in attributes.items():
            self._attribute(key.rpartition(":")[2].lower(), value)

    def text(self, data: str) -> None:
        if self.style is not None:
            self.style.append(data)

    def end(self, _name: str) -> None:
        if self.style is not None:
            self._look("".join(self.style))
            self.style = None

    def entity(self, name: str, *_parts: object) -> None:
        self._note("declares an entity", name)

    def instruction(self, target: str, data: str) -> None:
        self._note("holds a processing instruction", f"{target} {data}")

    def _attribute(self, key: str, value: str) -> None:
        if key.startswith("on"):
            self._note("has an event handler", f"{key}={value}")
        elif key in {"href", "src"} and not _INNER.match(value):
            self._note("refers to something outside", value)
        else:
            self._look(value)

    def _look(self, style: str) -> None:
        if _OUTER_STYLE.search(style):
            self._note("refers to something outside", style)

    def _note(self, what: str, got: str) -> None:
        self.found.setdefault(what, got)
