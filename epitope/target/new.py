"""A new target pack from records: UniProt, GenBank, GFF3 with FASTA.

Each reader turns one file into a `Draft`: the facts that the file states, with the file as
their source. What a file does not state, or states in a way that a pack cannot hold, is left
out and said so; nothing is filled in. `write_pack` writes a draft as a folder and loads it,
so that no pack is left behind that could not be read. Not for structures: what they show is
added by ``epitope.structure.draft``.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from epitope.errors import OutputError, TargetError
from epitope.files import together
from epitope.target.loader import TARGET_FILE, load_target
from epitope.target.model import RegionKind, Target
from epitope.target.translation import reverse_complement, translate

PROTEIN, CODING, GENOMIC = "protein", "coding", "genomic"
_SEQUON = re.compile("N[^P][ST]")
_TOPOLOGY = {
    "SIGNAL": RegionKind.SIGNAL_PEPTIDE,
    "SIGNAL PEPTIDE": RegionKind.SIGNAL_PEPTIDE,
    "TRANSMEM": RegionKind.TRANSMEMBRANE,
    "TRANSMEMBRANE": RegionKind.TRANSMEMBRANE,
}
_DISULFIDES = ("DISULFID", "DISULFIDE BOND")
_SUGARS = ("CARBOHYD", "GLYCOSYLATION")
_DOMAINS = ("TOPO_DOM", "TOPOLOGICAL DOMAIN")
_ENSEMBL_PLACE = re.compile(r"^ACCESSION +\w+:([^:\s]+):([^:\s]+):(\d+):(\d+):1\s*$", re.MULTILINE)
_REFSEQ_PLACE = re.compile(r"^ACCESSION +(\S+) +REGION: (complement\()?(\d+)\.\.(\d+)\)?", re.MULTILINE)
_MANE = "MANE Select"


@dataclass
class Draft:
    """The facts of one or more files, in the form of ``target.toml``.

    ``facts`` are its keys; ``records`` the sequences; ``sources`` citations by key; ``files``
    are copied into the pack; ``left_out`` says in words what the files did not give.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def protein(self) -> str:
        """The protein's sequence, "" where no file gave one."""
        if CODING in self.records:
            return translate(self.records[CODING]).rstrip("*")
        return self.records.get(PROTEIN, "")

    def add(self, other: Draft) -> None:
        """Take over what another draft knows and this one does not.

        Raises
        ------
        TargetError
            If both give a protein and the two differ.
        """
        ours, theirs = self.protein, other.protein
        if ours and theirs and ours != theirs:
            at = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False), 1) if a != b), None)
            where = f"they differ first at residue {at}" if at else "one is longer"
            raise TargetError(
                f"{_cited(self)} and {_cited(other)} give two proteins, of {len(ours)} and {len(theirs)} residues; "
                f"{where}; give records of one isoform"
            )
        for key, value in other.facts.items():
            self.facts.setdefault(key, value)
        self.records = {**other.records, **self.records}
        self.sources |= other.sources
        self.files += other.files
        self.left_out += other.left_out


class _Feature(NamedTuple):
    """An annotated stretch of a protein; ``None`` for an end that is not known."""

    kind: str
    first: int | None
    last: int | None
    note: str


def read_uniprot(path: Path) -> Draft:
    """Read a UniProt record: flat text, JSON or FASTA, told apart by content.

    Raises
    ------
    TargetError
        If the file is none of these, or holds no sequence.
    """
    text = _text(path)
    begin = text.lstrip()[:1]
    draft = Draft()
    try:
        if begin == "{":
            features = _uniprot_json(text, draft)
        elif begin == ">":
            features = _uniprot_fasta(text, draft)
        else:
            features = _uniprot_flat(path, draft)
    except (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError, AssertionError) as error:
        reason = f"lacks {error}" if isinstance(error, KeyError) else " ".join(str(error).split())[:80]
        raise TargetError(f"{path}: no UniProt record as flat text, JSON or FASTA ({reason})") from None
    if not draft.protein:
        raise TargetError(f"{path}: the record holds no sequence")
    accession, name = draft.facts.get("uniprot_id", ""), draft.facts.get("uniprot_name", "")
    draft.sources["uniprot"] = f"UniProt {accession} ({name}), file {path.name}"
    draft.facts["protein_record"] = PROTEIN
    _annotate(draft, features)
    return draft


def _uniprot_flat(path: Path, draft: Draft) -> list[_Feature]:
    from Bio import SwissProt

    with path.open(encoding="utf-8") as handle:
        record = SwissProt.read(handle)
    genes = [gene["Name"].split(" {")[0] for gene in record.gene_name if "Name" in gene]
    _name(draft, record.accessions[0], record.entry_name, genes)
    draft.records[PROTEIN] = record.sequence
    return [
        _Feature(f.type, *_ends(f.location), str(f.qualifiers.get("note", "")))
        for f in record.features
        if f.location is not None
    ]


def _ends(location: Any) -> tuple[int | None, int | None]:
    """Return the ends of a Biopython location, counted from 1; ``None`` where not exact."""
    exact = [type(end).__name__ == "ExactPosition" for end in (location.start, location.end)]
    return (int(location.start) + 1 if exact[0] else None, int(location.end) if exact[1] else None)


def _uniprot_json(text: str, draft: Draft) -> list[_Feature]:
    record = json.loads(text)
    genes = [gene["geneName"]["value"] for gene in record.get("genes", []) if "geneName" in gene]
    _name(draft, record["primaryAccession"], record["uniProtkbId"], genes)
    draft.records[PROTEIN] = record["sequence"]["value"]
    features = []
    for feature in record.get("features", []):
        ends = [feature["location"][end] for end in ("start", "end")]
        first, last = (e.get("value") if e.get("modifier", "EXACT") == "EXACT" else None for e in ends)
        features.append(_Feature(feature["type"].upper(), first, last, feature.get("description", "")))
    return features


def _uniprot_fasta(text: str, draft: Draft) -> list[_Feature]:
    records = _fasta(text)
    if len(records) != 1:
        raise ValueError(f"{len(records)} sequences; one is read")
    ((header, sequence),) = records.items()
    parts = header.split(maxsplit=1)[0].split("|")
    if len(parts) != 3:
        raise ValueError("the header is not >sp|ACCESSION|NAME")
    gene = re.search(r"\bGN=(\S+)", header)
    _name(draft, parts[1], parts[2], [gene[1]] if gene else [])
    draft.records[PROTEIN] = sequence
    draft.left_out.append("topology, disulfides and sugars: a FASTA file has none")
    return []


def _name(draft: Draft, accession: str, entry: str, genes: Sequence[str]) -> None:
    draft.facts |= {"name": genes[0] if genes else entry, "uniprot_id": accession, "uniprot_name": entry}
    if genes:
        draft.facts["gene"] = genes[0]


def _annotate(draft: Draft, features: Iterable[_Feature]) -> None:
    """Add topology, disulfides and sequons; what has no exact place is left out."""
    regions, disulfides, sequons = [], [], []
    for kind, first, last, note in features:
        place = {"start": first, "end": last, "source": "uniprot"}
        region = _TOPOLOGY.get(kind)
        if kind in _DOMAINS:
            region = next((k for k in RegionKind if note.casefold().startswith(k.value)), None)
            if region is None:
                draft.left_out.append(f"topological domain {note!r}: neither extracellular nor cytoplasmic")
                continue
        if region is None and kind not in (*_DISULFIDES, *_SUGARS):
            continue
        if first is None or last is None:
            draft.left_out.append(f"{kind.casefold()} at a place that the record does not know exactly")
        elif region is not None:
            regions.append({"kind": region.value, **place})
        elif kind in _DISULFIDES and first == last:
            draft.left_out.append(f"disulfide of residue {first}: its partner is another chain")
        elif kind in _DISULFIDES:
            disulfides.append({"first": first, "second": last, "source": "uniprot"})
        elif kind in _SUGARS and _SEQUON.fullmatch(draft.protein[first - 1 : first + 2]):
            sequons.append({"position": first, "source": "uniprot"})
    for key, rows in (("regions", regions), ("disulfides", disulfides), ("sequons", sequons)):
        if rows:
            draft.facts[key] = rows


class _Gene(NamedTuple):
    """A transcript on a stretch of DNA; stretches in the order of the transcript, from 1, ``first <= last``."""

    accession: str
    strand: int
    exons: list[tuple[int, int]]
    coding: list[tuple[int, int]]


def read_genbank(path: Path, chromosome_length: int | None = None) -> Draft:
    """Read a GenBank file of RefSeq or Ensembl that holds one coding sequence.

    Parameters
    ----------
    path
    chromosome_length
        Length of the chromosome that the record is a part of; no GenBank file gives it.

    Raises
    ------
    TargetError
        If the file is no GenBank record, or holds no or several coding sequences of which
        none is marked MANE Select.
    """
    from Bio import SeqIO

    text = _text(path)
    try:
        record = SeqIO.read(path, "genbank")
        sequence = str(record.seq).upper()
    except Exception as error:  # what Biopython raises on a broken record is not limited
        raise TargetError(f"{path}: no single GenBank record ({' '.join(str(error).split())[:80]})") from None
    found = [f for f in record.features if f.type == "CDS" and "pseudo" not in f.qualifiers]
    chosen = found if len(found) == 1 else [f for f in found if _MANE in str(f.qualifiers)]
    if len(chosen) != 1:
        names = [next(iter(f.qualifiers.get("protein_id", ["unnamed"]))) for f in found]
        raise TargetError(
            f"{path}: one coding sequence (CDS) was looked for, {len(found)} found ({', '.join(names[:5]) or 'none'}); "
            "give the record of one transcript"
        )
    (cds,) = chosen
    draft = Draft(sources={"genbank": f"GenBank record {record.id}, file {path.name}"})
    qualifiers = {key: values[0] for key, values in cds.qualifiers.items()}
    if "gene" in qualifiers:
        draft.facts |= {"name": qualifiers["gene"], "gene": qualifiers["gene"]}
    if re.match(r"NP_\d+", qualifiers.get("protein_id", "")):
        draft.facts["protein_accession"] = qualifiers["protein_id"].split(".")[0]
    coding = _stretches(cds)
    messenger = [f for f in record.features if f.type == "mRNA" and _same_introns(coding, _stretches(f))]
    exons = _stretches(messenger[0]) if messenger else coding
    accession = qualifiers.get("transcript_id", "")
    if messenger:
        accession = next(iter(messenger[0].qualifiers.get("transcript_id", [accession])), accession)
    gene = _Gene(accession or record.id, int(cds.location.strand), exons, coding)
    if "RNA" in record.annotations.get("molecule_type", ""):
        draft.records[PROTEIN] = _translated(_spliced(sequence, gene), path)
        draft.facts["protein_record"] = PROTEIN
        draft.left_out.append(
            f"transcript: {record.id} is an RNA, which does not say where the exons lie on the genome"
        )
        return draft
    if not messenger:
        draft.left_out.append("untranslated exons: the record has no mRNA feature")
    place = _place(text, record, len(sequence), chromosome_length)
    _add_transcript(draft, "genbank", path, gene, sequence, place)
    return draft


class _Place(NamedTuple):
    """Where a stretch of DNA lies: its first base on the chromosome, and whether it is the minus strand."""

    assembly: str
    chromosome: str
    accession: str
    length: int | None
    start: int
    reverse: bool = False


def _place(text: str, record: Any, size: int, length: int | None) -> _Place:
    """Read where the record lies on its chromosome; without that, positions count in the record."""
    if found := _ENSEMBL_PLACE.search(text):
        assembly, chromosome, first, last = found.groups()
        whole = length or (size if (int(first), int(last)) == (1, size) else None)
        return _Place(assembly, chromosome, chromosome, whole, int(first))
    name = next((f.qualifiers["chromosome"][0] for f in record.features if "chromosome" in f.qualifiers), record.id)
    if found := _REFSEQ_PLACE.search(text):
        return _Place(record.id, name, record.id, length, int(found[3]), bool(found[2]))
    return _Place(record.id, record.id, record.id, size, 1)


def _stretches(feature: Any) -> list[tuple[int, int]]:
    """Return the parts of a feature in the order of the transcript, counted from 1."""
    parts = [(int(part.start) + 1, int(part.end)) for part in feature.location.parts]
    return sorted(parts, reverse=feature.location.strand < 0)


def _same_introns(coding: list[tuple[int, int]], exons: list[tuple[int, int]]) -> bool:
    """Say whether coding stretches are those of a transcript: within its exons, with its introns."""
    held = [i for i, (a, b) in enumerate(exons) if any(a <= c and d <= b for c, d in coding)]
    if len(held) != len(coding) or held != list(range(held[0], held[0] + len(held))):
        return False
    inner = {end for stretch in coding for end in stretch} - {min(min(coding)), max(max(coding))}
    return inner <= {end for exon in exons for end in exon}


_Row = tuple[str, str, int, int, str]
"""Kind, sequence, start, end, strand."""


def _gff3_rows(path: Path) -> tuple[dict[str, list[_Row]], dict[str, dict[str, str]], dict[str, int]]:
    """Return exons and CDS by transcript, the attributes of other features by ID, and lengths of sequences."""
    rows: dict[str, list[_Row]] = {}
    about: dict[str, dict[str, str]] = {}
    lengths: dict[str, int] = {}
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if line.startswith("##sequence-region"):
            _, name, _, last = [*line.split(), "", "", ""][:4]
            lengths[name] = int(last) if last.isdigit() else 0
        if line.startswith("##FASTA"):
            break
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 9 or not (cells[3].isdigit() and cells[4].isdigit()):
            raise TargetError(f"{path}: line {number}: no GFF3 row of nine tab-separated cells with start and end")
        notes = dict(item.strip().split("=", 1) for item in cells[8].split(";") if "=" in item)
        if cells[2] in ("exon", "CDS"):
            for parent in notes.get("Parent", "").split(","):
                rows.setdefault(parent, []).append((cells[2], cells[0], int(cells[3]), int(cells[4]), cells[6]))
        elif "ID" in notes:
            about[notes["ID"]] = notes
    return rows, about, lengths


def read_gff3(path: Path, fasta: Path, chromosome_length: int | None = None) -> Draft:
    """Read one transcript of a GFF3 file and its DNA.

    Parameters
    ----------
    path
        GFF3 with exon and CDS features of one coding transcript, or of several of which one is
        marked MANE Select.
    fasta
        The DNA: a record named as the GFF3's sequence, whole, or ``name:first-last``.
    chromosome_length
        Needed where the FASTA is a part and the GFF3 has no ``##sequence-region`` line.

    Raises
    ------
    TargetError
        If a file is malformed, or no single transcript is found.
    """
    rows, about, lengths = _gff3_rows(path)
    coding = [name for name, features in rows.items() if any(kind == "CDS" for kind, *_ in features)]
    chosen = coding
    if len(coding) > 1:
        chosen = [name for name in coding if "MANE_Select" in about.get(name, {}).get("tag", "").replace(" ", "_")]
    if len(chosen) != 1:
        raise TargetError(
            f"{path}: one transcript with CDS features was looked for, {len(coding)} found "
            f"({', '.join(coding[:5]) or 'none'}); keep the rows of one"
        )
    (identifier,) = chosen
    features, notes = rows[identifier], about.get(identifier, {})
    contigs, strands = {f[1] for f in features}, {f[4] for f in features}
    if len(contigs) != 1 or strands not in ({"+"}, {"-"}):
        raise TargetError(f"{path}: {identifier}: its exons lie on several sequences or strands")
    (contig,), minus = contigs, strands == {"-"}
    stretches = {
        kind: sorted(((a, b) for k, _, a, b, _ in features if k == kind), reverse=minus) for kind in ("exon", "CDS")
    }
    start, whole, sequence = _contig(fasta, contig)
    length = chromosome_length or lengths.get(contig) or (len(sequence) if whole else None)
    draft = Draft(sources={"gff3": f"{path.name} with {fasta.name}"})
    parent = about.get(notes.get("Parent", ""), {})
    symbol = notes.get("gene") or parent.get("gene") or parent.get("Name")
    if symbol:
        draft.facts |= {"name": symbol, "gene": symbol}
    accession = notes.get("transcript_id") or identifier.split(":")[-1].removeprefix("rna-")
    shifted = {k: [(a - start + 1, b - start + 1) for a, b in v] for k, v in stretches.items()}
    if not stretches["exon"]:
        draft.left_out.append("untranslated exons: the file has no exon feature of the transcript")
    gene = _Gene(accession, -1 if minus else 1, shifted["exon"] or shifted["CDS"], shifted["CDS"])
    _add_transcript(draft, "gff3", path, gene, sequence, _Place(contig, contig, contig, length, start))
    return draft


def _contig(fasta: Path, contig: str) -> tuple[int, bool, str]:
    """Return the first position, whether it is the whole, and the bases of a sequence of a FASTA file."""
    records = _fasta(_text(fasta))
    for header, bases in records.items():
        name = (header.split(maxsplit=1) or [""])[0]
        part = re.fullmatch(re.escape(contig) + r":(\d+)-(\d+)", name)
        if part and int(part[2]) - int(part[1]) + 1 != len(bases):
            raise TargetError(f"{fasta}: {name} has {len(bases)} bases, which is not what its name says")
        if part or name == contig:
            return (int(part[1]), False, bases) if part else (1, True, bases)
    names = ", ".join(header.split(maxsplit=1)[0] for header in list(records)[:5] if header)
    raise TargetError(f"{fasta}: no sequence is called {contig} or {contig}:first-last; it holds {names or 'none'}")


def _spliced(sequence: str, gene: _Gene) -> str:
    """Return the coding sequence, on the strand of the gene."""
    pieces = [sequence[first - 1 : last] for first, last in gene.coding]
    return "".join(reverse_complement(piece) if gene.strand < 0 else piece for piece in pieces)


def _translated(coding: str, path: Path) -> str:
    """Return the protein of a whole coding sequence, or refuse it."""
    if set(coding) - set("ACGT") or len(coding) % 3 or not coding:
        raise TargetError(f"{path}: the coding sequence ({len(coding)} bases) is not whole codons of A, C, G and T")
    protein = translate(coding)
    if not protein.startswith("M") or not protein.endswith("*") or "*" in protein[:-1]:
        raise TargetError(f"{path}: the coding sequence does not run from a start to the first stop codon")
    return protein[:-1]


def _add_transcript(draft: Draft, source: str, path: Path, gene: _Gene, sequence: str, place: _Place) -> None:
    """Add the transcript, or the protein alone where the chromosome's length is not known."""
    if any(first < 1 or last > len(sequence) for first, last in (*gene.exons, *gene.coding)):
        raise TargetError(f"{path}: an exon of {gene.accession} lies outside the DNA, which has {len(sequence)} bases")
    coding = _spliced(sequence, gene)
    protein = _translated(coding, path)
    if place.length is None:
        draft.left_out.append(
            f"transcript: the length of chromosome {place.chromosome} is not in the file; give --chromosome-length"
        )
        draft.records[PROTEIN] = protein
        draft.facts["protein_record"] = PROTEIN
        return
    exons = gene.exons
    if len(exons) == 1 and gene.coding[0] != exons[0]:
        # A pack cannot say where in an only exon the coding part lies.
        exons = gene.coding
        draft.left_out.append("untranslated bases of the only exon")
    last_base = place.start + len(sequence) - 1
    rows, done = [], 0
    for number, (first, last) in enumerate(exons, start=1):
        inside = [(a, b) for a, b in gene.coding if first <= a and b <= last]
        count = sum(b - a + 1 for a, b in inside)
        ends = (last_base + 1 - last, last_base + 1 - first) if place.reverse else (first, last)
        shift = 0 if place.reverse else place.start - 1
        rows.append([number, ends[0] + shift, ends[1] + shift, *([done + 1, done + count] if count else [])])
        done += count
    draft.records |= {CODING: coding, GENOMIC: reverse_complement(sequence) if place.reverse else sequence}
    draft.facts["transcript"] = {
        "accession": gene.accession,
        "assembly": place.assembly,
        "chromosome": place.chromosome,
        "chromosome_accession": place.accession,
        "chromosome_length": place.length,
        "strand": -gene.strand if place.reverse else gene.strand,
        "coding_record": CODING,
        "genomic_record": GENOMIC,
        "genomic_start": place.start,
        "source": source,
        "exons": rows,
    }


def write_pack(draft: Draft, folder: Path) -> Target:
    """Write a draft as a pack, whole or not at all, and load it.

    Parameters
    ----------
    draft
    folder
        Where to; must not exist, or be empty.

    Returns
    -------
    Target
        The pack as it is read.

    Raises
    ------
    OutputError
        If the folder is not empty or cannot be written.
    TargetError
        If the draft has no protein, or its facts contradict each other.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder}: exists and is not empty; name a new folder")
    if not draft.protein:
        raise TargetError("no protein sequence; give a structure, a UniProt record, a GenBank file or GFF3 with FASTA")
    if CODING in draft.records:
        draft.records.pop(PROTEIN, None)
        draft.facts.pop("protein_record", None)
    draft.facts.setdefault("name", folder.name)
    with together(folder) as made:
        (made / TARGET_FILE).write_text(_toml(draft), encoding="utf-8")
        (made / "sequences.fa").write_text(_as_fasta(draft.records), encoding="utf-8")
        for file in draft.files:
            shutil.copyfile(file, made / file.name)
        try:
            load_target(made)
        except TargetError as error:
            raise TargetError(str(error).replace(str(made), str(folder))) from None
    return load_target(folder)


def _toml(draft: Draft) -> str:
    """Write the facts as TOML: keys, tables, lists of tables, sources."""
    plain = {key: value for key, value in draft.facts.items() if not _is_table(value)}
    lines = ["# Written by `epitope target new`. What the files did not say is left out; add it with its source."]
    lines += [f"# left out: {' '.join(line.split())}" for line in draft.left_out]
    lines += ["", *_pairs(plain)]
    for key, value in draft.facts.items():
        if isinstance(value, dict):
            lines += ["", f"[{key}]", *_pairs(value)]
        elif _is_table(value):
            for row in value:
                lines += ["", f"[[{key}]]", *_pairs(row)]
    for key, citation in draft.sources.items():
        lines += ["", f"[sources.{key}]", *_pairs({"citation": citation})]
    return "\n".join(lines) + "\n"


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and all(isinstance(item, dict) for item in value))


def _pairs(values: dict[str, Any]) -> list[str]:
    """Write keys and values; JSON's strings, numbers and lists of them are those of TOML."""
    return [
        f"{key} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f") for key, value in values.items()
    ]


def _as_fasta(records: dict[str, str]) -> str:
    width = 60
    return "".join(
        f">{name}\n" + "".join(f"{letters[i : i + width]}\n" for i in range(0, len(letters), width))
        for name, letters in records.items()
    )


def _fasta(text: str) -> dict[str, str]:
    """Read FASTA: header to sequence."""
    records: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith(">"):
            current = records.setdefault(line[1:].strip(), [])
        else:
            current.append(line.strip().upper())
    return {header: "".join(lines) for header, lines in records.items()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise TargetError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise TargetError(f"{path}: not a text file") from None


def _cited(draft: Draft) -> str:
    return next(iter(draft.sources.values()), "the input")
