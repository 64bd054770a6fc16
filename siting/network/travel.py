"""Travel between places for every profile of a study: the ``TravelCosts`` of the criteria."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import NetworkError, Problem
from siting.model import AccessLeg, Impedance, VehicleProfile
from siting.network.areas import Direction, service_area
from siting.network.costs import place_costs
from siting.network.graph import RoadGraph, Weight
from siting.network.hierarchy import Hierarchy
from siting.network.matrices import Nearest
from siting.network.places import place_nearest, place_within
from siting.network.prepared import HierarchyStore, hierarchy_for
from siting.network.roads import build
from siting.network.snap import Snapped, snap
from siting.network.ways import Way, ways
from siting.units import (
    DECIMETRES_PER_METRE,
    DECISECONDS_PER_SECOND,
    M2_PER_KM2,
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
    """Network costs, ways and areas between any places, per vehicle profile.

    Places are points in the working CRS; each is joined to the road by ``snap``, and its access leg is
    part of every cost. What was computed once for the same places is kept, since several criteria ask
    the same. Where a matrix is large enough, a contraction hierarchy is built, or taken from ``store``.
    """

    graphs: Mapping[str, RoadGraph]
    access: AccessLeg
    store: HierarchyStore | None = None
    _known: dict[tuple[bytes, bytes, str, str], NDArray[np.float64]] = field(
        default_factory=dict, repr=False
    )
    _ready: dict[tuple[str, str], Hierarchy] = field(default_factory=dict, repr=False)

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
            graph, weight = self.graph(profile), _WEIGHT[measure]
            a, b = self.snap(origins, profile=profile), self.snap(destinations, profile=profile)
            known = self._ready.get((profile, weight))
            ready = hierarchy_for(graph, a, b, weight=weight, known=known, store=self.store)
            if ready is not None:
                self._ready[profile, weight] = ready
            self._known[key] = place_costs(graph, a, b, weight=weight, hierarchy=ready)
        return self._known[key] / _PER_UNIT[measure]

    def nearest(
        self,
        origins: gpd.GeoSeries,
        destinations: gpd.GeoSeries,
        *,
        profile: str,
        k: int,
        measure: Impedance = "time_min",
        cutoff: float | None = None,
    ) -> Nearest:
        """Return the k nearest destinations of each origin, in minutes or kilometres.

        Parameters
        ----------
        origins, destinations
            Points (n,) and (m,) in the working CRS.
        profile
            Which vehicle drives.
        k
            How many, ≥ 1.
        measure
            What is least.
        cutoff
            What is farther does not count, minutes or kilometres.

        Returns
        -------
        Nearest
            ``(n, k)``: positions in the destinations, −1 where fewer are reached, and costs, NaN there;
            ``(found.destination[:, 0] < 0).sum()`` counts the origins that reach none.
        """
        a, b = self.snap(origins, profile=profile), self.snap(destinations, profile=profile)
        unit = _PER_UNIT[measure]
        limit = None if cutoff is None else cutoff * unit
        found = place_nearest(
            self.graph(profile), a, b, k=k, weight=_WEIGHT[measure], cutoff=limit
        )
        return replace(found, cost=found.cost / unit)

    def within(
        self,
        origins: gpd.GeoSeries,
        destinations: gpd.GeoSeries,
        *,
        profile: str,
        cutoff: float,
        measure: Impedance = "time_min",
    ) -> sparse.csr_array:
        """Return the costs within a cutoff, and only those, in minutes or kilometres.

        Parameters
        ----------
        origins, destinations, profile, measure
            As of ``nearest``.
        cutoff
            The largest cost kept, minutes or kilometres, ≥ 0.

        Returns
        -------
        csr_array
            ``(n, m)``; ``(numpy.diff(found.indptr) == 0).sum()`` origins reach none.
        """
        a, b = self.snap(origins, profile=profile), self.snap(destinations, profile=profile)
        unit = _PER_UNIT[measure]
        found = place_within(
            self.graph(profile), a, b, cutoff=cutoff * unit, weight=_WEIGHT[measure]
        )
        entries = (found.data / unit, found.indices, found.indptr)
        return sparse.csr_array(entries, shape=found.shape)

    def paths(
        self,
        origins: gpd.GeoSeries,
        destinations: gpd.GeoSeries,
        *,
        profile: str,
        measure: Impedance = "time_min",
    ) -> list[Way | None]:
        """Return the way from each origin to the destination in the same row, None where none leads.

        Parameters
        ----------
        origins, destinations
            Points (n,) each, in the working CRS.
        profile, measure
            Which vehicle drives, and what is least.

        Returns
        -------
        list of Way or None
            Lines from place to place with time and length; the measured one is exactly the cost of
            ``place_costs``. ``found.count(None)`` counts what is out of reach.
        """
        return ways(
            self.graph(profile),
            self.snap(origins, profile=profile),
            self.snap(destinations, profile=profile),
            origin_xy=shapely.get_coordinates(origins.to_numpy()),
            destination_xy=shapely.get_coordinates(destinations.to_numpy()),
            weight=_WEIGHT[measure],
        )

    def path(
        self,
        origin: shapely.Point,
        destination: shapely.Point,
        *,
        profile: str,
        measure: Impedance = "time_min",
    ) -> Way | None:
        """Return the way between two points, as ``paths`` does."""
        ends = (gpd.GeoSeries([point]) for point in (origin, destination))
        (way,) = self.paths(*ends, profile=profile, measure=measure)
        return way

    def service_area(
        self,
        places: gpd.GeoSeries,
        *,
        profile: str,
        minutes: Sequence[float] = (5, 10, 15),
        direction: Direction = "to",
    ) -> gpd.GeoDataFrame:
        """Return the area within each limit of each place; see ``siting.network.service_area``.

        Parameters
        ----------
        places
            Points (n,) in the working CRS.
        profile
            Which vehicle drives.
        minutes
            The limits (m,), ≥ 0.
        direction
            ``to``: from where a place is reached; ``from``: what is reached from it.

        Returns
        -------
        GeoDataFrame
            n · m rows, place by place: ``place`` (the label of its row), ``limit_min``, ``area_km2``
            and MultiPolygons, empty where a place reaches no road.
        """
        found = service_area(
            self.graph(profile),
            self.snap(places, profile=profile),
            access=self.access,
            minutes=minutes,
            direction=direction,
        )
        areas = found.ravel()
        columns = {
            "place": pd.Series(places.index).repeat(found.shape[1]).to_numpy(),
            "limit_min": np.tile(np.asarray(minutes, dtype=np.float64), len(places)),
            "area_km2": shapely.area(areas).astype(np.float64) / M2_PER_KM2,
        }
        return gpd.GeoDataFrame(columns, geometry=areas, crs=places.crs)

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
    turns: pd.DataFrame | None = None,
    store: HierarchyStore | None = None,
) -> NetworkTravel:
    """Build the graphs of all profiles and the travel over them.

    Parameters
    ----------
    nodes, edges, turns
        As of ``siting.network.build``.
    profiles
        The vehicles by key.
    access
        The leg from a place to the road.
    store
        Where hierarchies are kept between runs; None keeps them in memory only.
    """
    graphs = {
        key: build(nodes, edges, profile=profile, turns=turns) for key, profile in profiles.items()
    }
    return NetworkTravel(graphs=graphs, access=access, store=store)


def _bytes(places: gpd.GeoSeries) -> bytes:
    return shapely.get_coordinates(places.to_numpy()).tobytes()
