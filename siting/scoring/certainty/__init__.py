"""How sure a ranking is: under other weights, and under what is not known of the inputs."""

from siting.scoring.certainty.draws import draw_demand, draw_places, draw_weights
from siting.scoring.certainty.indices import first_order
from siting.scoring.certainty.ranks import Spread, beats, rank_draws, spread
from siting.scoring.certainty.switches import Switch, switches

__all__ = [
    "Spread",
    "Switch",
    "beats",
    "draw_demand",
    "draw_places",
    "draw_weights",
    "first_order",
    "rank_draws",
    "spread",
    "switches",
]
