"""Service areas of the expressways, and which of them have a facility."""

import numpy as np
from numpy.typing import NDArray

from siting.indicators._service import Service
from siting.model import Role
from siting.units import METRES_PER_KM

SERVICE_AREA = "expressway_service_area"
"""Type of a candidate at a service area."""


def at_service_areas(
    service: Service,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Tell which service areas have a facility before and after; None where there are none.

    A service area has one where it is a site itself, or where a facility in service lies within
    ``service_area_radius_m`` of it by road.
    """
    areas = service.candidates[service.candidates["type"] == SERVICE_AREA]
    radius_m = service.given("service_area_radius_m")
    if areas.empty or radius_m is None or service.is_on_site:
        return None
    has = (areas["role"] == Role.EXISTING).to_numpy(bool)
    if service.existing is not None and not service.existing.empty:
        km = service.travel(
            areas.geometry,
            service.existing.geometry.representative_point(),
            profile=service.facility.profile,
            measure="distance_km",
        )
        has = has | (km * METRES_PER_KM <= radius_m).any(axis=1)
    chosen = areas["candidate_id"].isin(service.sites["candidate_id"]).to_numpy(bool)
    return has, has | chosen
