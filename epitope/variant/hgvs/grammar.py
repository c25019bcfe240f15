"""Text to a parsed change: the grammar of every way a variant is written.

Small named patterns, composed: positions, alleles, residues; then one pattern for each
kind of description (HGVS on protein, DNA and RNA, VCF-like alleles, SPDI). Every
pattern is anchored and matches in linear time. Knows names and numbers of the target, not
its sequence: whether a change fits the sequence is checked where it is applied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from epitope.errors import VariantError, shown
from epitope.target.model import Target, Transcript
from epitope.target.residues import ANY, decode, one_letter, read_residue
from epitope.target.translation import STOP
from epitope.variant.hgvs.brackets import bracketed
from epitope.variant.hgvs.events import (
    EventText,
    event_names,
    event_of,
    intron_positions,
    refuse_event,
    residue_lost,
)
from epitope.variant.hgvs.spelling import cleaned
from epitope.variant.model import ChangeKind, Variant


@dataclass(frozen=True, slots=True)
class CodingPoint:
    """A position as written: a number, possibly behind a star, and bases into an intron."""

    number: int
    offset: int = 0
    star: bool = False


@dataclass(frozen=True, slots=True)
class DnaText:
    """A change of DNA or RNA as written.

    ``system`` is ``c``, ``n``, ``g`` or ``r`` (RNA, written here with T). ``operation`` is
    ``sub``, ``del``, ``dup``, ``ins``, ``delins``, ``inv``, ``repeat``, ``=`` or ``?``; on RNA
    also ``spl`` (splicing changes) and ``0`` (no RNA). ``deleted`` are the reference bases if
    they were written (``deleted_length`` if only their number was), ``inserted`` the new
    ones. ``anchored`` marks VCF alleles, which may repeat the base in front of an indel. Of
    a repeat, ``deleted`` is the unit, if written, and ``copies`` how often it stands there.
    ``note`` says how a text that is no HGVS was read.
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
    copies: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class ProteinText:
    """A change of the protein as written; residues are one-letter, "" where not written.

    ``kind`` is ``None`` for a splice label (``p.Q186sp``). ``stop_distance`` is the number
    behind ``fsTer``, if written, ``front`` the one behind ``Met1ext-``. ``reads_on`` says that
    ``extTer`` stands behind a deletion, which then takes the stop codon with it
    (``p.Ala552_Ter557delextTer?``). ``note`` says what could not be checked.
    """

    kind: ChangeKind | None
    start: int
    end: int
    start_residue: str = ""
    end_residue: str = ""
    alternate: str = ""
    deleted: str = ""
    stop_distance: int | None = None
    reads_on: bool = False
    front: int | None = None
    note: str = ""


Parsed = DnaText | ProteinText | EventText

_NUMBER = r"[0-9]{1,9}"
_POINT = rf"([*-]?{_NUMBER})([+-]{_NUMBER})?"
_BASES = r"[ACGT]+"
_RESIDUE = r"(?:[A-Za-z]{3}|[A-Za-z*])"

_PREFIXED = re.compile(r"(?:([^:\s]+)\s?:\s?)?([A-Za-z])\.(.*)", re.DOTALL)
_DNA = re.compile(
    rf"{_POINT}(?:_{_POINT})?\s*"
    rf"(?:({_BASES})\s*>\s*({_BASES})|(DELINS)({_BASES})|DEL({_BASES}|{_NUMBER})?(?:INS({_BASES}))?"
    rf"|DUP({_BASES}|{_NUMBER})?|INS({_BASES})|INV({_BASES}|{_NUMBER})?|({_BASES})?(=)|(\?))"
)
# The base in front of its position, as in older papers: G488T.
_BASE_IN_FRONT = re.compile(rf"([ACGT]){_POINT}\s?>?\s?([ACGT])")
_OTHER_ARROWS = re.compile(r"(?<=[ACGT])\s?(?:/|-|TO)\s?(?=[ACGT])")
_REPEAT = re.compile(rf"{_POINT}(?:_{_POINT})?({_BASES})?\[({_NUMBER})\]")
_CHROMOSOME = r"(?:CHR)?(?:[0-9]{1,2}|X|Y|MT?)|(?:NC_|CM)[0-9]{6}\.[0-9]{1,2}"
_ALLELE = re.compile(
    rf"({_CHROMOSOME})(?:\s*[-:_/]\s*|\s+)({_NUMBER})(?:\s*[-:_/]\s*|\s+)?"
    rf"([ACGT]*|-)(?:\s*[-:_/>]\s*|\s+)([ACGT]*|-)",
    re.IGNORECASE,
)
_VCF_LINE = re.compile(rf"({_CHROMOSOME})\s+({_NUMBER})\s+(\S+)\s+([A-Z]+)\s+(\S+)(?:\s.*)?", re.I | re.DOTALL)
_SPDI = re.compile(rf"([A-Z]{{2}}_[0-9]+(?:\.[0-9]+)?):({_NUMBER}):({_BASES}|{_NUMBER})?:({_BASES})?", re.I)
_PROTEIN = re.compile(
    rf"({_RESIDUE})?({_NUMBER})(?:_({_RESIDUE})?({_NUMBER}))?"
    r"(?:(?P<fs>(?:[A-Za-z]{3}|[A-Za-z])?fs(?:(?:ter|\*|x)(?P<distance>[0-9]{1,9}|\?)?)?)"
    r"|(?P<delins>delins|>)(?P<delins_to>(?:(?!ext(?:ter|\*))[A-Za-z*])+)(?P<delins_on>ext(?:ter|\*)[0-9?]{0,9})?"
    r"|del(?P<deleted>(?:(?!ext(?:ter|\*))[A-Za-z])*)(?P<deleted_on>ext(?:ter|\*)[0-9?]{0,9})?"
    r"|dup(?P<duplicated>[A-Za-z]*)|ins(?P<inserted>[A-Za-z*]+)|(?P<splice>_?sp(?:l|lice)?)"
    r"|(?P<extension>(?:[A-Za-z]{3}|[A-Za-z])?ext(?P<front>-)?(?:ter|\*|x)?(?P<added>[0-9]{1,9}|\?)?)"
    rf"|(?P<same>=)|(?P<unknown>\?)|(?P<to>{_RESIDUE}))",
    re.IGNORECASE,
)
_ENSEMBL_PROTEIN = re.compile(r"ENSP[0-9]{11}")
_UNLETTERED = re.compile(r"[0-9]+(?:_[0-9]+)?(?:del|dup|ins|inv|=).*", re.I | re.DOTALL)
_SYMBOLIC = re.compile(r"<[^<>]*>|[\[\]][^\[\]]*:[0-9]")
_BARE_BASES = re.compile(r"([ACGT])([0-9]{1,9})([ACGT])")
_IDENTIFIER = re.compile(r"(?:rs|ss|RCV|VCV|SCV|COSM|COSV|CA)[0-9]+(?:\.[0-9]+)?", re.IGNORECASE)
# ``fsTer?``: a stop that is said to be unknown, not merely left out.
UNKNOWN_DISTANCE = -1


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
    text = _without_gene(cleaned(variant.text if isinstance(variant, Variant) else variant), target)
    if not text:
        raise VariantError("empty variant: write HGVS such as p.Phe61del or c.183_185del")
    if "[" in text or ";" in text:
        text = _single(text)
    bare = text[1:-1] if text[0] == "(" and text[-1] == ")" else text
    match = _PREFIXED.fullmatch(bare)
    if match is not None:
        accession, system, rest = match.groups()
        return _prefixed(text, accession or "", system, rest, target)
    return _bare(text, target)


def _without_gene(text: str, target: Target) -> str:
    """Drop the name of the gene in front of a description, ``GENE R163L`` or ``GENE-Δex3``."""
    size = len(target.gene)
    if text[:size].upper() != target.gene.upper() or text.upper().startswith(target.uniprot_name.upper()):
        return text
    rest = text[size:]
    return rest.strip(" \t_-") if rest[:1] in (" ", "\t", "_", "-", "Δ", "δ") else text


def _single(text: str) -> str:
    """Return the one change of a text with brackets as if it had none; refuse several.

    Raises
    ------
    VariantError
        If the text names several changes, on one allele or more.
    """
    found = bracketed(text)
    if found is None or not found.changes:
        return text
    if len(found.changes) == 1:
        return found.changes[0]
    two = len(found.alleles) > 1
    phase = "whose alleles are not said" if not found.phase_known else "on two alleles" if two else "on one allele"
    raise VariantError(
        f"{shown(text)}: {len(found.changes)} changes {phase} ({shown(', '.join(found.changes), 60)}); "
        "give each allele by itself"
    )


def _prefixed(text: str, accession: str, system: str, rest: str, target: Target) -> Parsed:
    """Parse a description with its HGVS letter: ``c.``, ``n.``, ``g.``, ``r.`` or ``p.``."""
    letter = system.lower()
    if letter == "p":
        note = _check_protein_name(text, accession, target)
        parsed = _protein(text, rest)
        return replace(parsed, note=note) if note else parsed
    if letter in "cnr":
        _check_transcript_name(text, accession, target)
        return _dna(text, letter, rest, "", target)
    if letter == "g":
        chromosome = _chromosome(text, accession, target) if accession else ""
        return _on_own_assembly(text, accession, _dna(text, letter, rest, chromosome, target), target)
    if letter == "m":
        where = target.transcript.chromosome
        raise VariantError(f"{shown(text)}: m. counts on the mitochondrial genome; {target.name} lies on {where}")
    raise VariantError(_not_understood(text, target))


def _bare(text: str, target: Target) -> Parsed:
    """Parse a text without an HGVS letter: an event, alleles, SPDI, a line of a VCF file or a protein change."""
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
    match = _VCF_LINE.fullmatch(text)
    if match is not None:
        return _vcf_line(text, match, target)
    if _SYMBOLIC.search(text):
        raise VariantError(f"{shown(text)}: a symbolic allele or breakend is not assessable; give the bases")
    return _bare_name(text, target)


def _bare_name(text: str, target: Target) -> Parsed:
    """Parse a protein change without ``p.``, exons left out, or a legacy intron position."""
    accession, _, rest = text.rpartition(":")
    body = rest.strip()
    if not _PROTEIN.fullmatch(body.strip("()")):
        event = event_of(body, target)
        if event is not None:
            return event
        legacy, note = intron_positions(text, body, target)
        if legacy:
            _check_transcript_name(text, accession.strip(), target)
            return replace(_dna(text, "c", legacy, "", target), note=note)
        body = residue_lost(body) or body
    note = _check_protein_name(text, accession, target) if accession else ""
    if _UNLETTERED.fullmatch(body) and not accession:
        written = shown(body, 30)
        raise VariantError(f"{shown(text)}: may count residues or bases; write p.{written} or c.{written}")
    if _PROTEIN.fullmatch(body.strip("()")):
        parsed = _protein(text, body)
        return replace(parsed, note=note) if note else parsed
    if text.endswith("*") and "-" in text:
        raise VariantError(f"{shown(text)}: the allele * stands for a deletion named elsewhere; not assessable")
    refuse_event(text, target)
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


def _not_understood(text: str, target: Target) -> str:
    """Say why a text without a known form was not understood, or what could have been written instead."""
    if text[0] == "#":
        return f"{shown(text)}: a comment or heading, not a variant"
    if read_residue(text) is not None:
        return f"{shown(text)}: names a residue, not what happens to it; write {text}del or {text}A"
    if _DNA.fullmatch(text.upper()):
        return f"{shown(text)}: does not say what it counts on; write c.{text} or g.{text}"
    parts = [part for part in re.split(r"[;,/+&|]|\s", text) if part]
    if len(parts) > 1 and all(_PROTEIN.fullmatch(part) or _PREFIXED.fullmatch(part) for part in parts):
        return f"{shown(text)}: {len(parts)} changes; give them one by one, or as one allele: [{';'.join(parts[:9])}]"
    return (
        f"{shown(text)}: not understood; write HGVS (p.Phe61del, c.183_185del), "
        f"alleles (chr16-28933043-G-T) or an event ({event_names(target)})"
    )


def _check_transcript_name(text: str, accession: str, target: Target) -> None:
    """Refuse a transcript other than the target's."""
    if not accession:
        return
    transcript = target.transcript
    name = re.sub(r"\([^()]*\)$", "", accession)
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
                    f"{shown(text)}: {stem} version {shown(version, 20)}, but {target.name} is described on {known}; "
                    f"check the position on that version and write it"
                )
            return
    if name.upper() == target.gene.upper():
        return
    what = "names a protein, but its positions are those of a transcript" if _is_protein_name(stem, target) else ""
    raise VariantError(
        f"{shown(text)}: {shown(name, 30)} {what or f'is not the transcript on which {target.name} is described'}; "
        f"write the change on {transcript.accession} = {transcript.ensembl}"
    )


def _is_protein_name(stem: str, target: Target) -> bool:
    """Say whether an accession is that of a protein."""
    return stem.upper().startswith(("NP_", "XP_", "ENSP")) or stem.upper() in {target.uniprot_id, target.uniprot_name}


def _check_protein_name(text: str, accession: str, target: Target) -> str:
    """Refuse a protein other than the target's; return a note where that cannot be told."""
    if not accession:
        return ""
    stem = re.sub(r"\([^()]*\)$", "", accession.strip()).partition(".")[0].upper()
    known = {target.protein_accession, target.uniprot_id, target.uniprot_name, target.name, target.gene}
    transcript = target.known_transcript
    transcripts = {transcript.accession, transcript.ensembl} if transcript else set()
    if stem in {name.partition(".")[0].upper() for name in known | transcripts if name}:
        return ""
    if _ENSEMBL_PROTEIN.fullmatch(stem):
        return f"{stem} was not checked to be {target.name}; the residues that are written were"
    names = ", ".join(sorted(name for name in known if name))
    raise VariantError(f"{shown(text)}: {shown(accession, 30)} is not known as {target.name}, which is {names}")


def _chromosome(text: str, name: str, target: Target) -> str:
    """Return "" for the target's chromosome, the name of another one; refuse other builds."""
    transcript = target.transcript
    upper = re.sub(r"\([^()]*\)$", "", name).upper()
    accessions = _accessions(transcript)
    if upper in accessions:
        return ""
    if upper.partition(".")[0] in {wanted.partition(".")[0] for wanted in accessions}:
        raise VariantError(
            f"{shown(text)}: {shown(upper, 30)} is another build; only {transcript.assembly} "
            f"({transcript.chromosome_accession}) is read"
        )
    if upper.startswith(("NC_", "CM")):
        return upper
    if upper.removeprefix("CHR") == transcript.chromosome.upper().removeprefix("CHR"):
        return ""
    if upper == target.gene.upper():
        return ""
    if not re.fullmatch(_CHROMOSOME, upper):
        raise VariantError(
            f"{shown(text)}: {shown(name, 30)} is no chromosome; {target.name} lies on {transcript.chromosome} = "
            f"{transcript.chromosome_accession} ({transcript.assembly})"
        )
    return upper


def _accessions(transcript: Transcript) -> set[str]:
    """Return the accessions of the target's chromosome, in capitals."""
    return {name.upper() for name in (transcript.chromosome_accession, transcript.chromosome_genbank) if name}


def _on_own_assembly(text: str, name: str, parsed: DnaText, target: Target) -> DnaText:
    """Refuse a position that lies in the gene on another assembly, unless an accession or the bases say otherwise."""
    transcript = target.transcript
    if parsed.chromosome or name.upper() in _accessions(transcript):
        return parsed
    first = parsed.start.number
    other = transcript.elsewhere(first, max(parsed.end.number, first + len(parsed.deleted) - 1))
    if other is None:
        return parsed
    bases = transcript.genomic_bases(first - other.offset, len(parsed.deleted)) if parsed.deleted else ""
    if bases not in ("", parsed.deleted):
        return parsed
    raise VariantError(
        f"{shown(text)}: {first} lies in {target.gene} on {other.name}, and {transcript.assembly} is read, where the "
        f"same base is {first - other.offset}; lift it over, or write {transcript.chromosome_accession}:g. "
        f"if it is a position of {transcript.assembly}"
    )


def _point(number: str, offset: str | None) -> CodingPoint:
    """Turn a written position into a `CodingPoint`."""
    star = number[0] == "*"
    return CodingPoint(int(number[1:] if star else number), int(offset) if offset else 0, star)


def _dna(text: str, system: str, rest: str, chromosome: str, target: Target) -> DnaText:
    """Parse what follows ``c.``, ``n.``, ``g.`` or ``r.``."""
    body = rest.strip()
    if body[:1] == "(" and body[-1:] == ")":
        body = body[1:-1]
    if system == "r":
        # RNA is written with u, also within "dup".
        body = re.sub("(?<!d)u", "t", body, flags=re.IGNORECASE)
    match = _DNA.fullmatch(body.upper())
    if match is None:
        return _other_dna(text, system, body, chromosome, target)
    start = _point(match[1], match[2])
    end = _point(match[3], match[4]) if match[3] else start
    _check_points(text, system, start, end)
    return _operation(text, system, start, end, match, chromosome)


def _other_dna(text: str, system: str, body: str, chromosome: str, target: Target) -> DnaText:
    """Parse a description without a position, a repeat, or one that is no HGVS but clear."""
    whole = body.lower().removesuffix("?") if system == "r" else body
    if body and (whole in {"=", "?", ""} or (system == "r" and whole in {"spl", "0"})):
        nowhere = CodingPoint(0)
        return DnaText(system, whole or "?", nowhere, nowhere, chromosome=chromosome)
    match = _REPEAT.fullmatch(body.upper())
    if match is not None:
        start = _point(match[1], match[2])
        end = _point(match[3], match[4]) if match[3] else start
        _check_points(text, system, start, end)
        unit, copies = match[5] or "", int(match[6])
        return DnaText(system, "repeat", start, end, unit, "", None, False, chromosome, copies)
    if system == "c":
        legacy, note = intron_positions(text, body, target)
        if legacy:
            return replace(_dna(text, "c", legacy, "", target), note=note)
    match = _BASE_IN_FRONT.fullmatch(body.upper())
    other = f"{match[2]}{match[3] or ''}{match[1]}>{match[4]}" if match else _OTHER_ARROWS.sub(">", body.upper())
    if _DNA.fullmatch(other):
        return _dna(text, system, other, chromosome, target)
    raise VariantError(_dna_reason(text, system, body))


def _check_points(text: str, system: str, start: CodingPoint, end: CodingPoint) -> None:
    """Refuse positions that a chromosome or an RNA does not have."""
    if system == "g" and (start.offset or end.offset or start.star or end.star or min(start.number, end.number) < 0):
        raise VariantError(f"{shown(text)}: a g. position is a plain number, counted from 1")
    if system == "r" and (start.offset or end.offset):
        raise VariantError(
            f"{shown(text)}: an r. position lies in the spliced RNA, which has no introns; write it in c."
        )


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


# What a DNA description may hold that is not read, and why; the first that is found counts.
_DNA_REASONS = tuple(
    (re.compile(pattern, re.IGNORECASE), reason)
    for pattern, reason in (
        (r"[(;]\?|\?_|_\?|\)_\(|^\(", "uncertain positions are not assessable; give the bases that changed"),
        (r"\[[0-9]+\].*\[", "repeats of more than one unit are not read; write the change as ins, del or delins"),
        (r"\]$|\[", "what stands in brackets is not read; a repeat is written 1203AGA[4], an insertion with its bases"),
        (r"con", "conversions are not read; write delins with the new bases"),
        (r"ins\(?[0-9N]", "the inserted bases are needed, not their number or origin"),
        (r"ins$", "the inserted bases are missing"),
        (r">$", "the new base is missing"),
        (r"^[*-]?[0-9]+(?:[+-][0-9]+)?(?:_[*-]?[0-9]+(?:[+-][0-9]+)?)?[ACGT]*$", "the change is missing"),
        (r"fs", "a frameshift is a change of the protein; write p. or the bases that changed"),
    )
)


def _dna_reason(text: str, system: str, body: str) -> str:
    """Say why a DNA description was not understood."""
    for pattern, reason in _DNA_REASONS:
        if pattern.search(body):
            return f"{shown(text)}: {reason}"
    keywords = r"(del|ins|dup|inv)"
    plain = "".join(
        part if index % 2 else re.sub("[A-Z]", "A", part)
        for index, part in enumerate(re.split(keywords, body.upper(), flags=re.IGNORECASE))
    )
    if plain != body.upper() and _DNA.fullmatch(plain):
        alphabet = "a, c, g and u" if system == "r" else "A, C, G and T"
        return f"{shown(text)}: only the bases {alphabet} are read"
    examples = (
        "488g>u, 89_355del, 400dup, spl or 0"
        if system == "r"
        else ("488G>T, 183_185del, 400dup, 259_260insGG or 559+1G>A")
    )
    return f"{shown(text)}: {system}. description not understood; write {examples}"


def _vcf_line(text: str, match: re.Match[str], target: Target) -> DnaText:
    """Parse a line of a VCF file: chromosome, position, identifier, reference and new allele."""
    identifier, deleted, inserted = match[3], match[4].upper(), match[5].upper()
    if identifier.isdigit():
        raise VariantError(
            f"{shown(text)}: two positions; write {match[1]}-{match[2]}-REF-ALT with the alleles as VCF has them"
        )
    if "," in inserted:
        raise VariantError(f"{shown(text)}: several new alleles; give them one by one")
    if inserted in ("*", "."):
        what = "stands for a deletion named elsewhere" if inserted == "*" else "means that there is no variant"
        raise VariantError(f"{shown(text)}: the allele {inserted} {what}; not assessable")
    if not re.fullmatch(_BASES, inserted):
        raise VariantError(f"{shown(text)}: a symbolic allele or breakend is not assessable; give the bases")
    if not re.fullmatch(_BASES, deleted):
        raise VariantError(f"{shown(text)}: only the bases A, C, G and T are read")
    point = CodingPoint(int(match[2]))
    chromosome = _chromosome(text, match[1], target)
    found = DnaText("g", "alleles", point, point, deleted, inserted, None, True, chromosome)
    return _on_own_assembly(text, match[1], found, target)


def _alleles(text: str, match: re.Match[str], target: Target) -> DnaText:
    """Parse ``chr16-28933043-G-T`` and its relatives."""
    chromosome = _chromosome(text, match[1], target)
    point = CodingPoint(int(match[2]))
    deleted, inserted = (match[i].upper().replace("-", "") for i in (3, 4))
    found = DnaText("g", "alleles", point, point, deleted, inserted, None, True, chromosome)
    return _on_own_assembly(text, match[1], found, target)


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
    if match["splice"] and match[4] is None and (match[1] or "").upper() in ("X", "XAA"):
        # X187_splice: the residue beside the splice site is not named.
        return ProteinText(None, start, start)
    first, last = _letter(text, match[1]), _letter(text, match[3])
    if end < start:
        raise VariantError(f"{shown(text)}: the range runs backwards, {start} to {end}")
    if match[4] is None:
        last = first
    return _protein_operation(text, match, ProteinText(ChangeKind.UNKNOWN, start, end, first, last))


def _protein_operation(  # noqa: PLR0911, PLR0912 (one for each kind)
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
        made = make(ChangeKind.DELINS, _residues(text, group["delins_to"]))
        return replace(made, reads_on=group["delins_on"] is not None)
    if group["deleted"] is not None:
        made = make(ChangeKind.DELETION, "", _residues(text, group["deleted"]) if group["deleted"] else "")
        return replace(made, reads_on=group["deleted_on"] is not None)
    if group["duplicated"] is not None:
        written = _residues(text, group["duplicated"]) if group["duplicated"] else ""
        return make(ChangeKind.DUPLICATION, "", written)
    if group["inserted"] is not None:
        if not ranged or at.end != at.start + 1:
            raise VariantError(f"{shown(text)}: an insertion names the two residues around it, such as P60_F61ins")
        return make(ChangeKind.INSERTION, _residues(text, group["inserted"]))
    if group["front"] is not None:
        return _front_extension(text, at, group["extension"], group["added"])
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
    if group["to"].lower() in _OPERATIONS:
        raise VariantError(f"{shown(text)}: {_OPERATIONS[group['to'].lower()]}")
    # X stood for a stop in older descriptions.
    alternate = STOP if group["to"] in ("X", "x") else _letter(text, group["to"])
    if alternate == STOP:
        return make(ChangeKind.NONSENSE, STOP)
    return make(ChangeKind.SUBSTITUTION, alternate)


# Words of three letters behind a position that are no residue.
_OPERATIONS = {
    "ins": "an insertion names the two residues around it and the new ones, such as P60_F61insG",
    "inv": "an inversion is a change of DNA; write the new residues with delins",
    "con": "a conversion is a change of DNA; write the new residues with delins",
    "amp": "an amplification is no change of the sequence",
}


def _front_extension(text: str, at: ProteinText, extension: str, added: str | None) -> ProteinText:
    """Parse ``Met1ext-5``: translation that starts in front of Met1."""
    if (at.start, at.end) != (1, 1):
        raise VariantError(
            f"{shown(text)}: only Met1 is extended to the front, as in Met1ext-5; the stop as in extTer5"
        )
    first_new = extension[: extension.lower().index("ext")]
    front = int(added) if added and added != "?" else UNKNOWN_DISTANCE
    if front == 0:
        raise VariantError(f"{shown(text)}: ext-0 adds nothing; the count starts with the residue in front of Met1")
    return ProteinText(
        ChangeKind.UNKNOWN, 1, 1, at.start_residue, at.start_residue, _letter(text, first_new), front=front
    )


def _letter(text: str, code: str | None) -> str:
    """Return the one-letter code of a written residue, "" where none was written."""
    if not code:
        return ""
    letter = one_letter(code)
    if letter == ANY:
        raise VariantError(
            f"{shown(text)}: {code} may be any residue or, in older names, the stop; write the residue, or Ter"
        )
    if not letter:
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
    if "[" in body:
        return f"{shown(text)}: repeats on the protein are not read; write the residues with dup, ins or del"
    if read_residue(body) is not None:
        return f"{shown(text)}: the change is missing; write p.{body}del or p.{body}A"
    if re.search(r"ins\(?[0-9]", body, re.IGNORECASE):
        return f"{shown(text)}: the inserted residues are needed, not their number"
    return (
        f"{shown(text)}: protein description not understood; "
        f"write Phe61del, L174V, Tyr259fs, Ser269Ter or Pro60_Phe61insGly"
    )
