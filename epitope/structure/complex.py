"""An antigen with its antibody: atoms, roles, numbers, and what was not observed.

`Complex` is what every later room works on. It holds the atoms, as arrays and, once asked for,
as an MDAnalysis `Universe`, and knows which residues are antigen and antibody, which UniProt
position each has, which were not observed, truncated, engineered or are a tag. It measures nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from epitope.errors import StructureError, TargetMismatchError
from epitope.structure.atoms import AtomArrays
from epitope.structure.header import Header
from epitope.structure.mapping import MIN_ALIGNED, MIN_IDENTITY, Mapping, map_chain, uniprot_numbers
from epitope.structure.model import (
    ChainRole,
    Engineered,
    Glycan,
    ResidueId,
    StructureMetadata,
)
from epitope.structure.numbering import (
    ChainSequence,
    chains_of_atoms,
    chains_of_structure,
    described,
    numbering_table,
)
from epitope.structure.own_target import own_target
from epitope.structure.partners import ChainContacts
from epitope.structure.positions import require_positions
from epitope.structure.read import Entry, read_entry
from epitope.structure.residues import is_amino_acid, is_sugar, is_water
from epitope.structure.roles import Chosen, Roles, choose_roles
from epitope.structure.universe import universe_of
from epitope.target.residues import written_residue

if TYPE_CHECKING:
    import MDAnalysis
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from epitope.target.model import Target

# Glycosidic bonds to protein are 1.41-1.48 Å; refinement at low resolution stretches them
# (wwPDB carbohydrate remediation, Shao et al., Glycobiology 2021, 31:1204). Non-bonded atoms
# are at 2.5 Å or more.
MAX_GLYCOSIDIC_BOND_A = 2.0
_GLYCOSYLATED_ATOMS = frozenset({"ND2", "OG", "OG1"})
Part = Literal["antigen", "heavy", "light", "antibody", "protein", "sugars", "waters"]
_NAMED: dict[str, Callable[[str], bool]] = {"sugars": is_sugar, "waters": is_water}
_ROLES = {
    "heavy": (ChainRole.HEAVY,),
    "light": (ChainRole.LIGHT,),
    "antibody": (ChainRole.HEAVY, ChainRole.LIGHT, ChainRole.PARTNER),
}


@dataclass(frozen=True, eq=False)
class Complex:
    """A structure with roles.

    Attributes
    ----------
    id
        Identifier of the entry, else the file's name without extension.
    path, sha256
        The file and the SHA-256 of its bytes; ``None`` and "" for a universe given.
    known_target
        The antigen as it is known; ``None`` where no target was given. `target` is for those who
        cannot do without it.
    arrays
        The atoms that count in measurements: heavy, one location each. All atoms of a file;
        fewer than all where a universe with hydrogens was given.
    numbering
        One row per polymer residue of every protein chain, observed or not; columns in
        `epitope.structure.numbering.NUMBERING_COLUMNS`.
    roles
        Which chains are what, the copy chosen, and why.
    identity
        Fraction of the antigen's mapped residues that are identical to the target; NaN without
        a target.
    glycans, engineered
        Sugars bonded to protein; antigen residues that differ from the target.
    tag
        Antigen-chain residues that are no part of the target, observed or not.
    construct
        First and last UniProt position of the antigen's construct.
    gaps
        UniProt ranges inside the construct that were not observed, both ends included.
    notes
        What was chosen or put right in reading, in words.
    reminders
        The last of the notes, which belong beside every result: where the file contradicts itself,
        how residues are numbered where no target says it, and what was left out.
    uniprot_numbers
        Positions of the antigen by accession and UniProt number, as far as the file states these.
    assembly
        Name of the biological assembly that was built, "" for the coordinates as they stand.
    given_atoms
        The atoms of `arrays` in the universe that was given; ``None`` for a file.
    """

    id: str
    path: Path | None
    sha256: str
    known_target: Target | None
    arrays: AtomArrays
    numbering: pd.DataFrame
    roles: Roles
    identity: float
    metadata: StructureMetadata
    glycans: tuple[Glycan, ...]
    engineered: tuple[Engineered, ...]
    tag: tuple[ResidueId, ...]
    construct: tuple[int, int]
    gaps: tuple[tuple[int, int], ...]
    notes: tuple[str, ...] = ()
    reminders: tuple[str, ...] = ()
    uniprot_numbers: Dictionary[str, Dictionary[int, int]] = field(default_factory=dict)
    assembly: str = ""
    given_atoms: MDAnalysis.AtomGroup | None = None

    @cached_property
    def atoms(self) -> MDAnalysis.AtomGroup:
        """The atoms of `arrays` in their `universe`."""
        return universe_of(self.arrays).atoms if self.given_atoms is None else self.given_atoms

    @property
    def universe(self) -> MDAnalysis.Universe:
        """The whole cleaned structure: protein, sugars, waters, ligands; of a file made on first use."""
        return self.atoms.universe

    @property
    def target(self) -> Target:
        """The antigen as it is known.

        Raises
        ------
        StructureError
            If no target was given.
        """
        if self.known_target is None:
            raise StructureError(f"{self.id}: was read without a target, and this needs one; name a target")
        return self.known_target

    @property
    def antigen_chains(self) -> tuple[str, ...]:
        """Author names of the antigen's chains."""
        return self.roles.antigen

    @property
    def heavy_chains(self) -> tuple[str, ...]:
        """Author names of the heavy chains; an scFv stands here and among the light chains."""
        return self.roles.heavy

    @property
    def light_chains(self) -> tuple[str, ...]:
        """Author names of the light chains."""
        return self.roles.light

    @cached_property
    def antigen_numbering(self) -> pd.DataFrame:
        """The rows of the antigen that are part of the target, tag excluded; all rows without a target."""
        rows = self.numbering
        mapped = rows["uniprot_position"].notna() | (self.known_target is None)
        return rows[(rows["role"] == ChainRole.ANTIGEN.value) & mapped]

    def cut(self, part: Part) -> AtomArrays:
        """Return the heavy atoms of a part as arrays; the properties give the same as an AtomGroup.

        Parameters
        ----------
        part
            "antigen", "heavy", "light", "antibody", "protein", "sugars" or "waters".

        Examples
        --------
        >>> import epitope
        >>> set(epitope.load().complex.cut("sugars").resnames.tolist())
        {'NAG'}
        """
        return self.arrays[self._mask(part)]

    @property
    def antigen(self) -> MDAnalysis.AtomGroup:
        """Heavy atoms of the antigen, tag and sugars excluded."""
        return self.atoms[self._mask("antigen")]

    @property
    def heavy(self) -> MDAnalysis.AtomGroup:
        """Heavy atoms of the heavy chain, or of the VH part of an scFv."""
        return self.atoms[self._mask("heavy")]

    @property
    def light(self) -> MDAnalysis.AtomGroup:
        """Heavy atoms of the light chain, or of the VL part of an scFv."""
        return self.atoms[self._mask("light")]

    @property
    def antibody(self) -> MDAnalysis.AtomGroup:
        """Heavy atoms of what binds the antigen: heavy and light chains, or another partner."""
        return self.atoms[self._mask("antibody")]

    @property
    def protein(self) -> MDAnalysis.AtomGroup:
        """Heavy atoms of every protein chain, tags included."""
        return self.atoms[self._mask("protein")]

    @property
    def sugars(self) -> MDAnalysis.AtomGroup:
        """Heavy atoms of all saccharides."""
        return self.atoms[self._mask("sugars")]

    @property
    def waters(self) -> MDAnalysis.AtomGroup:
        """Oxygen atoms of all waters."""
        return self.atoms[self._mask("waters")]

    @cached_property
    def resindex_by_position(self) -> dict[int, int]:
        """Residue index in the universe by UniProt position, observed residues only."""
        rows = self.antigen_numbering
        rows = rows[rows["observed"]]
        return dict(zip(rows["uniprot_position"].astype(int), rows["resindex"].astype(int), strict=True))

    @cached_property
    def cdrs(self) -> pd.DataFrame:
        """IMGT numbers and regions of the antibody's variable domains.

        Columns in `epitope.structure.antibody.CDR_COLUMNS`.
        """
        from epitope.structure.antibody import cdr_table

        return cdr_table(self.numbering, (*self.heavy_chains, *self.light_chains))

    def residue(self, position: int) -> MDAnalysis.AtomGroup:
        """Return the heavy atoms at a UniProt position.

        Raises
        ------
        StructureError
            If the residue was not observed; the message names the nearest that was.
        """
        if position in self.resindex_by_position:
            return self.atoms[self.arrays.resindices == self.resindex_by_position[position]]
        nearest = min(self.resindex_by_position, key=lambda other: (abs(other - position), other))
        letter = self.target.sequence[position - 1 : position] if position > 0 else ""
        here, there = (
            written_residue(one, self.target.label(number))
            for one, number in ((letter, position), (self.target.residue(nearest), nearest))
        )
        raise StructureError(f"{here} is not observed in {self.id}; the nearest observed residue is {there}")

    def _mask(self, part: Part) -> NDArray[np.bool_]:
        """Say which atoms of `arrays` belong to a part."""
        import numpy as np

        if part in _NAMED:
            return _residues_named(self.arrays, _NAMED[part])
        if part == "protein":
            rows = self.numbering
        elif part == "antigen":
            rows = self.antigen_numbering
        else:
            rows = self.numbering[self.numbering["role"].isin([role.value for role in _ROLES[part]])]
        return np.isin(self.arrays.resindices, rows["resindex"].to_numpy(dtype=np.intp))


def read_complex(
    path: str | Path | Entry,
    target: Target | None,
    *,
    antigen: Sequence[str] | str | None = None,
    heavy: Sequence[str] | None = None,
    light: Sequence[str] | None = None,
    sides: str | None = None,
    antibody: Sequence[str] | str | None = None,
    assembly: str | None = None,
    own: bool = False,
) -> Complex:
    """Read a structure file and find antigen and antibody in it.

    Parameters
    ----------
    path
        PDB, mmCIF or BinaryCIF file, plain or gzipped; or what `read_entry` made of one, to lay it on
        several targets without reading it again.
    target
        The antigen to look for. ``None`` takes what the antibody binds; no residue then has a
        UniProt position.
    antigen, heavy, light
        Author names of chains, to overrule what is found. An empty sequence means none.
    sides
        The two sides of a complex instead of roles, the antigen first, such as "A:HL" or
        "AB:C"; chains of more than one letter are separated by commas.
    antibody
        Chains of what binds the antigen, antibody or not, such as "H,L" or ["H", "L"].
    assembly
        Name of the biological assembly to build; the file's own coordinates if not given. Not for
        what was read already.
    own
        Without a target, make one of the antigen as the file shows it
        (`epitope.structure.own_target`).

    Raises
    ------
    StructureError
        If the file cannot be read, no chain of it is the target, or the roles cannot be decided
        (`epitope.structure.roles.choose_roles`).

    Examples
    --------
    >>> from epitope.structure import bundled_structure
    >>> from epitope.target import load_target
    >>> found = read_complex(bundled_structure(), load_target())
    >>> found.antigen_chains, found.heavy_chains, found.light_chains, found.gaps
    (('A',), ('H',), ('L',), ((40, 47), (138, 152), (177, 183)))
    """
    entry = path if isinstance(path, Entry) else read_entry(path, assembly=assembly)
    chains = chains_of_structure(entry.structure, entry.header)
    return _assemble(
        identifier=entry.identifier,
        path=entry.path,
        sha256=entry.sha256,
        target=target,
        arrays=AtomArrays.from_structure(entry.structure),
        chains=chains,
        header=entry.header,
        metadata=entry.metadata,
        chosen=Chosen(antigen, heavy, light, sides, antibody),
        notes=entry.notes,
        warnings=entry.warnings,
        own=own,
        assembly=entry.assembly,
    )


def complex_from_universe(
    universe: MDAnalysis.Universe,
    target: Target | None,
    *,
    antigen: Sequence[str] | str | None = None,
    heavy: Sequence[str] | None = None,
    light: Sequence[str] | None = None,
    sides: str | None = None,
    antibody: Sequence[str] | str | None = None,
    identifier: str = "universe",
    own: bool = False,
) -> Complex:
    """Find antigen and antibody in an MDAnalysis universe, at its current frame.

    A universe of one frame is kept as it is. Of a trajectory the current frame is copied, so
    that moving on in it cannot change half of the measurements; the complex then carries the
    frame in its ``id``, counted from 0 as MDAnalysis does. Load each frame to follow it.
    Hydrogens, virtual sites and alternate locations other than the first are left out of
    `Complex.atoms`. Gaps follow from the alignment with the target, since a universe has no
    sequence of what was not observed.

    Raises
    ------
    StructureError
        If the universe holds no protein, or no chain of it is the target.
    """
    if universe.trajectory.n_frames > 1:
        identifier = f"{identifier}, frame {universe.trajectory.frame} of {universe.trajectory.n_frames}"
        universe = _current_frame(universe)
    atoms = usable_atoms(universe.atoms)
    arrays = AtomArrays.from_atomgroup(atoms)
    _require_positions(arrays, identifier)
    return _assemble(
        identifier=identifier,
        path=None,
        sha256="",
        target=target,
        arrays=arrays,
        given_atoms=atoms,
        chains=chains_of_atoms(arrays),
        header=Header(),
        metadata=StructureMetadata(),
        chosen=Chosen(antigen, heavy, light, sides, antibody),
        own=own,
    )


def _current_frame(universe: MDAnalysis.Universe) -> MDAnalysis.Universe:
    """Return a universe of the same atoms with the current frame alone."""
    import MDAnalysis

    return MDAnalysis.Merge(universe.atoms)


def _require_positions(atoms: AtomArrays, identifier: str) -> None:
    """Refuse coordinates that no structure has; see `require_positions`."""
    require_positions(
        atoms.positions.astype("float64"),
        atoms.resindices,
        lambda index: f"{atoms.names[index]} of {atoms.resnames[index]} {atoms.resids[index]}",
        identifier,
        compact=_residues_named(atoms, is_amino_acid),
    )


def usable_atoms(atoms: MDAnalysis.AtomGroup) -> MDAnalysis.AtomGroup:
    """Return the heavy atoms at their first alternate location, by residue; elements by name where none are given."""
    import numpy as np

    atoms = atoms[np.argsort(atoms.resindices, kind="stable")]
    elements = np.char.upper(atoms.elements.astype(str)) if hasattr(atoms, "elements") else np.zeros(0, dtype=str)
    if not (elements != "").any():
        elements = np.array([str(name).lstrip("0123456789")[:1].upper() for name in atoms.names])
    keep = ~np.isin(elements, ("H", "D", ""))
    if hasattr(atoms, "altLocs"):
        seen: set[tuple[int, str]] = set()
        for i, key in enumerate(zip(atoms.resindices.tolist(), atoms.names.tolist(), strict=True)):
            if keep[i] and key in seen:
                keep[i] = False
            seen.add(key)
    return atoms[keep]


def _assemble(
    *,
    identifier: str,
    path: Path | None,
    sha256: str,
    target: Target | None,
    arrays: AtomArrays,
    chains: list[ChainSequence],
    header: Header,
    metadata: StructureMetadata,
    chosen: Chosen,
    notes: tuple[str, ...] = (),
    warnings: tuple[str, ...] = (),
    own: bool = False,
    assembly: str = "",
    given_atoms: MDAnalysis.AtomGroup | None = None,
) -> Complex:
    """Decide roles and numbers, and put the complex together."""
    where = str(path) if path is not None else identifier
    if not chains:
        what = f"the structure of {target.name}" if target is not None else "an antigen with its antibody"
        raise StructureError(f"{where}: holds no protein chain; {what} was expected")
    mappings = {} if target is None else _find_antigen(chains, header, target, chosen, where)
    atoms_of = _ChainAtoms(arrays)
    roles = choose_roles(
        chains,
        ChainContacts(atoms_of.positions, atoms_of.mean_b),
        chosen,
        target_chains=None if target is None else list(mappings),
        covers={name: frozenset(p for p in found.positions if p) for name, found in mappings.items()},
        molecules=header.molecules,
        where=where,
    )
    reminders = (*warnings, *roles.warnings)
    if target is None and own:
        mine = [chain for chain in chains if chain.chain in roles.antigen]
        named = dict.fromkeys(header.molecules.get(name) or f"{identifier} {name}" for name in roles.antigen)
        target, positions, note = own_target(mine, " with ".join(named))
        seen = sum(position is not None for of_chain in positions.values() for position in of_chain)
        mappings = {name: Mapping(of_chain, 1.0, seen, "own") for name, of_chain in positions.items()}
        reminders = (*reminders, note)
    tags = {d.residue for d in header.differences if d.is_tag}
    numbering = numbering_table(
        chains,
        {chain.chain: roles.of_chain(chain) for chain in chains},
        {name: mapping.positions for name, mapping in mappings.items()},
        tags,
        "" if target is None else target.sequence,
    )
    antigen = numbering[numbering["chain"].isin(roles.antigen)]
    first, last, gaps = (0, 0, ()) if target is None else _gaps(antigen)
    return Complex(
        id=identifier,
        path=path,
        sha256=sha256,
        known_target=target,
        arrays=arrays,
        numbering=numbering,
        roles=roles,
        identity=min((mappings[name].identity for name in roles.antigen if name in mappings), default=math.nan),
        metadata=metadata,
        glycans=_glycans(arrays, antigen),
        engineered=() if target is None else _engineered(antigen, header, target),
        tag=_tag(antigen),
        construct=(first, last),
        gaps=gaps,
        notes=(*notes, *reminders),
        reminders=reminders,
        uniprot_numbers=_uniprot_numbers([chain for chain in chains if chain.chain in roles.antigen], mappings, header),
        assembly=assembly,
        given_atoms=given_atoms,
    )


def _uniprot_numbers(
    antigen: Sequence[ChainSequence], mappings: dict[str, Mapping], header: Header
) -> dict[str, dict[int, int]]:
    """Return the positions of the antigen by accession and UniProt number; a number of two chains is the first's."""
    found: dict[str, dict[int, int]] = {}
    for chain in antigen:
        if chain.chain in mappings:
            stated = [reference for reference in header.references if reference.chain == chain.chain]
            positions = mappings[chain.chain].positions
            for accession, numbers in uniprot_numbers(chain.labels, chain.authors, positions, stated).items():
                found[accession] = {**numbers, **found.get(accession, {})}
    return found


def _find_antigen(
    chains: Sequence[ChainSequence],
    header: Header,
    target: Target,
    chosen: Chosen,
    where: str,
) -> dict[str, Mapping]:
    """Return the chains that are the target, laid on it.

    Raises
    ------
    StructureError
        If there is none, or a chosen one is something else.
    """
    if chosen.antigen is not None and len(chosen.antigen) == 0:
        raise StructureError("antigen chains: none named; name at least one, or leave the choice out")
    computed: dict[str, Mapping] = {}
    mappings: dict[str, Mapping] = {}
    for chain in chains:
        references = [
            r for r in header.references if r.chain == chain.chain and r.accession.split("-")[0] == target.uniprot_id
        ]
        letters = chain.letters
        if not references and letters in computed:
            mappings[chain.chain] = computed[letters]
            continue
        mappings[chain.chain] = map_chain(
            letters,
            chain.labels,
            chain.authors,
            target.sequence,
            references=references,
            differences=header.differences,
        )
        if not references:
            computed[letters] = mappings[chain.chain]
    found = {name: mapping for name, mapping in mappings.items() if mapping.matches}
    # A text may name chains of several letters; it is read, and held against the target, with the roles.
    named = () if isinstance(chosen.antigen, str) else chosen.antigen or ()
    wrong = [name for name in named if name in mappings and name not in found]
    if wrong or not found:
        which = f"chain {wrong[0]} is not" if wrong else "no chain is"
        identities = [
            f"{name} {m.identity:.0%} of {m.aligned}" for name, m in mappings.items() if m.aligned >= MIN_ALIGNED
        ]
        raise TargetMismatchError(
            f"{where}: {which} {target.name} ({target.uniprot_id}), which takes {MIN_IDENTITY:.0%} identity over "
            f"{MIN_ALIGNED} residues; it holds {described(chains, header.molecules)}, of which "
            f"{', '.join(identities) or f'none aligns over {MIN_ALIGNED} residues'}; "
            f"give a structure that holds {target.name}"
        )
    return found


class _ChainAtoms:
    """Gives the heavy atoms of a chain's protein and ligands, waters left out."""

    def __init__(self, atoms: AtomArrays) -> None:
        self._atoms = atoms

    @cached_property
    def _members(self) -> dict[str, NDArray[np.intp]]:
        import numpy as np

        of_atom = np.where(_residues_named(self._atoms, is_water), "", self._atoms.chainIDs)
        return {str(name): np.flatnonzero(of_atom == name) for name in np.unique(of_atom)}

    def positions(self, chain: str) -> NDArray[np.float64]:
        """Return positions, ``(n_atoms, 3)`` in ångström."""
        return self._atoms.positions[self._members[chain]].astype("float64")

    def mean_b(self, chain: str) -> float:
        """Return the mean B-factor in Å², 0 where there is none."""
        return float(self._atoms.tempfactors[self._members[chain]].mean())


def _gaps(antigen: pd.DataFrame) -> tuple[int, int, tuple[tuple[int, int], ...]]:
    """Return the construct's bounds and the unobserved ranges between them."""
    mapped = antigen.dropna(subset=["uniprot_position"])
    first, last = int(mapped["uniprot_position"].min()), int(mapped["uniprot_position"].max())
    seen = set(mapped.loc[mapped["observed"], "uniprot_position"].astype(int))
    ranges: list[tuple[int, int]] = []
    for position in range(first, last + 1):
        if position in seen:
            continue
        if ranges and ranges[-1][1] == position - 1:
            ranges[-1] = (ranges[-1][0], position)
        else:
            ranges.append((position, position))
    return first, last, tuple(ranges)


def _author_ids(rows: pd.DataFrame) -> list[ResidueId | None]:
    return [
        None if number is None or number != number else ResidueId(chain, int(number), code)  # noqa: PLR0124
        for chain, number, code in zip(
            rows["chain"],
            rows["author_number"].astype(object).where(rows["author_number"].notna(), None),
            rows["insertion_code"],
            strict=True,
        )
    ]


def _tag(antigen: pd.DataFrame) -> tuple[ResidueId, ...]:
    return tuple(residue for residue in _author_ids(antigen[antigen["tag"]]) if residue is not None)


def _engineered(antigen: pd.DataFrame, header: Header, target: Target) -> tuple[Engineered, ...]:
    """List the antigen's differences from the target; the file's own word is the note."""
    notes = {d.residue: d.details for d in header.differences}
    rows = antigen[antigen["engineered"]]
    return tuple(
        Engineered(int(position), target.residue(int(position)), letter, notes.get(author, "not declared"))
        if author is not None
        else Engineered(int(position), target.residue(int(position)), letter, "not declared")
        for position, letter, author in zip(rows["uniprot_position"], rows["residue"], _author_ids(rows), strict=True)
    )


def _residues_named(atoms: AtomArrays, test: Callable[[str], bool]) -> NDArray[np.bool_]:
    """Say which atoms lie in residues whose name passes a test."""
    import numpy as np

    starts = atoms.residue_starts
    names, of_residue = np.unique(atoms.resnames[starts], return_inverse=True)
    passed = np.array([test(str(name)) for name in names], dtype=bool)[of_residue]
    return np.repeat(passed, np.diff(starts, append=len(atoms)))


def _glycans(atoms: AtomArrays, antigen: pd.DataFrame) -> tuple[Glycan, ...]:
    """Find sugars bonded to protein by distance; not every file declares the links."""
    import numpy as np

    anomeric = np.flatnonzero(_residues_named(atoms, is_sugar) & np.isin(atoms.names, ("C1", "C2")))
    if len(anomeric) == 0:
        return ()
    acceptors = np.flatnonzero(np.isin(atoms.names, list(_GLYCOSYLATED_ATOMS)))
    mapped = antigen.dropna(subset=["uniprot_position"])
    position_of = dict(zip(mapped["resindex"], mapped["uniprot_position"].astype(int), strict=True))
    sugar, carrier = (atoms.positions[index].astype(np.float64) for index in (anomeric, acceptors))
    distances = np.linalg.norm(sugar[:, None] - carrier[None], axis=2)
    glycans = []
    for i, j in zip(*np.nonzero(distances <= MAX_GLYCOSIDIC_BOND_A), strict=True):
        sugar_id, carrier_id = (
            ResidueId(str(atoms.chainIDs[k]), int(atoms.resids[k]), str(atoms.icodes[k]))
            for k in (anomeric[i], acceptors[j])
        )
        glycans.append(
            Glycan(
                position_of.get(atoms.resindices[acceptors[j]]),
                str(atoms.resnames[anomeric[i]]),
                *(sugar_id.chain, sugar_id.number, sugar_id.insertion_code),
                carrier_id,
                str(atoms.names[acceptors[j]]),
                float(distances[i, j]),
            )
        )
    return tuple(glycans)
