"""The public functions: load a complex, assess variants, look at residues and distances.

Each one is a thin line through the rooms, for a notebook or for the command line. The
package re-exports them lazily, so that ``import epitope`` costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epitope.errors import EpitopeError, StructureError, TableError, TargetMismatchError, VariantError

if TYPE_CHECKING:
    import MDAnalysis
    import pandas as pd
    import py3Dmol

    from epitope.features.measured import MeasuredComplex
    from epitope.impact.antibodies import Antibody, EpitopeComparison
    from epitope.show.tables import AssessmentTable, ResultRow
    from epitope.structure.complex import Complex
    from epitope.target.model import Binder
    from epitope.variant.model import Consequence, Variant
    from epitope.variant.readers.rows import UnassessedRow

    AntibodyItem = str | Path | MeasuredComplex


def load(
    source: str | Path | MDAnalysis.Universe | None = None,
    *,
    target: str | Path | None = None,
    antigen: Sequence[str] | str | None = None,
    heavy: Sequence[str] | None = None,
    light: Sequence[str] | None = None,
    sides: str | None = None,
    antibody: Sequence[str] | str | None = None,
    assembly: str | None = None,
) -> MeasuredComplex:
    """Load a complex of the antigen with its antibody.

    Parameters
    ----------
    source : str, Path or MDAnalysis.Universe, optional
        A PDB, mmCIF or BinaryCIF file (plain or .gz), a universe, or a PDB id, which is
        downloaded into a cache unless a pack brings it. Default: the structure that comes with the target.
    target : str or Path, optional
        Folder of a target pack, its target file, or the name of an installed pack. Without
        one the installed pack whose sequence the structure holds is found; where none fits,
        the antigen of the structure is its own target, of which nothing else is known.
    antigen, heavy, light : sequence of str, optional
        Author chain names that overrule the recognised roles; the antigen also as one text, "T,U".
    sides : str, optional
        The two sides of a complex in their place, the antigen first: "A:HL".
    antibody : sequence of str or str, optional
        Chains of what binds the antigen, antibody or not: ["H", "L"] or "H,L".
    assembly : str, optional
        Biological assembly of the file to build, such as "1".

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
    >>> epitope.load().complex.antigen_chains
    ('A',)
    """
    from epitope.features import MeasuredComplex
    from epitope.structure import bundled_structure, complex_from_universe, read_complex
    from epitope.target import load_target

    chains: dict[str, Any] = {
        "antigen": antigen,
        "heavy": heavy,
        "light": light,
        "sides": sides,
        "antibody": antibody,
    }
    if source is None:
        if target is None and assembly is None and all(choice is None for choice in chains.values()):
            return _bundled()
        antigen_target = load_target(target)
        return MeasuredComplex(
            read_complex(bundled_structure(antigen_target), antigen_target, **chains, assembly=assembly)
        )
    read: Callable[..., Complex]
    if isinstance(source, str | Path):
        read = partial(read_complex, _structure_file(source), **chains, assembly=assembly)
    else:
        read = partial(complex_from_universe, source, **chains)
    return MeasuredComplex(read(load_target(target)) if target is not None else _with_fitting_target(read))


def _structure_file(source: str | Path) -> Path:
    """Find a file, or the entry of a PDB id: that of a pack, else the downloaded one."""
    from epitope.structure import fetch_structure
    from epitope.structure.bundled import bundled_entry
    from epitope.structure.fetch import is_pdb_id

    path = Path(source)
    if path.exists() or not is_pdb_id(str(source)):
        return path
    return bundled_entry(str(source)) or fetch_structure(str(source))


def _with_fitting_target(read: Callable[..., Complex]) -> Complex:
    """Read a structure with the installed pack that it holds, else with its own antigen as target."""
    from epitope.target import load_target
    from epitope.target.loader import installed_packs

    for name in installed_packs():
        try:
            return read(load_target(name))
        except TargetMismatchError:
            continue
    return read(None, own=True)


@cache
def _bundled() -> MeasuredComplex:
    """Load the bundled complex once."""
    from epitope.features import MeasuredComplex
    from epitope.structure import bundled_structure, read_complex
    from epitope.target import load_target

    return MeasuredComplex(read_complex(bundled_structure(), load_target()))


def assess(
    variants: str | Variant | Iterable[str | Variant | UnassessedRow],
    structure: MeasuredComplex | None = None,
    *,
    against: Sequence[AntibodyItem | Antibody] = (),
) -> AssessmentTable:
    """Say what each variant does to antigen, fold and epitope.

    Parameters
    ----------
    variants : str, Variant or iterable of them
        In any notation that is understood (``docs/variants.md``).
    structure : MeasuredComplex, optional
        Default: the bundled complex.
    against : sequence of str, Path or MeasuredComplex
        Further antibodies to answer for, as for `compare`. Without it there is an answer for each binder of the
        target, by this structure and what is published.

    Returns
    -------
    AssessmentTable
        A DataFrame, one row per variant in order, columns as in ``docs/tables.md``; ``.explain(row)``
        gives the evidence of a row. ``binders`` has the answers for the antibodies of ``against`` and the
        binders of the target, and ``epitope_NAME`` the verdict for each of the former. A variant that cannot be
        understood has its reason in ``error``.

    Raises
    ------
    VariantError
        If there is no variant at all.

    Examples
    --------
    >>> import epitope
    >>> epitope.assess(["p.Phe61del", "p.Met1_Leu151del"])[["hgvs_p", "antigen", "epitope"]].values.tolist()
    [['p.Phe61del', 'intact', 'intact'], ['p.Met1_Leu151del', 'lost', 'lost']]
    """
    from epitope.show.tables import assessment_table

    return assessment_table(assess_each(variants, structure, against=against))


def assess_each(
    variants: str | Variant | Iterable[str | Variant | UnassessedRow],
    structure: MeasuredComplex | None = None,
    *,
    against: Sequence[AntibodyItem | Antibody] = (),
) -> list[ResultRow]:
    """Assess variants and keep the records behind the table.

    Parameters
    ----------
    variants, structure, against
        As for `assess`; rows of a file that carry no variant are passed through.

    Returns
    -------
    list of Assessment, Failure or UnassessedRow
        One for each variant, in order.

    Raises
    ------
    VariantError
        If there is no variant at all.
    """
    from epitope.impact.binders import answer_for_each
    from epitope.impact.verdicts.assess import Assessor
    from epitope.show.tables import Failure
    from epitope.variant.readers.rows import UnassessedRow

    given = as_variants(variants)
    if not given:
        raise VariantError("no variant given; name at least one, such as p.Phe61del")
    assessor = Assessor(structure if structure is not None else load())
    antibodies = _line_up(against, assessor.structure) if against else ()
    results: list[ResultRow] = []
    for variant in given:
        if isinstance(variant, UnassessedRow):
            results.append(_passed_through(variant))
            continue
        try:
            results.append(assessor.assess(_consequence(variant, assessor.structure)))
        except EpitopeError as error:
            results.append(Failure(variant, _located(variant, str(error))))
    return answer_for_each(results, assessor, antibodies)


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
    asked = _line_up(given, first)
    if structure is not None or not any(a.structure is first and a.sequence is None for a in asked):
        asked = _line_up([first, *asked], first)
    if len(asked) < 2:
        names = ", ".join(binder.name for binder in first.target.binders)
        raise StructureError(
            f"{asked[0].name}: a comparison takes two antibodies; name another structure of {first.target.name}"
            + (f" or another of its binders ({names})" if names else "")
        )
    return EpitopeComparison(asked, tuple(assess_each(variants, first, against=asked)) if variants else ())


def binders(structure: MeasuredComplex | None = None) -> pd.DataFrame:
    """Say what is known of each binder of the target at each position that any of them touches or needs.

    Parameters
    ----------
    structure : MeasuredComplex, optional
        Default: the bundled complex. No other structure is read.

    Returns
    -------
    pandas.DataFrame
        One row per position and binder, columns as in ``docs/tables.md``.

    Examples
    --------
    >>> import epitope
    >>> table = epitope.binders()
    >>> table.loc[table["indirect"], ["residue", "uniprot_position", "contact", "scan"]].values.tolist()
    [['W', 159, 'no', 'hot spot']]
    """
    from epitope.impact.binders import BinderPanel

    return BinderPanel(structure if structure is not None else load()).table


def _is_structure(item: AntibodyItem) -> bool:
    """Say whether an antibody is given as a structure, not by the name of a binder."""
    from epitope.structure.fetch import is_pdb_id

    return not isinstance(item, str) or Path(item).is_file() or is_pdb_id(item)


def _line_up(items: Iterable[AntibodyItem | Antibody], base: MeasuredComplex) -> tuple[Antibody, ...]:
    """Find antibodies, all on the target of ``base``: first those that structures show, then those known by sequence.

    Raises
    ------
    EpitopeError
        As for `compare`.
    """
    from epitope.features import MeasuredComplex
    from epitope.impact.antibodies import Antibody, named_apart

    given = list(items)
    shown: list[Antibody | Binder] = []
    for item in given:
        found = item if isinstance(item, Antibody) else _shown(item, base)
        shown.append(Antibody.of(found) if isinstance(found, MeasuredComplex) else found)
    hosts = [base, *(found.structure for found in shown if isinstance(found, Antibody))]
    asked = [found if isinstance(found, Antibody) else Antibody.by_sequence(found, hosts) for found in shown]
    for number, antibody in enumerate(asked):
        if any(antibody.key == earlier.key for earlier in asked[:number]):
            item = given[number]
            raise StructureError(
                f"{item if isinstance(item, str | Path) else antibody.name}: is {antibody.name} by {antibody.basis}, "
                "which is there already; name each antibody once"
            )
    return named_apart(asked)


def _shown(item: AntibodyItem, base: MeasuredComplex) -> MeasuredComplex | Binder:
    """Return the structure that an item names, or the binder where there is none of it."""
    from epitope.features import MeasuredComplex
    from epitope.structure import fetch_structure
    from epitope.structure.bundled import bundled_entry

    if isinstance(item, MeasuredComplex):
        return _beside(item.complex.path, base, item.id, item)
    binder = next((b for b in base.target.binders if b.name.casefold() == str(item).casefold()), None)
    if Path(item).is_file() or (binder is None and _is_structure(item)):
        return _beside(_structure_file(item), base, str(item))
    if binder is None:
        names = ", ".join(known.name for known in base.target.binders) or "none known"
        raise StructureError(
            f"{item}: is no file, no PDB id and no binder of {base.target.name} ({names}); give one of these"
        )
    if binder == base.binder:
        return base
    if not binder.structure:
        return binder
    try:
        path = bundled_entry(binder.structure, base.target) or fetch_structure(binder.structure, offline=True)
    except StructureError:
        return binder
    return _beside(path, base, binder.name)


def _beside(
    path: Path | None, base: MeasuredComplex, where: str, loaded: MeasuredComplex | None = None
) -> MeasuredComplex:
    """Read a structure on the target of another; one that is on it already is left as it is."""
    from epitope.features import MeasuredComplex
    from epitope.impact.antibodies import Antibody
    from epitope.structure import read_complex
    from epitope.structure.mapping import MIN_ALIGNED, MIN_IDENTITY

    if loaded is not None and loaded.target.sequence == base.target.sequence:
        found = loaded
    else:
        if path is None:
            raise StructureError(f"{where}: was given in memory on another target than {base.id}; load both on one")
        sides = None if loaded is None else loaded.complex.roles.sides
        try:
            found = MeasuredComplex(read_complex(path, base.complex.target, sides=sides))
        except TargetMismatchError as error:
            raise StructureError(
                f"{where}: holds another antigen than {base.id}: none of its chains is {base.target.name}, which takes "
                f"{MIN_IDENTITY:.0%} identity over {MIN_ALIGNED} residues; compare structures of one antigen"
            ) from error
    if found.antibody_atoms is None:
        raise StructureError(f"{where}: shows no antibody, so it has no epitope; give a complex with one")
    return base if Antibody.of(found).key == Antibody.of(base).key else found


def _consequence(variant: Variant, structure: MeasuredComplex) -> Consequence:
    """Read a variant, whose residues may be named by chain, by author's or by UniProt numbers."""
    from epitope.structure.author_numbers import positions_in
    from epitope.variant import consequence_of
    from epitope.variant.hgvs.alleles import changes_of
    from epitope.variant.hgvs.brackets import joined
    from epitope.variant.model import ChangeKind, SpliceModelUse

    text = joined([positions_in(change, structure.complex) for change in changes_of(variant.text)])
    try:
        found = consequence_of(replace(variant, text=text), structure.target, splice_model=SpliceModelUse.LIVE)
    except EpitopeError as error:
        raise type(error)(str(error).replace(text.strip(), variant.text.strip())) from None
    labels, change = structure.target.labels, found.change
    ends = () if change.kind is ChangeKind.START_LOSS else (change.start, change.end)
    for end in ends:
        if end and end <= len(labels) and not labels[end - 1]:
            raise VariantError(f"{variant.text.strip()}: the file shows no residue {structure.target.label(end)}")
    return replace(found, variant=variant)


def _passed_through(row: UnassessedRow) -> ResultRow:
    """Turn a broken line of a file into a failure; other rows without variant stay as they are."""
    from epitope.show.tables import Failure
    from epitope.variant.model import Variant

    if not row.is_error:
        return row
    return Failure(Variant(row.text, row.origin, calls=row.calls), f"{row.origin}: {row.message}")


def _located(variant: Variant, message: str) -> str:
    """Put the place in a file before a message that does not name it."""
    in_file = " line " in variant.origin and variant.origin not in message
    return f"{variant.origin}: {message}" if in_file else message


def read_variants(
    vcf: str | Path | None = None,
    table: str | Path | None = None,
    *,
    structure: MeasuredComplex | None = None,
    column: str | None = None,
    sample: str | None = None,
) -> list[Variant | UnassessedRow]:
    """Read the variants of a VCF file, of a table, or of both.

    Parameters
    ----------
    vcf, table : str or Path, optional
        A VCF 4.x file; a CSV, TSV or XLSX table, or a plain list (``docs/files.md``).
    structure : MeasuredComplex, optional
    column : str, optional
        Name of the table's variant column, if it is not found by name.
    sample : str, optional
        Sample of the VCF file whose genotype and allele fraction count.

    Returns
    -------
    list of Variant or UnassessedRow
        In file order; for `assess`. Behind the rows of a VCF file stand the alleles that carry more
        than one of its changes in phase.

    Raises
    ------
    TableError
        If a file cannot be read as what it should be.
    """
    from epitope.variant.readers.phase import alleles_in_phase
    from epitope.variant.readers.tables import read_variant_table
    from epitope.variant.readers.vcf import read_vcf

    target = (structure if structure is not None else load()).target
    rows: list[Variant | UnassessedRow] = []
    if vcf is not None:
        rows += read_vcf(vcf, target, sample=sample)
        rows += alleles_in_phase(rows, Path(vcf).name)
    if table is not None:
        rows += read_variant_table(table, target, column=column)
    if not rows and (vcf or table):
        raise TableError(f"{vcf or table}: the file holds no variant")
    return rows


def annotate_vcf(
    vcf: str | Path, out: str | Path, structure: MeasuredComplex | None = None, *, sample: str | None = None
) -> AssessmentTable:
    """Assess the variants of a VCF file and write it once more, with the answers in the INFO field ``EPITOPE``.

    Parameters
    ----------
    vcf : str or Path
        A VCF 4.x file.
    out : str or Path
        The file to write, ``.vcf`` or, in bgzip, ``.vcf.gz``; every byte but the field and its line of
        the header is as it was (``docs/formats.md``).
    structure : MeasuredComplex, optional
    sample : str, optional
        Sample of the file whose alleles count.

    Returns
    -------
    AssessmentTable
        As from `assess`.

    Raises
    ------
    TableError
        If the file cannot be read, or has the field already.
    OutputError
        If the file cannot be written there.
    """
    from epitope.show.annotated_vcf import check_output, write_annotated_vcf
    from epitope.show.tables import assessment_table

    structure = structure if structure is not None else load()
    check_output(vcf, out)
    rows = assess_each(read_variants(vcf, structure=structure, sample=sample), structure)
    write_annotated_vcf(vcf, out, rows, structure.target, sample=sample)
    return assessment_table(rows)


def as_variants(variants: str | Variant | Iterable[str | Variant | UnassessedRow]) -> list[Variant | UnassessedRow]:
    """Wrap plain text as `Variant` records with their place in the list, one for each allele that a text names."""
    from epitope.variant.hgvs.alleles import split_alleles
    from epitope.variant.model import Variant

    if isinstance(variants, str | Variant):
        variants = [variants]
    wrapped = [Variant(text=v) if isinstance(v, str) else v for v in variants]
    numbered = [v if v.origin else replace(v, origin=f"variant {number}") for number, v in enumerate(wrapped, start=1)]
    written = [_writable(v) if isinstance(v, Variant) else v for v in numbered]
    return [one for v in written for one in (split_alleles(v) if isinstance(v, Variant) else (v,))]


def on_one_allele(variants: Iterable[str | Variant | UnassessedRow]) -> Variant:
    """Return the variant that carries all of these changes on one allele.

    Raises
    ------
    VariantError
        If there are fewer than two changes.

    Examples
    --------
    >>> on_one_allele(["c.487C>T", "c.488G>A"]).text
    'c.[487C>T;488G>A]'
    """
    from epitope.variant.hgvs.brackets import joined
    from epitope.variant.model import Variant

    texts = [v if isinstance(v, str) else v.text for v in variants if isinstance(v, str | Variant)]
    if len(texts) < 2:
        raise VariantError(f"{len(texts)} change given; an allele of several needs at least two")
    return Variant(joined([text.strip() for text in texts]), "on one allele")


def _writable(variant: Variant) -> Variant:
    """Replace what came from bytes that are no UTF-8 and stands for no character; no table could be written with it."""
    return replace(variant, text=_encodable(variant.text), origin=_encodable(variant.origin))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def provenance(structure: MeasuredComplex, command: str = "") -> dict[str, Any]:
    """Say what a result rests on: versions, structure, rules.

    Returns
    -------
    dict
        The same input gives the same values; there is no date in it.
    """
    from epitope import __version__
    from epitope.impact.verdicts.rules import RULE_SET_VERSION

    return {
        "epitope_version": __version__,
        "rule_set": RULE_SET_VERSION,
        "target": structure.target.name,
        "target_version": structure.target.version,
        "structure_id": structure.id,
        "structure_sha256": structure.complex.sha256,
        **({"reminders": list(structure.complex.reminders)} if structure.complex.reminders else {}),
        "command": _encodable(command),
    }


def vrs_ids(variant: str | Variant, structure: MeasuredComplex | None = None) -> dict[str, str]:
    """Return the GA4GH VRS 2 identifiers of a variant on chromosome and protein, computed offline.

    Parameters
    ----------
    variant : str or Variant
    structure : MeasuredComplex, optional

    Returns
    -------
    dict of str to str
        ``genomic`` and ``protein``, ``ga4gh:VA.…``, "" where there is none (``docs/formats.md``).

    Raises
    ------
    VariantError
        If the variant cannot be understood.
    MissingDependencyError
        If ga4gh.vrs is not installed (extra ``vrs``).
    """
    from epitope.variant import consequence_of
    from epitope.variant.vrs import allele_ids

    target = (structure if structure is not None else load()).target
    return allele_ids(consequence_of(variant, target), target)


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
    return contacts_with_losses(structure, _all_assessed(variants, structure))


def _all_assessed(
    variants: str | Variant | Iterable[str | Variant | UnassessedRow], structure: MeasuredComplex
) -> list[ResultRow]:
    """Assess variants, of which there may be none; the first that cannot be understood is raised.

    Raises
    ------
    VariantError
        With the reason of that variant.
    """
    from epitope.show.tables import Failure

    given = as_variants(variants)
    rows = assess_each(given, structure) if given else []
    if failed := next((row for row in rows if isinstance(row, Failure)), None):
        raise VariantError(failed.error)
    return rows


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


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """What `report` wrote: the page, how many rows it has, what failed, and how many samples there were."""

    page: Path
    rows: int
    errors: list[str]
    samples: int = 0


def report(
    variants: str | Variant | Iterable[str | Variant | UnassessedRow],
    out: str | Path = "report",
    structure: MeasuredComplex | None = None,
    *,
    samples: str | Path | None = None,
    published: str | None = None,
    junctions: Sequence[str | Path] = (),
    viewer_script: str = "auto",
    png: bool = True,
    command: str = "",
) -> WrittenReport:
    """Write the report of some variants into a folder.

    Parameters
    ----------
    variants
        As for `assess`; may be empty where ``samples`` has variants.
    out : str or Path
        Folder to write.
    structure : MeasuredComplex, optional
    samples : str or Path, optional
        Table of samples, summarised and shown beside the variants; its variants are
        assessed where none are given.
    published : str, optional
        A published cohort whose samples are summarised.
    junctions : sequence of str or Path
        Junction files whose isoform usage is shown.
    viewer_script : str
        Path of 3Dmol-min.js, "auto" or "none".
    png : bool
        Also write figures as PNG.
    command : str
        The command to name in the provenance.

    Returns
    -------
    WrittenReport

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    from epitope.impact.cohorts.cohort import cohort_table, published_samples, read_samples, summarise_cohort
    from epitope.show.report import write_report
    from epitope.show.tables import assessment_table

    structure = structure if structure is not None else load()
    records = read_samples(samples, structure.target) if samples is not None else ()
    if published is not None and not records:
        records = published_samples(published, structure.target)
    given = as_variants(variants) or [variant for record in records for variant in record.variants]
    rows = assess_each(given, structure)
    page = write_report(
        out,
        structure,
        rows,
        provenance=provenance(structure, command),
        cohort=cohort_table(summarise_cohort(records, structure.target)) if records else None,
        isoforms=_usage(junctions, structure),
        viewer_script=viewer_script,
        png=png,
    )
    errors = [error for error in assessment_table(rows)["error"] if error]
    errors += [record.error for record in records if record.error]
    return WrittenReport(page, len(rows), errors, len(records))


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


def figure_names() -> dict[str, str]:
    """Name the figures that `draw` knows, each with its title."""
    from epitope.show.figures import FIGURES

    return {name: kind.title for name, kind in FIGURES.items()}


def draw(
    name: str,
    variants: str | Variant | Iterable[str | Variant | UnassessedRow] = (),
    out: str | Path = "figures",
    structure: MeasuredComplex | None = None,
    *,
    formats: Sequence[str] = (),
    columns: int | None = None,
    renderer: str = "auto",
    site: int | str | Sequence[int | str] = (),
    isoform: str = "",
    cohort: pd.DataFrame | str | Path | None = None,
    junctions: pd.DataFrame | Sequence[str | Path] | None = None,
    atlas: pd.DataFrame | None = None,
    comparison: EpitopeComparison | None = None,
) -> list[Path]:
    """Draw a figure into a file or a folder.

    Parameters
    ----------
    name : str
        One of `figure_names`.
    variants
        As for `assess`; may be empty.
    out : str or Path
        ``x.png`` for a file, ``x.png,svg`` for two of one stem; else a folder, made where it is missing.
    structure : MeasuredComplex, optional
    formats : sequence of {"png", "svg", "pdf"}
        Default: what ``out`` says, in a folder all three.
    columns : int, optional
        Width in journal columns, 1 or 2.
    renderer : {"auto", "pymol", "flat"}
        What draws the molecule in figures that show it: PyMOL, matplotlib alone, or by default
        PyMOL where it is installed (extra ``figures``).
    site : int, str or sequence of them
        Residues that the figures ``site`` and ``site-3d`` show, such as 60 or P60.
    isoform : str
        One RNA event for the figure ``isoforms``; default all.
    cohort : pandas.DataFrame, str or Path, optional
        For the figure ``cohort``: a table of `cohort_table`, or the file to make it from.
    junctions : pandas.DataFrame or sequence of path, optional
        For the figure ``junctions``: a table of `isoform_usage`, or the junction files.
    atlas : pandas.DataFrame, optional
        For the figure ``atlas``: the table of `scan`; scanned now if not given.
    comparison : EpitopeComparison, optional
        For the figure ``barcode``: as from `compare`.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    EpitopeError
        If there is no such figure, what it draws was not given, or it cannot be written there.
    """
    from epitope.show.figures import figure, figure_bytes
    from epitope.show.output import PICTURES, read_output

    place = read_output(out, "a figure", PICTURES, in_folder=PICTURES, chosen=formats)
    structure = structure if structure is not None else load()
    given = as_variants(variants)
    places = [site] if isinstance(site, int | str) else list(site)
    drawn = figure(
        name,
        structure,
        assess_each(given, structure) if given else (),
        columns=columns,
        renderer=renderer,
        site=[place if isinstance(place, int) else residue_position(place, structure) for place in places],
        isoform=isoform,
        cohort=_cohort(cohort, structure) if isinstance(cohort, str | Path) else cohort,
        junctions=_usage(junctions, structure),
        atlas=scan(structure) if name in ("atlas", "atlas-3d") and atlas is None else atlas,
        comparison=comparison,
    )
    return place.write(name, partial(figure_bytes, drawn))


def _cohort(path: str | Path, structure: MeasuredComplex) -> pd.DataFrame:
    """Summarise the samples of a file."""
    from epitope.impact.cohorts.cohort import cohort_table, read_samples, summarise_cohort

    return cohort_table(summarise_cohort(read_samples(path, structure.target), structure.target))


def _usage(given: pd.DataFrame | Sequence[str | Path] | None, structure: MeasuredComplex) -> pd.DataFrame | None:
    """Count the isoform junctions of files; a table is passed through."""
    import pandas as pd

    from epitope.variant.readers.junctions import isoform_usage

    if given is None or isinstance(given, pd.DataFrame):
        return given
    return isoform_usage(given, structure.target) if given else None


def view(
    variants: str | Variant | Iterable[str | Variant] = (),
    structure: MeasuredComplex | None = None,
    *,
    preset: str = "overview",
    site: int | Sequence[int] | None = None,
    isoform: str = "",
    values: Mapping[int, float] | None = None,
    unit: str = "",
) -> py3Dmol.view:
    """Show the complex, with variant sites marked, in a notebook.

    Parameters
    ----------
    variants
        As for `assess`; default none.
    structure : MeasuredComplex, optional
    preset : {"overview", "epitope", "site", "disulfides", "isoform", "atlas"}
        Or the name of an RNA event of the target.
    site : int or sequence of int, optional
        UniProt positions for the preset ``site``; default those of the first variant.
    isoform : str
        RNA event for the preset ``isoform``; default the first of the target.
    values : mapping of int to float, optional
        A number per UniProt position, for the preset ``atlas``; ``unit`` names it in the legend.
    unit : str

    Returns
    -------
    py3Dmol.view
    """
    from epitope.show.coordinates import trimmed_pdb
    from epitope.show.presets import scene
    from epitope.show.py3dmol import render

    structure = structure if structure is not None else load()
    given = as_variants(variants)
    rows = assess_each(given, structure) if given else []
    drawing = scene(structure, preset, rows, site=site, isoform=isoform, values=values, unit=unit)
    return render(drawing, trimmed_pdb(structure))


def write_view(
    path: str | Path,
    variants: str | Variant | Iterable[str | Variant | UnassessedRow] = (),
    structure: MeasuredComplex | None = None,
    *,
    preset: str = "overview",
    site: int | Sequence[int] | None = None,
    viewer_script: str | Path = "auto",
) -> Path:
    """Write the view as a file: a page that turns, or a script for PyMOL, ChimeraX or Mol*.

    Parameters
    ----------
    path : str or Path
        The end of the name says what for: ``.html``, ``.pml``, ``.cxc``, ``.mvsj``, ``.mvsx``.
    variants, structure, preset, site
        As for `view`.
    viewer_script : str or Path
        Where the viewer of an HTML page comes from; see `epitope.show.viewer.find_viewer_script`.

    Returns
    -------
    Path

    Raises
    ------
    EpitopeError
        If a variant cannot be read, the view is not known, or the file cannot be written.
    """
    from epitope.show.exports import write_for
    from epitope.show.presets import scene
    from epitope.show.viewer import find_viewer_script

    structure = structure if structure is not None else load()
    drawing = scene(structure, preset, _all_assessed(variants, structure), site=site)
    viewer = find_viewer_script(viewer_script) if Path(path).suffix.lower() == ".html" else None
    return write_for(drawing, structure, path, viewer)


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
