"""Groups in which nobody contradicts anybody.

Certain pairs join records, strongest first. Two groups are joined only when
no member of one contradicts a member of the other, so a chain of weak
resemblances never welds two items together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable


def consistent_groups(
    joins: Iterable[tuple[float, int, int]],
    contradict: Callable[[int, int], bool],
) -> tuple[dict[int, list[int]], list[tuple[int, int]]]:
    """Join ``(strength, i, j)`` into groups; also the joins refused.

    ``contradict(i, j)`` says that i and j cannot be one item. Returns the
    groups of two or more by their smallest member, members in rising order.
    """
    group_of: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    refused: list[tuple[int, int]] = []
    for _, i, j in sorted(joins, key=lambda join: (-join[0], join[1], join[2])):
        one, other = group_of.get(i, i), group_of.get(j, j)
        if one == other:
            continue
        left, right = members.get(one, [one]), members.get(other, [other])
        if any(
            contradict(a, b) for a in left for b in right if (a, b) != (i, j) and (b, a) != (i, j)
        ):
            refused.append((i, j))
            continue
        if len(left) < len(right):
            one, other, left, right = other, one, right, left
        joined = left + right
        members[one] = joined
        members.pop(other, None)
        for member in joined if len(left) == 1 else right:
            group_of[member] = one
    return {min(m): sorted(m) for m in members.values()}, refused
