"""The structure's own section: what the crystal shows, what it does not, and whose antibody it is.

Facts of the file and of the residue table, arranged for reading, and the comparison of
the crystal's antibody with the other binders whose sequences the target knows.
"""

from __future__ import annotations

from typing import Any

from epitope.show.molecule import Molecule, three_letter, truth
from epitope.show.tables import ranges


def structure_context(m: Molecule) -> dict[str, Any]:
    """Return what the section on the structure shows."""
    cx = m.cx
    complete = truth(m.table["side_chain_complete"])
    truncated = [p for p in m.observed if not complete[p - 1]]
    construct = getattr(cx, "construct", (min(m.observed), max(m.observed)))
    return {
        "id": cx.id,
        "sha256": cx.sha256,
        "metadata": cx.metadata,
        "chains": {"antigen": cx.antigen_chains, "heavy": cx.heavy_chains, "light": cx.light_chains},
        "observed": len(m.observed),
        "construct": f"{construct[0]}–{construct[1]}",
        "construct_length": construct[1] - construct[0] + 1,
        "gaps": [f"{a}–{b}" for a, b in cx.gaps],
        "truncated": len(truncated),
        "truncated_list": ranges(truncated).replace("-", "–").replace(",", ", "),
        "engineered": [f"{three_letter(e.reference)}{e.position}{three_letter(e.in_structure)}" for e in cx.engineered],
        "tag": [f"{r.number}" for r in cx.tag],
        "glycans": [f"{m.name(g.position)} ({g.residue_name})" for g in cx.glycans],
        "disulfides": cx.disulfides.to_dict(orient="records"),
        "contacts": contact_rows(m),
        "interface": _interface(m),
        "binders": [c for b in cx.target.binders if (c := compare_binder(cx, b)) is not None],
    }


def _interface(m: Molecule) -> dict[str, Any]:
    """Return areas, counts, and where published loops and computed contacts disagree."""
    found = m.cx.interface
    if found is None:
        return {}
    published = {p for loop in m.cx.target.epitope.loops for p in loop.positions}
    close = found.contacts[found.contacts["atom_pairs_4A"] > 0]
    per_cdr = close.groupby("cdr").size().to_dict()
    return {
        "area_antigen": f"{found.buried_area_antigen_A2:.0f}",
        "area_antibody": f"{found.buried_area_antibody_A2:.0f}",
        "contacts": len(m.contacts),
        "pairs": len(close),
        "outside": [m.name(p) for p in m.contacts if p not in published],
        "silent": ranges(p for p in published if p not in m.contacts).replace("-", "–").replace(",", ", "),
        "silent_count": len(published - set(m.contacts)),
        "published_count": len(published),
        "per_cdr": sorted(per_cdr.items(), key=lambda item: str(item[0])),
        "heavy": int(close["antibody_chain"].isin(m.cx.heavy_chains).sum()),
        "light": int(close["antibody_chain"].isin(m.cx.light_chains).sum()),
    }


def contact_rows(m: Molecule) -> list[dict[str, Any]]:
    """Return one row per contact residue of the antigen, in order of position."""
    found = m.cx.interface
    if found is None:
        return []
    out = []
    for position in m.contacts:
        mine = found.contacts[(found.contacts["antigen_position"] == position) & (found.contacts["atom_pairs_4A"] > 0)]
        kinds = sorted({kind for types in mine["types"] for kind in types})
        partners = [
            f"{label}{f' ({cdr})' if cdr != 'framework' else ''}"
            for label, cdr in zip(mine["antibody_label"], mine["cdr"], strict=True)
        ]
        out.append(
            {
                "position": position,
                "name": m.name(position),
                "loop": next((m.loop_range(lp) for lp in m.cx.target.epitope.loops if position in lp), "outside"),
                "free": f"{100 * m.number(position, 'rsa_free'):.0f}",
                "bound": f"{100 * m.number(position, 'rsa_bound'):.0f}",
                "buried": f"{m.number(position, 'buried_A2'):.0f}",
                "nearest": f"{float(mine['min_distance_A'].min()):.1f}",
                "partners": ", ".join(partners),
                "types": ", ".join(kinds),
            }
        )
    return out


def compare_binder(cx: Any, binder: Any) -> dict[str, Any] | None:
    """Compare the variable domains of the crystal's antibody with another binder's, by IMGT position.

    Returns
    -------
    dict or None
        ``name``, ``note``, ``source``, ``identical`` regions and ``differences`` (region, IMGT
        position, residue in the crystal, residue in the binder, contact); ``None`` when the
        target does not know the binder's sequences or the structure has no antibody.
    """
    if not (binder.heavy_variable and binder.light_variable) or not len(cx.cdrs):
        return None
    from epitope.structure.antibody import variable_domains

    other: dict[tuple[str, str], tuple[str, str]] = {}
    for sequence in (binder.heavy_variable, binder.light_variable):
        for domain in variable_domains(sequence):
            for i, (imgt, region) in enumerate(zip(domain.imgt, domain.regions, strict=True)):
                other[(region[-2], imgt)] = (region, sequence[domain.start + i])
    touching = set()
    if cx.interface is not None:
        close = cx.interface.contacts[cx.interface.contacts["atom_pairs_4A"] > 0]
        touching = set(
            zip(close["antibody_chain"], close["antibody_number"], close["antibody_insertion_code"], strict=True)
        )
    here = {
        (row.region[-2], row.imgt): (row.region, row.residue, (row.chain, row.author_number, row.insertion_code))
        for row in cx.cdrs.itertuples()
    }
    differences: list[dict[str, Any]] = []
    regions: dict[str, tuple[int, int]] = {}
    for key in sorted(here.keys() | other.keys(), key=_imgt_order):
        region, mine, place = here.get(key, (other.get(key, ("", ""))[0], "–", ("", 0, "")))
        theirs = other.get(key, ("", "–"))[1]
        same, total = regions.get(region, (0, 0))
        regions[region] = (same + (mine == theirs), total + 1)
        if mine != theirs and region.startswith("CDR"):
            differences.append(
                {
                    "region": region,
                    "imgt": key[1],
                    "crystal": f"{mine}"
                    + (f" ({place[0]}:{three_letter(mine)}{place[1]}{place[2]})" if place[0] else ""),
                    "binder": theirs,
                    "contact": place in touching,
                }
            )
    return {
        "name": binder.name,
        "note": binder.note,
        "source": binder.source,
        "regions": [(name, same, total) for name, (same, total) in regions.items() if name.startswith("CDR")],
        "framework": _framework(regions),
        "differences": differences,
    }


def _framework(regions: dict[str, tuple[int, int]]) -> str:
    """Return how many framework positions agree, as ``143 of 178``."""
    same = sum(s for name, (s, _) in regions.items() if name.startswith("FR"))
    total = sum(t for name, (_, t) in regions.items() if name.startswith("FR"))
    return f"{same} of {total}"


def _imgt_order(key: tuple[str, str]) -> tuple[str, int, str]:
    """Sort IMGT positions by chain, number and letter."""
    chain, imgt = key
    digits = "".join(c for c in imgt if c.isdigit())
    return chain, int(digits), imgt[len(digits) :]
