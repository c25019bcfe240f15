"""Write and check target packs."""

from __future__ import annotations

from pathlib import Path


def new_target(
    out: str | Path,
    *,
    structure: str | Path | None = None,
    uniprot: str | Path | None = None,
    genbank: str | Path | None = None,
    gff3: str | Path | None = None,
    fasta: str | Path | None = None,
    name: str = "",
    sides: str | None = None,
    chromosome_length: int | None = None,
) -> list[str]:
    """Write a target pack from files; what they do not say is left out.

    Parameters
    ----------
    out : str or Path
        Folder of the pack; must not exist, or be empty.
    structure, uniprot, genbank, gff3, fasta : str or Path, optional
        At least one; ``gff3`` and ``fasta`` go together. Where two state a fact, the first in
        the order UniProt, GenBank, GFF3, structure counts.
    name : str, optional
        Of the antigen; default the gene of the records.
    sides : str, optional
        Antigen and antibody chains of the structure, "A:HL", where they are not recognised.
    chromosome_length : int, optional
        Of the chromosome that a GenBank record or FASTA sequence is a part of.

    Returns
    -------
    list of str
        What was left out, and why.

    Raises
    ------
    TargetError
        If no file is given, one cannot be read, or two contradict each other.
    OutputError
        If the folder is not empty or cannot be written.
    """
    from epitope.errors import TargetError
    from epitope.structure.draft import structure_draft
    from epitope.target.new import Draft, read_genbank, read_gff3, read_uniprot, write_pack

    if (gff3 is None) != (fasta is None):
        raise TargetError("--gff3 and --fasta go together: the exons and the DNA that they lie on")
    draft = Draft(facts={"name": name} if name else {})
    if uniprot is not None:
        draft.add(read_uniprot(Path(uniprot)))
    if genbank is not None:
        draft.add(read_genbank(Path(genbank), chromosome_length))
    if gff3 is not None and fasta is not None:
        draft.add(read_gff3(Path(gff3), Path(fasta), chromosome_length))
    if structure is not None:
        known = draft.facts.get("uniprot_id", "")
        label = name or draft.facts.get("name", "")
        draft.add(structure_draft(structure, draft.protein, label, sides=sides, uniprot_id=known))
    write_pack(draft, Path(out))
    return draft.left_out


def check_target(pack: str | Path, structure: str | Path | None = None) -> list[tuple[str, str]]:
    """Say what a pack leaves out and what that costs, and whether its structure agrees with it.

    Parameters
    ----------
    pack : str or Path
        Folder or name of a pack.
    structure : str or Path, optional
        Default the pack's own, where it has one.

    Returns
    -------
    list of tuple of str
        Part and finding.

    Raises
    ------
    TargetError, StructureError
        If the pack cannot be read or contradicts itself, or the structure does not hold the antigen.

    Examples
    --------
    >>> from epitope.target.loader import installed_packs
    >>> check_target(installed_packs()[0])[-1][1].partition(",")[0]
    'chain A is 99.6% identical to the target; positions 21-277'
    """
    from epitope.structure import bundled_structure, read_complex
    from epitope.target import load_target
    from epitope.target.check import missing_parts

    target = load_target(pack)
    findings: list[tuple[str, str]] = [(part, f"missing: {cost}") for part, cost in missing_parts(target)]
    if structure is None and not target.structure:
        return findings
    held = read_complex(Path(structure) if structure is not None else bundled_structure(target), target)
    gaps = ", ".join(f"{first}-{last}" for first, last in held.gaps) or "none"
    differing = [f"{e.reference}{e.position}{e.in_structure}" for e in held.engineered]
    agreement = (
        f"chain {held.antigen_chains[0]} is {held.identity:.1%} identical to the target; positions "
        f"{held.construct[0]}-{held.construct[1]}, not observed: {gaps}"
    )
    return [*findings, (f"structure {held.id}", "; ".join([agreement, *differing]))]
