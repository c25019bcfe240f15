"""Files to clean structures: PDB, mmCIF or BinaryCIF, plain or gzipped.

Reads a file once, refuses what is broken with the line where possible, and cleans what
was read: first model, heavy atoms only, one conformation per residue. Chain roles and
the numbering against a target are not decided here.

How it cleans
    Alternate locations: per residue, the conformation with the highest mean occupancy is
    kept whole; on a tie the one of the first letter. Where one position holds two residue
    types, the same rule chooses between them. Atoms of zero occupancy were not seen in the
    experiment and are dropped, unless the file has no other (models and simulations often
    leave the column empty). Of a prediction, residues of low confidence are not observed.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import zlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from epitope.errors import StructureError
from epitope.structure.binarycif import block_of_binary_cif, is_binary_cif
from epitope.structure.contradictions import contradictions, listed
from epitope.structure.header import Header, header_from_mmcif, header_from_pdb, metadata
from epitope.structure.model import StructureMetadata
from epitope.structure.positions import require_positions
from epitope.structure.repair import (
    ATOM_RECORDS,
    blank_charges,
    build_assembly,
    drop_low_confidence,
    name_chains,
    require_few,
    require_known_residues,
    short_names,
    standard_names,
)
from epitope.structure.residues import is_amino_acid
from epitope.structure.rows import (
    gather_residues,
    ordered_lines,
    ordered_rows,
    readable_lines,
    require_few_copies,
    require_rows,
)

if TYPE_CHECKING:
    import gemmi

_GZIP_MAGIC = b"\x1f\x8b"
_COORDINATES_END = 54  # last column of z in an atom record
MAX_BYTES = 80_000_000
"""Size of the largest file read, as it lies on disk and unpacked: 500,000 atoms as mmCIF text. The parser takes
some twenty bytes for one, so that reading stays below 2 GB."""


@dataclass(frozen=True, eq=False)
class Entry:
    """A file as read: the cleaned structure and what the file states besides.

    ``sha256`` is that of the file's bytes as they lie on disk; ``notes`` say in words what
    was chosen or put right in reading, ``warnings`` where the file contradicts itself, ``assembly``
    names the biological assembly that was built.
    """

    path: Path
    sha256: str
    identifier: str
    structure: gemmi.Structure
    header: Header
    metadata: StructureMetadata
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    assembly: str = ""


def read_structure(path: str | Path) -> gemmi.Structure:
    """Read a structure file and clean it.

    Parameters
    ----------
    path
        PDB or mmCIF file, plain or gzipped; told apart by content, not by name.

    Returns
    -------
    gemmi.Structure
        One model, heavy atoms, no alternate locations, label numbers assigned.

    Raises
    ------
    StructureError
        If the file is missing, a directory, empty, truncated or not a structure, or
        holds no protein.

    Examples
    --------
    >>> from epitope.structure import bundled_structure
    >>> read_structure(bundled_structure()).resolution
    3.0
    """
    return read_entry(path).structure


def read_entry(path: str | Path, *, assembly: str | None = None) -> Entry:
    """Read and clean a structure file; keep what its header states.

    Parameters
    ----------
    path
        As for `read_structure`.
    assembly
        Name of the biological assembly to build, such as "1"; the file's own coordinates
        if not given.

    Raises
    ------
    StructureError
        As `read_structure`; if the file has no such assembly.
    MissingDependencyError
        If it is BinaryCIF and biotite is not installed.
    """
    path = Path(path)
    data = _read_bytes(path)
    structure, header, notes = _parse(_decompress(data, path), path)
    warnings = contradictions(structure, header)
    if assembly is not None:
        notes.append(build_assembly(structure, assembly, path))
        _prepare(structure, path)
    require_known_residues(structure, path)
    notes += _clean(structure, path)
    if header.predicted:
        notes.append(drop_low_confidence(structure, path))
    identifier = header.identifier or path.name.split(".")[0]
    digest = hashlib.sha256(data).hexdigest()
    stated = metadata(structure, header)
    said = tuple(note for note in notes if note)
    return Entry(path, digest, identifier, structure, header, stated, said, tuple(warnings), assembly or "")


def _read_bytes(path: Path) -> bytes:
    """Return the bytes of a file, or raise with the reason."""
    if path.is_dir():
        raise StructureError(f"{path}: is a directory; name a PDB or mmCIF file in it")
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise StructureError(
                f"{path}: has {size / 1e6:,.0f} MB, more than the {MAX_BYTES / 1e6:.0f} MB that are read; "
                "cut out the chains that matter"
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise StructureError(f"{path}: no such file; name a PDB or mmCIF file, plain or .gz") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StructureError(f"{path}: cannot be read ({reason}); check the file") from None
    if not data.strip():
        raise StructureError(f"{path}: is empty; a PDB or mmCIF file was expected")
    return data


def _decompress(data: bytes, path: Path) -> bytes:
    """Undo gzip where the bytes start with its signature."""
    if not data.startswith(_GZIP_MAGIC):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            unpacked = file.read(MAX_BYTES + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise StructureError(f"{path}: gzip data is truncated or corrupt ({error}); get the file again") from None
    if len(unpacked) > MAX_BYTES:
        raise StructureError(
            f"{path}: unpacks to more than the {MAX_BYTES / 1e6:.0f} MB that are read; cut out the chains that matter"
        )
    return unpacked


def _parse(data: bytes, path: Path) -> tuple[gemmi.Structure, Header, list[str]]:
    """Parse by content: mmCIF starts with ``data_`` behind comments, text of another kind is PDB."""
    import gemmi

    if is_binary_cif(data):
        return _parse_mmcif(block_of_binary_cif(data, path), path)
    if b"\0" in data:
        raise StructureError(f"{path}: is binary; save it as PDB or mmCIF text, plain or .gz")
    text = data.decode("utf-8", errors="replace")
    first = next((line for line in io.StringIO(text) if line.strip() and not line.startswith("#")), "")
    if not first:
        raise StructureError(f"{path}: is empty; a PDB or mmCIF file was expected")
    if not first.lower().startswith("data_"):
        return _parse_pdb(text, path)
    if not text.isascii():
        readable_lines(text.splitlines(), path)
    try:
        block = gemmi.cif.read_string(text)[0]
    except (ValueError, RuntimeError, IndexError) as error:
        raise StructureError(_one_line(path, error)) from None
    return _parse_mmcif(block, path)


def _parse_mmcif(block: gemmi.cif.Block, path: Path) -> tuple[gemmi.Structure, Header, list[str]]:
    import gemmi

    require_rows(block, path)
    require_few_copies(block, path)
    ordered_rows(block)
    try:
        structure = gemmi.make_structure_from_block(block)
    except (ValueError, RuntimeError, IndexError) as error:
        raise StructureError(_one_line(path, error)) from None
    _require_atoms(structure, path)
    note = _models_note(len(structure))
    _prepare(structure, path)
    header = header_from_mmcif(block)
    _require_declared(structure, header, path)
    return structure, header, [note]


def _parse_pdb(text: str, path: Path) -> tuple[gemmi.Structure, Header, list[str]]:
    import gemmi

    lines = text.splitlines()
    require_few(sum(line.startswith(ATOM_RECORDS) for line in lines), "atom records", path)
    lines = readable_lines(lines, path)
    _check_pdb_lines(lines, text.endswith(("\n", "\r")), path)
    _require_models(lines, path)
    notes = [_models_note(sum(line.startswith("MODEL ") for line in lines))]
    end = next((i for i, line in enumerate(lines) if line.startswith("ENDMDL")), len(lines))
    first_model, charges = blank_charges(ordered_lines(short_names(lines[:end])))
    first_model, segments, names = name_chains(first_model, path)
    try:
        structure = gemmi.read_pdb_string("\n".join([*first_model, *lines[end:][:1], "END", ""]))
    except (ValueError, RuntimeError) as error:
        raise StructureError(_one_line(path, error)) from None
    _require_atoms(structure, path)
    for chain in structure[0]:
        chain.name = segments.get(chain.name, chain.name)
    _prepare(structure, path)
    header = header_from_pdb(lines)
    _require_end(structure, header, lines, path)
    return structure, header, [*notes, charges, names]


def _models_note(count: int) -> str:
    return f"the first of {count} models was read" if count > 1 else ""


def _one_line(path: Path, error: Exception) -> str:
    """Make one line of a parser's message; its own file name is only "string"."""
    reason = " ".join(str(error).split()).removeprefix("string:")
    return f"{path}: cannot be parsed, truncated or malformed ({reason[:160]}); get the file again"


def _require_atoms(structure: gemmi.Structure, path: Path) -> None:
    if len(structure) == 0 or structure[0].count_atom_sites() == 0:
        raise StructureError(f"{path}: holds no atoms; a PDB or mmCIF file with coordinates was expected")


def _prepare(structure: gemmi.Structure, path: Path) -> None:
    """Keep the first model, give every residue its entity and label number, and refuse what arrays cannot hold."""
    while len(structure) > 1:
        del structure[-1]
    structure.merge_chain_parts()
    try:
        standard_names(structure)
        gather_residues(structure)
        structure.setup_entities()
        structure.assign_label_seq_id()
        _require_positions(structure, path)
    except RuntimeError as error:  # gemmi.FlatStructure holds names of at most seven characters
        raise StructureError(f"{path}: holds a name that is too long ({error}); shorten it") from None


def _check_pdb_lines(lines: list[str], ends_with_newline: bool, path: Path) -> None:
    """Refuse atom records of the first model that are cut short or without numbers.

    gemmi reads an unreadable coordinate as zero, so it is looked at here.
    """
    width = 0
    for number, line in enumerate(lines, 1):
        if line.startswith(ATOM_RECORDS):
            if len(line) < _COORDINATES_END or (
                number == len(lines) and not ends_with_newline and len(line.rstrip()) < width
            ):
                raise StructureError(
                    f"{path}: line {number}: atom record is cut short; the file is truncated, get it again"
                )
            width = len(line.rstrip())
            if not line[22:26].strip():
                raise StructureError(f"{path}: line {number}: no residue number in columns 23-26; correct the line")
            try:
                finite = all(math.isfinite(float(line[i : i + 8])) for i in (30, 38, 46))
            except ValueError:
                finite = False
            if not finite:
                raise StructureError(
                    f"{path}: line {number}: coordinates {line[30:54].strip()!r} in columns 31-54 "
                    "are not three numbers; correct the line"
                )
        elif line.startswith("ENDMDL"):
            return


def _require_models(lines: list[str], path: Path) -> None:
    """Refuse atoms between two models: a stray ENDMDL would hide all that follows."""
    closed = 0
    for number, line in enumerate(lines, 1):
        if line.startswith("ENDMDL"):
            closed = number
        elif line.startswith("MODEL "):
            closed = 0
        elif closed and line.startswith(ATOM_RECORDS):
            raise StructureError(
                f"{path}: line {closed}: atoms follow behind ENDMDL that no MODEL opens; delete the line, or put each "
                "model between MODEL and ENDMDL"
            )


def _require_positions(structure: gemmi.Structure, path: Path) -> None:
    """Refuse coordinates that no structure has; see `require_positions`."""
    import gemmi
    import numpy as np

    residues = [(chain, residue) for chain in structure[0] for residue in chain]
    sizes = [len(residue) for _, residue in residues]
    positions = gemmi.FlatStructure(structure).pos[: sum(sizes)]
    of_atom = np.repeat(np.arange(len(residues)), sizes)
    compact = np.array([is_amino_acid(residue.name) for _, residue in residues], dtype=bool)

    def name(index: int) -> str:
        chain, residue = residues[of_atom[index]]
        atom = residue[index - sum(sizes[: of_atom[index]])]
        return f"{atom.name} of {residue.name} {chain.name}:{residue.seqid}"

    require_positions(positions, of_atom, name, str(path), compact=compact[of_atom])


def _require_declared(structure: gemmi.Structure, header: Header, path: Path) -> None:
    """Refuse an mmCIF file that lacks atoms of residues it declares observed."""
    if not header.declared:
        return
    present = {(chain.name, residue.label_seq) for chain in structure[0] for residue in chain}
    absent = sorted(header.declared - present)
    if absent:
        chains = ", ".join(sorted({chain for chain, _ in absent}))
        raise StructureError(
            f"{path}: {len(absent)} residues of chain {chains} are declared observed and have no atoms; "
            "the file is truncated or edited, get it again"
        )


def _require_end(structure: gemmi.Structure, header: Header, lines: list[str], path: Path) -> None:
    """Refuse a PDB file that stops early.

    Only a file with SEQRES can be judged: it must close with END, or show or declare
    missing every residue of its sequences.
    """
    if any(line[:6].rstrip() == "END" for line in lines[-5:]):
        return
    expected: dict[str, int] = {}
    for line in lines:
        if line.startswith("SEQRES") and line[13:17].strip().isdigit():
            expected[line[11]] = int(line[13:17])
        elif line.startswith(ATOM_RECORDS):
            break
    for name, count in expected.items():
        chain = structure[0].find_chain(name)
        seen = {residue.seqid for residue in chain.get_polymer()} if chain is not None else set()
        if len(seen) + len(header.unobserved.get(name, ())) < count:
            raise StructureError(
                f"{path}: line {len(lines)}: the file stops before chain {name} is complete and has no END; "
                "it is truncated, get it again"
            )


def _clean(structure: gemmi.Structure, path: Path) -> list[str]:
    """Drop hydrogens, zero occupancy and alternate locations, in place; note what is worth it."""
    import gemmi

    notes = []
    structure.remove_hydrogens()
    model = structure[0]
    atoms = gemmi.FlatStructure(structure)
    absent = ~(atoms.occ > 0)
    some_absent, some_located = bool(absent.any() and not absent.all()), bool((atoms.altlocs != 0).any())
    if some_absent:
        unseen = [
            f"{atom.name} of {residue.name} {chain.name}:{residue.seqid}"
            for chain in model
            for residue in chain
            for atom in residue
            if not atom.occ > 0
        ]
        notes.append(f"atoms of zero occupancy, which count as not observed: {listed(unseen)}")
    for chain in model:
        conformers, residues = defaultdict(list), list(chain)
        for index, residue in enumerate(residues):
            located = some_located and any(atom.altloc != "\0" for atom in residue)
            if some_absent:
                _drop_atoms(residue, [atom.occ > 0 for atom in residue])
            if located:
                _choose_location(residue)
            if len(residue):
                conformers[residue.seqid.num, residue.seqid.icode, -1 if located else index].append(index)
        keep = {
            max(found, key=lambda i: _mean_occupancy(residues[i])) for found in conformers.values() if len(found) > 1
        }
        notes += [
            f"{chain.name}:{residues[found[0]].seqid} is {' or '.join(names)}; "
            f"{next(residues[i].name for i in found if i in keep)}, the most occupied, was kept"
            for found in conformers.values()
            if len(found) > 1
            and len(names := list(dict.fromkeys(residues[i].name for i in found if is_amino_acid(residues[i].name))))
            > 1
        ]
        keep.update(found[0] for found in conformers.values() if len(found) == 1)
        for index in range(len(chain) - 1, -1, -1):
            if index not in keep:
                del chain[index]
    structure.remove_empty_chains()
    for chain in model:
        _require_once(chain, path)
        for residue in chain:
            _require_unique(residue, chain.name, path)
    if not any(is_amino_acid(residue.name) for chain in model for residue in chain):
        raise StructureError(f"{path}: holds no protein; the structure of an antigen was expected")
    return notes


def _require_once(chain: gemmi.Chain, path: Path) -> None:
    """Refuse two amino acids at one number that are no alternate locations of one."""
    names: dict[str, str] = {}
    for residue in chain:
        if is_amino_acid(residue.name):
            place = str(residue.seqid)
            if place in names:
                raise StructureError(
                    f"{path}: residue {chain.name}:{place} stands twice, as {names[place]} and as {residue.name}; "
                    "give each its own number, insertion code or chain"
                )
            names[place] = residue.name


def _require_unique(residue: gemmi.Residue, chain: str, path: Path) -> None:
    """Refuse an amino acid with two atoms of one name.

    gemmi does not tell insertion codes apart that differ only in case, and two such residues
    at one number would become one.
    """
    names = [atom.name for atom in residue]
    if len(set(names)) < len(names) and is_amino_acid(residue.name):
        twice = next(name for name in names if names.count(name) > 1)
        raise StructureError(
            f"{path}: atom {twice} of {residue.name} {chain}:{residue.seqid} occurs twice; give each residue "
            "its own number and each insertion code its own letter, whatever its case"
        )


def _choose_location(residue: gemmi.Residue) -> None:
    """Keep one alternate location of a residue, the one with the highest mean occupancy."""
    occupancies: dict[str, list[float]] = {}
    for atom in residue:
        if atom.altloc != "\0":
            occupancies.setdefault(atom.altloc, []).append(atom.occ)
    if not occupancies:
        return
    # max returns the first of equals.
    chosen = max(sorted(occupancies), key=lambda code: sum(occupancies[code]) / len(occupancies[code]))
    _drop_atoms(residue, [atom.altloc in {"\0", chosen} for atom in residue])
    for atom in residue:
        atom.altloc = "\0"


def _drop_atoms(residue: gemmi.Residue, keep: list[bool]) -> None:
    if all(keep):
        return
    for index in range(len(keep) - 1, -1, -1):
        if not keep[index]:
            del residue[index]


def _mean_occupancy(residue: gemmi.Residue) -> float:
    return math.fsum(atom.occ for atom in residue) / len(residue)
