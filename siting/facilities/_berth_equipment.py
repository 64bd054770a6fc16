"""Shore power at the chosen berths: equipment, feeder, money and emissions."""

import pandas as pd

from siting.facilities._berth_supply import berth_supply, feeder_circuits, feeder_mcny
from siting.facilities._emissions import Use, emissions, grid_factors
from siting.facilities._equipment import fed_from, listed
from siting.facilities._feeders import feeders
from siting.facilities._numbers import number
from siting.facilities._power_sale import bought_kwh, money_of_sale
from siting.facilities._ships import engine_factors
from siting.facilities.registry import Chosen, Equipped
from siting.model import Role
from siting.units import KWH_PER_MWH

_ITEMS = (
    ("berths", "接电泊位", "berths with supply", "berths"),
    ("supply", "供电容量", "supply", "MVA"),
    ("voltage", "供电电压", "voltage at the ship", "kV"),
    ("converter", "变频装置", "frequency converter 50/60 Hz", "MVA"),
    ("sockets", "接电箱", "connection boxes", "boxes"),
    (
        "circuits",
        "新建馈线回路（与港区其他负荷共用）",
        "new feeder circuits, shared in the port",
        "circuits",
    ),
    ("feeder", "至变电站距离", "way by road to the substation", "km"),
    ("headroom", "变电站可用容量", "headroom of the substation", "MVA"),
    ("shortfall", "变电站容量缺口", "what the substation lacks for this site", "MVA"),
)


def equip(chosen: Chosen) -> Equipped:
    """Build the supply that each site's size says, and count what it costs, brings and avoids.

    The feeder follows the road to the nearest substation; where none is known it has the assumed
    length. Ships save what their auxiliary engines would emit, the grid emits what they draw.
    """
    facility = chosen.facility
    sites = chosen.sites.set_index("candidate_id", drop=False)
    one = berth_supply(sites, facility)
    equipped = (sites["power_mva"] / one["mva"]).round()
    drawn, new = feeder_circuits(one, equipped, facility)
    # Where high voltage is there, so is its connection: the substation has to find the rest.
    fed = feeders(chosen, drawn.where(~one["is_renewal"], 0.0))
    length = fed["distance_km"].fillna(number(facility, "feeder_length"))
    worth = one["mcny"] * equipped + feeder_mcny(new, length, facility)
    is_new = sites["role"] != Role.EXISTING.value
    built = pd.DataFrame({"capex_mcny": worth.where(is_new, 0.0), "worth_mcny": worth})
    quantities = pd.DataFrame(
        {
            "berths": equipped,
            "supply": one["mva"] * equipped,
            "voltage": one["kv"],
            "converter": one["converter_mva"] * equipped,
            "sockets": equipped * number(facility, "sockets_per_berth"),
            "circuits": new,
            "feeder": fed["distance_km"],
            "headroom": fed["headroom_mva"],
            "shortfall": fed["shortfall_mva"],
        }
    )
    served = chosen.served.loc[sites.index]
    return Equipped(
        equipment=listed(quantities, _ITEMS),
        supply=fed_from(fed, served, number(facility, "electricity_price")),
        money=money_of_sale(served, built, facility),
        emissions=emissions(
            avoided=[Use(amount=served * KWH_PER_MWH, grams=engine_factors(facility))],
            added=[Use(amount=bought_kwh(served, facility), grams=grid_factors(facility))],
        ),
    )
