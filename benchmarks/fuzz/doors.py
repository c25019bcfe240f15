"""The doors of the package: how a damaged input for each is made, and how it is taken in.

Every door makes a case from a random generator, so that door, seed and number are all of it, and
opens a case as a user's command does.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import json
import random
import re
import string
from abc import ABC, abstractmethod
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from benchmarks.fuzz.mutate import VALUES, damaged_bytes, damaged_columns, damaged_lines, damaged_tree
from benchmarks.variants import KINDS
from epitope.structure import bundled_structure

N_POINTS = 24
"""Points for each atom's area: few, since no number is looked at and the kernel sees the same coordinates."""
_PDB_COLUMNS = (
    *((0, 6), (6, 11), (12, 16), (16, 17), (17, 20), (21, 22), (22, 26), (26, 27), (30, 38), (38, 46), (46, 54)),
    *((54, 60), (60, 66), (76, 78), (78, 80)),
)


class Door(ABC):
    """One way into the package."""

    @abstractmethod
    def make(self, rng: random.Random) -> bytes:
        """Return a case."""

    @abstractmethod
    def open(self, case: bytes, folder: Path) -> None:
        """Take a case in, with a folder for its files; any error is the caller's to judge."""


@cache
def small_complex() -> Any:
    """Return half of the bundled antigen with the variable domain that binds it most, as a gemmi structure."""
    import gemmi

    structure = gemmi.read_structure(str(bundled_structure()))
    structure.merge_chain_parts()
    for name in [chain.name for chain in structure[0]]:
        if name not in "AH":
            structure[0].remove_chain(name)
    for name, first, last in (("A", 90, 280), ("H", 1, 124)):
        chain = structure[0][name]
        for index in reversed(range(len(chain))):
            if not first <= chain[index].seqid.num <= last:
                del chain[index]
    return structure


def read_and_measure(path: Path) -> None:
    """Read a complex and measure it, as `epitope residues` and `epitope contacts` do."""
    from epitope.features import surface
    from epitope.features.measured import MeasuredComplex
    from epitope.show.records import structure_record
    from epitope.structure import read_complex
    from epitope.target import load_target

    with patch.object(surface, "atom_sasa", partial(surface.atom_sasa, n_points=N_POINTS)):
        measured = MeasuredComplex(read_complex(path, load_target()))
        measured.residues  # noqa: B018 (measured on access)
        json.dumps(structure_record(measured), allow_nan=True).encode()
        if measured.antibody_atoms is not None:
            measured.interactions  # noqa: B018


class StructurePdb(Door):
    """Structures in the PDB format."""

    suffix = ".pdb"

    @cached_property
    def seeds(self) -> list[str]:
        """What is damaged."""
        whole = small_complex().make_pdb_string()
        bare = "\n".join(line for line in whole.split("\n") if line.startswith(("ATOM", "HETATM", "TER", "END")))
        return [whole, bare + "\n"]

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        text = rng.choice(self.seeds)
        if rng.random() < 0.1:
            return damaged_bytes(rng, text.encode())
        for _ in range(rng.choice((1, 1, 2))):
            text = damaged_columns(rng, text, _PDB_COLUMNS)
        return text.encode("utf-8", "replace")

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        path = folder / f"x{self.suffix}"
        path.write_bytes(case)
        read_and_measure(path)


class StructureMmcif(StructurePdb):
    """Structures in the mmCIF format."""

    suffix = ".cif"

    @cached_property
    def seeds(self) -> list[str]:
        """What is damaged."""
        import gemmi

        written = small_complex().make_mmcif_document().as_string()
        text = bundled_structure().read_text()
        head = text[: text.index("_atom_site.pdbx_PDB_model_num\n") + len("_atom_site.pdbx_PDB_model_num\n")]
        kept = [row for row in text[len(head) :].splitlines() if re.search(r" (9\d|1\d\d|2[0-7]\d) +\w+ A ", row)]
        assert gemmi.cif.read_string(written)
        return [written, head + "\n".join([*kept, *_rows_of(text, "H")]) + "\n"]

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        text = rng.choice(self.seeds)
        if rng.random() < 0.1:
            return damaged_bytes(rng, text.encode())
        for _ in range(rng.choice((1, 1, 2))):
            text = damaged_lines(rng, text, str.split, " ")
        return text.encode("utf-8", "replace")


def _rows_of(text: str, chain: str) -> list[str]:
    return [row for row in text.splitlines() if re.match(rf"ATOM .* \d+ +\w+ {chain} +\w+ +1$", row)]


def as_binary_cif(path: Path) -> bytes:
    """Write an mmCIF file as BinaryCIF."""
    from biotite.structure.io import pdbx

    file = pdbx.BinaryCIFFile()
    block = pdbx.BinaryCIFBlock()
    for name, category in pdbx.CIFFile.read(str(path)).block.items():
        columns = {}
        for tag, column in category.items():
            mask = None if column.mask is None else pdbx.BinaryCIFData(column.mask.array)
            columns[tag] = pdbx.BinaryCIFColumn(pdbx.BinaryCIFData(column.as_array(str)), mask)
        block[name] = pdbx.BinaryCIFCategory(columns)
    file["6AL5"] = block
    stream = io.BytesIO()
    pdbx.compress(file).write(stream)
    return stream.getvalue()


class StructureBcif(StructurePdb):
    """Structures in the BinaryCIF format."""

    suffix = ".bcif"

    @cached_property
    def packed(self) -> bytes:
        """The complex as BinaryCIF."""
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.cif"
            small_complex().make_mmcif_document().write_file(str(path))
            return as_binary_cif(path)

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        import msgpack

        if rng.random() < 0.3:
            return damaged_bytes(rng, self.packed)
        tree = damaged_tree(rng, msgpack.unpackb(self.packed, raw=False))
        try:
            packed: bytes = msgpack.packb(tree)
        except (OverflowError, ValueError, TypeError):
            return self.packed
        return packed


class VariantText(Door):
    """Variants as people type them: the grammar's own words, well and badly put together."""

    words = (
        *("c.", "p.", "g.", "n.", "r.", "m.", "(", ")", "[", "]", ";", "_", "-", "+", "*", "?", "=", ">", "del"),
        *("dup", "ins", "inv", "con", "delins", "fs", "ext", "Ter", "Phe61", "F61", "Pro60", "R163L", "183", "185"),
        *("0", "1", "999999999999999999999", "-5", "A", "C", "G", "T", "N", "u", " ", ":", "chr16", "28933043"),
        *("NM_001178098.2", "NP_001171569.1", "CD19", "ex2part", "exon 2", "skip", "NC_000016.10"),
        *("(;)", "{", "}", "Δ", "→", "–", "\u200b", "\n", "\t", "\x00", "\ud800", "é", "²", "٣", "×", "%", "∆2"),
    )  # fmt: skip

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        how = rng.random()
        if how < 0.4:
            text = "".join(rng.choices(self.words, k=rng.randrange(1, 12)))
        else:
            text = rng.choice(list(KINDS.values()))(_reference(), rng)
            for _ in range(rng.choice((0, 1, 1, 2, 3))):
                at = rng.randrange(len(text) + 1)
                word = rng.choice((*self.words, rng.choice(string.printable)))
                text = text[:at] + rng.choice((word, "", text[:at][-3:])) + text[at + rng.randrange(3) :]
            if how > 0.9:
                text = rng.choice(("[{0};{0}]", "c.[{0}];[{0}]", "{0} {0}", "{0} (p.F61del)", "{0}" * 30)).format(text)
        return text.encode("utf-8", "surrogatepass")

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        from epitope.api import as_variants
        from epitope.target import load_target
        from epitope.variant import consequence_of

        for variant in as_variants(case.decode("utf-8", "surrogatepass")):
            consequence_of(variant, load_target()).hgvs_p.encode()


@cache
def _reference() -> Any:
    from epitope.target import load_target
    from epitope.variant.hgvs.transcript_map import transcript_map_of

    return transcript_map_of(load_target())


VCF = """##fileformat=VCFv4.2
##contig=<ID=chr16,length=90338345,assembly=GRCh38>
##INFO=<ID=CSQ,Number=.,Type=String,Description="x. Format: Allele|SYMBOL|HGVSc">
##FORMAT=<ID=GT,Number=1,Type=String,Description="g">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2
chr16\t28933043\trs1\tG\tT\t50\tPASS\tCSQ=T|CD19|c.488G>T\tGT:AD\t0/1:10,9\t0|1:3,4
chr16\t28932449\t.\tGAAC\tG,GA\t.\t.\t.\tGT\t1|2\t./.
chr16\t28931000\t.\tN\t<DEL>\t.\t.\tEND=28940000;SVTYPE=DEL\tGT\t0/1\t0/0
16\t28933044\t.\tC\t*\t.\tq10\t.\tGT\t0/1\t1/1
chr16\t28933100\t.\tA\tA[chr16:28934000[\t.\t.\t.\tGT\t0/1\t0/1
"""


class Vcf(Door):
    """VCF files, plain and packed, read and written again with the answers in them."""

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        text = damaged_lines(rng, VCF, lambda line: re.split(r"[\t]", line), "\t")
        if rng.random() < 0.3:
            text = damaged_lines(rng, text, lambda line: re.split(r"([:|;,=/])", line), "")
        data = text.encode("utf-8", "replace")
        if rng.random() < 0.2:
            data = damaged_bytes(rng, data)
        if rng.random() < 0.1:
            data = gzip.compress(data)
            data = damaged_bytes(rng, data) if rng.random() < 0.5 else data
        return data

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        import epitope

        path = folder / ("x.vcf.gz" if case[:2] == b"\x1f\x8b" else "x.vcf")
        path.write_bytes(case)
        _names(epitope.read_variants(path, structure=_loaded()))


TABLES = (
    "sample,variant,note\nA,p.Phe61del,x\nB,c.488G>T,\nC,R163L;K220E,two\n",
    "Hugo_Symbol\tChromosome\tStart_Position\tEnd_Position\tReference_Allele\tTumor_Seq_Allele2\tNCBI_Build\tHGVSp_Short\n"
    "CD19\t16\t28933043\t28933043\tG\tT\tGRCh38\tp.R163L\nCD22\t19\t1\t1\tA\tC\tGRCh38\tp.A1T\n",
    "chrom;pos;ref;alt\nchr16;28933043;G;T\n16;28932449;GAAC;G\n",
)


class Table(Door):
    """Tables of variants: CSV, TSV and Excel."""

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        text = rng.choice(TABLES)
        if rng.random() < 0.15:
            return damaged_bytes(rng, _workbook(text))
        text = damaged_lines(rng, text, lambda line: re.split(r"([,;\t])", line), "")
        data = text.encode(rng.choice(("utf-8", "utf-8", "utf-16", "latin-1")), "replace")
        return damaged_bytes(rng, data) if rng.random() < 0.2 else data

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        import epitope

        path = folder / ("x.xlsx" if case[:2] == b"PK" else "x.tsv" if b"\t" in case else "x.csv")
        path.write_bytes(case)
        _names(epitope.read_variants(table=path, structure=_loaded()))


@cache
def _workbook(text: str) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for line in text.splitlines():
        book.active.append(re.split("[,;\t]", line))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@cache
def _loaded() -> Any:
    import epitope

    return epitope.load()


def _names(rows: list[Any]) -> None:
    """Say what each variant is; an error of one is an answer."""
    from epitope.errors import EpitopeError
    from epitope.target import load_target
    from epitope.variant import consequence_of
    from epitope.variant.model import Variant

    for row in rows:
        if isinstance(row, Variant):
            try:
                consequence_of(row, load_target()).hgvs_p.encode()
            except EpitopeError as error:
                str(error).encode()


STAR = "chr16\t28932449\t28932578\t1\t1\t0\t40\t3\t38\nchr16\t28932613\t28932910\t1\t1\t1\t900\t0\t38\n"
BED = (
    "chr16\t28932400\t28932600\tJUNC1\t40\t+\t28932400\t28932600\t255,0,0\t2\t48,22\t0,178\n"
    "chr16\t28932580\t28932930\tJUNC2\t900\t+\t28932580\t28932930\t255,0,0\t2\t32,20\t0,330\n"
)


class Junctions(Door):
    """Junction counts of STAR and in BED12."""

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        text = damaged_lines(rng, rng.choice((STAR, BED)) * rng.choice((1, 5)), lambda line: line.split("\t"), "\t")
        data = text.encode("utf-8", "replace")
        return damaged_bytes(rng, data) if rng.random() < 0.2 else data

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        from epitope.target import load_target
        from epitope.variant.readers.junctions import isoform_usage

        path = folder / ("x.bed" if b"JUNC" in case else "xSJ.out.tab")
        path.write_bytes(case)
        isoform_usage([path], load_target()).to_json().encode()


class TargetPack(Door):
    """A target pack with one damaged file; a case is the file's name, a line break and its bytes."""

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Name and bytes of each file of the pack."""
        import epitope

        pack = Path(epitope.__file__).parent / "target" / "packs" / "tissue_factor"
        return {path.name: path.read_bytes() for path in sorted(pack.iterdir()) if path.is_file()}

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        name = rng.choice(["target.toml", *self.files])
        data = self.files[name]
        if rng.random() < 0.2:
            data = damaged_bytes(rng, data)
        else:
            text = damaged_lines(rng, data.decode(), lambda line: re.split(r"([=,\t\[\]\"])", line), "")
            data = text.encode("utf-8", "replace")
        return name.encode() + b"\n" + data

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        from epitope.target import load_target

        damaged, _, data = case.partition(b"\n")
        for name, content in self.files.items():
            (folder / name).write_bytes(data if name == damaged.decode() else content)
        load_target(folder)


class Cache(Door):
    """A cached download of which file or checksum changed; a case is the record's length, the record and the file."""

    @cached_property
    def entry(self) -> bytes:
        """A sound download."""
        return gzip.compress(small_complex().make_mmcif_document().as_string().encode(), 1)

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        data, honest = self.entry, rng.random() < 0.5
        record = f"{hashlib.sha256(data).hexdigest()}  6al5.cif.gz\n".encode()
        if rng.random() < 0.7:
            data = damaged_bytes(rng, data)
        if honest:
            record = f"{hashlib.sha256(data).hexdigest()}  6al5.cif.gz\n".encode()
        elif rng.random() < 0.5:
            record = damaged_bytes(rng, record)
        return f"{len(record)}\n".encode() + record + data

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        from epitope.structure import fetch_structure
        from epitope.structure.read import read_entry

        size, _, rest = case.partition(b"\n")
        (folder / "6al5.cif.gz.sha256").write_bytes(rest[: int(size)])
        (folder / "6al5.cif.gz").write_bytes(rest[int(size) :])
        read_entry(fetch_structure("6AL5", folder, offline=True))


class Serve(Door):
    """Requests to `epitope serve`; a case is JSON with method, path, headers and body."""

    texts = (
        "p.Phe61de",
        "",
        "x",
        "c.1A>",
        "chr16-1-A-T",
        "sample\tvariant\nA\tno\n",
        "##fileformat=VCFv4.2\n",
        "é\ud800",
    )
    paths = (
        "/",
        "/assess",
        "/result/x/",
        "/result/../../etc/passwd",
        "/static/x",
        "//",
        "/%2e%2e/",
        "/assess/../",
        "/é",
    )

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        text = rng.choice((*self.texts, rng.choice(VALUES)))
        form = urlencode({rng.choice(("variants", "example", "file", "x")): text}, errors="replace")
        kind = "application/x-www-form-urlencoded"
        if rng.random() < 0.4:
            kind = f"multipart/form-data; boundary={rng.choice(('b', 'b', '', 'é', 'b' * 300))}"
            name = rng.choice(("x.csv", "x.vcf", "x.xlsx", "../x", "", "x" * 300, "\\x00.csv"))
            content = rng.choice((*TABLES, VCF, *self.texts)).encode("utf-8", "replace")
            content = damaged_bytes(rng, content).decode("latin-1")
            form = (
                f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n{content}\r\n--b--\r\n'
            )
            form = form if rng.random() < 0.7 else damaged_bytes(rng, form.encode()).decode("latin-1")
        headers = {"host": "127.0.0.1:8719", "content-type": kind, "content-length": str(len(form))}
        if rng.random() < 0.3:
            headers[rng.choice((*headers, "origin", "cookie", "range"))] = rng.choice(VALUES)
        method = rng.choice(("POST", "POST", "POST", "GET", "PUT", "HEAD", "OPTIONS", "X"))
        request = {"method": method, "path": rng.choice((*self.paths, "/assess", "/assess", "/assess"))}
        return json.dumps({**request, "headers": headers, "body": form}).encode()

    @cached_property
    def app(self) -> Any:
        """The pages, with results in a folder of their own."""
        import tempfile

        from epitope.web.results import Results
        from epitope.web.serve import make_app

        return make_app(Results(_loaded(), Path(tempfile.mkdtemp(prefix="epitope-fuzz-")), "none"), 8719)

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        from epitope.errors import EpitopeError

        status, body = asyncio.run(_asked(self.app, json.loads(case)))
        if status == 500:
            raise AssertionError(f"status 500: {body[:200]!r}")
        if status >= 400:
            raise EpitopeError(f"status {status}")


async def _asked(app: Any, request: dict[str, Any]) -> tuple[int, bytes]:
    """Send a request to an ASGI application and return the status and the body of its answer."""
    body, sent = request["body"].encode("utf-8", "replace"), []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request["method"],
        "scheme": "http",
        "path": request["path"],
        "raw_path": request["path"].encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (k.encode("latin-1", "replace"), v.encode("latin-1", "replace")) for k, v in request["headers"].items()
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8719),
    }
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    status = next(message["status"] for message in sent if message["type"] == "http.response.start")
    return status, b"".join(message.get("body", b"") for message in sent)


DOORS: dict[str, Door] = {
    "structure-pdb": StructurePdb(),
    "structure-mmcif": StructureMmcif(),
    "structure-bcif": StructureBcif(),
    "variant": VariantText(),
    "vcf": Vcf(),
    "table": Table(),
    "junctions": Junctions(),
    "target-pack": TargetPack(),
    "cache": Cache(),
    "serve": Serve(),
}
