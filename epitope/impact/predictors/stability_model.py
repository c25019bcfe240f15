"""The stability model itself: two small regressors and their calibration, as arrays.

Reads the parameters that ``benchmarks/stability/train.py`` wrote and evaluates them with
numpy. A ridge regression follows the trends that hold everywhere, a support-vector
regression the local ones; their mean is the prediction. Trains nothing and reads no
structure.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any, Literal

import numpy as np

from epitope.features.atoms import Booleans, Floats, Strings
from epitope.impact.predictors.stability_features import Potentials

__all__ = ["ModelName", "StabilityModel", "load_model"]

ModelName = Literal["mpnn", "light"]
MODELS: tuple[ModelName, ...] = ("mpnn", "light")


@dataclass(frozen=True, eq=False)
class StabilityModel:
    """Parameters of one model. All arrays are float64 unless named otherwise.

    Attributes
    ----------
    version : str
        Changes whenever the parameters do.
    features : ndarray of str, shape (f,)
        Names of the columns the model was trained on.
    centre, spread : ndarray, shape (f,)
        Each column is centred and scaled, then limited to ± ``limit``.
    limit : float
    ridge : ndarray, shape (f + 1,)
        Coefficients, then the intercept, kcal/mol.
    support : ndarray, shape (s, f)
        Support vectors, standardised.
    dual : ndarray, shape (s + 1,)
        Their coefficients, then the intercept, kcal/mol.
    gamma : float
        Of the kernel exp(-γ |x - y|²).
    logistic : ndarray, shape (2,)
        Intercept and slope (per kcal/mol) of P(ΔΔG ≥ 1) on the prediction.
    interval : ndarray, shape (3, k)
        Predictions, and the 5 % and 95 % quantiles of the residuals around them.
    flag_threshold : float
        Prediction from which a substitution is flagged, kcal/mol.
    crowding, exposure, torsion, contact : ndarray
        Statistical potentials, see `Potentials`.
    """

    version: str
    features: Strings
    centre: Floats
    spread: Floats
    limit: float
    ridge: Floats
    support: Floats
    dual: Floats
    gamma: float
    logistic: Floats
    interval: Floats
    flag_threshold: float
    crowding: Floats
    exposure: Floats
    torsion: Floats
    contact: Floats

    @property
    def potentials(self) -> Potentials:
        """The statistical potentials that the features need."""
        return Potentials(self.crowding, self.exposure, self.torsion, self.contact)

    def predict(self, features: Floats) -> Floats:
        """Return ΔΔG in kcal/mol, positive = destabilising.

        Parameters
        ----------
        features : ndarray, shape (m, f)
            In the order of ``self.features``.

        Returns
        -------
        ndarray, shape (m,)

        Examples
        --------
        >>> model = load_model("light")
        >>> model.predict(model.centre[None]).shape
        (1,)
        """
        x = np.clip((features - self.centre) / self.spread, -self.limit, self.limit)
        linear = x @ self.ridge[:-1] + self.ridge[-1]
        squared = np.square(x).sum(axis=1)[:, None] + np.square(self.support).sum(axis=1)
        kernel = np.exp(-self.gamma * np.maximum(squared - 2 * x @ self.support.T, 0))
        return np.asarray((linear + kernel @ self.dual[:-1] + self.dual[-1]) / 2)

    def probability(self, ddg: Floats) -> Floats:
        """Return P(ΔΔG ≥ 1 kcal/mol) for predictions, shape (m,)."""
        return np.asarray(1 / (1 + np.exp(-(self.logistic[0] + self.logistic[1] * ddg))))

    def bounds(self, ddg: Floats) -> tuple[Floats, Floats]:
        """Return the limits of the 90 % interval for predictions, each of shape (m,)."""
        at, low, high = self.interval
        return ddg + np.interp(ddg, at, low), ddg + np.interp(ddg, at, high)

    def flags(self, ddg: Floats) -> Booleans:
        """Say which predictions are high enough to be trusted as destabilising, shape (m,)."""
        return np.asarray(ddg >= self.flag_threshold)


@cache
def load_model(name: ModelName) -> StabilityModel:
    """Load the packaged parameters of a model.

    Raises
    ------
    ValueError
        If there is no model of that name.

    Examples
    --------
    >>> load_model("mpnn").features[-3:].tolist()
    ['mpnn', 'mpnn_wild_type', 'mpnn_buried']
    """
    if name not in MODELS:
        raise ValueError(f"no stability model {name!r}; use one of {', '.join(MODELS)}")
    path = resources.files("epitope.impact.predictors") / "data" / f"stability_{name}.npz"
    with path.open("rb") as handle, np.load(handle, allow_pickle=False) as archive:
        return StabilityModel(**{field.name: _plain(archive[field.name]) for field in fields(StabilityModel)})


def _plain(array: np.ndarray) -> Any:
    """Turn a stored array into what the record holds: text, number or float64 array."""
    if array.ndim == 0:
        return str(array) if array.dtype.kind == "U" else float(array)
    return array if array.dtype.kind == "U" else array.astype(np.float64)
