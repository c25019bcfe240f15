"""What the predictors say of one substitution, and how such numbers are written.

A frozen record and two formatters; the models that fill it live beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

NEARLY_CERTAIN = 0.995
"""Probability that would round to 100 %, which no model here can promise."""


HOT_SPOT_FORMULA = "3 × share of the residue that the binder buries × binder atoms within 8 Å / 30 (at most 1)"
HOT_SPOT_TERMS = "3 × share buried × binder atoms around it / 30, at most 1"
"""The hot-spot score in one line, and shorter, for wherever it is shown."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """What the two models say of one substitution; ``None`` where there is no number.

    ``ddg_kcal_mol`` is the loss of folding stability of the isolated antigen, positive =
    destabilising, with its 90 % interval and ``p_destabilising`` = P(ΔΔG ≥ 1 kcal/mol);
    ``destabilising`` where that call was right in at least 85 % of cross-validation.
    ``hot_spot_score`` says how much of the binding rides on the residue, ``p_hot_spot`` =
    P(binding weakens by 1 kcal/mol or more). ``notes`` say what the numbers rest on.
    """

    ddg_kcal_mol: float | None = None
    ddg_low_kcal_mol: float | None = None
    ddg_high_kcal_mol: float | None = None
    p_destabilising: float | None = None
    destabilising: bool = False
    hot_spot_score: float | None = None
    p_hot_spot: float | None = None
    stability_model: str = ""
    notes: tuple[str, ...] = ()


PREDICTION_COLUMNS = (
    "ddg_kcal_mol",
    "ddg_low_kcal_mol",
    "ddg_high_kcal_mol",
    "p_destabilising",
    "hot_spot_score",
    "p_hot_spot",
)
"""The fields of `Predictions` that tables show; missing where a change is not one observed residue replaced."""


def spoken(ddg_kcal_mol: float | None) -> str:
    """Write a ΔΔG with one decimal, never as "-0.0".

    Examples
    --------
    >>> spoken(-0.04), spoken(1.26)
    ('0.0', '1.3')
    """
    return "unknown" if ddg_kcal_mol is None else f"{round(ddg_kcal_mol, 1) + 0.0:.1f}"


def percent(share: float | None) -> str:
    r"""Write a probability in percent, never as certain.

    Examples
    --------
    >>> percent(0.9973), percent(0.146), percent(None)
    ('>\xa099\xa0%', '15\xa0%', 'unknown')
    """
    if share is None:
        return "unknown"
    return ">\u00a099\u00a0%" if share > NEARLY_CERTAIN else f"{100 * share:.0f}\u00a0%"
