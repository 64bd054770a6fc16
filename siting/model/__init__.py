"""The records that travel between the stages.

A run is ``Study + Inputs → Result``. Records are frozen; frames inside them follow ``siting.schema``
and ``siting.frames`` and are in the working CRS (metres) unless said otherwise. Nobody changes a frame
that was handed over.
"""

from siting.model.answer import (
    Notice,
    Plan,
    Result,
)
from siting.model.asked import (
    AccessLeg,
    CertaintySettings,
    GridSpec,
    LayerSpec,
    RollOutSpec,
    SolverSettings,
    Study,
    VehicleProfile,
)
from siting.model.facility import (
    Assumption,
    CandidateSurface,
    CriterionSpec,
    FacilitySpec,
    Judgement,
    LeftOut,
    ModelSpec,
    NormaliseSpec,
    RuleSpec,
    SourcedTable,
    SuitabilitySpec,
    Weighting,
)
from siting.model.given import (
    BlockSource,
    Grid,
    Inputs,
    LayerRecord,
    Surroundings,
    TravelCosts,
)
from siting.model.tiles import TileSource
from siting.model.words import (
    Direction,
    FloatSeries,
    Impedance,
    Label,
    Progress,
    Role,
    RuleOutcome,
    Scalar,
    SolveStatus,
    Where,
    Wording,
)

__all__ = [
    "AccessLeg",
    "Assumption",
    "BlockSource",
    "CandidateSurface",
    "CertaintySettings",
    "CriterionSpec",
    "Direction",
    "FacilitySpec",
    "FloatSeries",
    "Grid",
    "GridSpec",
    "Impedance",
    "Inputs",
    "Judgement",
    "Label",
    "LayerRecord",
    "LayerSpec",
    "LeftOut",
    "ModelSpec",
    "NormaliseSpec",
    "Notice",
    "Plan",
    "Progress",
    "Result",
    "Role",
    "RollOutSpec",
    "RuleOutcome",
    "RuleSpec",
    "Scalar",
    "SolveStatus",
    "SolverSettings",
    "SourcedTable",
    "Study",
    "SuitabilitySpec",
    "Surroundings",
    "TileSource",
    "TravelCosts",
    "VehicleProfile",
    "Weighting",
    "Where",
    "Wording",
]
