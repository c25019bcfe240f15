"""Put antibodies of one antigen side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from epitope.api.antibodies import _is_structure, line_up
from epitope.api.assessing import assess_each
from epitope.api.loading import load
from epitope.errors import StructureError

if TYPE_CHECKING:
    from epitope.api.antibodies import AntibodyItem
    from epitope.features.measured import MeasuredComplex
    from epitope.impact.antibodies import EpitopeComparison
    from epitope.variant.model import Variant
    from epitope.variant.readers.rows import UnassessedRow


def compare(
    *antibodies: AntibodyItem,
    structure: MeasuredComplex | None = None,
    variants: str | Variant | Iterable[str | Variant | UnassessedRow] = (),
) -> EpitopeComparison:
    """Compare the epitopes of antibodies against one antigen.

    Parameters
    ----------
    *antibodies : str, Path or MeasuredComplex
        Each a structure (file, PDB id or loaded complex) or the name of a binder of the target pack. All
        structures must show the antigen of the first; they are numbered as it is. A binder whose structure
        is not at hand is laid, by its sequence, on the antibody that it is most like.
    structure : MeasuredComplex, optional
        The first to compare; default the bundled complex where ``antibodies`` has no structure.
    variants
        As for `assess`; each gets an answer for every antibody.

    Returns
    -------
    EpitopeComparison
        ``summary``, ``overlap``, ``table`` and ``paratope`` are DataFrames, columns as in ``docs/tables.md``.

    Raises
    ------
    EpitopeError
        If an antibody is not known, has no structure and no sequence, comes twice, or binds another antigen.

    Examples
    --------
    >>> import epitope
    >>> structure = epitope.load()
    >>> found = epitope.compare(structure, structure.target.binders[1].name)
    >>> found.paratope[["label", "in_antibody", "touches"]].values.tolist()
    [['H:Ser56', 'G', False], ['L:Ser32', 'D', True], ['L:Asn98', 'D', False]]
    >>> found.summary.loc[1, ["same_contacts", "same_contacts_of"]].tolist()
    [17, 18]
    """
    from epitope.features import MeasuredComplex
    from epitope.impact.antibodies import EpitopeComparison

    given = list(antibodies)
    first = structure
    if first is None:
        chosen = next((item for item in given if _is_structure(item)), None)
        first = chosen if isinstance(chosen, MeasuredComplex) else load(chosen)
        given = [first if item is chosen else item for item in given]
    asked = line_up(given, first)
    if structure is not None or not any(a.structure is first and a.sequence is None for a in asked):
        asked = line_up([first, *asked], first)
    if len(asked) < 2:
        names = ", ".join(binder.name for binder in first.target.binders)
        raise StructureError(
            f"{asked[0].name}: a comparison takes two antibodies; name another structure of {first.target.name}"
            + (f" or another of its binders ({names})" if names else "")
        )
    return EpitopeComparison(asked, tuple(assess_each(variants, first, against=asked)) if variants else ())
