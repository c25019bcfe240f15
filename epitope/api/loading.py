"""Load a complex of antigen and antibody, and say what a result rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from epitope.errors import TargetMismatchError

if TYPE_CHECKING:
    import MDAnalysis

    from epitope.features.measured import MeasuredComplex
    from epitope.structure.complex import Complex
    from epitope.target.model import Target

Read = TypeVar("Read")


def load(
    source: str | Path | MDAnalysis.Universe | None = None,
    *,
    target: str | Path | None = None,
    antigen: Sequence[str] | str | None = None,
    heavy: Sequence[str] | None = None,
    light: Sequence[str] | None = None,
    sides: str | None = None,
    antibody: Sequence[str] | str | None = None,
    assembly: str | None = None,
) -> MeasuredComplex:
    """Load a complex of the antigen with its antibody.

    Parameters
    ----------
    source : str, Path or MDAnalysis.Universe, optional
        A PDB, mmCIF or BinaryCIF file (plain or .gz), a universe, or a PDB id, which is
        downloaded into a cache unless a pack brings it. Default: the structure that comes with the target.
    target : str or Path, optional
        Folder of a target pack, its target file, or the name of an installed pack. Without
        one the installed pack whose sequence the structure holds is found; where none fits,
        the antigen of the structure is its own target, of which nothing else is known.
    antigen, heavy, light : sequence of str, optional
        Author chain names that overrule the recognised roles; the antigen also as one text, "T,U".
    sides : str, optional
        The two sides of a complex in their place, the antigen first: "A:HL".
    antibody : sequence of str or str, optional
        Chains of what binds the antigen, antibody or not: ["H", "L"] or "H,L".
    assembly : str, optional
        Biological assembly of the file to build, such as "1".

    Returns
    -------
    MeasuredComplex

    Raises
    ------
    StructureError
        If the structure cannot be read or does not hold the target.
    TargetError
        If the target file is malformed.

    Examples
    --------
    >>> import epitope
    >>> epitope.load().complex.antigen_chains
    ('A',)
    """
    from epitope.features import MeasuredComplex
    from epitope.structure import bundled_structure, complex_from_universe, read_complex
    from epitope.structure.read import read_entry
    from epitope.target import load_target

    chains: dict[str, Any] = {
        "antigen": antigen,
        "heavy": heavy,
        "light": light,
        "sides": sides,
        "antibody": antibody,
    }
    if source is None:
        if target is None and assembly is None and all(choice is None for choice in chains.values()):
            return _bundled()
        antigen_target = load_target(target)
        return MeasuredComplex(
            read_complex(bundled_structure(antigen_target), antigen_target, **chains, assembly=assembly)
        )
    read: Callable[..., Complex]
    if isinstance(source, str | Path):
        read = partial(read_complex, read_entry(structure_file(source), assembly=assembly), **chains)
    else:
        read = partial(complex_from_universe, source, **chains)
    return MeasuredComplex(read(load_target(target)) if target is not None else fitting(read))


def structure_file(source: str | Path) -> Path:
    """Find a file, or the entry of a PDB id: that of a pack, else the downloaded one."""
    from epitope.structure import fetch_structure
    from epitope.structure.bundled import bundled_entry
    from epitope.structure.fetch import is_pdb_id

    path = Path(source)
    if path.exists() or not is_pdb_id(str(source)):
        return path
    return bundled_entry(str(source)) or fetch_structure(str(source))


def fitting(read: Callable[..., Read]) -> Read:
    """Read a structure with the installed pack that it holds, else with its own antigen as target."""
    from epitope.target import load_target
    from epitope.target.loader import installed_packs

    for name in installed_packs():
        try:
            return read(load_target(name))
        except TargetMismatchError:
            continue
    return read(None, own=True)


@cache
def _bundled() -> MeasuredComplex:
    """Load the bundled complex once."""
    from epitope.features import MeasuredComplex
    from epitope.structure import bundled_structure, read_complex
    from epitope.target import load_target

    return MeasuredComplex(read_complex(bundled_structure(), load_target()))


def provenance(structure: MeasuredComplex, command: str = "", *, against: Sequence[str | Path] = ()) -> dict[str, Any]:
    """Say what a result rests on: versions, structure, rules.

    Parameters
    ----------
    structure : MeasuredComplex
    command : str
        The command that asked for it.
    against : sequence of str or Path, optional
        The antibodies that were asked about, as for `assess`.

    Returns
    -------
    dict
        The same input gives the same values; there is no date in it.
    """
    return {
        **basis(structure.target),
        "structure_id": structure.id,
        "structure_sha256": structure.complex.sha256,
        **({"structure_file": structure.complex.path.name} if structure.complex.path else {}),
        **({"assembly": structure.complex.assembly} if structure.complex.assembly else {}),
        "chains": structure.complex.roles.sides,
        **({"against": [str(item) for item in against]} if against else {}),
        **({"reminders": list(structure.complex.reminders)} if structure.complex.reminders else {}),
        "command": encodable(command),
    }


def basis(target: Target) -> dict[str, Any]:
    """Say what every result rests on: version, rules, target."""
    from epitope import __version__
    from epitope.impact.verdicts.rules import RULE_SET_VERSION

    return {
        "epitope_version": __version__,
        "rule_set": RULE_SET_VERSION,
        "target": target.name,
        "target_version": target.version,
    }


def encodable(text: str) -> str:
    """Replace what came from bytes that are no UTF-8 and stands for no character."""
    return text.encode("utf-8", "replace").decode("utf-8")
