"""A cohort's samples to one mechanism of antigen loss each, with the evidence for it.

Combines what Table 3 of Zhao et al. (Blood 2021, 137:471) combines: variants with their
summed allele fraction, the fate of the other allele, RNA level, allele-specific
expression, mutations of partner genes and the share of published isoforms. Every term of
a summary stands on an evidence row; a term that nothing in the table measures is marked
as inferred. Not for calling variants or copy numbers, and not for a diagnosis.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from epitope.errors import EpitopeError, TableError
from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.target.model import StatementKind, Target
from epitope.variant.model import ChangeKind, Consequence, Variant
from epitope.variant.readers.published import published_rows
from epitope.variant.readers.tables import Table, TableRow, foreign_gene, is_missing, read_table, variant_columns

if TYPE_CHECKING:
    import pandas as pd

# RNA is low below this log2 CPM. The project's own mark, midway between 0.8, the highest
# value called low, and 5.2, the lowest called normal, in Table 3 of Zhao 2021.
LOW_LOG_CPM = 3.0
# From this summed allele fraction on, mutations reach nearly every allele and leave none to
# explain. The project's own mark; tumour purity is not known to the table.
ALL_ALLELES_FRACTION = 0.9
# A sample with fewer copies of the gene than this has lost an allele: between 1 and 2.
ONE_COPY = 1.5
INFERRED = " [inferred]"
_TABLE_3 = "Zhao et al., Blood 2021, 137:471, Table 3"
_OWN_RULE = f"own rule, after {_TABLE_3}"

# Sequence Ontology terms of variants that leave the protein as it is.
SILENT_TERMS = frozenset(
    {
        "synonymous_variant",
        "stop_retained_variant",
        "start_retained_variant",
        "5_prime_UTR_variant",
        "3_prime_UTR_variant",
        "intron_variant",
        "upstream_gene_variant",
        "downstream_gene_variant",
        "splice_polypyrimidine_tract_variant",
        "splice_donor_region_variant",
        "splice_region_variant",
        "intergenic_variant",
    }
)

SAMPLE_COLUMNS = ("sample", "sample_id", "sample_name", "patient", "patient_id", "id", "case")
COPY_TEXT_COLUMNS = ("cna", "cnv", "copy_number_alteration", "copy_number_change", "other_allele", "loh")
COPY_NUMBER_COLUMNS = ("copy_number", "cn", "total_cn", "copies")
SUM_AF_COLUMNS = ("sum_af", "summed_af", "sum_vaf", "sum_allele_fraction", "summed_allele_fraction")
AF_COLUMNS = ("allele_fraction", "af", "vaf", "variant_allele_fraction", "maf")
LOG_CPM_COLUMNS = ("log_cpm", "logcpm", "log2_cpm", "rna_log_cpm", "expression_log_cpm")
RNA_LEVEL_COLUMNS = ("rna_level", "rna", "expression", "expression_level")
ASE_COLUMNS = ("ase", "allele_specific_expression", "allelic_expression", "monoallelic_expression")
OTHER_COLUMNS = ("other_event", "other_events", "other_mutation", "other_variant", "partner_variant")
STATUS_COLUMNS = ("status", "antigen_status", "flow", "surface", "protein_status")
PUBLISHED_COLUMNS = ("summary", "published_summary", "mechanism", "published_mechanism")

COHORT_COLUMNS = (
    "sample",
    "mechanism",
    "published_summary",
    "agrees",
    "variants",
    "sum_allele_fraction",
    "other_allele",
    "rna_log_cpm",
    "rna_level",
    "allele_specific_expression",
    "other_event",
    "isoform_percent",
    "evidence",
    "notes",
)
EVIDENCE_COLUMNS = ("sample", "rule", "verdict", "value", "unit", "threshold", "sentence", "source")

_NO = frozenset({"no", "none", "normal", "neutral", "diploid", "wt", "wild type", "wild-type", "not detected"})
_YES = frozenset({"yes", "y", "true", "present", "detected", "monoallelic"})
_LOSS = re.compile(r"loss|lost|delet|\bdel\b|\bloh\b|cnloh|monosom|haplo|\buniparental|\bupd\b", re.I)
_GAIN = re.compile(r"gain|dupli|ampli|trisom|tetrasom", re.I)
_POSITIVE = re.compile(r"(cd\d+\s*)?(pos|\+|kept|retained|present|normal)", re.I)
_SPLIT = re.compile(r"\s*;\s*(?![^\[]*\])|\s+\|\s+")


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """What a table says of one sample; ``None`` or "" for what it does not say.

    ``copy_loss`` is the loss in the table's words and "" for none; ``None`` means not
    measured, as for ``ase``. ``isoforms`` holds name and percent.
    """

    sample: str
    origin: str
    variants: tuple[Variant, ...] = ()
    variants_known: bool = True
    sum_af: float | None = None
    copy_loss: str | None = None
    copy_note: str = ""
    log_cpm: float | None = None
    rna_level: str = ""
    ase: bool | None = None
    other_events: tuple[str, ...] = ()
    isoforms: tuple[tuple[str, float], ...] = ()
    antigen_kept: bool = False
    published: str = ""


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """The mechanism found for a sample, term by term, and all that speaks for it.

    ``agrees`` compares with the published summary: "yes", "yes, by inference", "no", or
    "" where none was given.
    """

    record: SampleRecord
    terms: tuple[str, ...]
    agrees: str
    evidence: tuple[Evidence, ...]
    consequences: tuple[Consequence, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def mechanism(self) -> str:
        """The terms, joined with semicolons; inferred ones are marked."""
        return "; ".join(self.terms)


def read_samples(path: str | Path, target: Target) -> tuple[SampleRecord, ...]:
    """Read a table of samples: one row per sample, or one per sample and variant.

    Parameters
    ----------
    path : str or Path
        CSV, TSV or XLSX. Needs a column ``sample``; all others are optional and found by
        name, with or without the gene in front.
    target : Target
        The antigen that the samples may have lost.

    Raises
    ------
    TableError
        If the table is malformed, or says two different things of one sample; names
        file, line and column.
    """
    return _samples_of(read_table(path), target)


def _samples_of(table: Table, target: Target) -> tuple[SampleRecord, ...]:
    """Read the samples of a table."""
    sample_column = table.find(SAMPLE_COLUMNS, target.gene)
    if sample_column is None:
        raise TableError(
            f"{table.name} line {table.header_line}: no column 'sample'; the columns are: {', '.join(table.columns)}"
        )
    groups: dict[str, list[TableRow]] = {}
    for row in table.rows:
        if row.problem:
            raise TableError(f"{table.name} line {row.line}: {row.problem}")
        name = row.cells[sample_column].strip()
        if not name:
            raise TableError(f"{table.name} line {row.line}, column {sample_column!r}: the sample has no name")
        groups.setdefault(name, []).append(row)
    return tuple(_Sample(table, target, name, rows).record() for name, rows in groups.items())


def published_samples(name: str, target: Target) -> tuple[SampleRecord, ...]:
    """Return the samples of a published cohort; empty where it was printed without samples.

    Parameters
    ----------
    name : str
        See `epitope.variant.readers.published.published_cohort`.
    target : Target
        The antigen.
    """
    rows = [
        TableRow(number, cells, "\t".join(cells.values()))
        for number, cells in enumerate(published_rows(name, target), start=1)
    ]
    table = Table(name, tuple(rows[0].cells) if rows else (), 0, tuple(rows))
    return _samples_of(table, target) if table.find(SAMPLE_COLUMNS, target.gene) else ()


def summarise_cohort(samples: Iterable[SampleRecord], target: Target) -> tuple[SampleSummary, ...]:
    """Give each sample its mechanism of antigen loss, with the evidence.

    A variant that cannot be understood is told in the notes of its sample and does not
    count; the others go on.

    Parameters
    ----------
    samples : iterable of SampleRecord
        As `read_samples` returns them.
    target : Target
        The antigen.
    """
    return tuple(_Summary(sample, target).summary() for sample in samples)


def cohort_table(summaries: Sequence[SampleSummary]) -> pd.DataFrame:
    """Tabulate the summaries: one row per sample, with the columns `COHORT_COLUMNS`."""
    import pandas as pd

    return pd.DataFrame([_cohort_row(summary) for summary in summaries], columns=list(COHORT_COLUMNS))


def cohort_evidence_table(summaries: Sequence[SampleSummary]) -> pd.DataFrame:
    """Tabulate the evidence: one row per sample and rule, with the columns `EVIDENCE_COLUMNS`."""
    import pandas as pd

    rows = [
        (s.record.sample, e.rule, str(e.verdict), e.value, e.unit, e.threshold, e.sentence, e.source)
        for s in summaries
        for e in s.evidence
    ]
    return pd.DataFrame(rows, columns=list(EVIDENCE_COLUMNS))


class _Sample:
    """Reads the rows of one sample."""

    def __init__(self, table: Table, target: Target, name: str, rows: list[TableRow]) -> None:
        self.table, self.target, self.name, self.rows = table, target, name, rows

    def record(self) -> SampleRecord:
        """Return what the rows say together."""
        main, label = variant_columns(self.table, self.target, None, None)
        variants = tuple(self._variants(main, label))
        copy_loss, copy_note = self._copy_number()
        level = self._text(RNA_LEVEL_COLUMNS).casefold()
        return SampleRecord(
            sample=self.name,
            origin=f"{self.table.name} line {self.rows[0].line}",
            variants=variants,
            variants_known=main is not None,
            sum_af=self._number(SUM_AF_COLUMNS, fraction=True, most=max(1.0, len(variants))),
            copy_loss=copy_loss,
            copy_note=copy_note,
            log_cpm=self._number(LOG_CPM_COLUMNS, least=-50),
            rna_level=level,
            ase=self._ase(),
            other_events=self._other_events(),
            isoforms=self._isoforms(),
            antigen_kept=bool(_POSITIVE.match(self._text(STATUS_COLUMNS))),
            published=self._text(PUBLISHED_COLUMNS),
        )

    def _variants(self, main: str | None, label: str | None) -> Iterable[Variant]:
        """Yield the variants; several in one cell are separated by semicolons."""
        if main is None:
            return
        fraction_column = self.table.find(AF_COLUMNS, self.target.gene)
        for row in self.rows:
            if foreign_gene(self.table, row, self.target):
                continue
            names = _entries(row.cells[main])
            labels = _entries(row.cells[label]) if label else []
            if not names:
                names, labels = labels, []
            if len(labels) != len(names):
                labels = [""] * len(names)
            annotations: tuple[tuple[str, str], ...] = (("sample", self.name),)
            if fraction_column and not is_missing(row.cells[fraction_column]):
                fraction = self._value(row, fraction_column, fraction=True, least=0, most=1)
                annotations += (("allele_fraction", f"{fraction:.4g}"),)
            for name, second in zip(names, labels, strict=True):
                yield Variant(name, f"{self.table.name} line {row.line}", second, annotations)

    def _cell(self, names: Sequence[str]) -> tuple[TableRow, str] | None:
        """Return the one cell of the sample in a column that must not contradict itself."""
        column = self.table.find(names, self.target.gene)
        if column is None:
            return None
        first: TableRow | None = None
        for row in self.rows:
            if is_missing(row.cells[column]):
                continue
            if first is None:
                first = row
            elif row.cells[column].strip() != first.cells[column].strip():
                raise TableError(
                    f"{self._where(row, column)}: {row.cells[column].strip()!r} for {self.name}, "
                    f"but line {first.line} says {first.cells[column].strip()!r}"
                )
        return None if first is None else (first, column)

    def _where(self, row: TableRow, column: str) -> str:
        """Name file, line and column for an error."""
        return f"{self.table.name} line {row.line}, column {column!r}"

    def _text(self, names: Sequence[str]) -> str:
        """Return the text of a column, "" where it says nothing."""
        found = self._cell(names)
        return found[0].cells[found[1]].strip() if found else ""

    def _number(
        self, names: Sequence[str], *, fraction: bool = False, least: float = 0.0, most: float = 1e9
    ) -> float | None:
        """Return the number of a column, ``None`` where it says nothing."""
        found = self._cell(names)
        return None if found is None else self._value(*found, fraction=fraction, least=least, most=most)

    def _value(self, row: TableRow, column: str, *, fraction: bool, least: float, most: float) -> float:
        """Read one number, a percentage where a fraction is meant."""
        text = row.cells[column].strip()
        where = self._where(row, column)
        match = re.fullmatch(r"([+-]?\d{1,12}(?:\.\d*)?)\s*(%?)", text, re.ASCII)
        if match is None:
            raise TableError(f"{where}: {text!r} is not a number")
        value = float(match.group(1)) / (100 if match.group(2) and fraction else 1)
        if not least <= value <= most:
            raise TableError(f"{where}: {text!r} lies outside {least:g} to {most:g}")
        return value

    def _copy_number(self) -> tuple[str | None, str]:
        """Return the loss of an allele ("" for none, ``None`` for not measured) and a note."""
        copies = self._number(COPY_NUMBER_COLUMNS)
        text = self._written_copy_number()
        if text is None:
            if copies is None:
                return None, ""
            return (f"loss of one {self.target.gene} copy" if copies < ONE_COPY else ""), ""
        if text.casefold() in _NO:
            return "", ""
        if _LOSS.search(text) and not re.match(r"no\b", text, re.I):
            return text, ""
        if _GAIN.search(text) or re.match(r"no\b", text, re.I):
            return "", f"copy number: {text}"
        return None, f"copy number {text!r} is neither a loss nor none, and is left out"

    def _written_copy_number(self) -> str | None:
        """Return the copy-number change in words, where the table has it."""
        column = self.table.find(COPY_TEXT_COLUMNS, self.target.gene)
        if column is not None:
            for row in self.rows:
                if re.fullmatch(r"[+-]?\d+(\.\d+)?", row.cells[column].strip()):
                    raise TableError(
                        f"{self._where(row, column)}: {row.cells[column].strip()!r} is a number; write 'no' "
                        "or what was lost, and put a number of copies in a column copy_number"
                    )
        return self._loose_text(column) or None

    def _loose_text(self, column: str | None) -> str:
        """Return the text of a column where "none" is an answer."""
        if column is None:
            return ""
        said = {row.cells[column].strip(): row for row in self.rows if row.cells[column].strip() not in ("", ".")}
        said = {text: row for text, row in said.items() if text.casefold() not in ("na", "n/a", "nan")}
        if len(said) > 1:
            first, second = list(said)[:2]
            raise TableError(
                f"{self._where(said[second], column)}: {second!r} for {self.name}, "
                f"but line {said[first].line} says {first!r}"
            )
        return next(iter(said), "")

    def _ase(self) -> bool | None:
        """Return whether allele-specific expression was seen, ``None`` if not measured."""
        column = self.table.find(ASE_COLUMNS, self.target.gene)
        text = self._loose_text(column).casefold()
        if not text:
            return None
        if text in _YES | _NO | {"false", "biallelic"}:
            return text in _YES
        row = next(row for row in self.rows if row.cells[column or ""].strip())
        raise TableError(f"{self.table.name} line {row.line}, column {column!r}: write yes or no, not {text!r}")

    def _other_events(self) -> tuple[str, ...]:
        """Return the events of other genes, each once."""
        column = self.table.find(OTHER_COLUMNS, self.target.gene)
        main, _ = variant_columns(self.table, self.target, None, None)
        events = [entry for row in self.rows for entry in _entries(row.cells[column] if column else "")]
        for row in self.rows:
            gene = foreign_gene(self.table, row, self.target)
            events += [f"{gene} {entry}" for entry in _entries(row.cells[main] if main and gene else "")]
        return tuple(dict.fromkeys(events))

    def _isoforms(self) -> tuple[tuple[str, float], ...]:
        """Return the share of each published isoform that the table has, in percent."""
        found = []
        for isoform in self.target.isoforms:
            name = isoform.name.casefold()
            share = self._number((f"{name}_percent", f"{name}_ratio_percent", f"{name}_share_percent", name))
            if share is not None:
                found.append((isoform.name, share))
        return tuple(found)


class _Summary:
    """Applies the rules to one sample."""

    def __init__(self, record: SampleRecord, target: Target) -> None:
        self.record, self.target, self.gene = record, target, target.gene
        self.terms: list[str] = []
        self.evidence: list[Evidence] = []
        self.notes: list[str] = [record.copy_note] if record.copy_note else []
        self.consequences: list[Consequence] = []

    def summary(self) -> SampleSummary:
        """Run the rules in the order in which the summary names them."""
        mutated = self._variants()
        lost = self._copy_number()
        low = self._rna()
        expression = self._allele_expression(mutated, lost, low)
        if low and not expression:
            self.terms.append(f"Low level of {self.gene} expression")
        if not (mutated or lost or low):
            self.terms.insert(0, f"{self.gene} wild type")
        self._other_events()
        self._isoforms()
        if self.terms == [f"{self.gene} wild type"]:
            self.notes.append("nothing in the table explains a loss")
        agrees = self._compare()
        return SampleSummary(
            self.record,
            tuple(self.terms),
            agrees,
            tuple(self.evidence),
            tuple(self.consequences),
            tuple(self.notes),
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

    def _variants(self) -> bool:
        """Judge the variants; say whether one changes the protein."""
        from epitope.variant.hgvs.consequence import consequence_of

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
            self._add("no variant", Verdict.INTACT, f"no {self.gene} variant is listed", _OWN_RULE, value=0)
        self._allele_fraction(counted)
        if counted:
            self.terms.append(f"{self.gene} mutation")
        return bool(counted)

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
        if consequence.isoform:
            sentence = f"{consequence.isoform} is an RNA event, not a mutation; its share says how much it is used"
            self._add("RNA event", Verdict.NOT_ASSESSABLE, sentence, "target file", value=variant.text)
            return False
        silent = SILENT_TERMS.issuperset(consequence.terms) and consequence.change.kind is ChangeKind.NONE
        verdict = Verdict.INTACT if silent else Verdict.AT_RISK
        effect = "leaves the protein unchanged" if silent else "changes the protein or its splicing"
        sentence = f"{name} ({consequence.consequence or consequence.change.kind}) {effect}"
        self._add("variant", verdict, sentence, _OWN_RULE, value=value)
        return not silent

    def _allele_fraction(self, counted: list[Variant]) -> None:
        """Add the summed allele fraction, as given or summed up."""
        total = _summed_fraction(self.record, counted)
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
            _OWN_RULE,
            value=total,
            threshold=ALL_ALLELES_FRACTION,
        )

    def _copy_number(self) -> bool:
        """Judge the other allele; say whether it is lost."""
        loss = self.record.copy_loss
        if loss is None:
            self._not_measured("other allele", "the table does not tell the copy number")
            return False
        if not loss:
            self._add("other allele", Verdict.INTACT, "no copy-number loss", _TABLE_3, value="no")
            return False
        self._add("other allele", Verdict.AT_RISK, f"{loss}: one allele is gone", _TABLE_3, value=loss)
        self.terms.append(loss[0].upper() + loss[1:])
        return True

    def _rna(self) -> bool:
        """Judge the RNA level; say whether it is low."""
        value, written = self.record.log_cpm, self.record.rna_level
        if value is None and not written:
            self._not_measured("RNA level", "the table does not tell the RNA level")
            return False
        by_value = None if value is None else value < LOW_LOG_CPM
        by_word = None if not written else written.startswith("low")
        low = bool(by_value if by_word is None else by_word)
        if by_value is not None and by_word is not None and by_value != by_word:
            self.notes.append(f"RNA is called {written}, but log CPM {value:g} against {LOW_LOG_CPM:g} says otherwise")
        shown = f"log2 CPM {value:g}" if value is not None else f"called {written}"
        self._add(
            "RNA level",
            Verdict.AT_RISK if low else Verdict.INTACT,
            f"{self.gene} RNA is {'low' if low else 'not low'} ({shown})",
            _OWN_RULE,
            value=written if value is None else value,
            unit="" if value is None else "log2 CPM",
            threshold=None if value is None else LOW_LOG_CPM,
        )
        return low

    def _allele_expression(self, mutated: bool, lost: bool, low: bool) -> bool:
        """Judge allele-specific expression; say whether it is a term of the summary."""
        term = "Allele-specific expression" + (" (low)" if low else "")
        rule = "allele-specific expression"
        if self.record.ase is not None:
            seen = "seen" if self.record.ase else "not seen"
            verdict = Verdict.AT_RISK if self.record.ase else Verdict.INTACT
            self._add(rule, verdict, f"allele-specific expression was {seen}", _TABLE_3, value=seen)
            if self.record.ase:
                self.terms.append(term)
            return self.record.ase
        if not mutated or lost:
            self._not_measured(rule, "the table has no column for it")
            return False
        total = _summed_fraction(self.record, self.record.variants)
        if self.record.copy_loss is None or self.record.antigen_kept or (total or 0) >= ALL_ALLELES_FRACTION:
            self._not_measured(rule, "the table has no column for it, and the rest does not ask for it")
            return False
        self._infer_silent_allele(term, total, low)
        return True

    def _infer_silent_allele(self, term: str, total: float | None, low: bool) -> None:
        """Infer that the other allele is silent: something must have silenced it."""
        fraction = "an unknown share" if total is None else f"a share of {total:.2f}"
        self.terms.append(term + INFERRED)
        self._add(
            "other allele silent (inferred)",
            Verdict.NOT_ASSESSABLE,
            f"{self.gene} is mutated on {fraction} of the alleles and no copy is lost: if the antigen is "
            "gone, the other allele is not expressed",
            _OWN_RULE,
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
            known = [s for s in self.target.statements if s.topic.casefold() == partner.casefold()]
            sentence = " ".join(s.text for s in known) or f"{event}: the target file knows no link to {self.gene}"
            source = self.target.sources[known[0].source].citation if known else _OWN_RULE
            verdict = Verdict.AT_RISK if known else Verdict.NOT_ASSESSABLE
            self._add("mutation of another gene", verdict, sentence, source, value=event)
            term = f"{partner} mutation"
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
            objection = f" Objection: {kinds[StatementKind.OBJECTION].text}" if StatementKind.OBJECTION in kinds else ""
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
                self.terms.append(f"{name} above {mark:g} %")

    def _not_measured(self, rule: str, why: str) -> None:
        """Record that a question has no answer in the table."""
        self._add(rule, Verdict.NOT_ASSESSABLE, f"not measured: {why}", "")

    def _compare(self) -> str:
        """Compare with the published summary, and note every term that differs."""
        if not self.record.published:
            return ""
        published = {_plain(term): term.strip() for term in self.record.published.split(";") if term.strip()}
        found = {_plain(term): term for term in self.terms}
        missing = [term for key, term in published.items() if key not in found]
        surplus = [term for key, term in found.items() if key not in published]
        if missing:
            self.notes.append(f"published, and not to be had from this table: {'; '.join(missing)}")
        if surplus:
            self.notes.append(f"found here, and not in the published summary: {'; '.join(surplus)}")
        if missing or surplus:
            return "no"
        return "yes, by inference" if any(term.endswith(INFERRED) for term in self.terms) else "yes"


def _entries(cell: str) -> list[str]:
    """Split a cell that lists several things; nothing for one that says there is none."""
    if is_missing(cell):
        return []
    parts = (part.strip() for part in _SPLIT.split(cell))
    return [part for part in parts if not is_missing(part) and part.casefold() not in _NO]


def _plain(term: str) -> str:
    """Return a term as it is compared."""
    return " ".join(term.removesuffix(INFERRED).casefold().split())


def _summed_fraction(record: SampleRecord, variants: Sequence[Variant]) -> float | None:
    """Return the summed allele fraction: as given, or the sum over the variants."""
    if record.sum_af is not None:
        return record.sum_af
    fractions = [float(value) for variant in variants for key, value in variant.annotations if key == "allele_fraction"]
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


def _cohort_row(summary: SampleSummary) -> tuple[object, ...]:
    """Return one row of the cohort table."""
    record = summary.record
    ase = {None: "not measured", True: "yes", False: "no"}[record.ase]
    names = [c.hgvs_p or c.hgvs_c or c.variant.text for c in summary.consequences]
    counted = [e for e in summary.evidence if e.verdict is not Verdict.NOT_ASSESSABLE or "inferred" in e.rule]
    return (
        record.sample,
        summary.mechanism,
        record.published,
        summary.agrees,
        "; ".join(names),
        _summed_fraction(record, record.variants),
        "not measured" if record.copy_loss is None else record.copy_loss or "no loss",
        record.log_cpm,
        record.rna_level,
        ase,
        "; ".join(record.other_events),
        "; ".join(f"{name} {share:g}" for name, share in record.isoforms),
        "; ".join(evidence.sentence for evidence in counted),
        "; ".join(summary.notes),
    )
