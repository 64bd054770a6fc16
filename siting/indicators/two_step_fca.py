"""Capacity within reach per demand that competes for it: the two-step floating catchment area."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.indicators._rows import Ratio, nothing, ratio_rows
from siting.indicators._service import NAN, Service, capacity_of
from siting.indicators.registry import Indicator
from siting.model import Label


def two_step_fca(service: Service) -> pd.DataFrame:
    """Measure the mean 2SFCA accessibility of the demand, each place weighing as its demand.

    Reach is the service radius of the type by road; capacities are those of facilities in service
    and, after, those of the sites too.

    Returns
    -------
    DataFrame
        Capacity per unit of demand ≥ 0; 1 is as much within reach as all ask for. NaN where a
        capacity is not known or not limited.

    References
    ----------
    Luo and Wang (2003), Measures of spatial accessibility to health care in a GIS environment.
    """
    if service.is_on_site:
        return nothing()
    there = capacity_of(service.existing, service.facility)
    sites = service.sites["capacity"].to_numpy(float)
    is_open = service.is_open
    before = _access(
        service,
        np.hstack([service.to_existing, service.to_sites[:, is_open]]),
        np.concatenate([there, sites[is_open]]),
    )
    if not service.is_before_known:
        before = np.full(len(service.amount), NAN)
    after = _access(
        service, np.hstack([service.to_existing, service.to_sites]), np.concatenate([there, sites])
    )
    return ratio_rows(
        Label(zh="两步移动搜索法可达性", en="capacity within reach per demand (2SFCA)"),
        "",
        service.districts,
        before=Ratio(before * service.amount, service.amount),
        after=Ratio(after * service.amount, service.amount),
    )


def _access(
    service: Service, minutes: NDArray[np.float64], capacity: NDArray[np.float64]
) -> NDArray[np.float64]:
    if not np.isfinite(capacity).all():
        return np.full(len(service.amount), NAN)
    reach = (minutes <= service.facility.service_minutes).astype(float)  # NaN is not
    rivals = service.amount @ reach
    ratio = np.divide(capacity, rivals, out=np.zeros_like(rivals), where=rivals > 0)
    return np.asarray((reach * ratio).sum(axis=1), dtype=np.float64)


INDICATOR = Indicator(name="two_step_fca", better="max", measure=two_step_fca)
