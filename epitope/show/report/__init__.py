"""The report: one self-contained page, with the same tables beside it as files.

`write_report` is the way in. The page makes no request to anywhere; its molecule turns
when the viewer script could be put inside.
"""

from __future__ import annotations

from epitope.show.report.write import report_tables, write_report

__all__ = ["report_tables", "write_report"]
