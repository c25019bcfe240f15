"""Results that are kept while the server runs: a folder each, the oldest dropped.

The name of a result is a hash of what was asked, so that it tells nothing, leads nowhere
else and is the same for the same question. One report is made at a time; who asks for the
same at the same time gets the same. Not for HTTP.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import re
import shutil
import tempfile
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path, PurePath
from threading import Lock
from typing import TYPE_CHECKING, Any

from epitope.api import assess_each, provenance, read_variants
from epitope.errors import EpitopeError, VariantError, shown
from epitope.show.report import write_report
from epitope.show.report.start import examples
from epitope.show.tables import Failure, ResultRow
from epitope.show.viewer import find_viewer_script
from epitope.variant.hgvs.brackets import outside
from epitope.variant.model import Variant
from epitope.variant.readers.textfile import GZIP_MAGIC

if TYPE_CHECKING:
    from epitope.features.measured import MeasuredComplex

KEPT = 20
"""Results that are kept; one takes about 2 MB."""
MOST_VARIANTS = 500
"""Variants in one report; a page of more is slow to open."""
LONGEST_TEXT = 200_000
"""Characters that are typed or pasted; more is a file."""
MOST_UNPACKED_BYTES = 200 * 2**20
"""What a compressed file may hold."""
_LONGEST_NAME_BYTES = 80
_LINE_END = re.compile(r"[\r\n]+")
_SEPARATOR = re.compile(r"[,;]\s+")


@dataclass(frozen=True, slots=True)
class Question:
    """What was typed or dropped: text, and the name and bytes of a file."""

    text: str = ""
    file_name: str = ""
    data: bytes = b""

    def key(self, basis: dict[str, Any]) -> str:
        """Return the hash of the question and of what the answer rests on."""
        digest = hashlib.sha256(repr(sorted(basis.items())).encode())
        for part in (self.text.encode("utf-8", "replace"), self.file_name.encode("utf-8", "replace"), self.data):
            digest.update(hashlib.sha256(part).digest())
        return digest.hexdigest()[:32]


class Results:
    """Makes reports in a folder and keeps the latest.

    Parameters
    ----------
    structure : MeasuredComplex
    folder : Path
        An empty folder; everything is written below it.
    viewer_script : str
        As for `epitope.api.report`.
    """

    def __init__(self, structure: MeasuredComplex, folder: Path, viewer_script: str = "auto") -> None:
        self.structure = structure
        self.folder = folder
        self.viewer_script = viewer_script
        self._files: OrderedDict[str, dict[str, Path]] = OrderedDict()
        self._lock = Lock()

    def prepare(self) -> None:
        """Load what every answer needs, so that the first comes soon, and look once for the script of the molecule."""
        with self._lock:
            if self.viewer_script == "auto":
                self.viewer_script = "none" if find_viewer_script("auto") is None else "cache"
            if offered := examples(self.structure):
                assess_each([example.text for example in offered], self.structure)

    def answer(self, question: Question) -> str:
        """Make the report of a question, unless it is there; return its name.

        Raises
        ------
        EpitopeError
            If nothing of it can be read; a line for each variant.
        """
        basis = provenance(self.structure, "epitope serve")
        name = question.key(basis)
        with self._lock:
            if name not in self._files:
                out = self.folder / name
                write_report(
                    out,
                    self.structure,
                    self._assessed(question),
                    provenance=basis,
                    viewer_script=self.viewer_script,
                    renderer="flat",
                    png=False,
                    home="/",
                )
                self._files[name] = {p.relative_to(out).as_posix(): p for p in out.rglob("*") if p.is_file()}
            self._files.move_to_end(name)
            while len(self._files) > KEPT:
                old, _ = self._files.popitem(last=False)
                shutil.rmtree(self.folder / old, ignore_errors=True)
        return name

    def file(self, name: str, path: str) -> bytes | None:
        """Return a file of a result, ``None`` where there is none; only what was listed can be had."""
        found = self._files.get(name, {}).get(path)
        try:
            return None if found is None else found.read_bytes()
        except FileNotFoundError:
            return None

    def _assessed(self, question: Question) -> list[ResultRow]:
        """Assess what was asked; refuse it where no row could be read."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            try:
                given = self._read(question, Path(folder))
            except EpitopeError as error:
                raise type(error)(str(error).replace(f"{folder}/", "")) from error
        variants = sum(isinstance(row, Variant) for row in given)
        if variants > MOST_VARIANTS:
            raise VariantError(
                f"{variants} variants, and the page takes {MOST_VARIANTS} at once; for more use: "
                "epitope report --vcf FILE, or --table FILE"
            )
        rows = assess_each(given, self.structure)
        errors = [row.error for row in rows if isinstance(row, Failure)]
        if len(errors) == len(rows):
            raise VariantError(*errors)
        return rows

    def _read(self, question: Question, folder: Path) -> list[Any]:
        """Read the variants of text and file, which are put into ``folder`` where they are tables."""
        text = question.text.strip()
        if len(text) > LONGEST_TEXT:
            raise VariantError(
                f"{len(text):,} characters were typed, and the box takes {LONGEST_TEXT:,}; drop them as a file"
            )
        given: list[Any] = []
        if text.startswith("##fileformat") or "\t" in text:
            given += self._from_file("pasted.txt", text.encode(), folder)
        else:
            typed = (name for line in _LINE_END.split(text) for name in outside(_SEPARATOR, line))
            given += [Variant(name, "typed") for name in typed if not name.startswith("#")]
        if question.data or question.file_name:
            given += self._from_file(question.file_name, question.data, folder)
        return given

    def _from_file(self, name: str, data: bytes, folder: Path) -> list[Any]:
        """Read the variants of a file, VCF or table by what is in it."""
        _require_unpackable(name, data)
        plain = re.sub(r"[^\w.() -]", "_", PurePath(name).name).encode()[-_LONGEST_NAME_BYTES:]
        path = folder / (plain.decode(errors="ignore").lstrip(".") or "file.txt")
        path.write_bytes(data)
        is_vcf = data.startswith(b"##fileformat=VCF") or path.name.lower().endswith((".vcf", ".vcf.gz", ".vcf.bgz"))
        return read_variants(path if is_vcf else None, None if is_vcf else path, structure=self.structure)


def _require_unpackable(name: str, data: bytes) -> None:
    """Refuse a compressed file that holds more than a page can be made of."""
    if not data.startswith(GZIP_MAGIC):
        return
    held = 0
    with contextlib.suppress(EOFError, OSError, zlib.error), gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        while piece := file.read(2**20):
            held += len(piece)
            if held > MOST_UNPACKED_BYTES:
                raise VariantError(
                    f"{shown(name)}: unpacks to more than {MOST_UNPACKED_BYTES // 2**20} MB; use: "
                    "epitope report --vcf FILE, or --table FILE"
                )
