"""Reading the frame of economics, and its tables."""

from collections.abc import Sequence

import pandas as pd

from maps.chapters._blocks import Field, numbers, records
from maps.draft import Draft
from siting.model import FacilitySpec

_DECIMALS = {
    "capex_mcny": 1,
    "opex_mcny_yr": 2,
    "revenue_mcny_yr": 2,
    "subsidy_mcny_yr": 2,
    "output_per_yr": 0,
    "levelised_cost": 2,
    "npv_mcny": 1,
    "irr": 1,
    "payback_yr": 1,
}


def whole(economics: pd.DataFrame, *, case: str, item: str) -> "pd.Series[float]":
    """Return an item of every whole facility type in a case, by facility; unknown ones left out."""
    is_asked = (
        (economics["candidate_id"] == "")
        & (economics["case"] == case)
        & (economics["item"] == item)
    )
    values = economics[is_asked].set_index("facility")["value"].astype(float)
    return values.dropna()


def item_fields(
    draft: Draft,
    economics: pd.DataFrame,
    *,
    index: str,
    order: Sequence[str],
    with_total: FacilitySpec | None = None,
) -> list[Field]:
    """Return a column an item; rows are the values of the column ``index`` in an order.

    With a facility in ``with_total`` the last row holds its whole, not the sum: a rate of return
    does not add up.
    """
    keys = zip(economics["item"], economics[index], strict=True)
    values = dict(zip(keys, economics["value"].astype(float), strict=True))
    fields = []
    for row in records(economics.drop_duplicates("item")):
        item, is_share = str(row["item"]), row["unit"] == "share"
        fields.append(
            numbers(
                draft.labelled(row),
                (values.get((item, key), float("nan")) for key in order),
                unit="" if is_share else draft.unit(str(row["unit"])),
                decimals=_DECIMALS.get(item, 2),
                is_share=is_share,
                total=_of_whole(draft, with_total, item),
            )
        )
    return fields


def _of_whole(draft: Draft, facility: FacilitySpec | None, item: str) -> float | None:
    if facility is None:
        return None
    found = whole(draft.result.economics, case="base", item=item)
    return float(found[facility.key]) if facility.key in found.index else None
