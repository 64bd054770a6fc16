"""``[weights]`` and ``[certainty]`` in TOML: what is read, and what is refused in one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from siting.config import load_study
from siting.errors import ConfigError
from siting.model import CertaintySettings, FacilitySpec
from tests.packs import OwnStudy

SIX = ("energy", "load", "occupancy", "exposure", "policy_type", "grid", "supply_gap")


@pytest.fixture
def own(tmp_path: Path) -> OwnStudy:
    return OwnStudy(tmp_path / "own", facilities=("shore_power",))


def _weigh(own: OwnStudy, **weights: Any) -> FacilitySpec:
    tables = own.kinds["shore_power"]
    for row in tables["criteria"]:
        row.pop("weight", None)
    tables["weights"] = weights
    return load_study(own.write()).facilities[0]


def _weights(spec: FacilitySpec) -> dict[str, float]:
    return {row.key: row.weight for row in spec.criteria}


def _matrix(points: dict[str, float]) -> list[list[float | str]]:
    return [[a / b for b in points.values()] for a in points.values()]


def test_stated_weights_need_no_table(own: OwnStudy) -> None:
    spec = load_study(own.write()).facilities[0]
    assert spec.weighting == ()
    assert sum(_weights(spec).values()) == pytest.approx(1.0)


def test_rank_order(own: OwnStudy) -> None:
    spec = _weigh(own, method="roc", order={key: k for k, key in enumerate(SIX, start=1)})
    found = list(_weights(spec).values())
    assert sum(found) == pytest.approx(1.0)
    assert found == sorted(found, reverse=True)
    assert found[0] == pytest.approx(sum(1 / k for k in range(1, 8)) / 7)


def test_swing(own: OwnStudy) -> None:
    spec = _weigh(own, method="swing", points=dict.fromkeys(SIX, 50) | {"energy": 100})
    assert _weights(spec)["energy"] == pytest.approx(100 / 400)
    assert spec.weighting[0].method == "swing"


def test_ahp_with_fractions_as_text_in_groups(own: OwnStudy) -> None:
    spec = _weigh(
        own,
        method="ahp",
        note="example",
        experts=[{"expert": "planner", "matrix": [[1, 3], ["1/3", 1]]}],
        groups={
            "use": {
                "criteria": ["energy", "load", "occupancy"],
                "method": "ahp",
                "experts": [
                    {"expert": "a", "matrix": [[1, 2, 4], ["1/2", 1, 2], ["1/4", "1/2", 1]]},
                    {"expert": "b", "importance": 3, "matrix": [[1, 1, 1], [1, 1, 1], [1, 1, 1]]},
                ],
            },
            "place": {
                "criteria": ["exposure", "policy_type", "grid", "supply_gap"],
                "method": "direct",
                "points": {"exposure": 4, "policy_type": 3, "grid": 2, "supply_gap": 1},
            },
        },
    )
    weights = _weights(spec)
    assert sum(weights.values()) == pytest.approx(1.0)
    assert sum(weights[key] for key in SIX[:3]) == pytest.approx(0.75)
    assert weights["exposure"] == pytest.approx(0.25 * 0.4)
    # The geometric mean of 2 and 1 with importance 1 to 3 is the fourth root of 2.
    assert weights["energy"] / weights["load"] == pytest.approx(2**0.25)
    top, use, _ = spec.weighting
    assert (top.group, use.group, top.note) == ("", "use", "example")
    assert top.consistency_ratio == 0.0
    assert [j.expert for j in use.judgements] == ["a", "b"]


def test_weights_off_the_candidates_wait_for_the_run(own: OwnStudy) -> None:
    spec = _weigh(own, method="entropy")
    assert spec.weighting[0].weights == ()
    assert list(_weights(spec).values()) == pytest.approx([1 / 7] * 7)


def test_certainty_settings(own: OwnStudy) -> None:
    assert load_study(own.write()).certainty == CertaintySettings()
    own.tables["certainty"] = {"weight_draws": 500, "input_draws": 200}
    found = load_study(own.write()).certainty
    assert found == CertaintySettings(weight_draws=500, input_draws=200)


def _twice(own: OwnStudy) -> None:
    own.kinds["shore_power"]["weights"] = {"method": "entropy"}
    for row in own.kinds["shore_power"]["criteria"][1:]:
        del row["weight"]


def _none(own: OwnStudy) -> None:
    del own.kinds["shore_power"]["criteria"][0]["weight"]


def _table(**weights: Any) -> Callable[[OwnStudy], None]:
    def change(own: OwnStudy) -> None:
        for row in own.kinds["shore_power"]["criteria"]:
            del row["weight"]
        own.kinds["shore_power"]["weights"] = weights

    return change


def _normalise(**row: Any) -> Callable[[OwnStudy], None]:
    def change(own: OwnStudy) -> None:
        own.kinds["shore_power"]["criteria"][5]["normalise"] = row

    return change


_ONES = dict.fromkeys(SIX, 1.0)
_ODD = _matrix(_ONES)
_ODD[0][1], _ODD[1][0] = 9.0, "1/9"
_ODD[1][2], _ODD[2][1] = 9.0, "1/9"
_ODD[0][2], _ODD[2][0] = "1/9", 9.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_twice, "criteria.energy.weight: weights are stated twice"),
        (_none, "criteria.energy.weight: missing"),
        (_table(method="ahp"), "weights: ahp without judgements"),
        (
            _table(method="ahp", experts=[{"expert": "x", "matrix": _ODD}]),
            r"weights.experts, x: the judgements contradict .*consistency ratio 0\.\d+.*allow_incon",
        ),
        (
            _table(method="ahp", experts=[{"expert": "x", "matrix": [[1, 2], [1, 1]]}]),
            "weights.experts, x: not a pairwise matrix .*expected 7 x 7",
        ),
        (
            _table(method="ahp", experts=[{"expert": "x", "matrix": [["one"] * 7] * 7}]),
            "weights.experts, x: not a judgement .got one",
        ),
        (_table(method="roc", order={"energy": 1}), "weights.order: not one number for each"),
        (_table(method="swing", points=_ONES | {"wind": 1}), "weights.points: not one number"),
        (_table(method="swing", points=dict.fromkeys(SIX, 0)), "weights: not weights"),
        (
            _table(
                method="swing",
                points={"a": 1},
                groups={"a": {"criteria": [*SIX[:6], "wind"], "method": "entropy"}},
            ),
            "weights.groups: criterion supply_gap stands in 0 groups",
        ),
        (
            _table(method="critic", groups={"a": {"criteria": [*SIX], "method": "critic"}}),
            "weights: critic cannot weigh groups",
        ),
        (_normalise(kind="piecewise"), "criteria.grid: the points of a piecewise"),
        (
            _normalise(kind="fuzzy_increasing", low=0, high=9),
            "criteria.grid: fuzzy_increasing goes against the direction",
        ),
    ],
)
def test_a_mistake_is_told_where_it_is(
    change: Callable[[OwnStudy], None], said: str, own: OwnStudy
) -> None:
    change(own)
    with pytest.raises(ConfigError, match=said):
        load_study(own.write())


def test_inconsistent_judgements_are_taken_where_that_is_allowed(own: OwnStudy) -> None:
    spec = _weigh(
        own, method="ahp", allow_inconsistent=True, experts=[{"expert": "x", "matrix": _ODD}]
    )
    assert spec.weighting[0].consistency_ratio > 0.10
