"""What was computed before is what the network says."""

from __future__ import annotations

import numpy as np
import pytest

from epitope.target import load_target
from epitope.variant.hgvs.alleles import consequence_of
from epitope.variant.model import SpliceModelUse, Variant
from epitope.variant.readers.published import published_cohort
from epitope.variant.splice_model import table
from epitope.variant.splice_model.network import Change, weights_version
from epitope.variant.splice_model.scores import EVENT_THRESHOLD, SiteEvent, gene_sequence, score_variants
from epitope.variant.splice_model.table import Table, bundled_tables, changes_at, pack, predict, sequence_version

KNOWN_EXONS = range(1, 10)


@pytest.fixture(scope="module")
def gene():
    return gene_sequence(load_target().transcript)


@pytest.fixture(scope="module")
def exons(gene):
    """First and last base of each exon, by its number."""
    return {exon.number: (gene.index(exon.start), gene.index(exon.end)) for exon in load_target().transcript.exons}


def test_a_table_gives_back_what_was_put_in():
    events = [
        SiteEvent("donor", 1990, 0, 0.9876, 0.0),
        SiteEvent("acceptor", 5, 2, 0.0001, 1.0),
    ]
    rows = [(Change(1000, 0, "ACG"), events), (Change(7, 3, ""), []), (Change(7, 1, "T"), events[1:])]
    packed = Table(pack("ACGT", rows, "model"))
    assert len(packed) == 3
    assert [packed.events(change) for change, _ in rows] == [tuple(found) for _, found in rows]
    assert packed.events(Change(7, 1, "G")) is None
    assert packed.events(Change(5000, 1, "")) is None


def test_the_bundled_table_answers_as_the_network_does(gene):
    bundled = bundled_tables()[sequence_version(gene.bases)]
    covered = bundled.changes()
    generator = np.random.default_rng(0)
    picked = [covered[row] for row in generator.choice(len(covered), 8, replace=False)]
    eventful = [change for change in covered if bundled.events(change)]
    picked += [eventful[row] for row in generator.choice(len(eventful), 8, replace=False)]
    for change, scores in zip(picked, score_variants(gene.bases, picked), strict=True):
        # A difference at the threshold can fall on either side on another machine.
        clear = [event for event in scores.events if abs(event.delta) > EVENT_THRESHOLD + 1e-3]
        stored = bundled.events(change)
        kept = [event for event in stored if abs(event.delta) > EVENT_THRESHOLD + 1e-3]
        keys = [[(e.kind, e.position, e.inserted) for e in sorted(part, key=str)] for part in (clear, kept)]
        assert sorted(keys[0]) == sorted(keys[1])
        by_site = {(e.kind, e.position): e for e in stored}
        for event in clear:
            other = by_site[event.kind, event.position]
            assert (other.reference, other.mutant) == pytest.approx((event.reference, event.mutant), abs=1e-3)


def test_the_bundled_table_covers_every_small_change_near_the_exons(exons, gene):
    bundled = bundled_tables()[sequence_version(gene.bases)]
    for number in KNOWN_EXONS:
        start, end = exons[number]
        for position in (max(start - 2, 0), start, (start + end) // 2, end, end + 5):
            assert all(bundled.events(change) is not None for change in changes_at(gene.bases, position))


def test_no_published_variant_waits_for_the_network(monkeypatch):
    target = load_target()
    monkeypatch.setattr(table, "score_variants", lambda *_: pytest.fail("the network was asked"))
    for cohort in target.cohorts:
        for variant in published_cohort(cohort.name, target):
            if isinstance(variant, Variant):
                consequence_of(variant, target, splice_model=SpliceModelUse.LIVE)


def test_a_prediction_is_looked_up_or_computed(exons, gene, monkeypatch):
    place = exons[2][1] + 1
    stored = [SiteEvent("donor", place - 1, 0, 0.9, 0.1)]
    arrays = pack(gene.bases, [(Change(place, 1, "A"), stored)], weights_version())
    monkeypatch.setattr(table, "bundled_tables", lambda: {sequence_version(gene.bases): Table(arrays)})
    computed, found = predict(gene.bases, [Change(place, 2, "AC"), Change(place, 1, "A")])
    assert found.events == tuple(stored)
    assert (found.from_table, computed.from_table) == (True, False)
    assert (computed.events[0].kind, computed.events[0].position) == ("donor", place - 1)
    assert found.model == computed.model == weights_version()


def test_small_changes_are_listed_once_each():
    changes = changes_at("GAAATC", 2)
    assert len(changes) == len(set(changes))
    # Substitutions, three deletions (of A wherever it stands), insertions, duplications.
    assert [change for change in changes if change.deleted and not change.inserted] == [
        Change(1, 1, ""),
        Change(1, 2, ""),
        Change(2, 3, ""),
    ]
    assert Change(1, 0, "A") in changes
    assert Change(1, 0, "AA") in changes


def test_no_change_is_listed_at_an_unknown_base():
    assert changes_at("ACNGT", 2) == []
    assert all("N" not in change.inserted and change.start + change.deleted <= 2 for change in changes_at("ACNGT", 1))
