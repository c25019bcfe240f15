"""What is on the page: rows, cards, the structure, isoforms, context and references.

Everything is gathered here as plain records for the template, from the same tables that
the files beside the page hold. No number is made here that a table does not have.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from epitope.impact.verdicts.model import Assessment, Question, Verdict
from epitope.show.molecule import Molecule
from epitope.show.palette import PALETTE, VERDICT_MARKS
from epitope.show.presets import short_name, site_positions
from epitope.show.report.structure_page import structure_context
from epitope.show.tables import LISTS, ResultRow, to_json_records
from epitope.target.model import Isoform, Target
from epitope.target.positions import ranges
from epitope.variant.readers.rows import RowStatus, UnassessedRow

QUESTIONS: dict[str, str] = {
    "antigen": "Is the antigen on the membrane?",
    "fold": "Is its fold intact?",
    "epitope": "Is the epitope intact?",
}

_STRUCTURE_TOPICS = frozenset({"fold", "disulfides", "gene"})
"""Statements that belong to the structure's section, not to the clinical context."""
_PAPER = re.compile(r"(?<![\w-])[A-Z][\w-]+(?: et al\.| & [A-Z][\w-]+)?, [A-Z][\w .]+ (?:19|20)\d\d, \d+:\w+")
"""A paper inside the source of a rule: authors, journal, year, volume and page."""
_OPEN_CARDS = 20
"""With more variants than this the cards start closed."""


@dataclass(frozen=True, slots=True)
class CitedSource:
    """One entry of the list of references."""

    key: str
    citation: str
    url: str

    @property
    def anchor(self) -> str:
        """The id of the entry in the page."""
        return "ref-" + re.sub(r"[^A-Za-z0-9_-]", "-", self.key)


@dataclass(frozen=True, slots=True)
class Citation:
    """A piece of a source note: a reference when the target knows it, else plain words."""

    text: str
    anchor: str = ""


def cite(source: str, target: Target) -> list[Citation]:
    """Split a source note into references of the target and plain words.

    Parameters
    ----------
    source : str
        Keys of `Target.sources` or words, separated by semicolons.
    target : Target
        Whose sources the keys belong to.
    """
    out = []
    for part in filter(None, (p.strip() for p in source.split(";"))):
        known = target.sources.get(part)
        if known:
            out.append(Citation(known.citation, CitedSource(part, known.citation, known.url).anchor))
        else:
            out.append(Citation(part))
    return out


def page_context(
    structure: Any, rows: Sequence[ResultRow], provenance: Mapping[str, Any], extras: Mapping[str, Any]
) -> dict[str, Any]:
    """Gather everything that the template shows.

    Parameters
    ----------
    structure : epitope.features.MeasuredComplex
        The complex.
    rows : sequence of Assessment or Failed
        In the order of the table.
    provenance : mapping
        Versions, structure, rule set, command.
    extras : mapping
        Further template variables: figures, cohort, exports.
    """
    m = Molecule.of(structure)
    target = structure.target
    cards = [_card(m, number, row) for number, row in enumerate(rows)]
    return {
        "title": f"What each variant does to {target.name}",
        "target": target,
        "structure": structure_context(m),
        "cards": cards,
        "open_cards": len(cards) <= _OPEN_CARDS,
        "binders": _binders(rows),
        "summary": summary(rows),
        "questions": QUESTIONS,
        "marks": {str(v): mark for v, mark in VERDICT_MARKS.items()},
        "verdicts": [str(v) for v in Verdict],
        "palette": PALETTE,
        "isoforms": [_isoform(m, event) for event in target.isoforms],
        "context": [s for s in target.statements if s.topic not in _STRUCTURE_TOPICS],
        "about": [s for s in target.statements if s.topic in _STRUCTURE_TOPICS],
        "references": references(rows, target),
        "provenance": {k: v for k, v in provenance.items() if v not in ("", None)},
        "cite": lambda source: cite(source, target),
        "slug": slug,
        **extras,
    }


def _binders(rows: Sequence[ResultRow]) -> list[dict[str, Any]]:
    """Name the binders that rows are answered for, what the answers rest on, and whether any row is assessable."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        for answer in row.binders if isinstance(row, Assessment) else ():
            binder = found.setdefault(answer.binder, {"name": answer.binder, "basis": answer.basis, "told": False})
            binder["told"] |= answer.verdict is not Verdict.NOT_ASSESSABLE
    return list(found.values())


def references(rows: Sequence[ResultRow], target: Target) -> list[CitedSource]:
    """Return the sources of the target, then the papers that only the rules which spoke rest on, each once."""
    out = [CitedSource(s.key, s.citation, s.url) for s in target.sources.values()]
    listed = " ".join(r.citation for r in out)
    evidence = [e for row in rows if isinstance(row, Assessment) for e in row.evidence]
    cited = {match for e in evidence for match in _PAPER.findall(e.source) if match not in listed}
    return out + [CitedSource(citation, citation, "") for citation in sorted(cited)]


def slug(verdict: str) -> str:
    """Return a verdict as a class name.

    Examples
    --------
    >>> slug("not assessable")
    'not-assessable'
    """
    return verdict.replace(" ", "-")


def summary(rows: Sequence[ResultRow]) -> dict[str, Any]:
    """Count the answers, for the line above the table."""
    judged = [r for r in rows if isinstance(r, Assessment)]
    counts = {
        question.value: {str(v): sum(getattr(r, question.value) == v for r in judged) for v in Verdict}
        for question in Question
    }
    said = Counter(r.status for r in rows if isinstance(r, UnassessedRow))
    foreign, skipped = said[RowStatus.OTHER_GENE], said[RowStatus.SKIPPED]
    unassessed = said[RowStatus.OUTSIDE] + said[RowStatus.NOT_ASSESSABLE]
    return {
        "assessed": len(judged),
        "foreign": foreign,
        "unassessed": unassessed,
        "failed": len(rows) - len(judged) - foreign - unassessed - skipped,
        "counts": counts,
    }


def _card(m: Molecule, number: int, row: ResultRow) -> dict[str, Any]:
    """Return what the table row and the card of one variant show."""
    record = to_json_records([row])[0]
    record |= {name: write(record[name]) for name, write in LISTS.items()}
    card: dict[str, Any] = {
        "id": f"v{number + 1}",
        "number": number,
        "record": record,
        "name": _clip(record["input"] if record["hgvs_p"] in ("", "p.?", "p.(=)") else record["hgvs_p"], 120),
        "input": _clip(record["input"], 200),
        "label_differs": record["label_check"] not in ("", "agrees"),
        "evidence": [],
        "residues": [],
        "neighbours": [],
        "not_assessed": [],
        "notes": [],
        "alternatives": [],
        "positions": (),
    }
    if not isinstance(row, Assessment):
        return card
    if record["isoform"]:
        card["name"] = _clip(record["isoform"], 120)
    positions = site_positions(row)
    whole = set(row.consequence.change.positions_lost).issuperset(m.observed)
    card |= {
        "evidence": [
            (question, [e for e in record["evidence"] if e["question"] == question]) for question in QUESTIONS
        ],
        "not_assessed": row.not_assessed,
        "notes": (*row.consequence.variant.notes, *row.consequence.notes),
        "alternatives": [_alternative(a) for a in row.alternatives],
        "positions": positions,
        "residues": [_residue(m, p, whole) for p in positions[:8] if 1 <= p <= len(m.structure.target.sequence)],
        "neighbours": _neighbours(m, positions),
    }
    return card


def _clip(text: str, limit: int) -> str:
    """Cut hostile lengths; the whole text is in the files."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _alternative(assessment: Assessment) -> dict[str, Any]:
    """Return one possible outcome of a splice variant."""
    return {
        "scenario": assessment.consequence.scenario or short_name(assessment),
        "antigen": str(assessment.antigen),
        "fold": str(assessment.fold),
        "epitope": str(assessment.epitope),
        "mechanism": assessment.mechanism,
    }


def _residue(m: Molecule, position: int, all_lost: bool) -> dict[str, Any]:
    """Return what the residue table says of one position, in words; names no neighbour where all are lost."""
    row = m.table.loc[position]
    facts = [m.name(position)]
    if not m.has(position):
        near = None if all_lost else m.nearest_observed(position)
        seen = f"; the nearest observed residue is {m.name(near)}" if near else ""
        return {"name": m.name(position), "observed": False, "facts": f"not observed in {m.structure.id}{seen}"}
    facts = [
        {"E": "in a strand", "H": "in a helix"}.get(str(row["secondary_structure"]), "in a loop"),
        f"RSA {_percent(row['rsa_free'])} free, {_percent(row['rsa_bound'])} bound",
        f"{m.number(position, 'min_distance_epitope_A'):.1f} Å from the epitope",
        f"{m.number(position, 'min_distance_antibody_A'):.1f} Å from the {m.structure.complex.roles.word}",
    ]
    if str(row["loop"]):
        facts.append(f"in {m.structure.epitope.origin} loop {row['loop']}")
    if row["side_chain_complete"] is not None and not bool(row["side_chain_complete"]):
        facts.append("side chain truncated in the crystal")
    return {"name": m.name(position), "observed": True, "facts": ", ".join(facts)}


def _percent(fraction: Any) -> str:
    """Return a fraction as per cent, a dash where it is unknown."""
    import math

    try:
        value = float(fraction)
    except (TypeError, ValueError):
        return "–"
    return "–" if math.isnan(value) else f"{100 * value:.0f} %"


def _neighbours(m: Molecule, positions: Sequence[int]) -> list[dict[str, Any]]:
    """Return the residues around a site with two kinds of distance."""
    import numpy as np

    first = next((p for p in positions if m.has(p)), None)
    if first is None:
        return []
    centroids = m.antigen.side_chain_centroid
    complete = m.table["side_chain_complete"]
    out = []
    for other, smallest in m.neighbours(first, within=5.0, limit=8):
        between = centroids[m.index[first]] - centroids[m.index[other]]
        distance = float(np.linalg.norm(between))
        out.append(
            {
                "name": m.name(other),
                "position": other,
                "minimum": f"{smallest:.1f}",
                "centroid": "–" if np.isnan(distance) else f"{distance:.1f}",
                "complete": bool(complete[other]) and bool(complete[first]),
                "loop": str(m.table["loop"][other]),
            }
        )
    return out


def _isoform(m: Molecule, event: Isoform) -> dict[str, Any]:
    """Return what an RNA event takes away, counted on loops, bonds, contacts and area."""
    target = m.structure.target
    lost = set(range(event.lost_start, event.lost_end + 1))
    contacts = m.contacts
    buried = m.table["buried_A2"].fillna(0.0)
    whole = float(buried.sum())
    gone = float(buried[[p for p in buried.index if p in lost]].sum())
    loops = [
        (
            m.loop_range(loop),
            "lost" if set(loop.positions) <= lost else "stays" if not set(loop.positions) & lost else "cut",
        )
        for loop in m.structure.epitope.loops
    ]
    return {
        "event": event,
        "anchor": f"isoform-{event.name}",
        "loops": loops,
        "disulfides": [
            (f"{target.label(b.first)}–{target.label(b.second)}", bool({b.first, b.second} & lost))
            for b in target.disulfides
        ],
        "regions": [r.name for r in target.regions if set(r.positions) <= lost],
        "contacts_lost": [m.name(p) for p in contacts if p in lost],
        "contacts": len(contacts),
        "share_area": f"{100 * gone / whole:.0f} %" if whole else "–",
        "cds": f"c.{event.cds_start}_{event.cds_end}",
        "lost": ranges(lost, dash="–", label=target.label),
    }
