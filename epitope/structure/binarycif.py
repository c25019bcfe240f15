"""BinaryCIF to the same tables that mmCIF text gives.

biotite decodes the columns (optional, extra ``bcif``); gemmi takes the tables from there.
BinaryCIF: Sehnal et al., PLoS Comput Biol 2020, 16:e1008247.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epitope.errors import EpitopeError, MissingDependencyError, StructureError
from epitope.structure.repair import require_few

if TYPE_CHECKING:
    import gemmi


_LETTERS = 100
"""Letters of a text of ordinary length; a table of longer ones may have fewer rows."""


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
        import msgpack

        content = msgpack.unpackb(data, raw=False)
        _require_size(content, path)
        name, categories = next(iter(BinaryCIFFile.deserialize(content).items()))
        block = gemmi.cif.Document().add_new_block(name)
        for category, columns in categories.items():
            block.set_mmcif_category(f"_{category}.", {tag: _values(column) for tag, column in columns.items()})
    except EpitopeError:
        raise
    except Exception as error:  # biotite and msgpack raise whatever a byte leads them to
        raise StructureError(
            f"{path}: BinaryCIF data is truncated or corrupt ({type(error).__name__}); get the file again"
        ) from None
    return block


def _require_size(content: Any, path: Path) -> None:
    """Refuse tables of more rows than are read, and texts so long that their column takes gigabytes.

    A few bytes may declare a hundred million rows, which decoding would write out.
    """
    from biotite.structure.io.pdbx.encoding import decode_stepwise, deserialize_encoding

    for category in (category for block in content["dataBlocks"] for category in block["categories"]):
        require_few(int(category["rowCount"]), "declared rows", path)
        for column in category["columns"]:
            for coded in filter(None, (column["data"], column["mask"])):
                for encoding in _encodings(coded["encoding"]):
                    require_few(int(encoding.get("srcSize", 0)), "declared rows", path)
                    if encoding["kind"] == "RunLength" and "srcSize" not in encoding:
                        raise StructureError(f"{path}: BinaryCIF runs without their length; get the file again")
                    if encoding["kind"] == "StringArray":
                        steps = [deserialize_encoding(step) for step in encoding["offsetEncoding"]]
                        offsets = decode_stepwise(encoding["offsets"], steps)
                        longest = int(abs(offsets[1:] - offsets[:-1]).max(initial=0))
                        require_few(longest * int(category["rowCount"]) // _LETTERS, "texts in a column", path)


def _encodings(encodings: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for encoding in encodings:
        yield encoding
        for inner in ("dataEncoding", "offsetEncoding"):
            yield from _encodings(encoding.get(inner, []))


def _values(column: object) -> list[str | bool | None]:
    """Return a column as gemmi takes it: ``False`` for ".", ``None`` for "?"."""
    values: list[str] = column.as_array(str).tolist()  # type: ignore[attr-defined]
    mask = column.mask  # type: ignore[attr-defined]
    if mask is None:
        return list(values)
    absent = {1: False, 2: None}
    return [absent.get(code, value) for value, code in zip(values, mask.array.tolist(), strict=True)]
