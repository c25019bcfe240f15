"""Positions as runs and as text: ``1-3,7``. One way of writing them, for every room."""

from __future__ import annotations

from collections.abc import Iterable


def runs(positions: Iterable[int]) -> list[list[int]]:
    """Split positions into runs without gaps, in order.

    Examples
    --------
    >>> runs([3, 1, 2, 7])
    [[1, 2, 3], [7]]
    """
    found: list[list[int]] = []
    for position in sorted(set(positions)):
        if found and position == found[-1][-1] + 1:
            found[-1].append(position)
        else:
            found.append([position])
    return found


def ranges(positions: Iterable[int], separator: str = ",", dash: str = "-") -> str:
    """Write positions as ranges.

    Examples
    --------
    >>> ranges([3, 1, 2, 7])
    '1-3,7'
    >>> ranges([])
    ''
    """
    return separator.join(str(run[0]) if len(run) == 1 else f"{run[0]}{dash}{run[-1]}" for run in runs(positions))
