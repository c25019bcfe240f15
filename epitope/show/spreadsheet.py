"""Cells and workbooks that a spreadsheet opens without running anything in them.

The same table gives the same bytes. Not for what stands in a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from epitope.errors import MissingDependencyError
from epitope.variant.readers.formulas import without_formula

if TYPE_CHECKING:
    import pandas as pd


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose text a spreadsheet takes for text; columns of numbers stay as they are.

    Examples
    --------
    >>> import pandas as pd
    >>> harmless(pd.DataFrame({"a": ["=1+1", "-"], "b": [-1.5, 2]})).to_dict("list")
    {'a': ["'=1+1", '-'], 'b': [-1.5, 2.0]}
    """
    from pandas.api.types import is_numeric_dtype

    return table.assign(
        **{str(n): cells.map(without_formula) for n, cells in table.items() if not is_numeric_dtype(cells)}
    )


def workbook(table: pd.DataFrame, sheet: str) -> bytes:
    """Return a table of plain cells as an Excel workbook.

    Raises
    ------
    MissingDependencyError
        If openpyxl is not installed.
    """
    import io

    try:
        import openpyxl
    except ImportError as error:
        raise MissingDependencyError(f'{sheet}: writing .xlsx needs openpyxl; pip install "epitope[xlsx]"') from error
    del openpyxl
    buffer = io.BytesIO()
    table.map(_cell).to_excel(buffer, index=False, sheet_name=sheet, engine="openpyxl")
    return _without_dates(buffer.getvalue())


def _without_dates(workbook: bytes) -> bytes:
    """Rewrite a workbook without its time stamps, so that the same table gives the same bytes."""
    import io
    import re
    import zipfile

    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", b"2000-01-01T00:00:00Z", data)
            target.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _cell(value: object) -> object:
    """Return text that a cell can hold: no formula, no control characters, at most 32,767 characters."""
    if not isinstance(value, str):
        return value
    printable = "".join(c for c in value if c >= " " or c in "\n\t")
    return str(without_formula(printable))[:32_767]
