"""Write ``structures/6AL5.cif`` or ``structures/1AHW.cif`` from the wwPDB entry.

    python scripts/curate_structure.py 6AL5 PATH/TO/6al5.pdb
    python scripts/curate_structure.py 1AHW PATH/TO/1ahw.pdb.gz

Reads the entry in PDB format (plain or .gz), checks its SHA-256 and writes the facts of it
as mmCIF: atoms, sequences with the unobserved residues, links, references to UniProt,
experiment. Predictions are copied as text, never through a float, so they equal the source to
the last digit. The same source gives the same bytes. Titles, remarks and authors'
annotations are left out: they are prose or can be computed. The source at hand of 1AHW has
atoms alone; what its header would say stands in `ENTRIES`, from the pages named in
``structures/README.md``, and is checked against the atoms.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import gemmi

FOLDER = Path(__file__).resolve().parent.parent / "structures"


@dataclass(frozen=True)
class Entry:
    """What is known of an entry beside its file.

    ``sha256`` is that of the unpacked source. ``header`` are PDB records that the source lacks,
    ``sequences`` the full sequences of chains where it has no SEQRES.
    """

    sha256: str
    names: dict[str, str]
    citation: tuple[str, str, str, str]
    header: tuple[str, ...] = ()
    sequences: tuple[tuple[str, str], ...] = ()


ENTRIES = {
    "6AL5": Entry(
        "fcf9050c465b49322e9f0713967ea3668c6653ac878e7bc83d87c5a5891d4df8",
        {"A": "CD19 ectodomain, N138Q", "L": "B43 Fab light chain", "H": "B43 Fab heavy chain Fd"},
        ("Proteins", "86", "495", "2018"),
    ),
    "1AHW": Entry(
        "0cdf8eb2b7cad7c258e55200f509304c5d8c2192529ecdeb3363dcd441482ffe",
        {"A": "5G9 Fab light chain", "B": "5G9 Fab heavy chain Fd", "C": "tissue factor ectodomain"},
        ("J Mol Biol", "275", "873", "1998"),
        (
            "EXPDTA    X-RAY DIFFRACTION",
            "JRNL        PMID   9480775",
            "JRNL        DOI    10.1006/JMBI.1997.1512",
            "REMARK   2 RESOLUTION.    3.00 ANGSTROMS.",
            "REMARK   3  DATA USED IN REFINEMENT.",
            "REMARK   3   R VALUE            (WORKING SET) : 0.217",
            "REMARK   3   FREE R VALUE                     : 0.285",
            "DBREF  1AHW C    1   219  UNP    P13726   TF_HUMAN        33    251",
            *(
                f"SSBOND {number:3d} CYS {chain} {first:4d}    CYS {chain} {second:4d}".ljust(59)
                + f"  1555   1555 {length:5.2f}"
                for number, (chain, first, second, length) in enumerate(
                    [
                        ("A", 23, 88, 2.01),
                        ("A", 134, 194, 2.04),
                        ("B", 22, 96, 1.99),
                        ("B", 144, 199, 2.04),
                        ("C", 49, 57, 2.03),
                        ("C", 186, 209, 2.03),
                    ],
                    start=1,
                )
            ),
        ),
        # Residues 1-3, 83-90 and 212-219 were not observed.
        (
            (
                "C",
                "SGTTNTVAAYNLTWKSTNFKTILEWEPKPVNQVYTVQISTKSGDWKSKCFYTTDTECDLTDEIVKDVKQTYLARVFSYPAGNVESTGSAGEPLYENSPEF"
                "TPYLETNLGQPTIQSFEQVGTKVNVTVEDERTLVRRNNTFLSLRDVFGKDLIYTLYYWKSSSSGKKTAKTNTNEFLIDVDKGENYCFSVQAVIPSRTVNR"
                "KSTDSPVECMGQEKGEFRE",
            ),
        ),
    ),
}
SUGAR_NAME = "2-acetamido-2-deoxy-beta-D-glucopyranose"
MODIFIED_PARENTS = {"PCA": "GLN"}  # wwPDB Chemical Component Dictionary, parent of PCA
SEQADV_DETAILS = {"ENGINEERED MUTATION": "engineered mutation", "EXPRESSION TAG": "expression tag"}

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

Row = list[str]


@dataclass(frozen=True)
class Site:
    """A residue with its names in both numberings."""

    asym: str
    entity: str
    label_number: str
    name: str
    chain: str
    author_number: str
    insertion: str


def main(arguments: list[str] | None = None) -> int:
    """Write the curated file, or say why not."""
    parser = argparse.ArgumentParser(description="Write a file of structures/ from the wwPDB entry.")
    parser.add_argument("entry", choices=sorted(ENTRIES))
    parser.add_argument("source", type=Path, help="the entry in PDB format as distributed by the wwPDB")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args(arguments)
    data = options.source.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    expected = ENTRIES[options.entry].sha256
    if (digest := hashlib.sha256(data).hexdigest()) != expected:
        sys.stderr.write(f"{options.source}: SHA-256 is {digest}, expected {expected}\n")
        return 2
    output = options.output or FOLDER / f"{options.entry}.cif"
    product = curate(options.entry, data.decode("ascii")).encode("ascii")
    output.write_bytes(product)
    sys.stdout.write(f"{hashlib.sha256(product).hexdigest()}  {output.name}\n")
    return 0


def curate(name: str, text: str) -> str:
    """Return the curated mmCIF of the entry given in PDB format."""
    entry = ENTRIES[name]
    text = "".join(f"{line:80s}\n" for line in entry.header) + text
    structure = gemmi.read_pdb_string(text)
    structure.merge_chain_parts()
    structure.setup_entities()
    if entry.header:
        _set_sequences(structure, dict(entry.sequences))
    structure.assign_label_seq_id()
    lines = text.splitlines()
    sites = _sites(structure)
    document = gemmi.cif.Document()
    block = document.add_new_block(name)
    _experiment(block, structure, lines, name)
    _entities(block, structure, sites, entry.names)
    _sequence_scheme(block, structure, sites)
    _references(block, structure, lines)
    _links(block, structure, sites)
    _atoms(block, structure, lines, sites)
    options = gemmi.cif.WriteOptions()
    options.align_loops = 24
    return document.as_string(options)


def _set_sequences(structure: gemmi.Structure, known: dict[str, str]) -> None:
    """Give each polymer its full sequence: the known one, else that observed, which has no gap."""
    for chain in structure[0]:
        residues = list(chain.get_polymer())
        observed = [residue.name for residue in residues]
        if chain.name in known:
            names = gemmi.expand_one_letter_sequence(known[chain.name], gemmi.ResidueKind.AA)
            if any(names[residue.seqid.num - 1] != residue.name for residue in residues):
                raise ValueError(f"chain {chain.name} contradicts its sequence")
        else:
            names = observed
            if [residue.seqid.num for residue in residues] != list(range(1, len(residues) + 1)):
                raise ValueError(f"chain {chain.name} has a gap")
        structure.get_entity_of(chain.get_polymer()).full_sequence = names


def _polymers(structure: gemmi.Structure) -> list[tuple[str, list[str]]]:
    """Return chain name and full sequence of each polymer, in the order of the file."""
    polymers = []
    for chain in structure[0]:
        entity = structure.get_entity_of(chain.get_polymer())
        polymers.append((chain.name, list(entity.full_sequence)))
    return polymers


def _key(chain: str, residue: gemmi.Residue) -> tuple[str, str]:
    return chain, f"{residue.seqid.num}{residue.seqid.icode.strip()}/{residue.name}"


def _sites(structure: gemmi.Structure) -> dict[tuple[str, str], Site]:
    """Name every observed residue: polymers first, then sugars, then waters."""
    chains = [name for name, _ in _polymers(structure)]
    asyms = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    polymer_asym = {name: (next(asyms), str(i)) for i, name in enumerate(chains, 1)}
    sites = {}
    for chain in structure[0]:
        asym, entity = polymer_asym[chain.name]
        for residue in chain.get_polymer():
            sites[_key(chain.name, residue)] = _site(chain.name, residue, asym, entity, str(residue.label_seq))
    sugar_entity, water_entity = str(len(chains) + 1), str(len(chains) + 2)
    for chain in structure[0]:
        for residue in chain.get_ligands():
            sites[_key(chain.name, residue)] = _site(chain.name, residue, next(asyms), sugar_entity, ".")
    for chain in structure[0]:
        waters = [residue for residue in chain if residue.is_water()]
        asym = next(asyms) if waters else ""
        for residue in waters:
            sites[_key(chain.name, residue)] = _site(chain.name, residue, asym, water_entity, ".")
    return sites


def _site(chain: str, residue: gemmi.Residue, asym: str, entity: str, label: str) -> Site:
    insertion = residue.seqid.icode.strip() or "?"
    return Site(asym, entity, label, residue.name, chain, str(residue.seqid.num), insertion)


def _experiment(block: gemmi.cif.Block, structure: gemmi.Structure, lines: list[str], name: str) -> None:
    """Write identity, cell, symmetry, method, resolution, R factors and citation."""
    cryst = next((line for line in lines if line.startswith("CRYST1")), "")
    journal, volume, page, published = ENTRIES[name].citation
    refinement = structure.meta.refinement[0]
    doi = next(line[19:].strip() for line in lines if line.startswith("JRNL        DOI"))
    pubmed = next(line[19:].strip() for line in lines if line.startswith("JRNL        PMID"))
    dates = (line[13:22].split("-") for line in lines if line.startswith("REVDAT"))
    revision = next((f"20{year}-{MONTHS.index(month) + 1:02d}-{day}" for day, month, year in dates), "")
    pairs = {
        "_entry.id": name,
        "_database_2.database_id": "PDB",
        "_database_2.database_code": name,
        "_database_2.pdbx_DOI": f"10.2210/pdb{name.lower()}/pdb",
        "_pdbx_audit_revision_history.ordinal": "1" if revision else "",
        "_pdbx_audit_revision_history.revision_date": revision,
        "_citation.id": "primary",
        "_citation.journal_abbrev": journal,
        "_citation.journal_volume": volume,
        "_citation.page_first": page,
        "_citation.year": published,
        "_citation.pdbx_database_id_PubMed": pubmed,
        "_citation.pdbx_database_id_DOI": doi.lower(),
        "_exptl.entry_id": name,
        "_exptl.method": structure.info["_exptl.method"],
        "_cell.entry_id": name if cryst else "",
        **{
            f"_cell.{part}": cryst[start:stop].strip()
            for part, start, stop in (
                ("length_a", 6, 15),
                ("length_b", 15, 24),
                ("length_c", 24, 33),
                ("angle_alpha", 33, 40),
                ("angle_beta", 40, 47),
                ("angle_gamma", 47, 54),
                ("Z_PDB", 66, 70),
            )
        },
        "_symmetry.entry_id": name if cryst else "",
        "_symmetry.space_group_name_H-M": structure.spacegroup_hm if cryst else "",
        "_refine.entry_id": name,
        "_refine.pdbx_refine_id": structure.info["_exptl.method"],
        "_refine.ls_d_res_high": f"{structure.resolution:.2f}",
        "_refine.ls_R_factor_R_work": f"{refinement.r_work:.3f}",
        "_refine.ls_R_factor_R_free": f"{refinement.r_free:.3f}",
    }
    for tag, value in pairs.items():
        if value:
            block.set_pair(tag, gemmi.cif.quote(value))


def _loop(block: gemmi.cif.Block, category: str, columns: str, rows: list[Row]) -> None:
    if not rows:
        return
    loop = block.init_loop(f"_{category}.", columns.split())
    for row in rows:
        loop.add_row([value if value in {".", "?"} else gemmi.cif.quote(value) for value in row])


def _entities(
    block: gemmi.cif.Block,
    structure: gemmi.Structure,
    sites: dict[tuple[str, str], Site],
    molecules: dict[str, str],
) -> None:
    """Write entities, polymer sequences and asymmetric units."""
    polymers = _polymers(structure)
    n = len(polymers)
    entities = [[str(i), "polymer", molecules[name]] for i, (name, _) in enumerate(polymers, 1)]
    others = [[str(n + 1), "non-polymer", SUGAR_NAME], [str(n + 2), "water", "water"]]
    held = {site.entity for site in sites.values()}
    entities += [row for row in others if row[0] in held]
    _loop(block, "entity", "id type pdbx_description", entities)
    poly, sequence = [], []
    for i, (name, names) in enumerate(polymers, 1):
        parents = [MODIFIED_PARENTS.get(residue, residue) for residue in names]
        canonical = gemmi.one_letter_code(parents)
        as_is = "".join(
            f"({residue})" if residue in MODIFIED_PARENTS else letter
            for residue, letter in zip(names, canonical, strict=True)
        )
        poly.append([str(i), "polypeptide(L)", as_is, canonical, name])
        sequence += [[str(i), str(number), residue, "n"] for number, residue in enumerate(names, 1)]
    columns = "entity_id type pdbx_seq_one_letter_code pdbx_seq_one_letter_code_can pdbx_strand_id"
    _loop(block, "entity_poly", columns, poly)
    _loop(block, "entity_poly_seq", "entity_id num mon_id hetero", sequence)
    asyms = {site.asym: site.entity for site in sites.values()}
    _loop(block, "struct_asym", "id entity_id", [[asym, entity] for asym, entity in asyms.items()])


def _sequence_scheme(block: gemmi.cif.Block, structure: gemmi.Structure, sites: dict[tuple[str, str], Site]) -> None:
    """Write both numberings of every polymer residue; unobserved ones have no author name."""
    observed = {(site.asym, site.label_number): site for site in sites.values()}
    rows = []
    for i, (name, names) in enumerate(_polymers(structure), 1):
        asym = next(site.asym for site in sites.values() if site.chain == name)
        # The author numbers run parallel to the sequence without insertions; the
        # check below stops the script should that ever be untrue.
        offset = next(int(site.author_number) - int(site.label_number) for site in sites.values() if site.asym == asym)
        for number, residue in enumerate(names, 1):
            site = observed.get((asym, str(number)))
            if site is not None and (site.name != residue or int(site.author_number) != number + offset):
                raise ValueError(f"{site} contradicts residue {number} of the sequence")
            author = str(number + offset)
            seen = [author, residue, residue] if site else ["?", "?", "?"]
            rows.append([asym, str(i), str(number), residue, author, *seen, name, ".", "n"])
    columns = (
        "asym_id entity_id seq_id mon_id pdb_seq_num auth_seq_num pdb_mon_id auth_mon_id "
        "pdb_strand_id pdb_ins_code hetero"
    )
    _loop(block, "pdbx_poly_seq_scheme", columns, rows)
    modified = [site for site in sites.values() if site.name in MODIFIED_PARENTS]
    columns = "id label_asym_id label_comp_id label_seq_id auth_asym_id auth_comp_id auth_seq_id parent_comp_id"
    _loop(
        block,
        "pdbx_struct_mod_residue",
        columns,
        [
            [
                str(i),
                site.asym,
                site.name,
                site.label_number,
                site.chain,
                site.name,
                site.author_number,
                MODIFIED_PARENTS[site.name],
            ]
            for i, site in enumerate(modified, 1)
        ],
    )


def _references(block: gemmi.cif.Block, structure: gemmi.Structure, lines: list[str]) -> None:
    """Write DBREF and SEQADV as struct_ref, struct_ref_seq and struct_ref_seq_dif."""
    polymers = _polymers(structure)
    entity = {name: str(i) for i, (name, _) in enumerate(polymers, 1)}
    offset = {chain.name: chain[0].seqid.num - chain[0].label_seq for chain in structure[0]}  # author = label + offset
    refs, seqs, align_of = [], [], {}
    for line in lines:
        if not line.startswith("DBREF "):
            continue
        chain, begin, end = line[12], int(line[14:18]), int(line[20:24])
        database, accession, code = line[26:32].strip(), line[33:41].strip(), line[42:54].strip()
        number = str(len(refs) + 1)
        refs.append([number, entity[chain], database, code, accession])
        label = [str(begin - offset[chain]), str(end - offset[chain])]
        db = [line[55:60].strip(), line[62:67].strip()]
        seqs.append([number, number, chain, *label, accession, *db, str(begin), str(end)])
        align_of[chain, accession] = number
    differences = []
    for line in lines:
        if line.startswith("SEQADV"):
            name, chain, author = line[12:15], line[16], int(line[18:22])
            accession, reference, position = line[29:38].strip(), line[39:42].strip(), line[43:48].strip()
            differences.append(
                [
                    str(len(differences) + 1),
                    align_of[chain, accession],
                    chain,
                    str(author),
                    str(author - offset[chain]),
                    name,
                    accession,
                    reference or "?",
                    position or "?",
                    SEQADV_DETAILS[line[49:70].strip()],
                ]
            )
    _loop(block, "struct_ref", "id entity_id db_name db_code pdbx_db_accession", refs)
    columns = (
        "align_id ref_id pdbx_strand_id seq_align_beg seq_align_end pdbx_db_accession db_align_beg "
        "db_align_end pdbx_auth_seq_align_beg pdbx_auth_seq_align_end"
    )
    _loop(block, "struct_ref_seq", columns, seqs)
    columns = (
        "pdbx_ordinal align_id pdbx_pdb_strand_id pdbx_auth_seq_num seq_num mon_id "
        "pdbx_seq_db_accession_code db_mon_id pdbx_seq_db_seq_num details"
    )
    _loop(block, "struct_ref_seq_dif", columns, differences)


def _links(block: gemmi.cif.Block, structure: gemmi.Structure, sites: dict[tuple[str, str], Site]) -> None:
    """Write disulfides and covalent links."""
    kinds = {gemmi.ConnectionType.Disulf: "disulf", gemmi.ConnectionType.Covale: "covale"}
    rows, used = [], set()
    for link in structure.connections:
        kind = kinds[link.type]
        used.add(kind)
        ends: Row = []
        for partner in (link.partner1, link.partner2):
            number = f"{partner.res_id.seqid.num}{partner.res_id.seqid.icode.strip()}"
            site = sites[partner.chain_name, f"{number}/{partner.res_id.name}"]
            ends += [site.asym, site.name, site.label_number, partner.atom_name]
            ends += [site.chain, site.name, site.author_number, site.insertion]
        rows.append([link.name, kind, *ends, f"{link.reported_distance:.2f}"])
    _loop(block, "struct_conn_type", "id", [[kind] for kind in sorted(used)])
    end = (
        "ptnr{0}_label_asym_id ptnr{0}_label_comp_id ptnr{0}_label_seq_id ptnr{0}_label_atom_id "
        "ptnr{0}_auth_asym_id ptnr{0}_auth_comp_id ptnr{0}_auth_seq_id pdbx_ptnr{0}_PDB_ins_code "
    )
    columns = "id conn_type_id " + end.format(1) + end.format(2) + "pdbx_dist_value"
    _loop(block, "struct_conn", columns, rows)


def _atoms(
    block: gemmi.cif.Block,
    structure: gemmi.Structure,
    lines: list[str],
    sites: dict[tuple[str, str], Site],
) -> None:
    """Copy the atom records, digit by digit."""
    rows = []
    for line in lines:
        if not line.startswith(("ATOM  ", "HETATM")):
            continue
        name, residue, chain = line[12:16].strip(), line[17:20].strip(), line[21]
        number = f"{line[22:26].strip()}{line[26].strip()}"
        site = sites[chain, f"{number}/{residue}"]
        x, y, z = line[30:38].strip(), line[38:46].strip(), line[46:54].strip()
        rows.append(
            [
                line[:6].strip(),
                str(len(rows) + 1),
                line[76:78].strip(),
                name,
                line[16].strip() or ".",
                residue,
                site.asym,
                site.entity,
                site.label_number,
                site.insertion,
                x,
                y,
                z,
                line[54:60].strip(),
                line[60:66].strip(),
                site.author_number,
                residue,
                site.chain,
                name,
                "1",
            ]
        )
    columns = (
        "group_PDB id type_symbol label_atom_id label_alt_id label_comp_id label_asym_id label_entity_id "
        "label_seq_id pdbx_PDB_ins_code Cartn_x Cartn_y Cartn_z occupancy B_iso_or_equiv auth_seq_id "
        "auth_comp_id auth_asym_id auth_atom_id pdbx_PDB_model_num"
    )
    _loop(block, "atom_site", columns, rows)


if __name__ == "__main__":
    raise SystemExit(main())
