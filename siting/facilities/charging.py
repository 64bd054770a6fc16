"""Public charging: cars near homes, at destinations and on the way, heavy trucks at freight places."""

from siting.facilities._charging_demand import demand
from siting.facilities._charging_equip import equip
from siting.facilities._charging_hubs import offers
from siting.facilities._charging_numbers import ASSUMPTIONS, TABLES
from siting.facilities._shares import served_by_capacity
from siting.facilities.registry import Engineering

ENGINEERING = Engineering(
    name="charging",
    assumptions=ASSUMPTIONS,
    tables=TABLES,
    demand=demand,
    served=served_by_capacity,
    offers=offers,
    equip=equip,
)
