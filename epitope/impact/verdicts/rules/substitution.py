"""Is the fold intact after a substitution? Rules in the manner of Missense3D.

Each rule looks at one residue of the isolated antigen and its replacement, so the same
objects are calibrated on measured stabilities of other proteins. Side chains are not
rebuilt: a rule says what the replacement takes away or brings in, not where it lands. Where
the predicted probability of a loss is low, it decides and the rule is noted as one against it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from epitope.features.amino_acids import CHARGES, HYDROPHILIC, HYDROPHOBIC, VOLUMES_A3, hydropathy
from epitope.impact.predictors.model import percent
from epitope.impact.site import Site
from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.impact.verdicts.rules.base import RULES, Case, Rule
from epitope.impact.verdicts.rules.thresholds import (
    BURIED_RSA,
    COMMON_ALLELE_FREQUENCY,
    CORE_RSA,
    EXPOSED_RSA,
    GLYCINE_RSA,
    HELIX_FIRST_TURN,
    HYDROPATHY_DROP,
    LARGE_TO_SMALL_A3,
    POLAR_RSA,
    RULE_AGAINST_P,
    SMALL_TO_LARGE_A3,
)
from epitope.target.model import RegionKind
from epitope.target.residues import three_letter, written_residue

MISSENSE3D = "Ittisoponpisan et al., J Mol Biol 2019, 431:2197; threshold: docs/rules.md"
NOTED = Verdict.INTACT
"""For rules that do not predict a loss better than any substitution does, or do so at one threshold
alone: what they see is shown and does not move the answer (docs/rules.md)."""


class SubstitutionRule(Rule, abstract=True):
    """A rule on one observed residue and what replaces it."""

    question = Question.FOLD
    source = MISSENSE3D
    yields_to_prediction: ClassVar[bool] = True
    """Whether a low predicted probability overrules it; not where the models know nothing of the matter."""

    @abstractmethod
    def fires(self, site: Site, alternate: str) -> tuple[float | str | None, str] | None:
        """Return the measured value and a sentence, or ``None``.

        Parameters
        ----------
        site : Site
            The residue of the intact protein.
        alternate : str
            One-letter code of the replacement.
        """

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for each substitution of an observed residue."""
        for substitution in case.change.substitutions:
            site = case.site_of(substitution)
            found = self.fires(site, substitution.alternate) if site.observed else None
            if found is not None:
                value, sentence = found
                predicted = case.predictions(substitution)
                p = None if predicted is None else predicted.p_destabilising
                if self.verdict is NOTED or not self.yields_to_prediction or p is None or p >= RULE_AGAINST_P:
                    yield self.evidence(sentence, value, positions=(site.uniprot_position,))
                    continue
                yield self.evidence(
                    f"{sentence.removesuffix('.')}; this rule is against P, which decides ({percent(p)} to cost the "
                    "fold 1 kcal/mol or more).",
                    value,
                    positions=(site.uniprot_position,),
                    verdict=NOTED,
                )


def can_be_overruled(rule: str) -> bool:
    """Say whether a rule on a substitution argues against the fold unless the prediction decides otherwise."""
    found = RULES[rule]
    return isinstance(found, SubstitutionRule) and found.verdict is Verdict.AT_RISK


class _BuriedRule(SubstitutionRule, abstract=True):
    """A substitution rule for residues below an accessibility."""

    threshold = BURIED_RSA
    unit = "RSA"

    def fires(self, site: Site, alternate: str) -> tuple[float | str | None, str] | None:
        """Fire for buried residues whose replacement `matters`."""
        if not site.rsa_free < float(self.threshold or 0) or not self.matters(site.residue, alternate):
            return None
        exposed = f"{100 * site.rsa_free:.0f} % exposed"
        return round(site.rsa_free, 3), self.sentence.format(
            old=site.name, new=three_letter(alternate), exposed=exposed
        )

    sentence: str

    @abstractmethod
    def matters(self, reference: str, alternate: str) -> bool:
        """Say whether the pair of residues is of the rule's kind."""


class DisulfideBroken(SubstitutionRule):
    """A cysteine of a disulfide is replaced."""

    id = "fold.disulfide_broken"
    yields_to_prediction = False
    threshold = "any replacement"
    unit = "partner"

    def fires(self, site: Site, alternate: str) -> tuple[float | str | None, str] | None:
        """Fire for a bonded cysteine; its partner is left free."""
        if site.disulfide_partner is None or alternate == "C":
            return None
        partner = written_residue("Cys", site.partner_label or str(site.disulfide_partner))
        return partner, f"The disulfide {site.name}-{partner} is broken; {partner} is left free."


class BuriedProline(_BuriedRule):
    """Proline brought into the core."""

    id = "fold.buried_proline"
    verdict = NOTED
    sentence = "Proline replaces buried {old} ({exposed})."

    def matters(self, reference: str, alternate: str) -> bool:
        """Any residue to proline."""
        return alternate == "P"


class ProlineInHelix(SubstitutionRule):
    """Proline has no amide hydrogen to give and bends a helix behind its first turn."""

    id = "fold.proline_in_helix"
    threshold = HELIX_FIRST_TURN
    unit = "residues of the helix in front"
    source = "Richardson & Richardson, Science 1988, 240:1648; threshold: docs/rules.md"

    def fires(self, site: Site, alternate: str) -> tuple[float | str | None, str] | None:
        """Fire for proline behind the first turn of a helix."""
        if alternate != "P" or site.secondary_structure != "H" or site.before_in_element < HELIX_FIRST_TURN:
            return None
        return site.before_in_element, f"Proline replaces {site.name} in a helix, behind its first turn."


class ProlineInStrand(SubstitutionRule):
    """Proline has no amide hydrogen to give in a strand."""

    id = "fold.proline_in_strand"
    verdict = NOTED
    threshold = "E"
    unit = "secondary structure"

    def fires(self, site: Site, alternate: str) -> tuple[float | str | None, str] | None:
        """Fire for proline in a strand."""
        if alternate != "P" or site.secondary_structure != "E":
            return None
        return site.secondary_structure, f"Proline replaces {site.name} in a strand."


class ProlineReplaced(SubstitutionRule):
    """A proline in a tight place loses its rigidity; only buried ones are reported."""

    id = "fold.buried_proline_replaced"
    threshold = CORE_RSA
    unit = "RSA"

    def fires(self, site: Site, alternate: str) -> tuple[float | str | None, str] | None:
        """Fire for a proline of the deep core."""
        if site.residue != "P" or alternate == "P" or not site.rsa_free < CORE_RSA:
            return None
        return round(site.rsa_free, 3), f"Buried {site.name} is replaced by {three_letter(alternate)}."


class BuriedGlycineReplaced(_BuriedRule):
    """A buried glycine leaves no room for a side chain."""

    id = "fold.buried_glycine_replaced"
    verdict = NOTED
    sentence = "Buried {old} ({exposed}) gets a side chain, {new}."

    def matters(self, reference: str, alternate: str) -> bool:
        """Glycine to anything else."""
        return reference == "G" and alternate != "G"


class GlycinePositivePhi(SubstitutionRule):
    """Only glycine, and at a price asparagine and aspartate, are at ease at φ > 0."""

    id = "fold.glycine_positive_phi"
    verdict = NOTED
    threshold = 0.0
    unit = "degrees"
    source = "Ramachandran & Sasisekharan, Adv Protein Chem 1968, 23:283; threshold: docs/rules.md"

    def fires(self, site: Site, alternate: str) -> tuple[float | str | None, str] | None:
        """Fire for glycine at positive φ."""
        if site.residue != "G" or not site.phi_deg > 0 or alternate in "GND":
            return None
        return round(site.phi_deg, 1), (
            f"{site.name} has φ {site.phi_deg:+.0f}°, which {three_letter(alternate)} takes with strain."
        )


class BuriedChargeIntroduced(_BuriedRule):
    """A charge brought into the core."""

    id = "fold.buried_charge_introduced"
    sentence = "Charged {new} replaces buried {old} ({exposed})."

    def matters(self, reference: str, alternate: str) -> bool:
        """Uncharged to charged."""
        return reference not in CHARGES and alternate in CHARGES


class BuriedChargeReplaced(_BuriedRule):
    """A buried charge is there for a reason."""

    id = "fold.buried_charge_replaced"
    verdict = NOTED
    sentence = "The buried charge of {old} ({exposed}) is lost to {new}."

    def matters(self, reference: str, alternate: str) -> bool:
        """Charged to uncharged."""
        return reference in CHARGES and alternate not in CHARGES


class BuriedChargeSwitched(_BuriedRule):
    """A buried charge changes sign."""

    id = "fold.buried_charge_switched"
    verdict = NOTED
    sentence = "The buried charge of {old} ({exposed}) changes sign with {new}."

    def matters(self, reference: str, alternate: str) -> bool:
        """Positive to negative or the other way."""
        return CHARGES.get(reference, 0) * CHARGES.get(alternate, 0) < 0


class BuriedHydrophilicIntroduced(_BuriedRule):
    """A hydrophilic residue takes the place of a hydrophobic one in the core."""

    id = "fold.buried_hydrophilic_introduced"
    sentence = "Hydrophilic {new} replaces buried hydrophobic {old} ({exposed})."

    def matters(self, reference: str, alternate: str) -> bool:
        """Hydrophobic to hydrophilic, far apart on the hydropathy scale."""
        return (
            reference in HYDROPHOBIC
            and alternate in HYDROPHILIC
            and hydropathy(reference) - hydropathy(alternate) >= HYDROPATHY_DROP
        )


class ExposureSwitch(SubstitutionRule):
    """The replacement belongs where the residue is not: water or core.

    Without a model of the mutant the switch is read off the residue's hydropathy.
    """

    id = "fold.exposure_switch"
    verdict = NOTED
    threshold = EXPOSED_RSA
    unit = "RSA"

    def fires(self, site: Site, alternate: str) -> tuple[float | str | None, str] | None:
        """Fire for a large hydrophobic residue put on the surface in place of a hydrophilic one."""
        if not site.rsa_free > EXPOSED_RSA or site.residue not in HYDROPHILIC or alternate not in "ILMFWVY":
            return None
        return round(site.rsa_free, 3), (f"Hydrophobic {three_letter(alternate)} replaces exposed {site.name}.")


class HydrogenBondLost(SubstitutionRule):
    """A side-chain hydrogen bond of a residue shielded from water is lost."""

    id = "fold.hydrogen_bond_lost"
    verdict = NOTED
    threshold = POLAR_RSA
    unit = "RSA"

    def fires(self, site: Site, alternate: str) -> tuple[float | str | None, str] | None:
        """Fire when the replacement has no polar side chain to bond with."""
        if not site.rsa_free < POLAR_RSA or not site.side_chain_hydrogen_bonds or alternate in "STNQYHDEKRW":
            return None
        partners = ", ".join(partner.split(":")[-1] for partner in site.side_chain_hydrogen_bonds)
        return round(site.rsa_free, 3), (
            f"The hydrogen bond of {site.name} with {partners} is lost in {three_letter(alternate)}."
        )


class SaltBridgeLost(SubstitutionRule):
    """A salt bridge of a residue shielded from water is lost."""

    id = "fold.salt_bridge_lost"
    verdict = NOTED
    threshold = POLAR_RSA
    unit = "RSA"

    def fires(self, site: Site, alternate: str) -> tuple[float | str | None, str] | None:
        """Fire when the replacement does not carry the same charge."""
        if not site.rsa_free < POLAR_RSA or not site.salt_bridges:
            return None
        if CHARGES.get(alternate, 0) == CHARGES.get(site.residue, 1):
            return None
        partners = ", ".join(partner.split(":")[-1] for partner in site.salt_bridges)
        return round(site.rsa_free, 3), (
            f"The salt bridge of {site.name} with {partners} is lost in {three_letter(alternate)}."
        )


class Cavity(_BuriedRule):
    """A large residue of the core becomes small."""

    id = "fold.cavity"
    sentence = "Smaller {new} leaves a cavity where {old} was ({exposed})."

    def matters(self, reference: str, alternate: str) -> bool:
        """Volume falls by more than a methylene group and a half."""
        return (
            reference in HYDROPHOBIC
            and alternate != "P"
            and VOLUMES_A3[reference] - VOLUMES_A3[alternate] >= LARGE_TO_SMALL_A3
        )


class Clash(_BuriedRule):
    """A small residue of the core becomes large."""

    id = "fold.clash"
    verdict = NOTED
    threshold = CORE_RSA
    sentence = "Larger {new} has no room where {old} was ({exposed})."

    def matters(self, reference: str, alternate: str) -> bool:
        """Volume grows by more than a methylene group and a half."""
        return reference != "G" and VOLUMES_A3[alternate] - VOLUMES_A3[reference] >= SMALL_TO_LARGE_A3


class SecondaryStructureBroken(SubstitutionRule):
    """Glycine, with no preference for any φ and ψ, in a strand or helix."""

    id = "fold.secondary_structure_broken"
    threshold = GLYCINE_RSA
    unit = "RSA"
    source = "Minor & Kim, Nature 1994, 367:660; Pace & Scholtz, Biophys J 1998, 75:422; docs/rules.md"

    def fires(self, site: Site, alternate: str) -> tuple[float | str | None, str] | None:
        """Fire for glycine in a strand or helix that is not on the surface."""
        if alternate != "G" or site.secondary_structure not in ("H", "E") or site.rsa_free > GLYCINE_RSA:
            return None
        kind = "strand" if site.secondary_structure == "E" else "helix"
        return round(site.rsa_free, 3), f"Glycine replaces {site.name} in a {kind}."


class CysteineMade(SubstitutionRule):
    """A new cysteine can pair with the wrong partner on the way through the ER."""

    id = "fold.free_cysteine_made"
    yields_to_prediction = False
    source = "oxidising folding of extracellular domains; Sevier & Kaiser, Nat Rev Mol Cell Biol 2002, 3:836"

    def fires(self, site: Site, alternate: str) -> tuple[float | str | None, str] | None:
        """Fire for any replacement by cysteine."""
        if alternate != "C" or site.residue == "C":
            return None
        return None, f"{site.name} becomes an unpaired cysteine, free to form a wrong disulfide."

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire as a doubt outside the cell, where disulfides form; elsewhere it is noted."""
        for piece in super().find(case):
            outside = case.target.kind_at(piece.positions[0]) is RegionKind.EXTRACELLULAR
            yield piece if outside else replace(piece, verdict=NOTED)


class CommonPolymorphism(Rule):
    """A substitution that healthy people carry."""

    id = "fold.common_polymorphism"
    question = Question.FOLD
    verdict = Verdict.INTACT
    unit = "allele frequency"
    threshold = COMMON_ALLELE_FREQUENCY
    source = "gnomAD"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for the target's listed polymorphisms that are common; absence and rarity say nothing."""
        listed = {(p.position, p.alternate): p for p in case.target.polymorphisms}
        for substitution in case.change.substitutions:
            known = listed.get((substitution.position, substitution.alternate))
            if known is not None and known.allele_frequency >= COMMON_ALLELE_FREQUENCY:
                yield self.evidence(
                    f"{case.site_of(substitution).name} to {three_letter(known.alternate)} is a common "
                    f"polymorphism ({known.identifier or known.hgvs_c}), found in healthy people.",
                    known.allele_frequency,
                    positions=(known.position,),
                    source=case.target.sources[known.source].citation,
                )
