"""What a file states besides its atoms: references, differences, numbers, experiment.

Reads the same facts from the two formats: DBREF, SEQADV, REMARK 465 and JRNL of a PDB
file; struct_ref_seq, struct_ref_seq_dif, pdbx_poly_seq_scheme and citation of an mmCIF
block. Not a validator: a record that cannot be read is left out, and the alignment with
the target decides.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from epitope.structure.model import DatabaseReference, ResidueId, SequenceDifference, StructureMetadata

if TYPE_CHECKING:
    import gemmi

_MISSING_LINE_FIELDS = 3  # residue name, chain, number in a line of REMARK 465


@dataclass(frozen=True)
class Header:
    """The stated facts of a file.

    ``author_numbers`` maps chain and label number to the residue's author name where the
    file gives it for unobserved residues too; ``unobserved`` lists, per chain, what the
    file declares unobserved, in the order of the sequence; ``declared`` are residues
    (chain, label number) that the file says were observed. ``molecules`` are the names of
    the chains' molecules (COMPND, entity); ``predicted`` says that the coordinates are a
    prediction with its confidence (pLDDT) for B-factors. ``components`` are the ligands, sugars
    and waters that the file lists, by name and place with their number of atoms (1 where it is
    not said); ``asyms`` are the names of all its parts by their label; ``unfinished`` says in
    words what makes a file look cut.
    """

    identifier: str = ""
    doi: str = ""
    references: tuple[DatabaseReference, ...] = ()
    differences: tuple[SequenceDifference, ...] = ()
    author_numbers: Mapping[tuple[str, int], ResidueId] = field(default_factory=dict)
    unobserved: Mapping[str, tuple[tuple[str, ResidueId], ...]] = field(default_factory=dict)
    declared: frozenset[tuple[str, int]] = frozenset()
    molecules: Mapping[str, str] = field(default_factory=dict)
    predicted: bool = False
    components: Mapping[tuple[str, str], int] = field(default_factory=dict)
    asyms: Mapping[str, str] = field(default_factory=dict)
    unfinished: tuple[str, ...] = ()


def header_from_pdb(lines: list[str]) -> Header:
    """Read the header of a PDB file, given as lines."""
    by_record = defaultdict(list)
    for line in lines:
        record = line[:6].rstrip()
        if record in {"ATOM", "HETATM"}:
            break
        by_record[record].append(line)
    unobserved = defaultdict(list)
    for name, residue in _remark_465(by_record["REMARK"]):
        unobserved[residue.chain].append((name, residue))
    doi = "".join(line[19:].strip() for line in by_record["JRNL"] if line[12:16] == "DOI ")
    return Header(
        identifier=next((line[62:66].strip() for line in by_record["HEADER"]), ""),
        doi=doi.lower(),
        references=tuple(_pdb_references(by_record)),
        differences=tuple(_pdb_differences(by_record["SEQADV"])),
        unobserved={chain: tuple(items) for chain, items in unobserved.items()},
        molecules=_compounds(by_record["COMPND"]),
        predicted=any("ALPHAFOLD" in line.upper() for record in ("TITLE", "REMARK") for line in by_record[record]),
        components=dict(_components(by_record["HET"])),
        unfinished=tuple(_unfinished(lines)),
    )


def _components(lines: list[str]) -> Iterator[tuple[tuple[str, str], int]]:
    """Read the atoms of each group that is no amino acid, as HET counts them."""
    for line in lines:
        number, atoms = line[13:17].strip(), line[20:25].strip()
        if _is_integer(number) and atoms.isdigit():
            yield (line[7:10].strip(), f"{line[12:13].strip()}:{int(number)}{line[17:18].strip()}"), int(atoms)


def _unfinished(lines: list[str]) -> Iterator[str]:
    """Say whether anything closes the coordinates, and whether they are as many as MASTER counts."""
    atoms = [number for number, line in enumerate(lines) if line.startswith(("ATOM  ", "HETATM"))]
    behind = lines[atoms[-1] + 1 :] if atoms else []
    if all(not line.strip() or line.startswith(("TER", "ANISOU")) for line in behind):
        yield "the file has no END behind its last atom, so that it cannot be known whether it was cut"
    counts = [line[50:55].strip() for line in lines[-5:] if line.startswith("MASTER")]
    models = any(line.startswith("MODEL ") for line in lines)
    # Of alternate locations MASTER counts one, so that more atoms than it says are no fault.
    if counts and counts[0].isdigit() and not models and int(counts[0]) > len(atoms):
        yield f"MASTER counts {int(counts[0]):,} atom records, and the file has {len(atoms):,}"


def _compounds(lines: list[str]) -> dict[str, str]:
    """Read the name of each chain's molecule: ``MOLECULE: …; CHAIN: A, B;``."""
    molecules: dict[str, str] = {}
    name = ""
    for token in "".join(f"{line[10:80].strip()} " for line in lines).split(";"):
        key, _, value = token.partition(":")
        if key.strip() == "MOLECULE":
            name = value.strip()
        elif key.strip() == "CHAIN":
            molecules.update((chain.strip(), name) for chain in value.split(","))
    return molecules


def _pdb_references(by_record: Mapping[str, list[str]]) -> Iterator[DatabaseReference]:
    """Read DBREF, and DBREF1 with DBREF2 for long accessions."""
    for line in by_record.get("DBREF", ()):
        reference = _pdb_reference(line, line[26:32], line[33:41], line[55:60], line[62:67])
        if reference is not None:
            yield reference
    pairs = zip(by_record.get("DBREF1", ()), by_record.get("DBREF2", ()), strict=False)
    for first, second in pairs:
        reference = _pdb_reference(first, first[26:32], second[18:40], second[45:55], second[57:67])
        if reference is not None:
            yield reference


def _pdb_reference(line: str, database: str, accession: str, begin: str, end: str) -> DatabaseReference | None:
    try:
        return DatabaseReference(
            chain=line[12].strip(),
            database=database.strip(),
            accession=accession.strip(),
            begin=int(line[14:18]),
            end=int(line[20:24]),
            database_begin=int(begin),
            database_end=int(end),
            label=False,
            begin_code=line[18].strip(),
            end_code=line[24:25].strip(),
        )
    except (ValueError, IndexError):
        return None


def _pdb_differences(lines: list[str]) -> Iterator[SequenceDifference]:
    for line in lines:
        try:
            residue = ResidueId(line[16].strip(), int(line[18:22]), line[22].strip())
        except (ValueError, IndexError):  # a deletion has no residue in the chain
            continue
        details = line[49:70].strip().lower()
        yield SequenceDifference(residue, line[12:15].strip(), line[39:42].strip(), line[29:38].strip(), details)


def _remark_465(lines: list[str]) -> Iterator[tuple[str, ResidueId]]:
    """Read the table of missing residues, which starts behind its row of column names."""
    rows = [line[10:].rstrip() for line in lines if line[7:10] == "465"]
    start = next((i for i, row in enumerate(rows, 1) if row.split()[-1:] == ["SSSEQI"]), len(rows))
    for row in rows[start:]:
        fields = row.split()[-_MISSING_LINE_FIELDS:]
        if len(fields) < _MISSING_LINE_FIELDS:
            continue
        name, chain, number = fields
        try:
            author = ResidueId.parse(number)
        except ValueError:
            continue
        yield name, ResidueId(chain, author.number, author.insertion_code)


def header_from_mmcif(block: gemmi.cif.Block) -> Header:
    """Read the header of an mmCIF block."""
    numbers: dict[tuple[str, int], ResidueId] = {}
    declared = set()
    for chain, label, author, code, seen in _rows(
        block, "pdbx_poly_seq_scheme", "pdb_strand_id seq_id pdb_seq_num pdb_ins_code pdb_mon_id"
    ):
        if not _is_integer(label):
            continue
        if _is_integer(author):
            numbers[chain, int(label)] = ResidueId(chain, int(author), code)
        if seen:
            declared.add((chain, int(label)))
    identifier = next((row[0] for row in _rows(block, "entry", "id")), "")
    doi = next((row[1] for row in _rows(block, "citation", "id pdbx_database_id_DOI") if row[1]), "")
    return Header(
        identifier=identifier,
        doi=doi.lower(),
        references=tuple(_mmcif_references(block)),
        differences=tuple(_mmcif_differences(block)),
        author_numbers=numbers,
        declared=frozenset(declared),
        molecules=_entities(block),
        predicted=any(name == "pLDDT" for name, *_ in _rows(block, "ma_qa_metric", "name id")),
        components=dict(_schemes(block)),
        asyms=dict(_asyms(block)),
        unobserved=_unobserved(block),
    )


def _schemes(block: gemmi.cif.Block) -> Iterator[tuple[tuple[str, str], int]]:
    """Read the ligands, waters and sugars that are listed one by one."""
    for category, asym in (("pdbx_nonpoly_scheme", "pdb_strand_id"), ("pdbx_branch_scheme", "pdb_asym_id")):
        for chain, number, code, name in _rows(block, category, f"{asym} pdb_seq_num pdb_ins_code pdb_mon_id"):
            if _is_integer(number) and name:
                yield (name, f"{chain}:{int(number)}{code}"), 1


def _asyms(block: gemmi.cif.Block) -> Iterator[tuple[str, str]]:
    names = dict(_rows(block, "entity", "id pdbx_description"))
    for asym, entity in _rows(block, "struct_asym", "id entity_id"):
        yield asym, names.get(entity) or f"entity {entity}"


def _unobserved(block: gemmi.cif.Block) -> dict[str, tuple[tuple[str, ResidueId], ...]]:
    found = defaultdict(list)
    columns = "auth_asym_id auth_comp_id auth_seq_id PDB_ins_code polymer_flag occupancy_flag PDB_model_num"
    for chain, name, number, code, polymer, occupancy, model in _rows(
        block, "pdbx_unobs_or_zero_occ_residues", columns
    ):
        if _is_integer(number) and (polymer, occupancy) == ("Y", "1") and model in ("", "1"):
            found[chain].append((name, ResidueId(chain, int(number), code)))
    return {chain: tuple(items) for chain, items in found.items()}


def _entities(block: gemmi.cif.Block) -> dict[str, str]:
    """Read the name of each chain's molecule from its entity."""
    names = dict(_rows(block, "entity", "id pdbx_description"))
    return {
        chain.strip(): names.get(entity, "")
        for entity, chains in _rows(block, "entity_poly", "entity_id pdbx_strand_id")
        for chain in chains.split(",")
    }


def _rows(block: gemmi.cif.Block, category: str, columns: str) -> Iterator[list[str]]:
    """Yield the rows of a category as plain strings; an absent column or value is ""."""
    tags = [f"?{column}" for column in columns.split()]
    tags[0] = tags[0][1:]
    for row in block.find(f"_{category}.", tags):
        yield [row.str(i) if row.has(i) else "" for i in range(len(tags))]


def _is_integer(text: str) -> bool:
    return text.removeprefix("-").isdigit()


def _mmcif_references(block: gemmi.cif.Block) -> Iterator[DatabaseReference]:
    names = {}
    for ref, database, accession in _rows(block, "struct_ref", "id db_name pdbx_db_accession"):
        names[ref] = (database, accession)
    columns = "ref_id pdbx_strand_id pdbx_db_accession seq_align_beg seq_align_end db_align_beg db_align_end"
    for ref, chain, accession, *numbers in _rows(block, "struct_ref_seq", columns):
        if not all(_is_integer(number) for number in numbers):
            continue
        database, stated = names.get(ref, ("", ""))
        begin, end, database_begin, database_end = map(int, numbers)
        yield DatabaseReference(
            chain, database, accession or stated, begin, end, database_begin, database_end, label=True
        )


def _mmcif_differences(block: gemmi.cif.Block) -> Iterator[SequenceDifference]:
    columns = (
        "pdbx_pdb_strand_id pdbx_auth_seq_num pdbx_pdb_ins_code mon_id db_mon_id pdbx_seq_db_accession_code details"
    )
    for chain, author, code, name, reference, accession, details in _rows(block, "struct_ref_seq_dif", columns):
        if _is_integer(author):
            residue = ResidueId(chain, int(author), code)
            yield SequenceDifference(residue, name, reference, accession, details.lower())


def metadata(structure: gemmi.Structure, header: Header) -> StructureMetadata:
    """Collect how the structure was determined."""
    refinements = structure.meta.refinement
    r_work = refinements[0].r_work if refinements else math.nan
    r_free = refinements[0].r_free if refinements else math.nan
    cell = structure.cell
    return StructureMetadata(
        method=structure.info["_exptl.method"] if "_exptl.method" in structure.info else "",  # noqa: SIM401
        resolution_A=structure.resolution or None,
        r_work=_known(r_work),
        r_free=_known(r_free),
        space_group=structure.spacegroup_hm,
        cell=tuple(cell.parameters) if cell.is_crystal() else (),
        doi=header.doi,
        predicted=header.predicted,
    )


def _known(value: float) -> float | None:
    """Return a factor, or ``None`` where the file has none (gemmi: NaN or 0)."""
    return float(value) if math.isfinite(value) and value > 0 else None
