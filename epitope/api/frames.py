"""Follow a complex through a trajectory or an ensemble."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epitope.api.assessing import as_variants, consequence_in
from epitope.api.loading import fitting, provenance
from epitope.api.measuring import residue_position
from epitope.errors import StructureError, VariantError

if TYPE_CHECKING:
    import MDAnalysis
    import pandas as pd

    from epitope.features.dynamics import Dynamics
    from epitope.features.frames import Site
    from epitope.features.measured import MeasuredComplex
    from epitope.structure.ensemble import Ensemble
    from epitope.variant.model import Variant


def dynamics(
    universe: MDAnalysis.Universe | str | Path,
    trajectories: str | Path | Sequence[str | Path] = (),
    *,
    variants: str | Variant | Iterable[str | Variant] = (),
    pairs: Iterable[tuple[str | int, str | int]] | None = None,
    start: int | None = None,
    stop: int | None = None,
    stride: int = 1,
    area_every: int | None = None,
    target: str | Path | None = None,
    antigen: Sequence[str] | str | None = None,
    sides: str | None = None,
    antibody: Sequence[str] | str | None = None,
    rows: Callable[[pd.DataFrame], object] | None = None,
    progress: Callable[[int, int], object] | None = None,
    command: str = "",
) -> Dynamics:
    """Measure each frame of a trajectory, or each model of an ensemble.

    Parameters
    ----------
    universe : MDAnalysis.Universe, str or Path
        A universe, or a topology: any that MDAnalysis reads (PSF, PRMTOP, GRO, TPR, PDB, …), or mmCIF.
        Without ``trajectories`` its own frames are taken, such as the models of a PDB file.
    trajectories : str, Path or sequence of these
        Files of frames, one after the other.
    variants
        As for `assess`: the contacts that each would lose are followed.
    pairs : iterable of (str or int, str or int), optional
        Residues whose side-chain centroids are followed, ``("P60", "E229")``; default those of which the
        target knows published distances.
    start, stop, stride : int, optional
        Frames as in a slice, counted from 0; negative ones count from the end.
    area_every : int, optional
        Measure the buried area in every n-th frame, 0 for none; default as often as makes 100 frames.
    target, antigen, sides, antibody
        As for `load`.
    rows : callable, optional
        Is given the table of frames piece by piece, so that memory does not grow with their number; without it
        the table is in the result.
    progress : callable, optional
        Is told how many frames are done, and of how many.
    command : str
        The command to name in the provenance.

    Returns
    -------
    Dynamics
        Summary, contacts, fluctuations and sites as tables (``docs/dynamics.md``).

    Raises
    ------
    StructureError
        If a file cannot be read, the topology does not fit, roles cannot be decided, a frame is no numbers, or
        there is no such frame.
    VariantError
        If a variant cannot be understood.

    Examples
    --------
    >>> import epitope
    >>> found = epitope.dynamics(epitope.load().complex.universe, area_every=0)
    >>> found.quantity("centroid_60_229_A")["mean"].round(1), len(found.contacts)
    (np.float64(8.7), 35)
    """
    from epitope.features.dynamics import follow
    from epitope.features.measured import MeasuredComplex
    from epitope.structure.ensemble import open_universe, read_ensemble

    files = [trajectories] if isinstance(trajectories, str | Path) else list(trajectories)
    if isinstance(universe, str | Path):
        topology: Path | None = Path(universe)
        opened = open_universe(universe, files)
    elif files:
        raise StructureError("trajectories were given beside a universe; load them into it, or name its topology")
    else:
        topology, opened = None, universe
    read = partial(
        read_ensemble,
        opened,
        start=start,
        stop=stop,
        stride=stride,
        antigen=antigen,
        sides=sides,
        antibody=antibody,
        identifier=topology.name if topology is not None else "universe",
        timed=topology is None or bool(files),
    )
    ensemble = _with_target(read, target)
    structure = MeasuredComplex(ensemble.complex)
    found = follow(
        ensemble,
        structure,
        _pairs(pairs, structure),
        _sites(variants, structure),
        area_every=area_every,
        rows=rows,
        progress=progress,
    )
    found.provenance.update(_provenance(ensemble, structure, topology, files, command))
    return found


def _with_target(read: Callable[..., Ensemble], target: str | Path | None) -> Ensemble:
    """Read with a target that was named, else with the installed pack that fits, else with its own antigen."""
    from epitope.target import load_target

    return read(load_target(target)) if target is not None else fitting(read)


def _pairs(given: Iterable[tuple[str | int, str | int]] | None, structure: MeasuredComplex) -> list[tuple[int, int]]:
    """Read the pairs that were given, which must be there; of the target's own take those that are."""
    if given is None:
        known = [
            (first, second)
            for site in structure.target.published_sites
            for first in site.positions
            for second in site.partners
        ]
        seen = set(structure.positions.tolist())
        return [pair for pair in known if seen.issuperset(pair)]
    read = [(residue_position(str(a), structure), residue_position(str(b), structure)) for a, b in given]
    for first, second in read:
        structure.distances(first, [second])
    return list(dict.fromkeys(read))


def _sites(variants: str | Variant | Iterable[str | Variant], structure: MeasuredComplex) -> list[Site]:
    """Say for each variant which contacts of which residues it would lose."""
    from epitope.features.frames import Site, possible_contacts
    from epitope.impact.contacts_lost import lost_by_change
    from epitope.show.presets import name_of_consequence
    from epitope.variant.readers.rows import UnassessedRow

    sites: dict[str, Site] = {}
    for variant in as_variants(variants):
        if isinstance(variant, UnassessedRow):
            raise VariantError(f"{variant.origin}: {variant.message}")
        found = consequence_in(variant, structure)
        name, change = name_of_consequence(found), found.change
        positions = tuple(sorted({*change.positions_lost, *(s.position for s in change.substitutions)}))
        possible = possible_contacts(structure, positions)
        if len(possible) == 0:
            raise StructureError(
                f"{name}: none of the residues that it changes is in {structure.id}; leave the variant out"
            )
        sites[name] = Site(name, positions, lost_by_change(possible, change))
    return list(sites.values())


def _provenance(
    ensemble: Ensemble, structure: MeasuredComplex, topology: Path | None, files: Sequence[str | Path], command: str
) -> dict[str, Any]:
    """Say what the result rests on; trajectories by name and size, as they are too long to be hashed in passing."""
    import hashlib

    indices, roles = ensemble.indices, structure.complex.roles
    named: dict[str, Any] = {}
    if topology is not None:
        with topology.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        named = {
            "topology": topology.name,
            "topology_sha256": digest,
            "trajectories": [{"file": Path(one).name, "bytes": Path(one).stat().st_size} for one in files],
        }
    rests_on = provenance(structure, command)
    del rests_on["structure_sha256"]
    return {
        **rests_on,
        **named,
        "frames": {"first": indices[0], "last": indices[-1], "stride": indices.step, "count": len(indices)},
        "frames_in_all": ensemble.total,
        "chains": roles.sides,
        "roles": list(roles.reasons),
        "reference": f"frame {indices[0]}: superpositions, and which contacts are the first",
    }
