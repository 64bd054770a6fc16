"""Share of the expressway service areas that have a facility."""

import numpy as np
import pandas as pd

from siting.indicators._expressway import at_service_areas
from siting.indicators._rows import nothing, told
from siting.indicators._service import NAN, Service
from siting.indicators.registry import Indicator
from siting.model import Label

_LABEL = Label(zh="高速公路服务区覆盖率", en="expressway service areas with a facility")


def service_areas_equipped(service: Service) -> pd.DataFrame:
    """Count the service areas among the candidates that have a facility, or one close by.

    Returns
    -------
    DataFrame
        Shares in [0, 1]; before is NaN where facilities in service are not known. No rows without
        service areas among the candidates.
    """
    areas = at_service_areas(service)
    if areas is None:
        return nothing()
    before, after = (float(np.mean(has)) for has in areas)
    return told(_LABEL, "share", [("", before if service.is_before_known else NAN, after)])


INDICATOR = Indicator(name="service_areas_equipped", better="max", measure=service_areas_equipped)
