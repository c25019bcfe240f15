"""Assessments as tables: one row per variant, fixed columns, the same in every format.

The column names are part of the interface; scripts rely on them. In JSON and pandas a cell
that holds several things is a list; CSV and Excel have it as text: positions as ranges
("109-556"), pairs as "38-261", what belongs to one sample each joined by semicolons in
the order of ``carriers``. Not for deciding anything: what a variant does was decided before.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from epitope.errors import MissingDependencyError
from epitope.impact.predictors.model import (
    HOT_SPOT_FORMULA,
    HOT_SPOT_TERMS,
    PREDICTION_COLUMNS,
    Predictions,
    percent,
    spoken,
)
from epitope.impact.verdicts.model import Assessment, BinderAnswer, Evidence, Verdict
from epitope.show.palette import VERDICT_MARKS
from epitope.show.spreadsheet import harmless, workbook
from epitope.show.terminal import empty_table
from epitope.target.positions import ranges
from epitope.variant.model import SampleCall, Variant
from epitope.variant.readers.rows import RowStatus, UnassessedRow

if TYPE_CHECKING:
    from rich.table import Table

    from epitope.target.model import Target

ASSESSMENT_COLUMNS: dict[str, str] = {
    "input": "the variant as it was written",
    "origin": "where it was written: argument, or file and line",
    "status": "assessed, error, not assessable, outside the transcript, another gene, or not listed (a row that "
    "counts others)",
    "hgvs_c": "normalised HGVS name on the coding sequence, where it is known",
    "hgvs_g": "normalised HGVS name on the chromosome, where it is known",
    "hgvs_p": "normalised HGVS name on the protein",
    "exon": "exon that the change lies in, of all, as 4/15",
    "intron": "intron that the change lies in, of all, as 2/14",
    "consequence": "Sequence Ontology terms, most severe first; of a row that is not assessed its status, "
    "or VEP's word for a place within 5 kb of the gene; a list, in CSV comma-separated",
    "splicing": "with what splicing was looked at: splice model, invariant bases only, not looked at, not applicable",
    "decay": "nonsense-mediated decay of the RNA: expected, escapes (and why), not applicable",
    "label_check": "'agrees', or how the label that came with the variant differs; empty without a label",
    "antigen": "is the antigen on the membrane: intact, at risk, lost, not assessable",
    "fold": "is its fold intact: intact, at risk, lost, not assessable",
    "epitope": "is the epitope intact: intact, at risk, lost, not assessable",
    "binders": "the epitope of each antibody that was asked about and of each binder of the target: binder, verdict, "
    "basis (what the answer rests on), evidence, reason in a word or two; `epitope_NAME` behind the last column "
    "repeats the verdict of each that was asked about",
    "mechanism": "one sentence that says what happens",
    "positions_changed": "positions of substituted residues; a list, in CSV ranges",
    "positions_lost": "positions absent from the product; a list, in CSV ranges",
    "loops_lost": "epitope loops that are lost, published or computed; a list, in CSV comma-separated",
    "disulfides_broken": "disulfides that lose a partner; a list of pairs of positions, in CSV 38-261",
    "ddg_kcal_mol": "predicted loss of folding stability of the one residue replaced, by the model with ProteinMPNN; "
    "positive = destabilising; never a sign of stabilising",
    "ddg_low_kcal_mol": "lower end of its 90 % interval",
    "ddg_high_kcal_mol": "upper end of its 90 % interval",
    "p_destabilising": "P(ΔΔG ≥ 1 kcal/mol), calibrated",
    "hot_spot_score": f"how deep the residue sits in the antibody of the structure: {HOT_SPOT_FORMULA}; no energy",
    "p_hot_spot": "P(binding weakens by 1 kcal/mol or more), calibrated",
    "length_change_score": "how much an in-frame deletion or insertion strains the fold, 0 to 1; not calibrated",
    "length_change_grade": "the same as low, medium or high",
    "number_notes": "what these numbers rest on: atoms not observed, resolution, which antibody; a list, in CSV "
    "joined by ;",
    "isoform": "the named RNA event, where it is one",
    "scenario": "which possible outcome of a splice variant the row tells of",
    "carriers": "samples of the file that carry the allele; a list, in CSV joined by ;",
    "genotype": "their genotypes as called; a list in the order of carriers, as the next three",
    "depth": "reads at the place in each of them (DP, else the sum of AD)",
    "allele_depth": "those of them with the allele (AD, AO)",
    "allele_fraction": "share of the allele, 0 to 1 (from AD or AO, else VAF, AF, FREQ)",
    "members": "each of several changes of one allele as if it were alone: name and three answers; "
    "a list of records, in CSV text",
    "notes": "what else is to be known: bases not checked, other names of the change; a list, in CSV joined by ;",
    "not_assessed": "what could not be judged and why; a list of sentences, in CSV joined by a blank",
    "evidence": "the rules that fired: question, verdict, rule, value, unit, threshold, source, sentence, positions",
    "error": "why the row could not be assessed; empty when it was",
}
_NUMBERS = (*PREDICTION_COLUMNS, "length_change_score")
FRACTION_DIGITS = 4
"""Decimals of an allele fraction: one read in ten thousand."""
DIGITS = 3
"""Decimals of a number: more than any of the models can tell apart."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A variant that could not be assessed, and the one line that says why.

    ``line`` is the line of a file that gave no variant, where it is one.
    """

    variant: Variant
    error: str
    line: UnassessedRow | None = None


class Failed(Protocol):
    """Anything that names a variant and says why it could not be assessed."""

    @property
    def variant(self) -> Variant:
        """The variant as it was written."""

    @property
    def error(self) -> str:
        """One line: what is wrong, where, and what to do."""


ResultRow = Assessment | Failed | UnassessedRow


class AssessmentTable(pd.DataFrame):
    """A DataFrame of assessments that can explain its rows."""

    @property
    def _constructor(self) -> type[AssessmentTable]:
        return AssessmentTable

    def explain(self, row: int | str) -> pd.DataFrame:
        """Return the evidence behind one row.

        Parameters
        ----------
        row : int or str
            Number of the row from 0, or the variant as it was written, or its protein name.

        Returns
        -------
        pandas.DataFrame
            ``question``, ``verdict``, ``rule``, ``value``, ``unit``, ``threshold``, ``source``,
            ``sentence``, ``positions``, one line per rule that fired.

        Raises
        ------
        KeyError
            If no row is called that.
        """
        if isinstance(row, str):
            names = self["input"].eq(row) | self["hgvs_p"].eq(row)
            if not names.any():
                raise KeyError(row)
            row = int(names.to_numpy().argmax())
        return pd.DataFrame(self["evidence"].iloc[row], columns=list(EVIDENCE_COLUMNS))


EVIDENCE_COLUMNS = (
    "question",
    "verdict",
    "rule",
    "value",
    "unit",
    "threshold",
    "source",
    "sentence",
    "positions",
)


def evidence_record(evidence: Evidence) -> dict[str, Any]:
    """Return one piece of evidence as plain values, ready for JSON."""
    return {
        "question": str(evidence.question),
        "verdict": str(evidence.verdict),
        "rule": evidence.rule,
        "value": _plain(evidence.value),
        "unit": evidence.unit,
        "threshold": _plain(evidence.threshold),
        "source": evidence.source,
        "sentence": evidence.sentence,
        "positions": list(evidence.positions),
    }


def binder_record(answer: BinderAnswer) -> dict[str, str]:
    """Return the answer for one antibody as plain values, ready for JSON."""
    return {
        "binder": answer.binder,
        "verdict": str(answer.verdict),
        "basis": answer.basis,
        "evidence": answer.evidence,
        "reason": answer.reason,
    }


def _plain(value: float | str | None) -> float | str | None:
    """Return a value that JSON can hold: numbers rounded to six digits, NaN as nothing."""
    if value is None or isinstance(value, str | bool | int):
        return value
    number = float(value)
    return round(number, 6) if math.isfinite(number) else None


def to_json_records(rows: Iterable[ResultRow]) -> list[dict[str, Any]]:
    """Return one record per row, keyed by `ASSESSMENT_COLUMNS`, ready for JSON.

    Parameters
    ----------
    rows : iterable of Assessment or Failure
        In the order in which they should appear.

    Returns
    -------
    list of dict
        Text in every field but the numeric columns, numbers or ``None``, those of `LISTS`,
        which are lists, and ``evidence``, a list of records.

    Examples
    --------
    >>> row, = to_json_records([Failure(Variant("p.Gly60del"), "residue 60 is Pro, not Gly")])
    >>> row["input"], row["antigen"], row["error"]
    ('p.Gly60del', '', 'residue 60 is Pro, not Gly')
    """
    return [_record(row) if isinstance(row, Assessment) else _failure_record(row) for row in rows]


ASSESSED = "assessed"
"""The status of a row that has verdicts; the others are those of `RowStatus`."""
CALL_COLUMNS = ("genotype", "depth", "allele_depth", "allele_fraction")


def _joined(values: Iterable[object], mark: str = ";") -> str:
    """Join the items of a list for CSV; what is missing stays empty."""
    return mark.join("" if v is None else f"{v:g}" if isinstance(v, float) else str(v) for v in values)


def member_text(member: Mapping[str, str]) -> str:
    """Write one change of several with its answers, ``c.521T>G p.Leu174Arg (intact, at risk, intact)``."""
    names = " ".join(dict.fromkeys(name for name in (member["hgvs_c"], member["hgvs_p"]) if name))
    return f"{names} ({member['antigen']}, {member['fold']}, {member['epitope']})"


LISTS: dict[str, Callable[[Any], str]] = {
    "consequence": lambda terms: _joined(terms, ","),
    "positions_changed": ranges,
    "positions_lost": ranges,
    "loops_lost": lambda loops: _joined(loops, ","),
    "disulfides_broken": lambda pairs: ",".join(f"{a}-{b}" for a, b in pairs),
    "carriers": _joined,
    **dict.fromkeys(CALL_COLUMNS, _joined),
    "members": lambda members: _joined(map(member_text, members), "; "),
    **dict.fromkeys(("number_notes", "notes"), lambda notes: _joined(notes, "; ")),
    "not_assessed": lambda sentences: _joined(sentences, " "),
}
"""Columns that hold a list, and how CSV writes it."""


def _failure_record(failure: Failed | UnassessedRow) -> dict[str, Any]:
    """Return the record of a row that could not be assessed, or that holds nothing to assess."""
    empty: dict[str, Any] = dict.fromkeys(ASSESSMENT_COLUMNS, "") | dict.fromkeys(_NUMBERS)
    empty |= {name: [] for name in (*LISTS, "binders", "evidence")}
    if isinstance(failure, UnassessedRow):
        return empty | {
            "input": failure.text,
            "origin": failure.origin,
            "status": str(failure.status),
            "consequence": [failure.term or str(failure.status)],
            **dict.fromkeys(("antigen", "fold", "epitope"), str(Verdict.NOT_ASSESSABLE) if failure.is_ours else ""),
            "mechanism": failure.message,
            **_call_record(failure.calls),
        }
    return empty | {
        "input": failure.variant.text,
        "origin": failure.variant.origin,
        "status": str(RowStatus.ERROR),
        **_call_record(failure.variant.calls),
        "error": failure.error,
    }


def _record(assessment: Assessment) -> dict[str, Any]:
    """Return the record of an assessment."""
    consequence = assessment.consequence
    change = consequence.change
    return {
        "input": consequence.variant.text,
        "origin": consequence.variant.origin,
        "status": ASSESSED,
        "hgvs_c": consequence.hgvs_c,
        "hgvs_g": consequence.hgvs_g,
        "hgvs_p": consequence.hgvs_p,
        "exon": consequence.exon,
        "intron": consequence.intron,
        "consequence": list(consequence.terms),
        "splicing": str(consequence.splicing),
        "decay": str(consequence.decay.call),
        "label_check": consequence.label_check,
        "antigen": str(assessment.antigen),
        "fold": str(assessment.fold),
        "epitope": str(assessment.epitope),
        "binders": [binder_record(answer) for answer in assessment.binders],
        "mechanism": assessment.mechanism,
        "positions_changed": [s.position for s in change.substitutions],
        "positions_lost": list(change.positions_lost),
        "loops_lost": list(assessment.loops_lost),
        "disulfides_broken": [list(pair) for pair in assessment.disulfides_broken],
        **_number_record(assessment.predictions),
        "isoform": consequence.isoform,
        "scenario": consequence.scenario,
        "length_change_score": None
        if assessment.length_change_score is None
        else round(assessment.length_change_score, DIGITS),
        "length_change_grade": assessment.length_change_grade,
        **_call_record(consequence.variant.calls),
        "members": [_member_record(member) for member in assessment.members],
        "notes": [*consequence.variant.notes, *consequence.notes],
        "not_assessed": list(assessment.not_assessed),
        "evidence": [evidence_record(e) for e in assessment.evidence],
        "error": "",
    }


def _member_record(assessment: Assessment) -> dict[str, str]:
    """Return what one of several changes is and does alone."""
    consequence = assessment.consequence
    return {
        "hgvs_c": consequence.hgvs_c,
        "hgvs_p": consequence.hgvs_p,
        "antigen": str(assessment.antigen),
        "fold": str(assessment.fold),
        "epitope": str(assessment.epitope),
    }


def _call_record(calls: Sequence[SampleCall]) -> dict[str, Any]:
    """Return who carries an allele and what their reads say, one item for each sample."""
    fractions = [call.allele_fraction for call in calls]
    return {
        "carriers": [call.sample for call in calls if call.sample],
        "genotype": [call.genotype for call in calls] if any(call.genotype for call in calls) else [],
        "depth": _told(call.depth for call in calls),
        "allele_depth": _told(call.allele_depth for call in calls),
        "allele_fraction": _told(None if f is None else round(f, FRACTION_DIGITS) for f in fractions),
    }


def _told(values: Iterable[float | None]) -> list[float | None]:
    """Return a list of numbers, empty where none is known."""
    found = list(values)
    return found if any(value is not None for value in found) else []


def _number_record(predictions: Predictions | None) -> dict[str, Any]:
    """Return the numbers of a substitution, rounded, and what they rest on."""
    if predictions is None:
        return dict.fromkeys(PREDICTION_COLUMNS) | {"number_notes": []}
    values = {name: getattr(predictions, name) for name in PREDICTION_COLUMNS}
    rounded = {name: None if value is None else round(value, DIGITS) for name, value in values.items()}
    return rounded | {"number_notes": list(predictions.notes)}


def assessment_table(rows: Iterable[ResultRow]) -> AssessmentTable:
    """Return one row per variant with the fixed columns of `ASSESSMENT_COLUMNS`.

    Parameters
    ----------
    rows : iterable of Assessment or Failure
        What was assessed and what could not be, in order.

    Returns
    -------
    AssessmentTable
        A DataFrame of shape ``(n_rows, n_columns)``; ``evidence`` and ``binders`` hold lists of dict, the
        columns of `LISTS` lists, the numeric columns are floats, the rest is text. For each antibody that
        was asked about a column ``epitope_NAME`` with the verdict follows.

    Examples
    --------
    >>> assessment_table([Failure(Variant("x"), "no such event")])["error"].item()
    'no such event'
    """
    given = list(rows)
    table = AssessmentTable(to_json_records(given), columns=list(ASSESSMENT_COLUMNS))
    asked = (a.binder for row in given if isinstance(row, Assessment) for a in row.binders if a.asked)
    told = [{answer["binder"]: answer["verdict"] for answer in answers} for answers in table["binders"]]
    verdicts = {f"epitope_{name}": [answers.get(name, "") for answers in told] for name in dict.fromkeys(asked)}
    return AssessmentTable(table.astype(dict.fromkeys(_NUMBERS, "float64")).assign(**verdicts))


def binder_names(table: pd.DataFrame) -> list[str]:
    """Name the antibodies that a table of assessments answers for, in order."""
    return list(dict.fromkeys(answer["binder"] for answers in table["binders"] for answer in answers))


def evidence_text(evidence: Sequence[Mapping[str, Any]]) -> str:
    """Write evidence as one cell of text, a clause for each rule."""
    return "; ".join(f"[{e['question']}: {e['verdict']}] {e['rule']}: {e['sentence']}" for e in evidence)


def flat(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with lists and evidence as text, for formats without nesting."""
    as_text = {name: [write(cell) for cell in table[name]] for name, write in LISTS.items()}
    answers = [
        "; ".join(f"{a['binder']}: {a['verdict']} ({a['basis']}): {a['evidence']}" for a in row)
        for row in table["binders"]
    ]
    return table.assign(**as_text, binders=answers, evidence=[evidence_text(e) for e in table["evidence"]])


def to_csv_text(table: pd.DataFrame, separator: str = ",") -> str:
    """Return the table as CSV, cells that a spreadsheet would run as a formula made harmless."""
    return str(harmless(flat(table)).to_csv(index=False, lineterminator="\n", sep=separator))


def to_json_text(table: pd.DataFrame, provenance: Mapping[str, Any], **more: Any) -> str:
    """Return ``{"provenance": …, "assessments": […]}`` as indented JSON, with what more is to stand between."""
    records = table.to_dict(orient="records")
    for record in records:
        record |= {name: _plain(record[name]) for name in _NUMBERS if name in record}
    found = {"provenance": dict(provenance), **more, "assessments": records}
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def assessment_json(
    table: pd.DataFrame, rows: Iterable[ResultRow], target: Target, provenance: Mapping[str, Any]
) -> str:
    """Return the table as JSON with what was given, each row with its VRS identifiers where ga4gh.vrs is installed.

    Parameters
    ----------
    table : pandas.DataFrame
        As from `assessment_table`, of ``rows``.
    rows : iterable of Assessment, Failure or UnassessedRow
    target : Target
    provenance : mapping
        The entry ``vrs`` is added: the version of the library, or why there are no identifiers.

    Returns
    -------
    str
    """
    from epitope.show.given import given_records
    from epitope.variant.vrs import NO_IDS, allele_ids, vrs_version

    rows = list(rows)
    try:
        version = f"VRS 2, ga4gh.vrs {vrs_version()}"
    except MissingDependencyError as error:
        version = str(error)
    else:
        ids = [allele_ids(row.consequence, target) if isinstance(row, Assessment) else NO_IDS for row in rows]
        table = table.assign(vrs=pd.Series(ids, index=table.index, dtype=object))
    return to_json_text(table, {**provenance, "vrs": version}, given=given_records(rows))


def assessment_bytes(
    table: pd.DataFrame, rows: Iterable[ResultRow], target: Target, provenance: Mapping[str, Any], kind: str
) -> bytes:
    """Return the table as a file of the format ``kind``: csv, tsv, json or xlsx.

    Parameters
    ----------
    table, rows, target, provenance
        As for `assessment_json`.
    kind : str

    Raises
    ------
    MissingDependencyError
        If openpyxl is needed and not installed.
    """
    if kind == "xlsx":
        return workbook(flat(table), "assessments")
    if kind == "json":
        return assessment_json(table, rows, target, provenance).encode()
    return to_csv_text(table, "\t" if kind == "tsv" else ",").encode()


_TERMINAL_STYLES: dict[Verdict, str] = {
    Verdict.INTACT: "green",
    Verdict.AT_RISK: "yellow",
    Verdict.LOST: "bold red",
    Verdict.NOT_ASSESSABLE: "dim",
}


def terminal_table(table: pd.DataFrame, width: int = 100) -> Table:
    """Return a rich table of the verdicts that fits ``width`` columns.

    Parameters
    ----------
    table : pandas.DataFrame
        As from `assessment_table`.
    width : int
        Columns of the terminal.

    Returns
    -------
    rich.table.Table
        Verdicts as mark and word, so that nothing rests on colour.
    """
    from rich.text import Text

    out = empty_table(width)
    out.add_column("variant", max_width=17, overflow="fold")
    for question in ("antigen", "fold", "epitope"):
        out.add_column(question, width=10)
    out.add_column("what happens", ratio=1, overflow="fold")
    for row in table.to_dict(orient="records"):
        name = Text(_shorten(str(row["input"]), 60))
        if row["hgvs_p"] and row["hgvs_p"] != row["input"]:
            name.append("\n" + _shorten(str(row["hgvs_p"]), 60), style="cyan")
        if row["error"]:
            out.add_row(name, "", "", "", Text(str(row["error"]), style="red"))
            continue
        what = Text(str(row["mechanism"]))
        for line in filter(None, (_members_line(row), _numbers_line(row), _binders_line(row), _calls_line(row))):
            what.append("\n" + line, style="dim")
        if row["label_check"] not in ("", "agrees"):
            what.append("\n" + str(row["label_check"]), style="magenta")
        out.add_row(name, *(_verdict_text(str(row[q])) for q in ("antigen", "fold", "epitope")), what)
    return out


def binder_table(table: pd.DataFrame, width: int = 100, names: Collection[str] | None = None) -> Table | None:
    """Return a rich table of the epitope verdict for each antibody, and what it rests on.

    Parameters
    ----------
    table : pandas.DataFrame
        As from `assessment_table`.
    width : int
        Columns of the terminal.
    names : collection of str, optional
        Antibodies to show, default all.

    Returns
    -------
    rich.table.Table or None
        A row for each variant and antibody; ``None`` where there is no antibody to show.
    """
    from rich.text import Text

    shown = [name for name in binder_names(table) if names is None or name in names]
    if not shown:
        return None
    out = empty_table(width)
    out.add_column("variant", max_width=17, overflow="fold")
    out.add_column("epitope of", max_width=14, overflow="fold")
    out.add_column("answer", width=16)
    out.add_column("what it rests on", ratio=1, overflow="fold")
    for row in table.to_dict(orient="records"):
        variant = _shorten(str(row["input"]), 60)
        for answer in row["binders"]:
            if answer["binder"] in shown:
                why = f"{answer['evidence']} [{answer['basis']}]"
                out.add_row(Text(variant), Text(answer["binder"]), _verdict_text(answer["verdict"]), Text(why))
                variant = ""
    return out


_SEEN = frozenset({"structure", "loops"})
"""Reasons of answers that are the structure's, told in the column of the epitope."""
_OPEN = ("", "product not known", "not scanned", "nothing known")
"""Reasons that say all of an answer that is not assessable, told behind the others."""


def _binders_line(row: Mapping[Any, Any]) -> str:
    """Write what the structure's neighbours among the binders would see, the same words once."""
    said: dict[str, list[str]] = {}
    for answer in row["binders"]:
        if answer["reason"] not in _SEEN:
            bare = answer["reason"] in _OPEN
            words = answer["reason"] if bare else f"{answer['verdict']} ({answer['reason']})"
            said.setdefault(words, []).append(answer["binder"])
    parts = [
        f"{words} of {', '.join(names)}" if words == "nothing known" else f"{', '.join(names)} {words}"
        for words, names in sorted(said.items(), key=lambda item: _OPEN.index(item[0]) if item[0] in _OPEN else 0)
    ]
    return f"other binders: {'; '.join(parts)}" if parts else ""


def _members_line(row: Mapping[Any, Any]) -> str:
    """Write what each of several changes would do alone, empty for a single change."""
    return f"alone: {_joined(map(member_text, row['members']), '; ')}" if row["members"] else ""


def _numbers_line(row: Mapping[Any, Any]) -> str:
    """Write the numbers of a row as one line, empty where it has none."""
    values = [float(row[name]) for name in PREDICTION_COLUMNS]
    ddg, low, high, p_fold, score, p_hot = values
    parts = []
    if not math.isnan(ddg):
        interval = f"90\u00a0%: {spoken(low)} to {spoken(high)}"
        known = "" if math.isnan(p_fold) else f" ({interval}), P(ΔΔG ≥ 1) {percent(p_fold)}"
        parts.append(f"ΔΔG {spoken(ddg)} kcal/mol{known or ', a sum of single ones'}")
    if not math.isnan(score):
        parts.append(f"hot-spot score {score:.1f} ({HOT_SPOT_TERMS}), P(hot spot) {percent(p_hot)}")
    return "; ".join(parts)


CALLS_SHOWN = 3


def _calls_line(row: Mapping[Any, Any]) -> str:
    """Say who carries the allele: ``R1 25 % (10 of 40 reads), R2``."""
    said = []
    for number, sample in enumerate(row["carriers"]):
        fraction, reads, depth = (
            row[name][number] if row[name] else None for name in ("allele_fraction", "allele_depth", "depth")
        )
        share = "" if fraction is None else f" {100 * fraction:.3g}\u00a0%"
        counts = "" if reads is None or depth is None else f" ({reads} of {depth} reads)"
        said.append(f"{_shorten(sample, 30)}{share}{counts}")
    more = f" and {len(said) - CALLS_SHOWN} more" if len(said) > CALLS_SHOWN else ""
    return "in " + ", ".join(said[:CALLS_SHOWN]) + more if said else ""


def _verdict_text(verdict: str) -> Any:
    """Return a verdict as mark and word in its terminal colour, nothing where none was asked for."""
    from rich.text import Text

    if not verdict:
        return Text("")
    kind = Verdict(verdict)
    return Text(f"{VERDICT_MARKS[kind]} {verdict}", style=_TERMINAL_STYLES[kind])


def _shorten(text: str, limit: int) -> str:
    """Cut text to ``limit`` characters, with an ellipsis when something was cut."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
