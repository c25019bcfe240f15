"""Small files that unpack without end, and files that are larger than any honest one, through the commands.

Each must end within 10 s of computing and 2 GB, with a result or one line that says what is wrong.

    python -m benchmarks.bombs [--only xlsx,copies]
"""

from __future__ import annotations

import argparse
import gzip
import io
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from epitope.structure import bundled_structure

SECONDS, MEGABYTES = 10.0, 2_000
GIGABYTE = 10**9
VCF = b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr16\t28933043\t.\tG\tT\t.\t.\tX="


def copies(path: Path) -> None:
    """Write 60 copies of the complex side by side, with names of two letters."""
    import gemmi

    structure = gemmi.read_structure(str(bundled_structure()))
    structure.merge_chain_parts()
    chains = [chain.clone() for chain in structure[0]]
    for number in range(1, 60):
        shift = gemmi.Position(110 * (number % 4), 110 * (number // 4 % 4), 110 * (number // 16))
        for chain in chains:
            copy = chain.clone()
            copy.name = f"{chain.name}{number}"
            for residue in copy:
                residue.subchain = ""
                for atom in residue:
                    atom.pos += shift
            structure[0].add_chain(copy)
    structure.setup_entities()
    structure.make_mmcif_document().write_file(str(path))


def declared_atoms(path: Path) -> None:
    """Write BinaryCIF of a few hundred bytes whose atoms are one run of a hundred million."""
    import msgpack
    import numpy as np

    runs = np.array([1, 10**8], dtype="<i4").tobytes()
    steps = [{"kind": "RunLength", "srcType": 3, "srcSize": 10**8}, {"kind": "ByteArray", "type": 3}]
    column = {"name": "id", "data": {"data": runs, "encoding": steps}, "mask": None}
    table = {"name": "_atom_site", "rowCount": 10**8, "columns": [column]}
    block = {"header": "X", "categories": [table]}
    path.write_bytes(msgpack.packb({"version": "0.3.0", "encoder": "x", "dataBlocks": [block]}))


def workbook(path: Path) -> None:
    """Write a workbook with a row of sixty million cells."""
    import openpyxl

    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["variant"])
    book.save(stream)
    with zipfile.ZipFile(stream) as plain, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in plain.namelist():
            cells = b"<row>" + b"<c><v>1</v></c>" * 60_000_000 + b"</row></sheetData>"
            data = plain.read(name)
            packed.writestr(name, data.replace(b"</sheetData>", cells) if "sheet1" in name else data)


def pack(path: Path) -> None:
    """Write a target whose key has a hundred thousand parts."""
    path.write_text(f"name = 'x'\nx{'.a' * 100_000} = 1\n")


def predictions(path: Path) -> None:
    """Write the bundled pack with numbers whose first array unpacks to a gigabyte."""
    from epitope.target import load_target

    shutil.copytree(Path(load_target().predictions).parent, path)
    with zipfile.ZipFile(path / "predictions.npz", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("positions.npy", bytes(GIGABYTE))


def of(content: Callable[[], bytes]) -> Callable[[Path], object]:
    """Make a file of bytes that are only then put together."""
    return lambda path: path.write_bytes(content())


BOMBS: dict[str, tuple[str, Callable[[Path], object], tuple[str, ...]]] = {
    "60 copies of the complex": ("copies.cif", copies, ("residues", "--structure")),
    "1 GB packed, mmCIF": ("gigabyte.cif.gz", of(lambda: gzip.compress(bytes(GIGABYTE))), ("residues", "--structure")),
    "1 GB packed, PDB": ("gigabyte.pdb.gz", of(lambda: gzip.compress(bytes(GIGABYTE))), ("residues", "--structure")),
    "10⁸ declared atoms, BinaryCIF": ("declared.bcif", declared_atoms, ("residues", "--structure")),
    "1 GB packed, VCF": ("gigabyte.vcf.gz", of(lambda: gzip.compress(bytes(GIGABYTE))), ("assess", "--vcf")),
    "VCF line of 100 MB": ("line.vcf", of(lambda: VCF + b"A" * 10**8 + b"\n"), ("assess", "--vcf")),
    "CSV cell of 100 MB": ("cell.csv", of(lambda: b"variant\nc." + b"1" * 10**8 + b"\nR163L\n"), ("assess", "--table")),
    "XLSX row of 6 · 10⁷ cells": ("cells.xlsx", workbook, ("assess", "--table")),
    "1 GB packed, BED": ("gigabyte.bed.gz", of(lambda: gzip.compress(bytes(GIGABYTE))), ("isoform", "--junctions")),
    "JSON, 10⁷ lists in one another": ("deep.json", of(lambda: b"[" * 10**7), ("verify",)),
    "TOML key of 10⁵ parts": ("target.toml", pack, ("target", "check")),
    "pack of 100 MB": ("target.toml", of(lambda: b"#" * 10**8), ("target", "check")),
    "numbers of a pack that unpack to 1 GB": ("pack", predictions, ("assess", "R163L", "--target")),
    "trajectory of 1 GB of zeros": (
        "zeros.xtc",
        of(lambda: bytes(GIGABYTE)),
        ("dynamics", "--topology", "{own}", "--trajectory"),
    ),
    "topology of 100 MB in a line": ("line.pdb", of(lambda: b"ATOM  " + b" " * 10**8), ("dynamics", "--topology")),
}


def measured(words: tuple[str, ...], file: Path) -> tuple[str, bool]:
    """Run a command on a file; return its row of the table, and whether it kept what was promised."""
    command = [sys.executable, "-m", "epitope", *(word.format(own=bundled_structure()) for word in words), str(file)]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = code = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors="replace").replace(str(file), file.name).splitlines()
    seconds, megabytes = used.ru_utime + used.ru_stime, used.ru_maxrss // 1_000
    kept = (
        seconds < SECONDS and megabytes < MEGABYTES and ((code, said) == (0, []) or (code in (1, 2) and len(said) == 1))
    )
    last = (said[-1] if said else "a result").removeprefix("epitope: ")
    return f"{seconds:.1f} | {megabytes} | {last if kept else f'BROKEN, exit code {code}: {last}'} |", kept


def main() -> int:
    """Make and open each; return 1 if one is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="A,B", help="words of names")
    wanted = parser.parse_args().only.split(",")
    print("| file | s | MB | ended with |\n|---|---|---|---|")
    broken = 0
    for name, (file, make, words) in BOMBS.items():
        if any(word in name for word in wanted):
            with tempfile.TemporaryDirectory() as folder:
                maker = multiprocessing.get_context("fork").Process(target=make, args=(Path(folder, file),))
                maker.start()  # a child of its own, since a process is counted with what this one held when it began
                maker.join()
                row, kept = measured(words, Path(folder, file))
            print(f"| {name} | {row}", flush=True)
            broken += not kept
    return int(bool(broken))


if __name__ == "__main__":
    raise SystemExit(main())
