"""What becomes of the protein: change, new sequence and HGVS p. name.

Two ways in: from an edited coding sequence, or from a protein description whose residues
are checked against the target. Names follow the 3' rule on the protein too. Not for
splicing, and not for terms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from epitope.errors import VariantError, shown
from epitope.target.residues import THREE, three_letters
from epitope.target.translation import STOP, translate_to_stop
from epitope.variant.hgvs.grammar import UNKNOWN_DISTANCE, ProteinText
from epitope.variant.hgvs.transcript_map import TranscriptMap
from epitope.variant.model import ChangeKind, KozakStrength, ProteinChange, StartCodon, Substitution

# What can follow ``p.`` without a position.
_WHOLE = ("=", "?", "0", "0?")
UNCHANGED = "p.(=)"
UNKNOWN = "p.?"

# Of the bases around a start codon those at -3 and +4 count most, strong with both and weak with
# neither; the consensus begins at -6: Kozak, Nucleic Acids Res 1987, 15:8125.
_PURINES = ("A", "G")
_KOZAK_BEFORE = 6


@dataclass(frozen=True, slots=True)
class Described:
    """A protein change with its name, and what is worth saying about it."""

    change: ProteinChange
    hgvs: str
    notes: tuple[str, ...] = ()


def _at(reference: TranscriptMap, position: int) -> str:
    """Write a residue with its position; the stop is the residue behind the last."""
    return reference.target.residue_name(position)


def _span(reference: TranscriptMap, start: int, end: int) -> str:
    """Write a range of residues."""
    return _at(reference, start) if start == end else f"{_at(reference, start)}_{_at(reference, end)}"


def substitution(reference: TranscriptMap, position: int, alternate: str) -> Described:
    """Describe one residue replaced, a nonsense change or a silent one.

    ``position`` counts from 1; ``alternate`` is one letter, ``*`` for a stop.
    """
    protein = reference.protein
    old = protein[position - 1]
    if position == 1 and alternate != old == "M" and reference.has_start:
        return start_loss(reference)
    if alternate == old:
        change = ProteinChange(ChangeKind.NONE, position, position, old, old, protein=protein)
        return Described(change, f"p.{_at(reference, position)}=")
    if alternate == STOP:
        return _nonsense(reference, position)
    product = protein[: position - 1] + alternate + protein[position:]
    change = ProteinChange(
        ChangeKind.SUBSTITUTION,
        position,
        position,
        old,
        alternate,
        (),
        (Substitution(position, old, alternate),),
        None,
        product,
    )
    return Described(change, f"p.{_at(reference, position)}{THREE[alternate]}")


def _nonsense(reference: TranscriptMap, position: int) -> Described:
    """Describe a stop in place of a residue."""
    protein = reference.protein
    lost = reference.positions[position - 1 :]
    old = protein[position - 1]
    product = protein[: position - 1]
    change = ProteinChange(ChangeKind.NONSENSE, position, position, old, STOP, lost, (), None, product)
    return Described(change, f"p.{_at(reference, position)}Ter")


def start_loss(reference: TranscriptMap, end: int = 1) -> Described:
    """Describe the loss of the start codon, with the next in-frame Met behind residue ``end`` as a possibility."""
    protein = reference.protein
    restart = protein.find("M", end)
    if restart < 0:
        return no_product(reference, "start codon lost; no other in-frame Met follows")
    lost = reference.positions[:restart]
    codon = _restart(reference, end, restart)
    change = ProteinChange(
        ChangeKind.START_LOSS, 1, end, protein[:end], "", lost, (), None, protein[restart:], restart=codon
    )
    note = (
        f"start codon lost; the next in-frame Met is {restart + 1}{_said(codon)}: if translation starts there, "
        f"residues 1-{restart} are missing"
    )
    return Described(change, "p.Met1?", (note,))


def no_product(reference: TranscriptMap, note: str) -> Described:
    """Describe that no protein is made: nothing is left to start from, or to translate."""
    protein = reference.protein
    change = ProteinChange(ChangeKind.START_LOSS, 1, len(protein), protein, "", reference.positions, (), None, "")
    return Described(change, "p.0?", (note,))


def _said(codon: StartCodon | None) -> str:
    """Say in brackets how well a start codon is placed; nothing where the bases are not known."""
    if codon is None:
        return ""
    passed = f", behind {len(codon.passed)} ATG out of frame" if codon.passed else ""
    return f" ({codon.context}, {codon.strength} Kozak context{passed})"


def _restart(reference: TranscriptMap, end: int, restart: int) -> StartCodon | None:
    """Return the Met at index ``restart`` as a start codon, with the out-of-frame ATGs behind residue ``end``.

    ``None`` where the target has no transcript.
    """
    cds = reference.cds
    if not cds:
        return None
    places = (at for at in range(3 * end, 3 * restart) if at % 3 and cds.startswith("ATG", at))
    passed = tuple(_start_codon(reference, at) for at in places)
    return replace(_start_codon(reference, 3 * restart), residue=restart + 1, passed=passed)


def _start_codon(reference: TranscriptMap, at: int) -> StartCodon:
    """Judge the ATG at a coding index (from 0) by the bases that matter most: -3 purine, +4 G."""
    before = (reference.utr5 + reference.cds[:at])[-_KOZAK_BEFORE:]
    behind = reference.cds[at : at + 4]
    favourable = (before[-3:-2] in _PURINES) + (behind[3:] == "G")
    strength = (KozakStrength.WEAK, KozakStrength.ADEQUATE, KozakStrength.STRONG)[favourable]
    return StartCodon(at + 1, before + behind, strength)


def unchanged(reference: TranscriptMap) -> Described:
    """Describe a protein that stays as it is."""
    return Described(ProteinChange(ChangeKind.NONE, protein=reference.protein), UNCHANGED)


def unknown() -> Described:
    """Describe a product that cannot be told."""
    return Described(ProteinChange(ChangeKind.UNKNOWN), UNKNOWN)


def _read_on(reference: TranscriptMap, front: str, end: int) -> tuple[str, bool]:
    """Translate ``front`` and the coding bases behind ``end`` to the first stop."""
    joined = end + (-len(front)) % 3
    head, stopped = translate_to_stop(front + reference.cds[end:joined])
    if stopped or joined >= reference.cds_length:
        return head, stopped
    # From here on whole codons of one of the three frames, which are translated once.
    tail, stop, _ = reference.frames[joined % 3][joined // 3 :].partition(STOP)
    return head + tail, bool(stop)


def from_coding(reference: TranscriptMap, start: int, end: int, alternate: str) -> Described:
    """Describe the product after coding bases ``start``-``end`` are replaced.

    Parameters
    ----------
    reference : TranscriptMap
        The transcript.
    start, end : int
        First and last replaced coding base, from 1; ``end = start - 1`` for an insertion.
    alternate : str
        The bases that stand there now.
    """
    cds = reference.cds
    if end - start == 0 and len(alternate) == 1 and 3 < start <= reference.cds_length - 3:
        codon_start = (start - 1) // 3 * 3
        index = start - 1 - codon_start
        codon = cds[codon_start : codon_start + 3]
        residue = reference.codons[codon[:index] + alternate + codon[index + 1 :]]
        return substitution(reference, codon_start // 3 + 1, residue)
    first = (start - 1) // 3
    if first == 0 and (cds[: start - 1] + alternate + cds[end:])[:3] != cds[:3]:
        return start_loss(reference, max(1, (end + 2) // 3))
    frameshift = (len(alternate) - (end - start + 1)) % 3 != 0
    front = cds[first * 3 : start - 1] + alternate
    if frameshift:
        residues, stopped = _read_on(reference, front, end)
        return describe_frameshift(reference, reference.protein[:first] + residues, stopped, first)
    last = first + (end - first * 3 + 2) // 3
    residues, early = translate_to_stop(front + cds[end : last * 3])
    product = reference.protein[:first] + residues
    if early and last <= len(reference.protein):
        return _truncated(reference, product, first, last)
    if last > len(reference.protein):
        return _at_the_stop(reference, product, early, first)
    behind = reference.protein[last:]
    return describe(reference, product + behind, first, len(behind))


def describe_frameshift(reference: TranscriptMap, product: str, stopped: bool, first: int) -> Described:
    """Describe a product that leaves the reading frame at or behind residue index ``first``."""
    protein = reference.protein
    length = min(len(protein), len(product))
    while first < length and product[first] == protein[first]:
        first += 1
    if first == len(product) and stopped:
        if first == len(protein):
            return Described(ProteinChange(ChangeKind.NONE, protein=protein), UNCHANGED, ("the stop codon is kept",))
        return _nonsense(reference, first + 1)
    if first >= len(protein):
        return _stop_loss(reference, product[len(protein) :], stopped)
    tail = product[first:]
    lost = reference.positions[first:]
    old = protein[first]
    new = tail[:1]
    change = ProteinChange(
        ChangeKind.FRAMESHIFT, first + 1, first + 1, old, new, lost, (), tail, product if stopped else None
    )
    distance = str(len(tail) + 1) if stopped else "?"
    name = f"p.{THREE[old]}{first + 1}{THREE[new] if new else ''}fsTer{distance}"
    if stopped:
        return Described(change, name)
    note = "no stop in the known sequence of the new frame; the 3' UTR is not known"
    return Described(change, name, (note,))


def _stop_loss(reference: TranscriptMap, beyond: str, stopped: bool = False) -> Described:
    """Describe a protein that reads on behind its stop, to a new one if ``stopped``."""
    position = len(reference.protein) + 1
    first_new = beyond[:1]
    if stopped:
        # Counted from the lost stop: the new one stands as many residues behind it as were added.
        product = reference.protein + beyond
        change = ProteinChange(ChangeKind.STOP_LOSS, position, position, STOP, first_new, (), (), beyond, product)
        return Described(change, f"p.Ter{position}{THREE[first_new]}extTer{len(beyond)}")
    change = ProteinChange(ChangeKind.STOP_LOSS, position, position, STOP, first_new)
    name = f"p.Ter{position}{THREE[first_new] if first_new else ''}extTer?"
    note = "stop codon lost; how far translation reads on is not known, nor is the 3' UTR sequence"
    return Described(change, name, (note,))


def _at_the_stop(reference: TranscriptMap, product: str, stopped: bool, first: int) -> Described:
    """Describe an in-frame change that touches the stop codon."""
    protein = reference.protein
    if stopped:
        if product == protein:
            text = f"p.Ter{len(protein) + 1}="
            return Described(ProteinChange(ChangeKind.NONE, protein=protein), text, ("the stop codon is kept",))
        if len(product) > len(protein) and product.startswith(protein):
            return describe(reference, product, first)
        if len(product) == len(protein):
            # One stop codon for another: only the residues in front of it have changed.
            return describe(reference, product, first)
        return _truncated(reference, product, first, len(protein))
    if product.startswith(protein):
        return _stop_loss(reference, product[len(protein) :])
    return open_end(reference, first, product[first:])


def over_the_stop(reference: TranscriptMap, start: int, alternate: str) -> Described:
    """Describe the product after everything from coding base ``start`` into the 3' UTR is replaced."""
    first = (start - 1) // 3
    residues, stopped = translate_to_stop(reference.cds[first * 3 : start - 1] + alternate)
    if stopped:
        return _truncated(reference, reference.protein[:first] + residues, first, len(reference.protein))
    return open_end(reference, first, residues)


def open_end(reference: TranscriptMap, first: int, new: str = "") -> Described:
    """Describe the loss of the last residues, those behind index ``first``, and of the stop codon with them.

    ``new`` are the residues that stand there now as far as they are known. HGVS has no example
    of its own; the name is that of Ensembl VEP, a deletion or delins that ends in ``extTer?``.
    """
    protein = reference.protein
    while new and new[:1] == protein[first : first + 1]:
        first, new = first + 1, new[1:]
    stop = len(protein) + 1
    if first == len(protein):
        return _stop_loss(reference, new)
    lost = reference.positions[first:]
    change = ProteinChange(ChangeKind.STOP_LOSS, first + 1, stop, protein[first:] + STOP, new, lost)
    replaced = f"delins{three_letters(new)}" if new else "del"
    note = "the stop codon is lost and residues in front of it; the 3' UTR sequence is not known"
    return Described(change, f"p.{_span(reference, first + 1, stop)}{replaced}extTer?", (note,))


def _truncated(reference: TranscriptMap, product: str, first: int, last: int) -> Described:
    """Describe an in-frame change of codons up to ``last`` that brings a stop with it."""
    protein = reference.protein
    while first < min(len(product), len(protein)) and product[first] == protein[first]:
        first += 1
    if first == len(protein) == len(product):
        return Described(ProteinChange(ChangeKind.NONE, protein=protein), UNCHANGED)
    new = product[first:] + STOP
    if first == len(product):
        return _nonsense(reference, first + 1)
    lost = reference.positions[first:]
    if last <= first:
        # Nothing of the reference is replaced: residues and a stop come between two others.
        start, end, name = first, first + 1, f"p.{_span(reference, first, first + 1)}ins{three_letters(new)}"
        old = protein[first - 1 : first + 1]
    else:
        start, end = first + 1, last
        name = f"p.{_span(reference, start, end)}delins{three_letters(new)}"
        old = protein[first:last]
    change = ProteinChange(ChangeKind.NONSENSE, start, end, old, new, lost, (), product[first:], product)
    return Described(change, name)


def describe(reference: TranscriptMap, product: str, first: int = 0, unchanged_behind: int = 0) -> Described:
    """Describe an in-frame product that keeps start and stop, by its difference from the reference.

    ``first`` is an index (from 0) in front of which nothing has changed, and
    ``unchanged_behind`` the number of residues at the end that have not changed.
    """
    protein = reference.protein
    old_length, new_length = len(protein), len(product)
    shortest = min(old_length, new_length)
    while first < shortest and protein[first] == product[first]:
        first += 1
    if first == old_length == new_length:
        return unchanged(reference)
    back = max(min(unchanged_behind, shortest - first), 0)
    while back < shortest - first and protein[-1 - back] == product[-1 - back]:
        back += 1
    old, new = protein[first : old_length - back], product[first : new_length - back]
    start, end = first + 1, old_length - back
    if not old:
        return _inserted(reference, first, new, product)
    if not new:
        lost = reference.positions[start - 1 : end]
        change = ProteinChange(ChangeKind.DELETION, start, end, old, "", lost, (), None, product)
        return Described(change, f"p.{_span(reference, start, end)}del")
    if len(old) == len(new) == 1:
        return substitution(reference, start, new)
    changed = (
        tuple(Substitution(start + i, a, b) for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b)
        if len(old) == len(new)
        else ()
    )
    lost = () if len(old) == len(new) else reference.positions[start - 1 : end]
    change = ProteinChange(ChangeKind.DELINS, start, end, old, new, lost, changed, None, product)
    return Described(change, f"p.{_span(reference, start, end)}delins{three_letters(new)}")


def _inserted(reference: TranscriptMap, first: int, new: str, product: str) -> Described:
    """Describe residues put in behind residue ``first``: a duplication or an insertion."""
    protein = reference.protein
    size = len(new)
    if protein[max(first - size, 0) : first] == new:
        start = first - size + 1
        change = ProteinChange(ChangeKind.DUPLICATION, start, first, new, new, (), (), None, product)
        return Described(change, f"p.{_span(reference, start, first)}dup")
    flank = protein[first - 1 : first + 1]
    change = ProteinChange(ChangeKind.INSERTION, first, first + 1, flank, new, (), (), None, product)
    return Described(change, f"p.{_span(reference, first, first + 1)}ins{three_letters(new)}")


def without(reference: TranscriptMap, start: int, end: int) -> Described:
    """Describe the loss of residues ``start``-``end``, which may include the start."""
    protein = reference.protein
    if start > 1 or not reference.has_start:
        return describe(reference, protein[: start - 1] + protein[end:])
    product = protein[end:]
    if not product.startswith("M"):
        return start_loss(reference, end)
    change = ProteinChange(ChangeKind.DELETION, 1, end, protein[:end], "", reference.positions[:end], (), None, product)
    return Described(change, f"p.{_span(reference, 1, end)}del")


def from_text(  # noqa: PLR0911 (one for each kind)
    text: str, parsed: ProteinText, reference: TranscriptMap
) -> Described:
    """Apply a protein description after checking its residues.

    Raises
    ------
    VariantError
        If a position is outside the protein or a residue is not the reference's.
    """
    if parsed.start == 0 and parsed.alternate in _WHOLE:
        return _whole(parsed, reference)
    _check_residue(text, parsed.start, parsed.start_residue, reference)
    if parsed.end != parsed.start:
        _check_residue(text, parsed.end, parsed.end_residue, reference)
    if parsed.front is not None:
        return _front_extension(parsed, reference)
    protein, start, end = reference.protein, parsed.start, parsed.end
    if parsed.deleted and parsed.deleted != protein[start - 1 : end]:
        raise VariantError(
            f"{shown(text)}: the residues at {start}-{end} are {shown(protein[start - 1 : end])}, "
            f"not {shown(parsed.deleted)}; check the numbering"
        )
    kind = parsed.kind
    stop = len(protein) + 1
    if parsed.reads_on and end != stop:
        raise VariantError(f"{shown(text)}: only the stop codon, Ter{stop}, can be extended")
    if end >= stop:
        return _beyond_last(text, parsed, reference, stop)
    if kind is ChangeKind.NONE:
        change = ProteinChange(ChangeKind.NONE, start, end, protein[start - 1 : end], protein[start - 1 : end])
        named = ProteinChange(change.kind, start, end, change.reference, change.alternate, protein=protein)
        return Described(named, f"p.{_span(reference, start, end)}=")
    if kind is ChangeKind.UNKNOWN:
        change = ProteinChange(ChangeKind.UNKNOWN, start, end, protein[start - 1 : end])
        return Described(change, f"p.{_span(reference, start, end)}?")
    if kind is ChangeKind.START_LOSS:
        return start_loss(reference)
    if kind in (ChangeKind.SUBSTITUTION, ChangeKind.NONSENSE):
        return substitution(reference, start, parsed.alternate)
    if kind is ChangeKind.FRAMESHIFT:
        return _written_frameshift(text, parsed, reference)
    if kind is ChangeKind.DELETION:
        return without(reference, start, end)
    return _replaced(text, parsed, reference)


def _whole(parsed: ProteinText, reference: TranscriptMap) -> Described:
    """Describe ``p.=``, ``p.?`` and ``p.0``."""
    if parsed.alternate == "=":
        return unchanged(reference)
    if parsed.alternate == "?":
        return unknown()
    return replace(no_product(reference, "no protein is made"), hgvs=f"p.{parsed.alternate}")


def _front_extension(parsed: ProteinText, reference: TranscriptMap) -> Described:
    """Apply ``Met1ext-5``: residues in front of the first, which a protein description does not give."""
    front = "?" if parsed.front == UNKNOWN_DISTANCE else str(parsed.front)
    new = THREE[parsed.alternate] if parsed.alternate else ""
    change = ProteinChange(ChangeKind.UNKNOWN, 1, 1, reference.protein[0], parsed.alternate)
    note = (
        f"translation starts in front of Met1 ({front} residues are added): their sequence is not known from a "
        "protein description; give the DNA change"
    )
    return Described(change, f"p.Met1{new}ext-{front}", (note,))


def _check_residue(text: str, position: int, residue: str, reference: TranscriptMap) -> None:
    """Hold a written residue against the reference."""
    protein, target = reference.protein, reference.target
    if position == len(protein) + 1:
        if residue in ("", STOP):
            return
        raise VariantError(f"{shown(text)}: {position} is the stop codon of {target.name}, not {THREE[residue]}")
    if not 1 <= position <= len(protein):
        raise VariantError(
            f"{shown(text)}: position {position} is out of range; {target.name} has {len(protein)} residues"
        )
    found = protein[position - 1]
    if residue and residue != found:
        names = "/".join(name for name in (target.protein_accession, target.uniprot_id) if name)
        raise VariantError(
            f"{shown(text)}: the reference residue at {position} is {THREE[found]} "
            f"({', '.join(filter(None, (target.name, names)))}), "
            f"not {THREE[residue]}; check the numbering"
        )


def _beyond_last(text: str, parsed: ProteinText, reference: TranscriptMap, stop: int) -> Described:
    """Apply a description that names the stop codon."""
    protein = reference.protein
    if parsed.start == stop:
        if parsed.kind is ChangeKind.STOP_LOSS or parsed.kind is ChangeKind.SUBSTITUTION:
            return _written_extension(reference, parsed)
        if parsed.kind in (ChangeKind.NONE, ChangeKind.NONSENSE):
            return Described(ProteinChange(ChangeKind.NONE, protein=protein), f"p.Ter{stop}=")
        if parsed.kind in (ChangeKind.DELETION, ChangeKind.FRAMESHIFT, ChangeKind.DELINS):
            return _stop_loss(reference, parsed.alternate.rstrip(STOP)[:1])
    if parsed.kind is ChangeKind.INSERTION and parsed.start == len(protein):
        return describe(reference, protein + parsed.alternate.split(STOP)[0])
    if parsed.end == stop and parsed.kind in (ChangeKind.DELETION, ChangeKind.DELINS):
        if parsed.kind is ChangeKind.DELINS and STOP in parsed.alternate:
            product = protein[: parsed.start - 1] + parsed.alternate.split(STOP)[0]
            return _truncated(reference, product, parsed.start - 1, len(protein))
        return open_end(reference, parsed.start - 1, parsed.alternate)
    raise VariantError(f"{shown(text)}: residue {stop} is the stop codon; write Ter{stop}XaaextTer? for its loss")


def _written_extension(reference: TranscriptMap, parsed: ProteinText) -> Described:
    """Apply a lost stop of which at most the first new residue and the place of the new stop are known."""
    described = _stop_loss(reference, parsed.alternate)
    if parsed.stop_distance is None or parsed.stop_distance <= 0:
        return described
    note = "stop codon lost; the added residues are not known from a protein description"
    return Described(described.change, described.hgvs.replace("?", str(parsed.stop_distance)), (note,))


def _written_frameshift(text: str, parsed: ProteinText, reference: TranscriptMap) -> Described:
    """Apply a frameshift of which only the first residues are known."""
    protein, start = reference.protein, parsed.start
    if parsed.stop_distance == 1 or parsed.alternate == STOP:
        return _nonsense(reference, start)
    if parsed.stop_distance == 0:
        raise VariantError(f"{shown(text)}: fsTer0 is not possible; the count starts at the first new residue")
    lost = reference.positions[start - 1 :]
    old = protein[start - 1]
    change = ProteinChange(ChangeKind.FRAMESHIFT, start, start, old, parsed.alternate, lost)
    new = THREE[parsed.alternate] if parsed.alternate else ""
    distance = "" if parsed.stop_distance is None else f"Ter{parsed.stop_distance}"
    if parsed.stop_distance == UNKNOWN_DISTANCE:
        distance = "Ter?"
    note = "the new residues are not known from a protein description; give the DNA change"
    return Described(change, f"p.{_at(reference, start)}{new}fs{distance}", (note,))


def _replaced(text: str, parsed: ProteinText, reference: TranscriptMap) -> Described:
    """Apply a duplication, insertion or deletion-insertion."""
    protein, start, end = reference.protein, parsed.start, parsed.end
    if parsed.kind is ChangeKind.DUPLICATION:
        return describe(reference, protein[:end] + protein[start - 1 : end] + protein[end:])
    if parsed.kind is ChangeKind.STOP_LOSS:
        raise VariantError(f"{shown(text)}: only the stop codon, Ter{len(protein) + 1}, can be extended")
    new = parsed.alternate
    if parsed.kind is ChangeKind.INSERTION:
        front, behind, last = protein[:start], protein[start:], start
    else:
        front, behind, last = protein[: start - 1], protein[end:], end
    if STOP in new:
        return _truncated(reference, front + new.split(STOP)[0], len(front), last)
    if parsed.kind is ChangeKind.DELINS and start == 1 and reference.has_start and not new.startswith("M"):
        return start_loss(reference, end)
    return describe(reference, front + new + behind)
