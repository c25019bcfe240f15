"""The public functions: load a complex, assess variants, look at residues and distances.

Each one is a thin line through the rooms, for a notebook or for the command line. The
package re-exports them lazily, so that ``import epitope`` costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epitope.errors import EpitopeError, StructureError, VariantError

if TYPE_CHECKING:
    import MDAnalysis

    from epitope.features.measured import MeasuredComplex
    from epitope.impact.model import Assessment
    from epitope.show.tables import AssessmentTable
    from epitope.variant.model import Variant

_PDB_ID = re.compile(r"[0-9][A-Za-z0-9]{3}|pdb_[0-9a-z]{8}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Failure:
    """A variant that could not be assessed, with the reason."""

    variant: Variant
    error: str


def load(
    source: str | Path | MDAnalysis.Universe | None = None,
    *,
    target: str | Path | None = None,
    antigen: Sequence[str] | None = None,
    heavy: Sequence[str] | None = None,
    light: Sequence[str] | None = None,
) -> MeasuredComplex:
    """Load a complex of the antigen with its antibody.

    Parameters
    ----------
    source : str, Path or MDAnalysis.Universe, optional
        A PDB or mmCIF file (plain or .gz), a universe, or a PDB id, which is downloaded
        into a cache. Default: the bundled 6AL5.
    target : str or Path, optional
        Target file (TOML); default the bundled CD19.
    antigen, heavy, light : sequence of str, optional
        Author chain names that overrule the recognised roles.

    Returns
    -------
    MeasuredComplex

    Raises
    ------
    StructureError
        If the structure cannot be read or does not hold the target.
    TargetError
        If the target file is malformed.

    Examples
    --------
    >>> import epitope
    >>> epitope.load().id
    '6AL5'
    """
    from epitope.features import MeasuredComplex
    from epitope.structure import bundled_structure, complex_from_universe, fetch_structure, read_complex
    from epitope.target import load_target

    antigen_target = load_target(target)
    chains = {"antigen": antigen, "heavy": heavy, "light": light}
    if source is None:
        if target is None and antigen is None and heavy is None and light is None:
            return _bundled()
        source = bundled_structure()
    if not isinstance(source, str | Path):
        return MeasuredComplex.measure(complex_from_universe(source, antigen_target, **chains))
    path = Path(source)
    if not path.exists() and _PDB_ID.fullmatch(str(source)):
        path = fetch_structure(str(source))
    return MeasuredComplex.measure(read_complex(path, antigen_target, **chains))


@cache
def _bundled() -> MeasuredComplex:
    """Load the bundled complex once."""
    from epitope.features import MeasuredComplex
    from epitope.structure import bundled_structure, read_complex
    from epitope.target import load_target

    return MeasuredComplex.measure(read_complex(bundled_structure(), load_target()))


def assess(
    variants: str | Variant | Iterable[str | Variant], cx: MeasuredComplex | None = None
) -> AssessmentTable:
    """Say what each variant does to antigen, fold and epitope.

    Parameters
    ----------
    variants : str, Variant or iterable of them
        In any notation that is understood (``docs/variants.md``).
    cx : MeasuredComplex, optional
        Default: the bundled complex.

    Returns
    -------
    AssessmentTable
        A DataFrame, one row per variant in order; ``.explain(row)`` gives the evidence of
        a row. A variant that cannot be understood has its reason in ``error``.

    Raises
    ------
    VariantError
        If there is no variant at all.

    Examples
    --------
    >>> import epitope
    >>> epitope.assess(["p.Phe61del", "ex2part"])[["hgvs_p", "antigen", "epitope"]].values.tolist()
    [['p.Phe61del', 'intact', 'intact'], ['p.Met1_Leu151del', 'lost', 'lost']]
    """
    from epitope.show.tables import assessment_table

    return assessment_table(assess_each(variants, cx))


def assess_each(
    variants: str | Variant | Iterable[str | Variant], cx: MeasuredComplex | None = None
) -> list[Assessment | Failure]:
    """Assess variants and keep the records behind the table.

    Parameters
    ----------
    variants, cx
        As for `assess`.

    Returns
    -------
    list of Assessment or Failure
        One for each variant, in order.

    Raises
    ------
    VariantError
        If there is no variant at all.
    """
    from epitope.impact.assess import Assessor
    from epitope.variant import consequence_of

    given = as_variants(variants)
    if not given:
        raise VariantError("no variant given; name at least one, such as p.Phe61del")
    assessor = Assessor(cx if cx is not None else load())
    results: list[Assessment | Failure] = []
    for variant in given:
        try:
            results.append(assessor.assess(consequence_of(variant, assessor.cx.target)))
        except EpitopeError as error:
            results.append(Failure(variant, str(error)))
    return results


def as_variants(variants: str | Variant | Iterable[str | Variant]) -> list[Variant]:
    """Wrap plain text as `Variant` records with their place in the list."""
    from epitope.variant.model import Variant

    if isinstance(variants, str | Variant):
        variants = [variants]
    wrapped = [v if isinstance(v, Variant) else Variant(text=str(v)) for v in variants]
    return [
        v if v.origin else replace(v, origin=f"variant {number}") for number, v in enumerate(wrapped, start=1)
    ]


def provenance(cx: MeasuredComplex, command: str = "") -> dict[str, Any]:
    """Say what a result rests on: versions, structure, rules.

    Returns
    -------
    dict
        The same input gives the same values; there is no date in it.
    """
    from importlib.metadata import version

    from epitope.impact.rules import RULE_SET_VERSION

    return {
        "epitope_version": version("epitope"),
        "rule_set": RULE_SET_VERSION,
        "target": cx.target.name,
        "target_version": cx.target.version,
        "structure_id": cx.id,
        "structure_sha256": cx.sha256,
        "command": command,
    }


def residue_position(text: str, cx: MeasuredComplex) -> int:
    """Read a residue as a person writes it, ``P60`` or ``Pro60`` or ``60``.

    Raises
    ------
    StructureError
        If it is no residue, or not the one that stands there.

    Examples
    --------
    >>> import epitope
    >>> residue_position("Pro60", epitope.load())
    60
    """
    from epitope.features.amino_acids import AMINO_ACIDS, three_letter

    match = re.fullmatch(r"(?P<residue>[A-Za-z]{3}|[A-Za-z])?(?P<number>[0-9]{1,6})", text.strip())
    if match is None:
        raise StructureError(f"{text!r} is not a residue; write it like P60, Pro60 or 60")
    position, given = int(match["number"]), match["residue"]
    length = len(cx.target.sequence)
    if not 1 <= position <= length:
        raise StructureError(f"{text}: {cx.target.name} has residues 1-{length}; give one of these")
    reference = cx.target.residue(position)
    codes = {name.casefold(): one for one in AMINO_ACIDS for name in (one, three_letter(one))}
    if given and codes.get(given.casefold()) != reference:
        raise StructureError(
            f"{text}: residue {position} of {cx.target.name} is {three_letter(reference)}, not {given}; "
            "check the numbering (UniProt positions)"
        )
    return position
