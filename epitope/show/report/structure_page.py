"""The structure's own section: what the crystal shows, what it does not, and whose antibody it is.

Facts of the file and of the residue table, arranged for reading, and the comparison of
the crystal's antibody with the other binders whose sequences the target knows.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from epitope.features.binders import compare_binder
from epitope.show.molecule import Molecule, truth
from epitope.target.model import Binder
from epitope.target.positions import ranges
from epitope.target.residues import three_letter


def structure_context(m: Molecule) -> dict[str, Any]:
    """Return what the section on the structure shows."""
    structure, held = m.structure, m.structure.complex
    complete = truth(m.table["side_chain_complete"])
    truncated = [p for p in m.observed if not complete[p - 1]]
    construct = held.construct
    return {
        "id": structure.id,
        "sha256": held.sha256,
        "metadata": held.metadata,
        "chains": {
            "antigen": held.antigen_chains,
            "heavy": held.heavy_chains,
            "light": held.light_chains,
            "partner": held.roles.others,
        },
        "observed": len(m.observed),
        "construct": f"{construct[0]}–{construct[1]}",
        "construct_length": construct[1] - construct[0] + 1,
        "gaps": [f"{a}–{b}" for a, b in held.gaps],
        "truncated": len(truncated),
        "truncated_list": ranges(truncated, ", ", "–"),
        "engineered": [
            f"{three_letter(e.reference)}{e.position}{three_letter(e.in_structure)}" for e in held.engineered
        ],
        "tag": [f"{r.number}" for r in held.tag],
        "glycans": [f"{m.name(g.position)} ({g.residue_name})" for g in held.glycans if g.position is not None],
        "disulfides": structure.disulfides.to_dict(orient="records"),
        "contacts": contact_rows(m),
        "interface": _interface(m),
        "antibody": structure.antibody_name,
        "word": held.roles.word,
        "known_binder": structure.binder is not None,
        "loops": structure.epitope.origin,
        "unseen_regions": list(
            dict.fromkeys(r.name for r in structure.target.regions if not any(map(m.has, r.positions)))
        ),
        "binders": [c for b in structure.target.binders if (c := binder_context(m, b)) is not None],
    }


def _interface(m: Molecule) -> dict[str, Any]:
    """Return areas, counts, and where loops and contacts disagree."""
    found = m.structure.interface
    if found is None:
        return {}
    in_loops = {p for loop in m.structure.epitope.loops for p in loop.positions}
    close = found.contacts[found.contacts["atom_pairs_4A"] > 0]
    per_cdr = close[close["cdr"] != ""].groupby("cdr").size().to_dict()
    return {
        "area_antigen": f"{found.buried_area_antigen_A2:.0f}",
        "area_antibody": f"{found.buried_area_antibody_A2:.0f}",
        "contacts": len(m.contacts),
        "pairs": len(close),
        "outside": [m.name(p) for p in m.contacts if p not in in_loops],
        "silent": ranges((p for p in in_loops if p not in m.contacts), ", ", "–"),
        "silent_count": len(in_loops - set(m.contacts)),
        "loop_count": len(in_loops),
        "per_cdr": sorted(per_cdr.items(), key=lambda item: str(item[0])),
        "heavy": int(close["antibody_chain"].isin(m.structure.complex.heavy_chains).sum()),
        "light": int(close["antibody_chain"].isin(m.structure.complex.light_chains).sum()),
    }


def contact_rows(m: Molecule) -> list[dict[str, Any]]:
    """Return one row per contact residue of the antigen, in order of position."""
    found = m.structure.interface
    if found is None:
        return []
    out = []
    for position in m.contacts:
        mine = found.contacts[(found.contacts["antigen_position"] == position) & (found.contacts["atom_pairs_4A"] > 0)]
        kinds = sorted({kind for types in mine["types"] for kind in types})
        partners = [
            f"{label}{f' ({cdr})' if cdr not in ('', 'framework') else ''}"
            for label, cdr in zip(mine["antibody_label"], mine["cdr"], strict=True)
        ]
        out.append(
            {
                "position": position,
                "name": m.name(position),
                "loop": next((m.loop_range(lp) for lp in m.structure.epitope.loops if position in lp), "outside"),
                "free": f"{100 * m.number(position, 'rsa_free'):.0f}",
                "bound": f"{100 * m.number(position, 'rsa_bound'):.0f}",
                "buried": f"{m.number(position, 'buried_A2'):.0f}",
                "nearest": f"{float(mine['min_distance_A'].min()):.1f}",
                "partners": ", ".join(partners),
                "types": ", ".join(kinds),
            }
        )
    return out


def binder_context(m: Molecule, binder: Binder) -> dict[str, Any] | None:
    """Say how the antibody of the structure compares with a binder of the target.

    Returns
    -------
    dict or None
        ``name``, ``note``, ``source``, ``regions`` and ``differences``; ``None`` where there is
        no antibody, it is this binder, or the binder's sequence is not known.
    """
    compared = compare_binder(m.structure.complex, binder)
    if compared is None or binder == m.structure.binder or not compared.same_chains:
        return None
    touching = set()
    if m.structure.interface is not None:
        contacts = m.structure.interface.contacts
        touching = set(contacts.loc[contacts["atom_pairs_4A"] > 0, "antibody_label"])
    differing = Counter(d.region for d in compared.differences)
    totals = Counter(m.structure.complex.cdrs["region"])
    same = {region: total - differing[region] for region, total in totals.items()}
    framework = [region for region in totals if region.startswith("FR")]
    return {
        "name": binder.name,
        "note": binder.note,
        "source": binder.source,
        "related": compared.related,
        "regions": [(r, same[r], totals[r]) for r in totals if r.startswith("CDR")],
        "framework": f"{sum(same[r] for r in framework)} of {sum(totals[r] for r in framework)}",
        "differences": [
            {
                "region": d.region,
                "imgt": d.imgt,
                "crystal": f"{d.in_structure} ({d.label})",
                "binder": d.in_binder,
                "contact": d.label in touching,
            }
            for d in compared.differences
            if d.region.startswith("CDR")
        ],
    }
