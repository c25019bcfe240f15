"""Measure the structure: its residues, its contacts, every single change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from epitope.api.assessing import all_assessed
from epitope.api.loading import load, provenance
from epitope.errors import StructureError, VariantError

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.measured import MeasuredComplex
    from epitope.variant.model import Variant
    from epitope.variant.readers.rows import UnassessedRow


def contacts(
    variants: str | Variant | Iterable[str | Variant | UnassessedRow] = (), structure: MeasuredComplex | None = None
) -> pd.DataFrame:
    """List the contacts of antigen and antibody by kind, and which variants lose them.

    Parameters
    ----------
    variants
        As for `assess`; may be empty.
    structure : MeasuredComplex, optional
        Default: the bundled complex.

    Returns
    -------
    pandas.DataFrame
        Columns as in ``docs/tables.md``; ``lost_by`` names the variants that lose a contact.

    Raises
    ------
    StructureError
        If the structure has no antibody.
    VariantError
        If a variant cannot be understood.

    Examples
    --------
    >>> import epitope
    >>> table = epitope.contacts(["K220E", "R163L"])
    >>> table.loc[table["lost_by"].str.len() > 0, ["kind", "antibody_label", "lost_by"]].values.tolist()
    [['hydrogen bond', 'H:Thr103', ('Arg163Leu',)], ['salt bridge', 'H:Asp55', ('Lys220Glu',)], \
['hydrogen bond', 'H:Asp55', ('Lys220Glu',)], ['salt bridge', 'H:Asp57', ('Lys220Glu',)], \
['hydrogen bond', 'H:Asp57', ('Lys220Glu',)]]
    """
    from epitope.show.records import contacts_with_losses

    structure = structure if structure is not None else load()
    return contacts_with_losses(structure, all_assessed(variants, structure))


def residue_position(text: str, structure: MeasuredComplex) -> int:
    """Read a residue as a person writes it, ``P60`` or ``Pro60`` or ``60``, or by its chain, ``A:60``.

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
    from epitope.target.residues import read_residue, three_letter

    if (found := _place(text, structure)) is not None:
        return found
    read = read_residue(text)
    if read is None:
        raise StructureError(f"{text!r} is not a residue; write it like P60, Pro60 or 60")
    given, position = read
    length = len(structure.target.sequence)
    if not 1 <= position <= length:
        raise StructureError(f"{text}: {structure.target.name} has residues 1-{length}; give one of these")
    reference = structure.target.residue(position)
    if given and given != reference:
        raise StructureError(
            f"{text}: residue {position} of {structure.target.name} is {three_letter(reference)}, "
            f"not {three_letter(given)}; check the numbering (UniProt positions)"
        )
    return position


def _place(text: str, structure: MeasuredComplex) -> int | None:
    """Return the position of a residue that is named by the structure's numbers, ``None`` where it is not."""
    from epitope.structure.author_numbers import position_at

    try:
        return position_at(text, structure.complex)
    except VariantError as error:
        raise StructureError(str(error)) from None


def residues_near(structure: MeasuredComplex, what: str, within_A: float) -> pd.DataFrame:
    """Return the observed residues near a place, nearest atoms counted.

    Parameters
    ----------
    structure : MeasuredComplex
    what : str
        ``epitope`` (computed contacts), ``antibody`` (or ``binder``: whatever binds), ``disulfide``,
        a loop of the epitope such as ``97-107``, or a residue such as ``P60``.
    within_A : float
        Largest heavy-atom distance, Å.

    Raises
    ------
    StructureError
        If there is no such place.

    Examples
    --------
    >>> import epitope
    >>> len(residues_near(epitope.load(), "antibody", 4.0))
    18
    """
    from epitope.target.residues import read_residue

    table = structure.residues
    named = what.strip().casefold()
    named = "antibody" if named in ("binder", "partner") else named
    if named in ("epitope", "antibody") and structure.antibody_atoms is None:
        raise StructureError(
            f"{structure.id} has no antibody chain or other partner, so no {what} to be near; "
            "ask for a loop or a residue"
        )
    if named in ("epitope", "antibody", "disulfide"):
        distance = table[f"min_distance_{named}_A"]
    elif loop := next((loop for loop in structure.epitope.loops if loop.name == named), None):
        distance = table[f"min_distance_loop_{loop.start}_{loop.end}_A"]
    elif read_residue(what) is not None or _place(what, structure) is not None:
        matrix = structure.distance_matrix()
        position = residue_position(what, structure)
        if position not in matrix.index:
            structure.distances(position, [])
        distance = matrix[position].reindex(table["uniprot_position"]).reset_index(drop=True)
    else:
        loops = ", ".join(loop.name for loop in structure.epitope.loops) or "none known"
        raise StructureError(
            f"{what!r} is no place in {structure.id}; use epitope, binder, disulfide, a loop ({loops}) or P60"
        )
    return table[distance <= within_A]


def scan(structure: MeasuredComplex | None = None) -> pd.DataFrame:
    """Assess every single change of the observed antigen: the atlas.

    Parameters
    ----------
    structure : MeasuredComplex, optional
        Default: the bundled complex.

    Returns
    -------
    pandas.DataFrame
        One row per substitution, single-residue deletion and in-frame exon skip, columns as in
        ``docs/tables.md``.

    Examples
    --------
    >>> import epitope
    >>> atlas = epitope.scan()
    >>> atlas.loc[atlas["hgvs_p"] == "p.Lys220Glu", ["hgvs_c", "label", "contact_4A"]].values.tolist()
    [['c.658A>G', 'escape', True]]
    """
    from epitope.impact.scan import scan as every_change

    return every_change(structure if structure is not None else load())


def top_candidates(atlas: pd.DataFrame, n: int = 10) -> pd.DataFrame:
    """Name the positions where one nucleotide does most, with reasons in words.

    Parameters
    ----------
    atlas : pandas.DataFrame
        As from `scan`.
    n : int
        Positions of each label.

    Returns
    -------
    pandas.DataFrame
        ``escape`` first, then ``loss``, columns as in ``docs/tables.md``.
    """
    from epitope.impact.scan import top_candidates as candidates

    return candidates(atlas, n)


def write_atlas(atlas: pd.DataFrame, out: str | Path) -> list[Path]:
    """Write the atlas as CSV and, where pyarrow is installed, Parquet, with its candidates.

    Parameters
    ----------
    atlas : pandas.DataFrame
        As from `scan`.
    out : str or Path
        Folder to write.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    from epitope.show.atlas_files import write_atlas as write

    return list(write(atlas, out).files)


def write_formats(
    formats: str | Sequence[str],
    out: str | Path = "atlas",
    structure: MeasuredComplex | None = None,
    *,
    atlas: pd.DataFrame | None = None,
) -> list[Path]:
    """Write the atlas in formats of other programs (``docs/formats.md``).

    Parameters
    ----------
    formats : str or sequence of {"vep", "dms-viz", "mave"}
        ``vep`` writes every change of one nucleotide as a VCF file and a table, both bgzip and, with
        pysam, indexed; ``dms-viz`` JSON, CSV and structure for that viewer; ``mave`` score sets for MaveDB.
    out : str or Path
        Folder to write.
    structure : MeasuredComplex, optional
    atlas : pandas.DataFrame, optional
        As from `scan`; scanned now if it is needed and not given.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    OutputError
        If there is no such format, or a file cannot be written.
    TargetError
        If ``vep`` is asked of a target without a transcript.
    """
    from epitope.show.formats import write_formats as write

    structure = structure if structure is not None else load()
    names = [formats] if isinstance(formats, str) else list(formats)
    return list(write(names, out, structure, provenance(structure), atlas=atlas).files)
