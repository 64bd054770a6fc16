"""Hydrogen refuelling: trucks between ports, parks and city gates; buses and sanitation in townships."""

from siting.facilities._hydrogen_demand import demand, flows
from siting.facilities._hydrogen_equip import equip
from siting.facilities._hydrogen_numbers import ASSUMPTIONS, TABLES
from siting.facilities._hydrogen_sizes import offers
from siting.facilities._shares import served_by_capacity
from siting.facilities.registry import Engineering

ENGINEERING = Engineering(
    name="hydrogen",
    assumptions=ASSUMPTIONS,
    tables=TABLES,
    demand=demand,
    served=served_by_capacity,
    offers=offers,
    equip=equip,
    flows=flows,
)
