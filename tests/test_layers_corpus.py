"""Every bad file of the corpus gives its lines, one for each problem, and nothing is written."""

import re
import tempfile
import warnings
from pathlib import Path

import pytest

import layers
from siting.errors import SitingError
from tests.builders import make_study
from tests.corpus import CASES, Case

_ANYTHING = re.escape("<…>")


def snapshot(folder: Path) -> dict[str, bytes]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def matches(line: str, wanted: str) -> bool:
    return re.fullmatch(re.escape(wanted).replace(_ANYTHING, ".*"), line) is not None


def test_the_corpus_is_large() -> None:
    assert len(CASES) >= 60


def test_a_placeholder_stands_for_words_and_nothing_else_does() -> None:
    assert matches("file: broken (got a b). Mend it.", "file: broken (got <…>). Mend it.")
    assert not matches("file: broken (got a b). Mend it", "file: broken (got <…>). Mend it.")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_bad_file_gives_its_lines(
    tmp_path: Path, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, private = tmp_path / "data", tmp_path / "tmp"
    folder.mkdir()
    private.mkdir()
    with warnings.catch_warnings(action="ignore"):  # of what writes the bad file
        spec = case.make(folder)
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    before = snapshot(folder)
    with pytest.raises(SitingError) as caught:
        layers.read(make_study(folder, **{spec.kind: spec}))
    lines = str(caught.value).splitlines()
    assert len(lines) == len(case.lines) == len(caught.value.problems), lines
    for line, wanted in zip(lines, case.lines, strict=True):
        assert matches(line, wanted), line
        assert str(tmp_path) not in line
        assert line.isprintable()
    assert snapshot(folder) == before
    assert list(private.iterdir()) == []
