"""The one door to HiGHS: a sparse mixed-integer model in, values and a bound out."""

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from highspy import cb
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings
from siting.optimise._watch import Watch

_DONE = (highspy.HighsModelStatus.kOptimal,)
_OUT_OF_TIME = (highspy.HighsModelStatus.kTimeLimit, highspy.HighsModelStatus.kInterrupt)
_FEASIBLE = int(highspy.SolutionStatus.kSolutionStatusFeasible)
# Models come scaled to the order of 1; HiGHS's own 1e-6 would let a plan give up a millionth of
# the demand, or overdraw the budget by as much, for a better score.
_TOLERANCE = 1e-9
_SHORT = 1e-7
_TELL_EVERY_S = 0.2
_HEARD = (
    cb.HighsCallbackType.kCallbackMipInterrupt,
    cb.HighsCallbackType.kCallbackSimplexInterrupt,
)


class NoPlanError(ModelError):
    """No plan keeps all limits, or HiGHS failed; the models say why in their own words."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MixedIntegerModel:
    """Maximise ``gain · v`` subject to ``low ≤ rows · v ≤ high`` and ``0 ≤ v ≤ 1``.

    The first ``n_binary`` variables are 0 or 1, the others continuous.
    """

    gain: NDArray[np.float64]
    rows: sparse.csr_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n_binary: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """Values of all variables, the proven bound, and whether the gap asked for was reached.

    The bound is infinite when time ran out before there was one.
    """

    values: NDArray[np.float64]
    bound: float
    is_proven: bool


class QuietHighs(highspy.Highs):
    """HiGHS without the banner, which its constructor prints before any option can be set."""

    def __init__(self) -> None:
        # Past highspy.Highs.__init__ on purpose: it switches callbacks on, which prints.
        super(highspy.Highs, self).__init__()
        self.setOptionValue("output_flag", False)  # noqa: FBT003 - HiGHS's own signature


def run(solver: highspy.Highs, watch: Watch, *, unit: float | None = None) -> None:
    """Run a solver that tells its progress and stops when it is told to, by Ctrl-C or the watch.

    Parameters
    ----------
    solver
        With its model.
    watch
        Whom it tells; one that is stopped stops the solver.
    unit
        What bounds are multiplied by before they are told; None tells nothing.
    """
    told_at, failed = -np.inf, list[BaseException]()

    def hear(kind: Any, _: str, out: cb.HighsCallbackOutput, into: Any, __: object) -> None:
        nonlocal told_at
        is_due = kind == _HEARD[0] and watch.spent_s - told_at >= _TELL_EVERY_S
        if is_due and unit is not None and np.isfinite(out.mip_dual_bound):
            told_at = watch.spent_s
            bound, plan = out.mip_dual_bound * unit, out.mip_primal_bound * unit + 0.0
            try:
                with watch.interruptible():
                    watch.tell(watch.spent_share, f"bound {bound:.6g}, plan {plan:.6g}")
            except BaseException as error:  # noqa: BLE001 - nothing may pass through HiGHS
                failed.append(error)
        if (watch.is_stopped or failed) and into is not None:
            into.user_interrupt = True

    highspy._core._Highs.setCallback(solver, hear, None)  # noqa: SLF001 - the wrapper prints
    for each in _HEARD:
        solver.startCallback(each)
    with watch.noting_interrupts():
        solver.run()
    if failed:
        raise failed[0]


def maximise(
    model: MixedIntegerModel,
    *,
    settings: SolverSettings,
    start: NDArray[np.float64] | None,
    watch: Watch | None = None,
    unit: float = 1.0,
    seed: int = 0,
) -> Answer:
    """Solve a model with HiGHS, one thread and a fixed seed, so that the answer repeats.

    Parameters
    ----------
    model
        What to maximise.
    settings
        Time limit and relative gap.
    start
        A feasible point, which is also the answer when time runs out before a better one; None
        for a continuous model, which is solved without one and is worth nothing unless proven.
    watch, unit
        Whom to tell of progress, in which unit, and who may stop the solve.
    seed
        Of HiGHS; the same seed gives the same answer.

    Returns
    -------
    Answer
        Never worse than ``start``, where there is one.

    Raises
    ------
    NoPlanError
        If HiGHS finds the model infeasible or fails.
    """
    asked = (settings, seed, watch, unit)
    solver = _solved(model, asked, start=start)
    if _is_doubtful(model, solver, has_start=start is not None):
        solver = _solved(model, asked, start=None, presolve="off")
    status = solver.getModelStatus()
    if status not in (*_DONE, *_OUT_OF_TIME):
        raise NoPlanError(
            Problem(
                where="location model",
                what="the solver gives no plan",
                got=solver.modelStatusToString(status),
                mend="Loosen the limits of the model: more sites, a larger budget or radius.",
            )
        )
    info = solver.getInfo()
    values = np.array(solver.getSolution().col_value, dtype=float)
    is_found = info.primal_solution_status == _FEASIBLE  # out of time: whatever it had in hand
    if start is not None and not (is_found and model.gain @ values >= model.gain @ start):
        values = start
    bound = info.mip_dual_bound if model.n_binary else info.objective_function_value
    return Answer(values=values, bound=float(bound), is_proven=status in _DONE)


def _solved(
    model: MixedIntegerModel,
    asked: tuple[SolverSettings, int, Watch | None, float],
    *,
    start: NDArray[np.float64] | None,
    presolve: str = "choose",
) -> highspy.Highs:
    settings, seed, watch, unit = asked
    solver = _solver(settings, seed)
    solver.setOptionValue("presolve", presolve)
    solver.passModel(_lp(model))
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        solver.setSolution(solution)
    if watch is None:
        solver.run()
    else:
        run(solver, watch, unit=unit)
    return solver


def _is_doubtful(model: MixedIntegerModel, solver: highspy.Highs, *, has_start: bool) -> bool:
    """Return whether an answer contradicts itself, so that it is worth asking again.

    Seen with HiGHS 1.16, both times from its presolve: a better plan than the start is proven but
    the start is handed back; and a solve error where the tolerances are as tight as ours.
    """
    status = solver.getModelStatus()
    if status in _DONE:
        values = np.array(solver.getSolution().col_value, dtype=float)
        claimed = float(solver.getInfo().objective_function_value)
        return bool(model.gain @ values < claimed - _SHORT * max(1.0, abs(claimed)))
    # A start is a plan, so a model that has one cannot be infeasible.
    return status not in _OUT_OF_TIME and (
        has_start or status == highspy.HighsModelStatus.kSolveError
    )


def _solver(settings: SolverSettings, seed: int) -> highspy.Highs:
    solver = QuietHighs()
    options = {
        "threads": 1,
        "random_seed": seed,
        "time_limit": settings.time_limit_s,
        "mip_rel_gap": settings.gap,
        "mip_abs_gap": _TOLERANCE,
        "mip_feasibility_tolerance": _TOLERANCE,
        "primal_feasibility_tolerance": _TOLERANCE,
        "dual_feasibility_tolerance": _TOLERANCE,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    return solver


def relaxation(model: MixedIntegerModel, settings: SolverSettings) -> highspy.Highs:
    """Return a solver that holds the model without its wholeness, to be asked and cut by turns."""
    solver = _solver(settings, 0)
    lp = _lp(model)
    lp.integrality_ = []
    solver.passModel(lp)
    return solver


def _lp(model: MixedIntegerModel) -> highspy.HighsLp:
    n = len(model.gain)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n, model.rows.shape[0]
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = model.gain
    lp.col_lower_, lp.col_upper_ = np.zeros(n), np.ones(n)
    lp.row_lower_, lp.row_upper_ = model.low, model.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = model.rows.indptr
    lp.a_matrix_.index_ = model.rows.indices
    lp.a_matrix_.value_ = model.rows.data
    kinds = [highspy.HighsVarType.kInteger] * model.n_binary
    lp.integrality_ = kinds + [highspy.HighsVarType.kContinuous] * (n - model.n_binary)
    return lp
