"""Text to a parsed change: the grammar of every way a variant is written.

Small named patterns, composed: positions, alleles, residues; then one pattern for each
kind of description (HGVS on protein and DNA, VCF-like alleles, SPDI, named events). Every
pattern is anchored and matches in linear time. Knows names and numbers of the target, not
its sequence: whether a change fits the sequence is checked where it is applied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from epitope.errors import VariantError
from epitope.target.model import Target
from epitope.target.residues import decode, one_letter
from epitope.target.translation import STOP
from epitope.variant.model import ChangeKind, Variant


@dataclass(frozen=True, slots=True)
class CodingPoint:
    """A position as written: a number, possibly behind a star, and bases into an intron."""

    number: int
    offset: int = 0
    star: bool = False


@dataclass(frozen=True, slots=True)
class DnaText:
    """A change of DNA as written.

    ``system`` is ``c``, ``n`` or ``g``. ``operation`` is ``sub``, ``del``, ``dup``, ``ins``,
    ``delins``, ``inv``, ``=`` or ``?``. ``deleted`` are the reference bases if they were
    written (``deleted_length`` if only their number was), ``inserted`` the new ones.
    ``anchored`` marks VCF alleles, which may repeat the base in front of an indel.
    """

    system: str
    operation: str
    start: CodingPoint
    end: CodingPoint
    deleted: str = ""
    inserted: str = ""
    deleted_length: int | None = None
    anchored: bool = False
    chromosome: str = ""


@dataclass(frozen=True, slots=True)
class ProteinText:
    """A change of the protein as written; residues are one-letter, "" where not written.

    ``kind`` is ``None`` for a splice label (``p.Q186sp``). ``stop_distance`` is the number
    behind ``fsTer``, if written.
    """

    kind: ChangeKind | None
    start: int
    end: int
    start_residue: str = ""
    end_residue: str = ""
    alternate: str = ""
    deleted: str = ""
    stop_distance: int | None = None


@dataclass(frozen=True, slots=True)
class EventText:
    """A named RNA event of the target."""

    name: str


Parsed = DnaText | ProteinText | EventText

_NUMBER = r"[0-9]{1,9}"
_POINT = rf"([*-]?{_NUMBER})([+-]{_NUMBER})?"
_BASES = r"[ACGT]+"
_RESIDUE = r"(?:[A-Za-z]{3}|[A-Za-z*])"

_PREFIXED = re.compile(r"(?:([^:\s]+(?:\([^)\s]*\))?)\s*:\s*)?([A-Za-z])\.(.*)", re.DOTALL)
_DNA = re.compile(
    rf"{_POINT}(?:_{_POINT})?\s*"
    rf"(?:({_BASES})\s*>\s*({_BASES})|(DELINS)({_BASES})|DEL({_BASES}|{_NUMBER})?(?:INS({_BASES}))?"
    rf"|DUP({_BASES}|{_NUMBER})?|INS({_BASES})|INV({_BASES}|{_NUMBER})?|({_BASES})?(=)|(\?))"
)
_CHROMOSOME = r"(?:CHR)?(?:[0-9]{1,2}|X|Y|MT?)|NC_[0-9]{6}\.[0-9]{1,2}"
_ALLELE = re.compile(
    rf"({_CHROMOSOME})(?:\s*[-:_/]\s*|\s+)({_NUMBER})(?:\s*[-:_/]\s*|\s+)?"
    rf"([ACGT]*|-)(?:\s*[-:_/>]\s*|\s+)([ACGT]*|-)",
    re.IGNORECASE,
)
_SPDI = re.compile(rf"([A-Z]{{2}}_[0-9]+(?:\.[0-9]+)?):({_NUMBER}):({_BASES}|{_NUMBER})?:({_BASES})?", re.I)
_PROTEIN = re.compile(
    rf"({_RESIDUE})?({_NUMBER})(?:_({_RESIDUE})?({_NUMBER}))?"
    r"(?:(?P<fs>(?:[A-Za-z]{3}|[A-Za-z])?fs(?:(?:ter|\*|x)(?P<distance>[0-9]{1,9}|\?)?)?)"
    r"|(?P<delins>delins|>)(?P<delins_to>[A-Za-z*]+)|del(?P<deleted>[A-Za-z]*)"
    r"|dup(?P<duplicated>[A-Za-z]*)|ins(?P<inserted>[A-Za-z*]+)|(?P<splice>_?sp(?:l|lice)?)"
    r"|(?P<extension>(?:[A-Za-z]{3}|[A-Za-z])?ext(?:ter|\*|x|-)?(?P<added>[0-9]{1,9}|\?)?)"
    rf"|(?P<same>=)|(?P<unknown>\?)|(?P<to>{_RESIDUE}))",
    re.IGNORECASE,
)
_EVENT = re.compile(r"(?:ex|exon|e|in|intron|i)[ ._-]?[0-9].*|.*(?:skip|part)(?:ping|ial)?", re.I | re.DOTALL)
_SYMBOLIC = re.compile(r".*(?:<[^>]*>|\[[^\]]*:[0-9]+|\][^\[]*:[0-9]+).*", re.DOTALL)
_BARE_BASES = re.compile(r"([ACGT])([0-9]{1,9})([ACGT])")
_IDENTIFIER = re.compile(r"(?:rs|ss|RCV|VCV|SCV|COSM|COSV|CA)[0-9]+(?:\.[0-9]+)?", re.IGNORECASE)
_SHOWN = 60
# ``fsTer?``: a stop that is said to be unknown, not merely left out.
UNKNOWN_DISTANCE = -1


def shown(text: str) -> str:
    """Return a text shortened to one line for a message."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 3] + "..."


# What word processors, web pages and PDFs put in place of the characters of a name.
_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
    | dict.fromkeys("\u2192\u203a\uff1e", ">")
    | dict.fromkeys("\u2217\uff0a", "*")
    | dict.fromkeys("\u2018\u2019\u201c\u201d\u00b4", "'")
    | {"\uff1a": ":", "\uff08": "(", "\uff09": ")"}
)
_DASHED_RANGE = re.compile(r"[cng]\.\s*\(?(?P<first>[0-9]+)[\u2010-\u2015\u2212\ufe63\uff0d](?P<last>[0-9]+)", re.I)
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_LABELLED = re.compile(
    r"(?P<dna>(?:[^:\s]+:)?\s*[cng]\.[^()\[\]]*?)[\s,;/|]*[\s,;/|(]\s*(?P<label>(?:[^:\s()]+:)?p\.[^\[\]]+)"
    r"|(?P<first_label>(?:[^:\s]+:)?p\.[^\s\[\]]+?)[\s,;/|]*[\s,;/|(]\s*(?P<dna_behind>(?:[^:\s()]+:)?[cng]\.[^()\[\]]+)\)?",
    re.IGNORECASE,
)


def cleaned(text: str) -> str:
    """Return a text without what copying has added: quotes, closing points, typographic dashes, invisible characters.

    Raises
    ------
    VariantError
        If a long dash between two positions could be a range or a step into an intron.

    Examples
    --------
    >>> cleaned("\u201cp.Phe61\u00addel\u201d,")
    'p.Phe61del'
    """
    if not text.isascii():
        dashed = _DASHED_RANGE.search(text)
        if dashed is not None and int(dashed["first"]) < int(dashed["last"]):
            raise VariantError(
                f"{shown(text)}: a dash between two positions; write {dashed['first']}_{dashed['last']} for the range"
            )
        text = text.translate(_TYPOGRAPHY)
    if "," in text:
        text = _THOUSANDS.sub("", text)
    if "&" in text:
        text = text.replace("&gt;", ">")
    return text.strip(" \t\r\n\u00a0'\",;").removesuffix(".").strip()


def split_label(text: str) -> tuple[str, str]:
    """Return a DNA description and the protein label that stands beside it in one text, "" if there is none.

    Examples
    --------
    >>> split_label("NM_001770.6(CD19):c.488G>T (p.Arg163Leu)")
    ('NM_001770.6(CD19):c.488G>T', 'p.Arg163Leu')
    """
    if "p." not in text or not ("c." in text or "g." in text or "n." in text):
        return text, ""
    match = _LABELLED.fullmatch(cleaned(text))
    if match is None:
        return text, ""
    label = (match["label"] or match["first_label"]).strip()
    if label.count(")") > label.count("("):
        label = label.removesuffix(")").strip()
    return (match["dna"] or match["dna_behind"]).strip(), label


def parse(variant: str | Variant, target: Target) -> Parsed:
    """Parse one variant, in any of the ways that people write it.

    Parameters
    ----------
    variant : str or Variant
        The text, or a `Variant` that holds it.
    target : Target
        The antigen; its names decide which prefixes and events are understood.

    Returns
    -------
    DnaText, ProteinText or EventText
        What was written, not yet held against the sequence.

    Raises
    ------
    VariantError
        If the text is empty, ambiguous, on another sequence or not understood.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> parse("p.(Phe61del)", load_target()).start
    61
    >>> parse("c.179 CCTT>C", load_target()).inserted
    'C'
    """
    text = cleaned(variant.text if isinstance(variant, Variant) else variant)
    if " " in text and text.partition(" ")[0].upper() == target.gene.upper():
        text = text.partition(" ")[2].strip()
    if not text:
        raise VariantError("empty variant: write HGVS such as p.Phe61del or c.183_185del")
    bare = text[1:-1] if text[0] == "(" and text[-1] == ")" else text
    match = _PREFIXED.fullmatch(bare)
    if match is not None:
        accession, system, rest = match.groups()
        return _prefixed(text, accession or "", system, rest, target)
    return _bare(text, target)


def _prefixed(text: str, accession: str, system: str, rest: str, target: Target) -> Parsed:
    """Parse a description with its HGVS letter: ``c.``, ``n.``, ``g.`` or ``p.``."""
    letter = system.lower()
    if letter == "p":
        _check_protein_name(text, accession, target)
        return _protein(text, rest)
    if letter in "cn":
        _check_transcript_name(text, accession, target)
        return _dna(text, letter, rest, "")
    if letter == "g":
        chromosome = _chromosome(text, accession, target) if accession else ""
        return _dna(text, letter, rest, chromosome)
    if letter in "rm":
        what = "RNA" if letter == "r" else "mitochondrial"
        events = _events(target)
        raise VariantError(f"{shown(text)}: {what} descriptions are not read; write c., g., p. or {events}")
    raise VariantError(_not_understood(text, target))


def _bare(text: str, target: Target) -> Parsed:
    """Parse a text without an HGVS letter: an event, alleles, SPDI or a protein change."""
    for isoform in target.isoforms:
        if isoform.name.casefold() == text.casefold():
            return EventText(isoform.name)
    if _IDENTIFIER.fullmatch(text):
        return _identified(text, target)
    match = _SPDI.fullmatch(text)
    if match is not None:
        return _spdi(text, match, target)
    match = _ALLELE.fullmatch(text)
    if match is not None and (match[3] or match[4]):
        return _alleles(text, match, target)
    if _SYMBOLIC.fullmatch(text):
        raise VariantError(f"{shown(text)}: a symbolic allele or breakend is not assessable; give the bases")
    accession, _, rest = text.rpartition(":")
    if accession:
        _check_protein_name(text, accession, target)
        text = rest.strip()
    if _PROTEIN.fullmatch(text.strip("()")):
        return _protein(text, text)
    if text.endswith("*") and "-" in text:
        raise VariantError(f"{shown(text)}: the allele * stands for a deletion named elsewhere; not assessable")
    if _EVENT.fullmatch(text):
        raise VariantError(f"{shown(text)}: unknown event; {target.name} has {_events(target)}")
    raise VariantError(_not_understood(text, target))


def _identified(text: str, target: Target) -> Parsed:
    """Parse the number of a polymorphism that the target lists; others cannot be looked up."""
    for known in target.polymorphisms:
        if known.identifier and known.identifier.casefold() == text.casefold():
            return parse(known.hgvs_c, target)
    raise VariantError(f"{shown(text)}: numbers of databases are not looked up; write its HGVS or alleles")


def is_ambiguous(text: str) -> tuple[str, int, str] | None:
    """Return the parts of a bare text such as ``A61T``, which may mean residues or bases."""
    match = _BARE_BASES.fullmatch(text.strip().upper())
    return (match[1], int(match[2]), match[3]) if match else None


def _events(target: Target) -> str:
    """List the named events of the target."""
    return ", ".join(isoform.name for isoform in target.isoforms) or "no named events"


def _not_understood(text: str, target: Target) -> str:
    """Say what could have been written instead."""
    return (
        f"{shown(text)}: not understood; write HGVS (p.Phe61del, c.183_185del), "
        f"alleles (chr16-28933043-G-T) or an event ({_events(target)})"
    )


def _check_transcript_name(text: str, accession: str, target: Target) -> None:
    """Refuse a transcript other than the target's."""
    if not accession:
        return
    transcript = target.transcript
    name = re.sub(r"\([^)]*\)$", "", accession)
    inner = re.fullmatch(r"NC_[0-9]+\.[0-9]+\(([^)]*)\)", accession, re.IGNORECASE)
    if inner is not None:
        _chromosome(text, name, target)
        name = inner[1]
    stem, _, version = name.partition(".")
    for known in (transcript.accession, transcript.ensembl):
        known_stem, _, known_version = known.partition(".")
        if stem.upper() == known_stem.upper():
            if version and known_version and version != known_version:
                raise VariantError(
                    f"{shown(text)}: {stem} version {version}, but {target.name} is described on {known}; "
                    f"check the position on that version and write it"
                )
            return
    if name.upper() == target.gene.upper():
        return
    raise VariantError(
        f"{shown(text)}: unknown transcript {shown(name)}; {target.name} is described on "
        f"{transcript.accession} = {transcript.ensembl}"
    )


def _check_protein_name(text: str, accession: str, target: Target) -> None:
    """Refuse a protein other than the target's."""
    if not accession:
        return
    stem = re.sub(r"\([^)]*\)$", "", accession.strip()).partition(".")[0].upper()
    known = {target.protein_accession, target.uniprot_id, target.uniprot_name, target.name, target.gene}
    transcripts = {target.transcript.accession, target.transcript.ensembl}
    if stem not in {name.partition(".")[0].upper() for name in known | transcripts if name}:
        names = ", ".join(sorted(name for name in known if name))
        raise VariantError(f"{shown(text)}: unknown protein {shown(accession)}; {target.name} is {names}")


def _chromosome(text: str, name: str, target: Target) -> str:
    """Return "" for the target's chromosome, the name of another one; refuse other builds."""
    transcript = target.transcript
    upper = re.sub(r"\([^)]*\)$", "", name).upper()
    wanted = transcript.chromosome_accession.upper()
    if upper.startswith("NC_"):
        if upper == wanted:
            return ""
        if upper.partition(".")[0] == wanted.partition(".")[0]:
            raise VariantError(
                f"{shown(text)}: {upper} is another build; only {transcript.assembly} "
                f"({transcript.chromosome_accession}) is read"
            )
        return upper
    if upper.removeprefix("CHR") == transcript.chromosome.upper().removeprefix("CHR"):
        return ""
    if upper == target.gene.upper():
        return ""
    if not re.fullmatch(_CHROMOSOME, upper):
        raise VariantError(f"{shown(text)}: unknown chromosome {shown(name)}; use {transcript.chromosome}")
    return upper


def _point(number: str, offset: str | None) -> CodingPoint:
    """Turn a written position into a `CodingPoint`."""
    star = number[0] == "*"
    return CodingPoint(int(number[1:] if star else number), int(offset) if offset else 0, star)


def _dna(text: str, system: str, rest: str, chromosome: str) -> DnaText:
    """Parse what follows ``c.``, ``n.`` or ``g.``."""
    body = rest.strip()
    if body[:1] == "(" and body[-1:] == ")":
        body = body[1:-1]
    nowhere = CodingPoint(0)
    if body in {"=", "?"}:
        return DnaText(system, body, nowhere, nowhere, chromosome=chromosome)
    match = _DNA.fullmatch(body.upper())
    if match is None:
        raise VariantError(_dna_reason(text, system, body))
    start = _point(match[1], match[2])
    end = _point(match[3], match[4]) if match[3] else start
    if system == "g" and (start.offset or end.offset or start.star or end.star or start.number < 0):
        raise VariantError(f"{shown(text)}: a g. position is a plain number, counted from 1")
    return _operation(text, system, start, end, match, chromosome)


def _operation(  # noqa: PLR0911 (one for each kind)
    text: str, system: str, start: CodingPoint, end: CodingPoint, match: re.Match[str], chromosome: str
) -> DnaText:
    """Turn the matched operation of a DNA description into a `DnaText`."""
    sub_from, sub_to, delins, delins_to, deleted, del_ins = match.groups()[4:10]
    duplicated, inserted, inverted, same_base, same, unknown = match.groups()[10:]
    ranged = match[3] is not None
    if sub_from is not None:
        # A reference allele longer than one base is VCF style: it starts at the position.
        single = len(sub_from) == 1 == len(sub_to)
        if ranged:
            return DnaText(system, "delins", start, end, sub_from, sub_to, chromosome=chromosome)
        operation = "sub" if single else "alleles"
        return DnaText(system, operation, start, start, sub_from, sub_to, None, not single, chromosome)
    if inserted is not None:
        if not ranged:
            raise VariantError(f"{shown(text)}: an insertion names the two bases around it, such as 61_62ins")
        return DnaText(system, "ins", start, end, "", inserted, chromosome=chromosome)
    if delins is not None:
        return DnaText(system, "delins", start, end, "", delins_to, chromosome=chromosome)
    if same is not None:
        return DnaText(system, "=", start, end, same_base or "", chromosome=chromosome)
    if unknown is not None:
        return DnaText(system, "?", start, end, chromosome=chromosome)
    upper = match[0]
    operation = "dup" if "DUP" in upper else "inv" if "INV" in upper else "delins" if del_ins else "del"
    written = deleted or duplicated or inverted or ""
    if written.isdigit():
        return DnaText(system, operation, start, end, "", del_ins or "", int(written), False, chromosome)
    return DnaText(system, operation, start, end, written, del_ins or "", chromosome=chromosome)


def _dna_reason(text: str, system: str, body: str) -> str:
    """Say why a DNA description was not understood."""
    if "[" in body or ";" in body:
        return f"{shown(text)}: one change at a time; give each of several changes as a variant of its own"
    if re.search(r"\?|\)_\(|^\(", body):
        return f"{shown(text)}: uncertain positions are not assessable; give the bases that changed"
    if re.search(r"[BD-FHJ-SU-Z]", re.sub(r"del|ins|dup|inv|con|fs", "", body, flags=re.I).upper()):
        return f"{shown(text)}: only the bases A, C, G and T are read"
    return (
        f"{shown(text)}: {system}. description not understood; "
        f"write 488G>T, 183_185del, 400dup, 259_260insGG or 559+1G>A"
    )


def _alleles(text: str, match: re.Match[str], target: Target) -> DnaText:
    """Parse ``chr16-28933043-G-T`` and its relatives."""
    chromosome = _chromosome(text, match[1], target)
    point = CodingPoint(int(match[2]))
    deleted, inserted = (match[i].upper().replace("-", "") for i in (3, 4))
    return DnaText("g", "alleles", point, point, deleted, inserted, None, True, chromosome)


def _spdi(text: str, match: re.Match[str], target: Target) -> DnaText:
    """Parse SPDI; its position counts the bases in front, so it starts from 0."""
    name = match[1].upper()
    if name.startswith("NC_"):
        system, chromosome = "g", _chromosome(text, name, target)
    else:
        _check_transcript_name(text, name, target)
        system, chromosome = "n", ""
    point = CodingPoint(int(match[2]) + 1)
    deleted, inserted = (match[3] or "").upper(), (match[4] or "").upper()
    length = int(deleted) if deleted.isdigit() else None
    written = "" if deleted.isdigit() else deleted
    return DnaText(system, "alleles", point, point, written, inserted, length, False, chromosome)


def _protein(text: str, rest: str) -> ProteinText:
    """Parse what follows ``p.``, or a bare protein change."""
    body = rest.strip().replace(" ", "")
    if "-" in body or "stop" in body.lower():
        # A hyphen from the end of a printed line; the stop written out.
        body = re.sub(
            r"(?<=[0-9])-(?=del|dup|ins|fs)|(?i:(?<=[0-9])stop$)", lambda at: "" if at[0] == "-" else "Ter", body
        )
    if body[:1] == "(" and body[-1:] == ")":
        body = body[1:-1]
    elif body[:1] == "(" or body[-1:] == ")":
        body = body.strip("()")
    if body in {"=", "?", "0", "0?"}:
        kind = {"=": ChangeKind.NONE, "?": ChangeKind.UNKNOWN}.get(body, ChangeKind.START_LOSS)
        return ProteinText(kind, 0, 0, alternate=body)
    match = _PROTEIN.fullmatch(body)
    if match is None:
        raise VariantError(_protein_reason(text, body))
    start, end = int(match[2]), int(match[4] or match[2])
    first, last = _letter(text, match[1]), _letter(text, match[3])
    if end < start:
        raise VariantError(f"{shown(text)}: the range runs backwards, {start} to {end}")
    if match[4] is None:
        last = first
    return _protein_operation(text, match, ProteinText(ChangeKind.UNKNOWN, start, end, first, last))


def _protein_operation(  # noqa: PLR0911 (one for each kind)
    text: str, match: re.Match[str], at: ProteinText
) -> ProteinText:
    """Turn the matched operation of a protein description into a `ProteinText`."""

    def make(kind: ChangeKind | None, alternate: str = "", deleted: str = "") -> ProteinText:
        return ProteinText(kind, at.start, at.end, at.start_residue, at.end_residue, alternate, deleted)

    ranged = match[4] is not None
    group = match.groupdict()
    if group["fs"] is not None:
        first_new = _letter(text, group["fs"][: group["fs"].lower().index("fs")])
        written = group["distance"]
        distance = None if not written else UNKNOWN_DISTANCE if written == "?" else int(written)
        return ProteinText(ChangeKind.FRAMESHIFT, at.start, at.start, at.start_residue, "", first_new, "", distance)
    if group["splice"] is not None:
        return make(None)
    if group["delins"] is not None:
        return make(ChangeKind.DELINS, _residues(text, group["delins_to"]))
    if group["deleted"] is not None:
        return make(ChangeKind.DELETION, "", _residues(text, group["deleted"]) if group["deleted"] else "")
    if group["duplicated"] is not None:
        written = _residues(text, group["duplicated"]) if group["duplicated"] else ""
        return make(ChangeKind.DUPLICATION, "", written)
    if group["inserted"] is not None:
        if not ranged or at.end != at.start + 1:
            raise VariantError(f"{shown(text)}: an insertion names the two residues around it, such as P60_F61ins")
        return make(ChangeKind.INSERTION, _residues(text, group["inserted"]))
    if group["extension"] is not None:
        first_new = group["extension"][: group["extension"].lower().index("ext")]
        added = group["added"]
        distance = int(added) if added and added != "?" else None
        return replace(
            make(ChangeKind.STOP_LOSS, _letter(text, first_new) if first_new else ""), stop_distance=distance
        )
    if group["same"] is not None:
        return make(ChangeKind.NONE)
    if group["unknown"] is not None:
        return make(ChangeKind.START_LOSS if at.start == 1 and not ranged else ChangeKind.UNKNOWN)
    if ranged:
        raise VariantError(f"{shown(text)}: a range needs del, dup, ins, delins or =")
    # X stood for a stop in older descriptions.
    alternate = STOP if group["to"] in ("X", "x") else _letter(text, group["to"])
    if alternate == STOP:
        return make(ChangeKind.NONSENSE, STOP)
    return make(ChangeKind.SUBSTITUTION, alternate)


def _letter(text: str, code: str | None) -> str:
    """Return the one-letter code of a written residue, "" where none was written."""
    if not code:
        return ""
    letter = one_letter(code)
    if not letter or letter == "X":
        raise VariantError(f"{shown(text)}: {code} is not an amino acid")
    return letter


def _residues(text: str, written: str) -> str:
    """Return the one-letter sequence of written residues."""
    letters = decode(written)
    if not letters:
        raise VariantError(
            f"{shown(text)}: {shown(written)} is not a sequence of residues; write GlyAla or GA, with capitals"
        )
    return letters


def _protein_reason(text: str, body: str) -> str:
    """Say why a protein description was not understood."""
    if "[" in body or ";" in body:
        return f"{shown(text)}: one change at a time; give each of several changes as a variant of its own"
    return (
        f"{shown(text)}: protein description not understood; "
        f"write Phe61del, L174V, Tyr259fs, Ser269Ter or Pro60_Phe61insGly"
    )
