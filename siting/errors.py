"""The errors a user can cause, as one tree.

::

    SitingError
    ├── ConfigError        (ValueError)         a study or facility file is wrong
    ├── InputError         (ValueError)         a data layer is wrong
    │   ├── CrsError                            its coordinate system is missing or impossible
    │   └── MissingLayerError (LookupError)     a stage needs a layer the study does not bring
    ├── MissingFileError   (FileNotFoundError)  a named file is not there
    ├── NetworkError       (ValueError)         the road graph cannot carry the study
    ├── ModelError         (ValueError)         the location model cannot be solved as asked
    └── OutputError        (OSError)            the result cannot be written or read back
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, said so that its owner can mend it.

    Parameters
    ----------
    where
        File, layer, row or key, as the user would look it up.
    what
        What is wrong, in a few words.
    got
        What was found; empty when there is nothing to quote.
    expected
        What would have been right.
    mend
        What to do about it.
    """

    where: str
    what: str
    got: str = ""
    expected: str = ""
    mend: str = ""

    def __str__(self) -> str:
        """Return the problem as one line."""
        facts = [f"got {_one_line(self.got)}"] if self.got else []
        if self.expected:
            facts.append(f"expected {self.expected}")
        line = f"{self.where}: {self.what}"
        if facts:
            line += f" ({', '.join(facts)})"
        return _one_line(f"{line}. {self.mend}" if self.mend else line, limit=600)


def _one_line(text: str, *, limit: int = 120) -> str:
    """Fold white space and cut, so that text from data cannot break the one-line promise."""
    folded = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"


class SitingError(Exception):
    """Something the user can mend; carries one or more problems, a line each."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class ConfigError(SitingError, ValueError):
    """A study, facility, profile or rule file is wrong."""


class InputError(SitingError, ValueError):
    """A data layer is wrong."""


class CrsError(InputError):
    """A coordinate system is missing, unknown or impossible for the coordinates."""


class MissingLayerError(InputError, LookupError):
    """A stage needs a layer that the study does not bring."""


class MissingFileError(SitingError, FileNotFoundError):
    """A named file is not there."""


class NetworkError(SitingError, ValueError):
    """The road graph cannot carry the study."""


class ModelError(SitingError, ValueError):
    """The location model cannot be solved as asked."""


class OutputError(SitingError, OSError):
    """The result cannot be written or read back."""
