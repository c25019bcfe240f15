"""BinaryCIF to the same tables that mmCIF text gives.

biotite decodes the columns (optional, extra ``bcif``); gemmi takes the tables from there.
BinaryCIF: Sehnal et al., PLoS Comput Biol 2020, 16:e1008247.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from epitope.errors import MissingDependencyError, StructureError

if TYPE_CHECKING:
    import gemmi


def is_binary_cif(data: bytes) -> bool:
    r"""Say whether bytes look like a BinaryCIF file: a MessagePack map with its first keys.

    Examples
    --------
    >>> is_binary_cif(b"\x83\xaadataBlocks\\x91"), is_binary_cif(b"data_1ABC")
    (True, False)
    """
    return data[:1] in {b"\x82", b"\x83", b"\x84"} and any(
        key in data[:400] or key in data[-400:] for key in (b"dataBlocks", b"encoder")
    )


def block_of_binary_cif(data: bytes, path: Path) -> gemmi.cif.Block:
    """Decode the first block of a BinaryCIF file.

    Raises
    ------
    MissingDependencyError
        If biotite is not installed.
    StructureError
        If the bytes are cut short or no BinaryCIF.
    """
    import gemmi

    try:
        from biotite.structure.io.pdbx import BinaryCIFFile
    except ImportError:
        raise MissingDependencyError(
            f"{path}: is BinaryCIF, which needs biotite; install epitope[bcif], or save the file as mmCIF"
        ) from None
    try:
        name, categories = next(iter(BinaryCIFFile.read(io.BytesIO(data)).items()))
        block = gemmi.cif.Document().add_new_block(name)
        for category, columns in categories.items():
            block.set_mmcif_category(f"_{category}.", {tag: _values(column) for tag, column in columns.items()})
    except Exception as error:  # biotite and msgpack raise whatever a byte leads them to
        raise StructureError(
            f"{path}: BinaryCIF data is truncated or corrupt ({type(error).__name__}); get the file again"
        ) from None
    return block


def _values(column: object) -> list[str | bool | None]:
    """Return a column as gemmi takes it: ``False`` for ".", ``None`` for "?"."""
    values: list[str] = column.as_array(str).tolist()  # type: ignore[attr-defined]
    mask = column.mask  # type: ignore[attr-defined]
    if mask is None:
        return list(values)
    absent = {1: False, 2: None}
    return [absent.get(code, value) for value, code in zip(values, mask.array.tolist(), strict=True)]
