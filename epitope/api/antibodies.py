"""Find the antibodies that are meant, as structures or as binders of the target."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from epitope.api.loading import load, structure_file
from epitope.errors import StructureError, TargetMismatchError

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.measured import MeasuredComplex
    from epitope.impact.antibodies import Antibody
    from epitope.target.model import Binder

    AntibodyItem = str | Path | MeasuredComplex


def binders(structure: MeasuredComplex | None = None) -> pd.DataFrame:
    """Say what is known of each binder of the target at each position that any of them touches or needs.

    Parameters
    ----------
    structure : MeasuredComplex, optional
        Default: the bundled complex. No other structure is read.

    Returns
    -------
    pandas.DataFrame
        One row per position and binder, columns as in ``docs/tables.md``.

    Examples
    --------
    >>> import epitope
    >>> table = epitope.binders()
    >>> table.loc[table["indirect"], ["residue", "uniprot_position", "contact", "scan"]].values.tolist()
    [['W', 159, 'no', 'hot spot']]
    """
    from epitope.impact.binders import BinderPanel

    return BinderPanel(structure if structure is not None else load()).table


def _is_structure(item: AntibodyItem) -> bool:
    """Say whether an antibody is given as a structure, not by the name of a binder."""
    from epitope.structure.fetch import is_pdb_id

    return not isinstance(item, str) or Path(item).is_file() or is_pdb_id(item)


def line_up(items: Iterable[AntibodyItem | Antibody], base: MeasuredComplex) -> tuple[Antibody, ...]:
    """Find antibodies, all on the target of ``base``: first those that structures show, then those known by sequence.

    Raises
    ------
    EpitopeError
        As for `compare`.
    """
    from epitope.features import MeasuredComplex
    from epitope.impact.antibodies import Antibody, named_apart

    given = list(items)
    shown: list[Antibody | Binder] = []
    for item in given:
        found = item if isinstance(item, Antibody) else _shown(item, base)
        shown.append(Antibody.of(found) if isinstance(found, MeasuredComplex) else found)
    hosts = [base, *(found.structure for found in shown if isinstance(found, Antibody))]
    asked = [found if isinstance(found, Antibody) else Antibody.by_sequence(found, hosts) for found in shown]
    for number, antibody in enumerate(asked):
        if any(antibody.key == earlier.key for earlier in asked[:number]):
            item = given[number]
            raise StructureError(
                f"{item if isinstance(item, str | Path) else antibody.name}: is {antibody.name} by {antibody.basis}, "
                "which is there already; name each antibody once"
            )
    return named_apart(asked)


def _shown(item: AntibodyItem, base: MeasuredComplex) -> MeasuredComplex | Binder:
    """Return the structure that an item names, or the binder where there is none of it."""
    from epitope.features import MeasuredComplex
    from epitope.structure import fetch_structure
    from epitope.structure.bundled import bundled_entry

    if isinstance(item, MeasuredComplex):
        return _beside(item.complex.path, base, item.id, item)
    binder = next((b for b in base.target.binders if b.name.casefold() == str(item).casefold()), None)
    if Path(item).is_file() or (binder is None and _is_structure(item)):
        return _beside(structure_file(item), base, str(item))
    if binder is None:
        names = ", ".join(known.name for known in base.target.binders) or "none known"
        raise StructureError(
            f"{item}: is no file, no PDB id and no binder of {base.target.name} ({names}); give one of these"
        )
    if binder == base.binder:
        return base
    if not binder.structure:
        return binder
    try:
        path = bundled_entry(binder.structure, base.target) or fetch_structure(binder.structure, offline=True)
    except StructureError:
        return binder
    return _beside(path, base, binder.name)


def _beside(
    path: Path | None, base: MeasuredComplex, where: str, loaded: MeasuredComplex | None = None
) -> MeasuredComplex:
    """Read a structure on the target of another; one that is on it already is left as it is."""
    from epitope.features import MeasuredComplex
    from epitope.impact.antibodies import Antibody
    from epitope.structure import read_complex
    from epitope.structure.mapping import MIN_ALIGNED, MIN_IDENTITY

    if loaded is not None and loaded.target.sequence == base.target.sequence:
        found = loaded
    else:
        if path is None:
            raise StructureError(f"{where}: was given in memory on another target than {base.id}; load both on one")
        sides = None if loaded is None else loaded.complex.roles.sides
        try:
            found = MeasuredComplex(read_complex(path, base.complex.target, sides=sides))
        except TargetMismatchError as error:
            raise StructureError(
                f"{where}: holds another antigen than {base.id}: none of its chains is {base.target.name}, which takes "
                f"{MIN_IDENTITY:.0%} identity over {MIN_ALIGNED} residues; compare structures of one antigen"
            ) from error
    if found.antibody_atoms is None:
        raise StructureError(f"{where}: shows no antibody, so it has no epitope; give a complex with one")
    return base if Antibody.of(found).key == Antibody.of(base).key else found
