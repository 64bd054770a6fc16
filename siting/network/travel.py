"""Travel between places for every profile of a study: the ``TravelCosts`` of the criteria."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.errors import NetworkError, Problem
from siting.model import AccessLeg, Impedance, VehicleProfile
from siting.network.costs import place_costs
from siting.network.graph import RoadGraph, Weight, build
from siting.network.snap import Snapped, snap
from siting.units import (
    DECIMETRES_PER_METRE,
    DECISECONDS_PER_SECOND,
    METRES_PER_KM,
    SECONDS_PER_MINUTE,
)

_WEIGHT: Mapping[str, Weight] = {"time_min": "time_ds", "distance_km": "length_dm"}
_PER_UNIT = {
    "time_min": DECISECONDS_PER_SECOND * SECONDS_PER_MINUTE,
    "distance_km": DECIMETRES_PER_METRE * METRES_PER_KM,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkTravel:
    """Network costs between any places, per vehicle profile.

    What was computed once for the same places is kept, since several criteria ask the same.
    """

    graphs: Mapping[str, RoadGraph]
    access: AccessLeg
    _known: dict[tuple[bytes, bytes, str, str], NDArray[np.float64]] = field(
        default_factory=dict, repr=False
    )

    def __call__(
        self,
        origins: gpd.GeoSeries,
        destinations: gpd.GeoSeries,
        *,
        profile: str,
        measure: Impedance = "time_min",
    ) -> NDArray[np.float64]:
        """Return costs in minutes or kilometres, NaN = unreachable.

        Parameters
        ----------
        origins, destinations
            Points (n,) and (m,) in the working CRS.
        profile
            Which vehicle drives.
        measure
            ``time_min``: time of the fastest way; ``distance_km``: length of the shortest way.

        Returns
        -------
        ndarray
            ``(n, m)``, access legs included.
        """
        key = (_bytes(origins), _bytes(destinations), profile, measure)
        if key not in self._known:
            graph = self.graph(profile)
            a, b = self.snap(origins, profile=profile), self.snap(destinations, profile=profile)
            self._known[key] = place_costs(graph, a, b, weight=_WEIGHT[measure])
        return self._known[key] / _PER_UNIT[measure]

    def forgetful(self) -> "NetworkTravel":
        """Return the same travel with nothing kept, for places that are asked of only once."""
        return replace(self, _known={})

    def graph(self, profile: str) -> RoadGraph:
        """Return the graph of a profile."""
        if profile not in self.graphs:
            raise NetworkError(
                Problem(
                    where=f"profile {profile}",
                    what="no such vehicle profile",
                    expected=f"one of {', '.join(sorted(self.graphs))}",
                    mend="Correct the name, or add the profile under config/profiles/.",
                )
            )
        return self.graphs[profile]

    def snap(self, places: gpd.GeoSeries, *, profile: str) -> Snapped:
        """Join places to the graph of a profile."""
        return snap(self.graph(profile), places, access=self.access)


def network_travel(
    nodes: gpd.GeoDataFrame,
    edges: gpd.GeoDataFrame,
    *,
    profiles: Mapping[str, VehicleProfile],
    access: AccessLeg,
) -> NetworkTravel:
    """Build the graphs of all profiles and the travel over them."""
    graphs = {key: build(nodes, edges, profile=profile) for key, profile in profiles.items()}
    return NetworkTravel(graphs=graphs, access=access)


def _bytes(places: gpd.GeoSeries) -> bytes:
    return shapely.get_coordinates(places.to_numpy()).tobytes()
