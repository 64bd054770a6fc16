"""Records survive the trip through plain values and JSON."""

import json
import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from siting import model
from siting.codec import from_plain, to_json, to_plain
from tests.sample import NASTY_NAMES, sample_result

_FACILITY = sample_result().study.facilities[0]
_ATOMS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_OBJECTS = st.recursive(
    _ATOMS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(
            st.sampled_from(("a", "$map", "$list", "$float", "ü")), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def _there_and_back(record: Any) -> Any:
    return from_plain(type(record), json.loads(to_json(to_plain(record))))


def _records() -> list[object]:
    result = sample_result()
    study = result.study
    return [
        study,
        *study.facilities,
        *result.plans.values(),
        *result.provenance,
        *result.notices,
    ]


@pytest.mark.parametrize("record", _records(), ids=lambda record: type(record).__name__)
def test_every_record_of_the_sample_comes_back_equal(record: object) -> None:
    again = _there_and_back(record)
    assert again == record
    assert type(again) is type(record)
    assert [type(getattr(again, f.name)) for f in fields(again)] == [
        type(getattr(record, f.name)) for f in fields(record)
    ]


@given(params=st.dictionaries(st.text(), _OBJECTS, max_size=3))
def test_undeclared_values_come_back_equal_with_their_types(params: dict[str, object]) -> None:
    spec = model.ModelSpec(kind="mclp", params=params)
    again = _there_and_back(spec)
    assert again == spec
    assert repr(again) == repr(spec)  # True is not 1, a tuple is not a list


@given(
    low=st.none() | st.floats(allow_nan=False),
    text=st.text() | st.sampled_from(NASTY_NAMES),
    where=st.dictionaries(st.text(), st.lists(_ATOMS.filter(lambda a: a is not None)).map(tuple)),
)
def test_optional_numbers_and_unions_come_back(
    low: float | None, text: str, where: dict[str, tuple[model.Scalar, ...]]
) -> None:
    spec = model.NormaliseSpec(kind=text, low=low)
    assert _there_and_back(spec) == spec
    plain = to_plain(_FACILITY) | {"candidate_where": to_plain(_Where(where=where))["where"]}
    again = from_plain(model.FacilitySpec, json.loads(to_json(plain)))
    assert repr(again.candidate_where) == repr(where)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Where:
    where: model.Where


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mixed:
    pair: tuple[int, str]
    label: model.Label | None
    share: float
    limit: float | None
    anything: object


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_does_not_know_come_back(value: float) -> None:
    record = _Mixed(pair=(1, "a"), label=None, share=value, limit=value, anything=(value, [value]))
    assert "NaN" not in to_json(to_plain(record))
    assert repr(_there_and_back(record)) == repr(record)


def test_nan_of_a_declared_number_is_null_and_a_none_stays_none() -> None:
    record = _Mixed(pair=(1, "a"), label=None, share=math.nan, limit=None, anything=None)
    assert to_plain(record)["share"] is None
    again = _there_and_back(record)
    assert math.isnan(again.share)
    assert again.limit is None


def test_numpy_scalars_become_plain_numbers() -> None:
    record = _Mixed(
        pair=(np.int64(3), "a"),  # type: ignore[arg-type]
        label=model.Label(zh="甲", en="A"),
        share=np.float64(0.5),
        limit=np.float32(0.25),  # type: ignore[arg-type]
        anything=(np.bool_(True), np.int8(1)),  # noqa: FBT003 - the value under test
    )
    again = _there_and_back(record)
    assert repr(again) == repr(
        _Mixed(pair=(3, "a"), label=record.label, share=0.5, limit=0.25, anything=(True, 1))
    )


def test_fields_with_a_default_may_lack() -> None:
    assert from_plain(model.NormaliseSpec, {"kind": "linear"}) == model.NormaliseSpec(
        kind="linear"
    )


@pytest.mark.parametrize(
    ("cls", "value", "named"),
    [
        (model.Label, {"zh": "甲"}, r"Label: expected the fields \['en'\]"),
        (model.Label, {"zh": "甲", "en": "A", "fr": "B"}, "fr"),
        (model.Label, ["甲", "A"], "Label: expected a table"),
        (model.Label, {"zh": 3, "en": "A"}, "Label.zh: expected str, got 3"),
        (model.SolverSettings, {"time_limit_s": "60", "gap": 0.0}, "SolverSettings.time_limit_s"),
        (model.SolverSettings, {"time_limit_s": True, "gap": 0.0}, "SolverSettings.time_limit_s"),
        (model.NormaliseSpec, {"kind": "linear", "low": "0"}, "NormaliseSpec.low"),
        (
            model.Notice,
            {"level": "shout", "code": "x", "label": {"zh": "", "en": ""}},
            "Notice.level",
        ),
        (_Mixed, {"pair": [1, "a", 2]}, "the fields"),
        (_Where, {"where": {"a": "b"}}, r"_Where.where.a: expected a list"),
        (_Where, {"where": []}, "_Where.where: expected a table"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_field(
    cls: type, value: object, named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        from_plain(cls, value)


def test_an_unknown_status_and_a_tuple_of_wrong_length_are_refused() -> None:
    plan = to_plain(sample_result().plans["hydrogen"])
    with pytest.raises(ValueError, match=r"Plan\.status"):
        from_plain(model.Plan, plan | {"status": "guessed"})
    mixed = to_plain(_Mixed(pair=(1, "a"), label=None, share=1.0, limit=None, anything=None))
    with pytest.raises(ValueError, match=r"_Mixed\.pair: expected 2 items"):
        from_plain(_Mixed, mixed | {"pair": [1]})


@pytest.mark.parametrize("value", [object(), {1: "a"}, {"deep": (b"bytes",)}])
def test_a_value_without_a_plain_form_is_refused_by_field(value: object) -> None:
    with pytest.raises(TypeError, match=r"ModelSpec\.params"):
        to_plain(model.ModelSpec(kind="mclp", params={"p": value}))
