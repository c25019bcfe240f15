"""How one set of points is laid on another: the rotation of least squares.

Knows points in pairs alone, nothing of residues or chains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Fit(NamedTuple):
    """A rotation about the centre of the points, to the centre of the reference."""

    rotation: Floats
    centre: Floats
    reference_centre: Floats

    def there(self, points: Floats) -> Floats:
        """Move points, shape (n, 3), as the fitted ones were moved, onto the reference."""
        return (points - self.centre) @ self.rotation + self.reference_centre

    def back(self, points: Floats) -> Floats:
        """Move points, shape (n, 3), from the reference to where the fitted ones are."""
        return (points - self.reference_centre) @ self.rotation.T + self.centre


def superposition(points: Floats, reference: Floats) -> Fit:
    """Lay points on a reference so that the sum of their squared distances is least.

    Parameters
    ----------
    points, reference : ndarray, shape (n, 3)
        In ångström; the same points in the same order.

    Returns
    -------
    Fit

    Notes
    -----
    Kabsch, Acta Cryst 1978, A34:827; never a mirror image.

    Examples
    --------
    >>> import numpy as np
    >>> turned, reference = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]]), np.eye(3)
    >>> bool(np.allclose(superposition(turned, reference).there(turned), reference))
    True
    """
    import numpy as np

    centre, reference_centre = points.mean(axis=0), reference.mean(axis=0)
    left, _, right = np.linalg.svd((points - centre).T @ (reference - reference_centre))
    left[:, -1] *= np.sign(np.linalg.det(left @ right))
    return Fit(left @ right, centre, reference_centre)
