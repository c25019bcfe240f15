"""Which contacts with the binder a variant takes away, atom by atom.

Nothing is modelled: a contact goes with the residue, or with the atom that makes it. New
contacts and clashes of the new side chain are not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from epitope.features.atoms import Booleans
from epitope.features.contacts import chemical_roles
from epitope.features.interactions import RINGS
from epitope.impact.verdicts.model import Verdict
from epitope.structure.residues import SIDE_CHAINS
from epitope.target.residues import three_letter

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from epitope.impact.verdicts.model import Assessment
    from epitope.variant.model import ProteinChange

_ROLES = {"salt bridge": ("cation", "anion"), "water-mediated": ("donor", "acceptor"), "hydrophobic": ("apolar",)}
_BOND_ROLES = {"antigen": ("donor",), "antibody": ("acceptor",), "either": ("donor", "acceptor")}


def contacts_lost(interactions: pd.DataFrame, assessment: Assessment) -> Booleans:
    """Say which contacts of an interface a variant loses.

    Parameters
    ----------
    interactions : pandas.DataFrame
        As `epitope.features.interactions.interaction_table` gives it.
    assessment : Assessment

    Returns
    -------
    ndarray of bool, shape (n_contacts,)

    Notes
    -----
    All where the antigen is lost. Those of residues that the product lacks. Of a residue replaced,
    those of side-chain atoms for which the new one has no atom as far out (Cγ for Cγ, whichever
    branch) that can do the same: give or take a hydrogen, carry the charge, be apolar; a ring for a
    ring. The main chain keeps its contacts, but for the hydrogen that proline does not have.

    Examples
    --------
    >>> import epitope
    >>> structure = epitope.load()
    >>> lost = contacts_lost(structure.interactions, epitope.assess_each("R163L", structure)[0])
    >>> structure.interactions[lost][["kind", "antigen_position", "antibody_label"]].values.tolist()
    [['hydrogen bond', 163, 'H:Thr103']]
    """
    if assessment.antigen is Verdict.LOST:
        return np.ones(len(interactions), dtype=bool)
    return lost_by_change(interactions, assessment.consequence.change)


def lost_by_change(interactions: pd.DataFrame, change: ProteinChange) -> Booleans:
    """Say which contacts go with the residues that a change removes or replaces.

    Parameters
    ----------
    interactions : pandas.DataFrame
        As for `contacts_lost`; needed are the columns ``antigen_position``, ``antigen_part``,
        ``antigen_atoms``, ``kind`` and ``donor``.
    change : ProteinChange
        Whether the antigen is there at all is not asked.

    Returns
    -------
    ndarray of bool, shape (n_contacts,)
    """
    gone, replaced = set(change.positions_lost), {s.position: s.alternate for s in change.substitutions}

    def loses(contact: Any) -> bool:
        position = contact.antigen_position
        return position in gone or (position in replaced and not _can(replaced[position], contact))

    return np.fromiter(map(loses, interactions.itertuples()), dtype=np.bool_, count=len(interactions))


def losses(interactions: pd.DataFrame, assessments: Sequence[Assessment]) -> Booleans:
    """Say for each contact which variants lose it, shape (n_contacts, n_variants)."""
    columns = [contacts_lost(interactions, assessment) for assessment in assessments]
    return np.array(columns, dtype=bool).reshape(len(columns), len(interactions)).T


def _can(letter: str, contact: Any) -> bool:
    """Say whether a residue in the place of another can make its contact."""
    kind, donor = contact.kind, contact.donor
    if contact.antigen_part == "main":
        return not (letter == "P" and donor == "antigen")
    if kind == "π-stacking" or (kind == "cation–π" and donor == "antibody"):
        return letter in RINGS
    places = {name[:2] for name in contact.antigen_atoms}
    if kind == "van der Waals":
        return bool(places & {name[:2] for name in SIDE_CHAINS.get(three_letter(letter).upper(), ())})
    wanted = ("cation",) if kind == "cation–π" else _BOND_ROLES[donor] if kind == "hydrogen bond" else _ROLES[kind]
    return any((role, place) in chemical_roles(letter) for role in wanted for place in places)
