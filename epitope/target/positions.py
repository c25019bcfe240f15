"""Positions as runs and as text: ``1-3,7``. One way of writing them, for every room."""

from __future__ import annotations

from collections.abc import Callable, Iterable


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


def ranges(positions: Iterable[int], separator: str = ",", dash: str = "-", label: Callable[[int], str] = str) -> str:
    """Write positions as ranges; ``label`` says what a position is called.

    Examples
    --------
    >>> ranges([3, 1, 2, 7])
    '1-3,7'
    >>> ranges([])
    ''
    """
    return separator.join(
        label(run[0]) if len(run) == 1 else f"{label(run[0])}{dash}{label(run[-1])}" for run in runs(positions)
    )
