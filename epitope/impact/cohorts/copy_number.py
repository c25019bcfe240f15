"""What a table says of copy number, in words or as a number, to the state of the antigen gene's alleles.

Reads the words of a cell ("loss of chromosome 16", "UPD16p", "i(16)(q10)", "homozygous
deletion") clause by clause and holds the place that each names against the gene's band,
which the target file gives. Not for segments of a copy-number caller.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from epitope.impact.cohorts.model import AlleleState, CopyNumber
from epitope.target.model import Target

# A sample with fewer copies of the gene than this has lost all, or one; with more it has gained:
# the whole numbers' midpoints.
NO_COPY, ONE_COPY, TWO_COPIES = 0.5, 1.5, 2.5


class _Effect(Enum):
    """What a clause says happened to the place that it names."""

    KEPT = auto()
    GAIN = auto()
    LOSS = auto()
    COPY_NEUTRAL = auto()
    LOSS_OF_ALL = auto()
    ISOCHROMOSOME = auto()


@dataclass(frozen=True, slots=True)
class _Locus:
    """A place on a chromosome: whole, an arm, from one band to another (arm and digits), or a span of bases."""

    chromosome: str
    arm: str = ""
    bands: tuple[tuple[str, str], ...] = ()
    to_end: bool = False
    span: tuple[int, int] | None = None


_LONGEST = 1_000
"""Characters of a cell; some of the patterns take time as the square of it."""
_NOT_MEASURED = re.compile(r"(not (measured|determined|done|known|available)|unknown|n\.?d\.?|failed|\?)$", re.I)
_NONE = re.compile(
    r"(no|not|none|without|normal|neutral|diploid|balanced|wt|wild.type|copy.(number.)?neutral$)\b", re.I
)
_COPIES = re.compile(r"(?P<n>\d|zero|one|single|two|three|four)[\s-]+cop(y|ies)\b(?!.*\bloss)", re.I)
_WORDS_FOR_COPIES = {"zero": 0, "one": 1, "single": 1, "two": 2, "three": 3, "four": 4}
_EFFECT_OF_COPIES = {0: _Effect.LOSS_OF_ALL, 1: _Effect.LOSS, 2: _Effect.KEPT}
_LOSS = r"loss|lost|delet|\b(hom|het)?del\b|\bloh\b|monosom|nullisom|haplo-?insuff|hemizyg"
# In the order in which they are asked.
_EFFECTS = (
    (_Effect.ISOCHROMOSOME, re.compile(r"\biso(chromosome)?\b|\bi\b(?=\s*\(?\d)", re.I)),
    (
        _Effect.LOSS_OF_ALL,
        re.compile(rf"(?=.*({_LOSS})).*(homozyg|bi-?allelic|\bboth\b|\bdeep\b|homdel|nullisom|\ball copies\b)", re.I),
    ),
    (
        _Effect.COPY_NEUTRAL,
        re.compile(
            rf"\bupi?d\b|uniparental|isodisom|copy[\s-]*(number[\s-]*)?neutral\b.*({_LOSS})|\bcnn?-?loh\b", re.I
        ),
    ),
    (_Effect.LOSS, re.compile(rf"{_LOSS}|(?<![\w)])[-\u2212](?=\s*\(?(chr)?\d)|\b\d+[pq]-(?![\dpq])", re.I)),
    (
        _Effect.GAIN,
        re.compile(r"gain|dupli|\bdup\b|ampli|\bamp\b|trisom|tetrasom|(?<![\w)])\+(?=\s*\(?(chr)?\d)", re.I),
    ),
)
_GLUED = re.compile(r"(?i)\b(upi?d|cnn?loh|loh|del|dup|iso|i|loss|gain|amp|monosomy|trisomy)(?=\(?\d)")
_CLAUSES = re.compile(r"\s*[;,/&](?![^()]*\))\s*|\s+and\s+", re.I)
_LOCUS = re.compile(
    r"(?<![\w.=<>])(?P<prefix>chr(?:omosomes?|s)?\.?\s*)?\(?(?P<chromosome>[1-9]|1\d|2[0-2]|X|Y)\)?"
    r"(?:\s*\(?(?P<arm>[pq])(?P<band>\d[\d.]*|ter)?"
    r"(?:\s*[-\u2013]?\s*(?:(?P=chromosome))?(?P<arm2>[pq])?(?P<band2>\d[\d.]*|ter))?\)?)?"
    r"(?![\w%]|\.\d|\s*(?:cop(?:y|ies)|alleles?)\b)",
    re.I,
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SPAN = re.compile(r"(?:chr)?(\d{1,2}|X|Y):(\d{1,12})\s*[-\u2013]\s*(\d{1,12})", re.I)
_BAND = re.compile(r"(?P<chromosome>\d{1,2}|X|Y)(?P<arm>[pq])(?P<band>\d+(?:\.\d+)?)")
_RANK = (
    AlleleState.KEPT,
    AlleleState.GAINED,
    AlleleState.COPY_NEUTRAL_LOSS,
    AlleleState.ONE_LOST,
    AlleleState.ALL_LOST,
)
_STATES = {
    _Effect.KEPT: AlleleState.KEPT,
    _Effect.GAIN: AlleleState.GAINED,
    _Effect.LOSS: AlleleState.ONE_LOST,
    _Effect.COPY_NEUTRAL: AlleleState.COPY_NEUTRAL_LOSS,
    _Effect.LOSS_OF_ALL: AlleleState.ALL_LOST,
}


def copies_counted(copies: float, gene: str) -> CopyNumber:
    """Return the state for a number of copies.

    Examples
    --------
    >>> copies_counted(0, "GENE").words, copies_counted(1, "GENE").words, copies_counted(2, "GENE").words
    ('loss of all GENE copies', 'loss of one GENE copy', '')
    """
    if copies < NO_COPY:
        return CopyNumber(AlleleState.ALL_LOST, f"loss of all {gene} copies")
    if copies < ONE_COPY:
        return CopyNumber(AlleleState.ONE_LOST, f"loss of one {gene} copy")
    state = AlleleState.KEPT if copies < TWO_COPIES else AlleleState.GAINED
    return CopyNumber(state, note="" if state is AlleleState.KEPT else f"copy number: {copies:g} copies")


def copies_in_words(text: str, target: Target) -> CopyNumber:
    """Return the state of the gene's alleles that the words of a cell tell.

    Parameters
    ----------
    text : str
        Such as ``loss of chromosome 16``, ``UPD16p``, ``i(16)(q10)`` or ``no``; several
        changes are separated by commas, semicolons or *and*.
    target : Target
        Its transcript says where the gene lies.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> target = load_target()
    >>> [str(copies_in_words(text, target).state) for text in ("UPD16p", "loss of chromosome 7", "isochromosome 16q")]
    ['copy-neutral loss of one allele', 'both copies kept', 'one copy lost']
    """
    if len(text) > _LONGEST:
        return CopyNumber(AlleleState.NOT_MEASURED, note=f"copy number in {len(text):,} characters is left out")
    whole = _THOUSANDS.sub("", " ".join(text.split()))
    if _NOT_MEASURED.fullmatch(whole):
        return CopyNumber(AlleleState.NOT_MEASURED)
    found: list[tuple[AlleleState, str]] = []
    notes: list[str] = []
    effect: _Effect | None = None
    for clause in filter(None, _CLAUSES.split(whole)):
        spaced = _GLUED.sub(r"\1 ", clause)
        loci = _loci(spaced)
        own = _effect(spaced)
        effect = own or (effect if loci else None)
        if effect is None:
            continue
        state = _state(effect, loci, target)
        if state is None:
            notes.append(f"copy number: {clause} is left out, because it is not known whether {target.gene} lies there")
        else:
            # "7 and 16" says nothing without the words in front.
            found.append((state, clause if own else whole))
            if state is AlleleState.GAINED:
                notes.append(f"copy number: {clause}")
            elif state is AlleleState.KEPT and effect is not _Effect.KEPT:
                place = target.transcript.cytoband or target.transcript.chromosome
                notes.append(f"copy number: {clause} is not at {target.gene} ({place})")
    if not found:
        unclear = f"copy number {whole!r} is neither a loss nor none, and is left out"
        return CopyNumber(AlleleState.NOT_MEASURED, note="; ".join(notes) or unclear)
    state = max((state for state, _ in found), key=_RANK.index)
    words = next(clause for each, clause in found if each is state) if state.is_loss else ""
    return CopyNumber(state, words, "" if state.is_loss else "; ".join(notes))


def _effect(clause: str) -> _Effect | None:
    """Say what a clause tells, ``None`` where it tells nothing."""
    if _NONE.match(clause):
        return _Effect.KEPT
    if (counted := _COPIES.search(clause)) is not None:
        word = counted["n"].casefold()
        copies = int(word) if word.isdigit() else _WORDS_FOR_COPIES[word]
        return _EFFECT_OF_COPIES.get(copies, _Effect.GAIN)
    return next((effect for effect, pattern in _EFFECTS if pattern.search(clause)), None)


def _loci(clause: str) -> list[_Locus]:
    """Return the places on chromosomes that a clause names."""
    found = [_Locus(match[1].upper(), span=(int(match[2]), int(match[3]))) for match in _SPAN.finditer(clause)]
    for match in _LOCUS.finditer(_SPAN.sub("", clause)):
        arm, band, band2 = ((match[name] or "").casefold() for name in ("arm", "band", "band2"))
        arm2 = (match["arm2"] or arm).casefold()
        bands = tuple((a, b.replace(".", "")) for a, b in ((arm, band), (arm2, band2)) if b)
        # In ISCN one break, del(16)(p11.2), means all from there to the end of the arm.
        to_end = len(bands) == 1 and match[0].lstrip().startswith("(")
        found.append(_Locus(match["chromosome"].upper(), arm, bands, to_end))
    return found


def _state(effect: _Effect, loci: list[_Locus], target: Target) -> AlleleState | None:
    """Return what an effect on some places means for the gene; ``None`` where its band is not known."""
    if target.known_transcript is None and (loci or effect is _Effect.ISOCHROMOSOME):
        return None  # where the gene lies is not known
    if effect is _Effect.ISOCHROMOSOME:
        return _isochromosome(loci, target)
    if effect is _Effect.KEPT or not loci:
        return _STATES[effect]
    hits = [_holds(locus, target) for locus in loci]
    if any(hits):
        return _STATES[effect]
    return None if None in hits else AlleleState.KEPT


def _isochromosome(loci: list[_Locus], target: Target) -> AlleleState | None:
    """Say what two copies of one arm mean for a gene: gained on that arm, lost on the other."""
    states = []
    for locus in loci:
        gene = _gene_band(target)
        if locus.chromosome != _chromosome(target):
            states.append(AlleleState.KEPT)
        elif gene is None or not locus.arm:
            return None
        else:
            states.append(AlleleState.GAINED if locus.arm == gene["arm"] else AlleleState.ONE_LOST)
    return max(states, key=_RANK.index, default=None)


def _chromosome(target: Target) -> str:
    """Return the gene's chromosome without ``chr``."""
    return target.transcript.chromosome.removeprefix("chr").upper()


def _gene_band(target: Target) -> re.Match[str] | None:
    """Return the parts of the gene's band, ``None`` where the target gives none."""
    return _BAND.fullmatch(target.transcript.cytoband)


def _holds(locus: _Locus, target: Target) -> bool | None:
    """Say whether a place holds the gene; ``None`` where that is not known."""
    transcript = target.transcript
    if locus.chromosome != _chromosome(target):
        return False
    if locus.span is not None:
        first, last = locus.span
        within = first <= transcript.gene_end and last >= transcript.gene_start
        return within if within or transcript.elsewhere(first, last) is None else None
    if not locus.arm:
        return True
    gene = _gene_band(target)
    if gene is None:
        return None
    arm, band = gene["arm"], gene["band"].replace(".", "")
    return _bands_hold(locus, arm, band) if locus.bands else locus.arm == arm


def _bands_hold(locus: _Locus, arm: str, band: str) -> bool:
    """Say whether a band, a range of bands or all from a band to the arm's end holds a band (digits alone)."""
    if any(end_arm == arm and (band.startswith(end) or end.startswith(band)) for end_arm, end in locus.bands):
        return True
    if len(locus.bands) == 1:
        return locus.to_end and locus.arm == arm and band > locus.bands[0][1]
    low, high = sorted(_along(*end) for end in locus.bands)
    return low <= _along(arm, band) <= high


def _along(arm: str, band: str) -> tuple[int, str]:
    """Order bands along the chromosome, from the end of the short arm to that of the long one."""
    digits = "9" * 6 if band == "ter" else band
    if arm == "q":
        return (1, digits)
    # On the short arm the numbers rise towards the end, so they count backwards.
    return (0, digits.ljust(6, "0").translate(str.maketrans("0123456789", "9876543210")))
