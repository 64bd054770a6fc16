"""Criteria in groups: the weight of a group times the weight inside it."""

from collections.abc import Mapping


def spread(
    groups: Mapping[str, float], inside: Mapping[str, Mapping[str, float]]
) -> Mapping[str, float]:
    """Return the weight of every criterion in the whole.

    Parameters
    ----------
    groups
        Weight of each group, sum 1.
    inside
        Per group the weights of its criteria, sum 1 in each; a criterion stands in one group.

    Returns
    -------
    Mapping
        Weight per criterion, sum 1.

    Examples
    --------
    >>> dict(spread({"a": 0.6, "b": 0.4}, {"a": {"x": 0.5, "y": 0.5}, "b": {"z": 1.0}}))
    {'x': 0.3, 'y': 0.3, 'z': 0.4}
    """
    return {
        criterion: groups[group] * weight
        for group, members in inside.items()
        for criterion, weight in members.items()
    }
