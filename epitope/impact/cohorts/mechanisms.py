"""A sample's record to one mechanism of antigen loss, with the evidence for it.

Combines what a publication that the target names (`Target.loss_criteria`) combines: variants with their
summed allele fraction, the fate of the other allele, RNA level, allele-specific
expression, mutations of partner genes and the share of published isoforms. Every term of
a summary stands on an evidence row; a term that nothing in the table measures is marked
as inferred. Not for calling variants or copy numbers, and not for a diagnosis.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from epitope.errors import EpitopeError
from epitope.impact.cohorts.comparison import compare
from epitope.impact.cohorts.model import AlleleState, SampleRecord, SampleSummary, Term
from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.target.model import Isoform, StatementKind, Target
from epitope.variant.model import ChangeKind, Consequence, SpliceEffect, Variant

_OWN_RULE = "own rule"
# From this summed allele fraction on, mutations reach nearly every allele and leave none to
# explain. The project's own mark; tumour purity is not known to the table.
ALL_ALLELES_FRACTION = 0.9
LEFT_RULE = "what is left to show"
INFERRED_RULE = "other allele silent (inferred)"


def summarise_cohort(
    samples: Iterable[SampleRecord], target: Target, *, low_log_cpm: float | None = None
) -> tuple[SampleSummary, ...]:
    """Give each sample its mechanism of antigen loss, with the evidence.

    A variant that cannot be understood is told in the notes of its sample and does not
    count; the others go on. A record with an error has no mechanism.

    Parameters
    ----------
    samples : iterable of SampleRecord
        As `read_samples` returns them.
    target : Target
        The antigen.
    low_log_cpm : float, optional
        RNA is low below this log2 CPM; it depends on how the reads were counted. Default the
        mark of the target, where it has one.
    """
    return tuple(
        SampleSummary(sample) if sample.error else _Summary(sample, target, low_log_cpm).summary() for sample in samples
    )


def is_silent(consequence: Consequence) -> bool:
    """Say whether a variant is known to leave protein and splice sites as they are."""
    touched = any(change.effect is not SpliceEffect.NONE for change in consequence.splice_changes)
    return consequence.change.kind is ChangeKind.NONE and not touched and not consequence.alternatives


def is_rna_event(consequence: Consequence) -> bool:
    """Say whether a consequence is that of a named RNA event, not of a change of the DNA with the same product."""
    return bool(consequence.isoform) and not consequence.hgvs_c


def _objections(isoform: Isoform) -> Iterator[str]:
    """Yield what is published against an isoform."""
    return (statement.text for statement in isoform.statements if statement.kind is StatementKind.OBJECTION)


class _Summary:
    """Applies the rules to one sample."""

    def __init__(self, record: SampleRecord, target: Target, low_log_cpm: float | None) -> None:
        self.record, self.target, self.gene = record, target, target.gene
        self.low_log_cpm = low_log_cpm
        criteria = target.loss_criteria
        self.criteria_source = criteria.citation if criteria else _OWN_RULE
        self.own_source = f"{_OWN_RULE}, after {criteria.citation}" if criteria else _OWN_RULE
        self.terms: list[Term] = []
        self.evidence: list[Evidence] = []
        self.notes: list[str] = [record.copies.note] if record.copies.note else []
        self.consequences: list[Consequence] = []

    def summary(self) -> SampleSummary:
        """Run the rules in the order in which the summary names them."""
        mutations = self._variants()
        mutated = bool(mutations)
        lost = self._copy_number()
        if mutated and self.record.copies.state is AlleleState.ALL_LOST:
            self.notes.append(
                f"the table contradicts itself: all copies of {self.gene} are lost, and "
                f"{mutations} {self.gene} mutation{'s are' if mutations > 1 else ' is'} listed; check both"
            )
        self._what_is_left(mutations)
        low = self._rna()
        expression = self._allele_expression(mutated, lost, bool(low))
        if low and not expression:
            self.terms.append(Term(f"Low level of {self.gene} expression"))
        wild_type = Term(f"{self.gene} wild type")
        if not (mutated or lost or low or any(map(is_rna_event, self.consequences))):
            self.terms.insert(0, wild_type)
        self._other_events()
        self._isoforms()
        if self.terms == [wild_type]:
            self.notes.append("nothing in the table explains a loss")
        agrees, differences = compare(self.terms, self.record.published)
        return SampleSummary(
            self.record,
            tuple(self.terms),
            agrees,
            tuple(self.evidence),
            tuple(self.consequences),
            (*self.notes, *differences),
            mutations,
            low,
        )

    def _add(self, rule: str, verdict: Verdict, sentence: str, source: str, **measured: float | str | None) -> None:
        """Add one piece of evidence."""
        unit = str(measured.get("unit") or "")
        self.evidence.append(
            Evidence(
                rule,
                Question.ANTIGEN,
                verdict,
                sentence,
                value=measured.get("value"),
                unit=unit,
                threshold=measured.get("threshold"),
                source=source,
            )
        )

    def _variants(self) -> int:
        """Judge the variants; count those that change the protein or its splicing."""
        from epitope.variant.hgvs.alleles import consequence_of

        counted: list[Variant] = []
        for variant in self.record.variants:
            try:
                consequence = consequence_of(variant, self.target)
            except EpitopeError as error:
                self.notes.append(f"{variant.text} does not count: {error}")
                continue
            self.consequences.append(consequence)
            if self._judge_variant(variant, consequence):
                counted.append(variant)
        if not self.record.variants_known:
            self._not_measured("variants", "the table has no variant column")
        elif not self.record.variants:
            self._add("no variant", Verdict.INTACT, f"no {self.gene} variant is listed", self.own_source, value=0)
        self._allele_fraction(counted)
        if counted:
            self.terms.append(Term(f"{self.gene} mutation"))
        events = [c.isoform for c in self.consequences if is_rna_event(c)]
        self.terms += [Term(f"{name} (RNA event)") for name in dict.fromkeys(events)]
        return len(counted)

    def _judge_variant(self, variant: Variant, consequence: Consequence) -> bool:
        """Add the evidence of one variant; say whether it counts as a mutation."""
        name = consequence.hgvs_p or consequence.hgvs_c or variant.text
        value = variant.text if name == variant.text else f"{variant.text} = {name}"
        if consequence.label_check not in ("", "agrees"):
            self.notes.append(consequence.label_check)
        common = _polymorphism(consequence, self.target)
        if common:
            sentence = f"{name} is a common polymorphism ({common}) and does not count"
            self._add("common polymorphism", Verdict.INTACT, sentence, "target file", value=value)
            return False
        if is_rna_event(consequence):
            isoform = self.target.isoform(consequence.isoform)
            sentence = f"{isoform.name} is an RNA event, not a mutation: {isoform.description}"
            citation = self.target.sources[isoform.source].citation
            self._add("RNA event", Verdict.AT_RISK, sentence, citation, value=variant.text)
            self.notes += [f"objection to {isoform.name}: {text}" for text in _objections(isoform)]
            return False
        silent = is_silent(consequence)
        verdict = Verdict.INTACT if silent else Verdict.AT_RISK
        effect = "leaves the protein unchanged" if silent else "changes the protein or its splicing"
        sentence = f"{name} ({consequence.consequence or consequence.change.kind}) {effect}"
        self._add("variant", verdict, sentence, self.own_source, value=value)
        return not silent

    def _allele_fraction(self, counted: list[Variant]) -> None:
        """Add the summed allele fraction, as given or summed up."""
        total = summed_fraction(self.record, counted)
        if total is None:
            if counted:
                self._not_measured("summed allele fraction", "the table gives no allele fraction")
            return
        covers = total >= ALL_ALLELES_FRACTION
        sentence = f"the variants' allele fractions add up to {total:.2f}"
        if counted:
            sentence += ": nearly every allele" if covers else ": not every allele"
        elif total > 0:
            self.notes.append(f"an allele fraction of {total:.2f} is given, but no variant that counts")
        verdict = Verdict.LOST if covers and counted else Verdict.AT_RISK if total > 0 else Verdict.INTACT
        self._add(
            "summed allele fraction",
            verdict,
            sentence,
            self.own_source,
            value=total,
            threshold=ALL_ALLELES_FRACTION,
        )

    def _copy_number(self) -> bool:
        """Judge the other allele; say whether it is lost."""
        copies = self.record.copies
        if copies.state is AlleleState.NOT_MEASURED:
            self._not_measured("other allele", "the table does not tell the copy number")
            return False
        if not copies.state.is_loss:
            self._add(
                "other allele", Verdict.INTACT, f"no copy-number loss: {copies.state}", self.criteria_source, value="no"
            )
            return False
        verdict = Verdict.LOST if copies.state is AlleleState.ALL_LOST else Verdict.AT_RISK
        self._add("other allele", verdict, f"{copies.words}: {copies.state}", self.criteria_source, value=copies.words)
        self.terms.append(Term(copies.words[:1].upper() + copies.words[1:]))
        return True

    def _what_is_left(self, mutations: int) -> None:
        """Say what the cells can still show: it follows from the mutations and what became of the other allele."""
        state, words = self.record.copies.state, self.record.copies.words
        changed = [c.hgvs_p for c in self.consequences if not is_silent(c) and not is_rna_event(c)]
        named = ", ".join(name for name in changed if name) or "the mutation"
        verdict = Verdict.AT_RISK
        if state is AlleleState.ALL_LOST:
            verdict, sentence = Verdict.LOST, f"no copy is left, so the cells can show no {self.gene}"
        elif state is AlleleState.NOT_MEASURED:
            return
        elif state.is_loss and mutations > 1:
            sentence = f"{words}: where the same cells carry {named}, all lie on the one allele left"
        elif state.is_loss and mutations:
            sentence = f"{words}: where the cells carry {named}, nothing else is left for them to show"
        elif state.is_loss:
            verdict, sentence = (
                Verdict.INTACT,
                f"{words}: the allele left has no change that counts, so it can be shown",
            )
        elif mutations > 1:
            sentence = f"{named} may lie on one allele or on both; only where one is free of them can it be shown"
        elif mutations:
            verdict, sentence = (
                Verdict.INTACT,
                f"the other allele is there beside {named} and can be shown, unless silent",
            )
        else:
            return
        self._add(LEFT_RULE, verdict, sentence, _OWN_RULE, value=str(state))

    def _rna(self) -> bool | None:
        """Judge the RNA level; say whether it is low, ``None`` where it was not measured."""
        value, written = self.record.log_cpm, self.record.rna_level
        if value is None and not written:
            self._not_measured("RNA level", "the table does not tell the RNA level")
            return None
        mark, mark_source = self._mark_of_low_rna()
        if mark is None and not written:
            self._not_measured("RNA level", f"log2 CPM {value:g} stands without a mark of low RNA; give one")
            return None
        by_value, by_word = None if value is None or mark is None else value < mark, self.record.rna_low
        low = bool(by_value if by_word is None else by_word)
        if by_value is not None and by_word is not None and by_value != by_word:
            self.notes.append(f"RNA is called {written}, but log CPM {value:g} against {mark:g} says otherwise")
        shown = f"log2 CPM {value:g}" if value is not None else f"called {written}"
        self._add(
            "RNA level",
            Verdict.AT_RISK if low else Verdict.INTACT,
            f"{self.gene} RNA is {'low' if low else 'not low'} ({shown})",
            mark_source if value is not None and mark_source else "as the table calls it",
            value=written if value is None else value,
            unit="" if value is None else "log2 CPM",
            threshold=None if value is None else mark,
        )
        return low

    def _mark_of_low_rna(self) -> tuple[float | None, str]:
        """Return the log2 CPM below which RNA is low, with its origin; the user's, else the target's."""
        if self.low_log_cpm is not None:
            return self.low_log_cpm, "mark given by the user"
        criteria = self.target.loss_criteria
        if criteria is None:
            return None, ""
        return criteria.low_log_cpm, f"default mark, {criteria.low_log_cpm_origin}; {criteria.citation}"

    def _allele_expression(self, mutated: bool, lost: bool, low: bool) -> bool:
        """Judge allele-specific expression; say whether it is a term of the summary."""
        term = Term("Allele-specific expression" + (" (low)" if low else ""))
        rule = "allele-specific expression"
        if self.record.ase is not None:
            seen = "seen" if self.record.ase else "not seen"
            verdict = Verdict.AT_RISK if self.record.ase else Verdict.INTACT
            self._add(rule, verdict, f"allele-specific expression was {seen}", self.criteria_source, value=seen)
            if self.record.ase:
                self.terms.append(term)
            return self.record.ase
        if not mutated or lost:
            self._not_measured(rule, "the table has no column for it")
            return False
        total = summed_fraction(self.record, self.record.variants)
        if (
            self.record.copies.state is AlleleState.NOT_MEASURED
            or self.record.antigen_kept
            or (total or 0) >= ALL_ALLELES_FRACTION
        ):
            self._not_measured(rule, "the table has no column for it, and the rest does not ask for it")
            return False
        self._infer_silent_allele(term, total, low)
        return True

    def _infer_silent_allele(self, term: Term, total: float | None, low: bool) -> None:
        """Infer that the other allele is silent: something must have silenced it."""
        fraction = "an unknown share" if total is None else f"a share of {total:.2f}"
        self.terms.append(replace(term, inferred=True))
        self._add(
            INFERRED_RULE,
            Verdict.NOT_ASSESSABLE,
            f"{self.gene} is mutated on {fraction} of the alleles and no copy is lost: if the antigen is "
            "gone, the other allele is not expressed",
            self.own_source,
            value=total,
            threshold=ALL_ALLELES_FRACTION,
        )
        self.notes.append(
            "allele-specific expression is not measured in this table but inferred by exclusion; "
            "copy-neutral loss of the other allele or an unseen second mutation would explain the loss too"
        )
        if low:
            self.notes.append(f"the low RNA level alone could explain the loss of {self.gene}")

    def _other_events(self) -> None:
        """Add the mutations of other genes."""
        for event in self.record.other_events:
            partner = event.split()[0].rstrip(":")
            known = [
                s
                for s in self.target.statements
                if s.kind is StatementKind.PARTNER and s.topic.casefold() == partner.casefold()
            ]
            sentence = " ".join(s.text for s in known) or f"{event}: the target file knows no link to {self.gene}"
            source = self.target.sources[known[0].source].citation if known else self.own_source
            verdict = Verdict.AT_RISK if known else Verdict.NOT_ASSESSABLE
            self._add("mutation of another gene", verdict, sentence, source, value=event)
            term = Term(f"{partner} mutation")
            if known and term not in self.terms:
                self.terms.append(term)

    def _isoforms(self) -> None:
        """Add the shares of published isoforms, with the mark and the objection to it."""
        for name, share in self.record.isoforms:
            isoform = self.target.isoform(name)
            kinds = {statement.kind: statement for statement in isoform.statements}
            mark = (
                dict(kinds[StatementKind.MARKER].values).get("failure_mark_percent")
                if StatementKind.MARKER in kinds
                else None
            )
            high = mark is not None and share > mark
            side = "no mark is published" if mark is None else f"{'above' if high else 'not above'} {mark:g} %"
            objection = "".join(f" Objection: {text}" for text in _objections(isoform))
            self._add(
                f"{name} share",
                Verdict.AT_RISK if high else Verdict.INTACT,
                f"{name} at {share:g} %, {side}.{objection}",
                self.target.sources[isoform.source].citation,
                value=share,
                unit="%",
                threshold=mark,
            )
            if high:
                self.terms.append(Term(f"{name} above {mark:g} %"))

    def _not_measured(self, rule: str, why: str) -> None:
        """Record that a question has no answer in the table."""
        self._add(rule, Verdict.NOT_ASSESSABLE, f"not measured: {why}", "")


def summed_fraction(record: SampleRecord, variants: Sequence[Variant]) -> float | None:
    """Return the summed allele fraction: as given, or the sum over the variants."""
    if record.sum_af is not None:
        return record.sum_af
    told = (call.allele_fraction for variant in variants for call in variant.calls)
    fractions = [fraction for fraction in told if fraction is not None]
    return sum(fractions) if fractions else None


def _polymorphism(consequence: Consequence, target: Target) -> str:
    """Return the name of the common polymorphism that a consequence is, or ""."""
    if len(consequence.change.substitutions) != 1 or consequence.change.kind is not ChangeKind.SUBSTITUTION:
        return ""
    change = consequence.change.substitutions[0]
    for known in target.polymorphisms:
        if (known.position, known.alternate) == (change.position, change.alternate):
            return known.identifier or known.hgvs_c
    return ""
