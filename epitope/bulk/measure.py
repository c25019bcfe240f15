"""One structure of a survey: measured, and kept in a part of its own.

A part is named by what it rests on (file, content, options, version), appears whole or not at all,
and is found again by any later run. Runs in a worker, here or on another machine, and says in a line what went wrong.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epitope.bulk.columns import CONTACT_COLUMNS, SURVEY_RESIDUE_COLUMNS, TABLES, fits, table_columns
from epitope.bulk.jobs import Job
from epitope.errors import EpitopeError, OutputError, StructureError

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.measured import MeasuredComplex

Part = dict[str, list[dict[str, Any]]]
"""The rows of one structure, by table."""
_CANDIDATES = 10
_TWO_OPTIONS = re.compile(r"--antigen (\S+) --antibody (\S+)")
"""How other commands are told the sides; a survey has --chains and lists."""
_ONE_OPTION = re.compile(r"name the antigen and what binds it, such as --antigen \S+$")
"""What they ask for where there is one chain alone."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is the same for every structure of a survey.

    ``parts`` is the folder of the parts, ``home`` that from which files are named, ``version`` that of
    the program which asks, and ``target_digest`` the SHA-256 of a pack that does not come with the program.
    """

    parts: str
    home: str
    version: str
    target: str | None = None
    target_digest: str = ""
    atlas: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job: the name of its part, else why there is none.

    ``fatal`` where the reason concerns every other job too, such as a full disk.
    """

    part: str = ""
    error: str = ""
    fatal: bool = False


def measure_job(job: Job, options: Options) -> Done:
    """Measure one structure, unless its part is there already.

    Parameters
    ----------
    job : Job
    options : Options

    Returns
    -------
    Done
        Never raises for what is in a file.
    """
    from epitope import __version__

    if __version__ != options.version:
        return Done(error=f"a worker has epitope {__version__}, not {options.version}; install one version", fatal=True)
    try:
        name = part_name(job, options)
        path = Path(options.parts) / name
        if not _is_whole(path):
            _store(path, _measured(job, options))
    except OutputError as error:
        return Done(error=str(error), fatal=True)
    except EpitopeError as error:
        said = _TWO_OPTIONS.sub(r"--chains \1:\2", " ".join(str(error).split()))
        said = _ONE_OPTION.sub("a survey measures complexes, leave it out", said)
        return Done(error=said.replace(str(_path(job, options)), job.file))
    except MemoryError:
        return Done(error=f"{job.file}: takes more memory than there is; cut out the chains that matter")
    except Exception as error:  # a defect met with one file must not end a survey of thousands
        said = " ".join(str(error).split())[:200]
        return Done(error=f"{job.file}: cannot be measured, unexpectedly ({type(error).__name__}: {said}); report it")
    return Done(part=name)


def part_name(job: Job, options: Options) -> str:
    """Name the part of a structure by everything that it rests on.

    Raises
    ------
    StructureError
        If the file cannot be read.
    """
    from epitope.impact.verdicts.rules import RULE_SET_VERSION

    try:
        with _path(job, options).open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StructureError(f"{job.file}: cannot be read ({reason}); check the name") from None
    rests_on = {
        **asdict(options),
        "parts": "",
        "home": "",
        **asdict(job),
        "content": content,
        "rule_set": RULE_SET_VERSION,
    }
    key = hashlib.sha256(json.dumps(rests_on, sort_keys=True).encode()).hexdigest()
    return f"{key[:2]}/{key[2:]}.part"


def read_part(path: Path) -> Part:
    """Return the rows of a part.

    Raises
    ------
    OutputError
        If it is not there any more, or damaged.
    """
    try:
        found: Part = json.loads(gzip.decompress(path.read_bytes()))
        if not _is_part(found):
            raise ValueError
    except (OSError, EOFError, ValueError, RecursionError, zlib.error):
        raise OutputError(f"{path}: is gone or damaged; give the same command again") from None
    return found


def _is_part(found: Any) -> bool:
    """Say whether something has the tables of a part, and their rows what the columns hold."""

    def is_row(table: str, row: Any) -> bool:
        return (
            isinstance(row, dict)
            and set(table_columns(table)) <= row.keys() <= set(table_columns(table, atlas=True))
            and all(map(fits, row, row.values()))
        )

    return isinstance(found, dict) and all(
        isinstance(found.get(table), list) and all(is_row(table, row) for row in found[table]) for table in TABLES
    )


def _path(job: Job, options: Options) -> Path:
    """Return where a file is, whatever folder a worker stands in."""
    return Path(options.home, job.file)


def _is_whole(path: Path) -> bool:
    """Say whether a part is there and undamaged."""
    try:
        read_part(path)
    except OutputError:
        return False
    return True


def _store(path: Path, part: Part) -> None:
    """Write a part whole."""
    from epitope.show.files import write_whole

    # At level 6 in 2 ms; no time stamp, so that the same rows are the same bytes.
    write_whole(path, gzip.compress(json.dumps(part, ensure_ascii=False).encode(), compresslevel=6, mtime=0))


def _measured(job: Job, options: Options) -> Part:
    """Measure a structure and return its rows."""
    from epitope.api import load, provenance
    from epitope.show.records import records

    structure = load(_path(job, options), target=options.target, sides=job.chains or None)
    if structure.interface is None:
        raise StructureError(
            f"{job.file}: nothing is known to bind antigen chain {', '.join(structure.complex.antigen_chains)}; "
            "name the two sides, such as --chains A:HL, or behind the file in a list"
        )
    head = {"file": job.file, "chains": job.chains, "id": structure.id}
    residues = _residue_rows(structure)
    rests_on = provenance(structure)
    summary = head | {name: rests_on[name] for name in ("epitope_version", "rule_set", "target", "target_version")}
    summary |= _summary(structure, residues) | (_atlas_summary(structure) if options.atlas else {})
    tables = {
        "residues": residues[list(SURVEY_RESIDUE_COLUMNS)[len(head) :]],
        "contacts": structure.contacts[list(CONTACT_COLUMNS)[len(head) :]],
    }
    return {
        "interface": [summary],
        **{name: [head | row for row in records(table)] for name, table in tables.items()},
    }


def _residue_rows(structure: MeasuredComplex) -> pd.DataFrame:
    """Return the antigen residues within 5 Å of what binds, with names and hot spots."""
    from epitope.impact.predictors.predictions import hot_spot_probability
    from epitope.impact.verdicts.rules.predictions import HOT_SPOT_PROBABILITY
    from epitope.target.residues import written_residue

    table, target = structure.residues, structure.target
    table = table[table["contact_5A"].fillna(False).astype(bool)].copy()
    chance = hot_spot_probability(structure)
    positions = table["uniprot_position"]
    table["label"] = [written_residue(target.residue(p), target.label(p)) for p in positions]
    table["p_hot_spot"] = [chance[p] for p in positions]
    table["hot_spot"] = table["contact_4A"].astype(bool) & (table["p_hot_spot"] >= HOT_SPOT_PROBABILITY)
    return table


def _summary(structure: MeasuredComplex, residues: pd.DataFrame) -> dict[str, Any]:
    """Sum up an interface in one row."""
    import numpy as np

    held, interface, binder = structure.complex, structure.interface, structure.antibody_atoms
    assert interface is not None and binder is not None
    roles, metadata = held.roles, held.metadata
    epitope = residues[residues["contact_4A"].astype(bool)]
    close = interface.contacts[interface.contacts["atom_pairs_4A"] > 0]
    cdrs = interface.contacts_per_cdr()
    kinds = {f"{name.replace(' ', '_').lower()}_pairs": count for name, count in interface.pairs_by_type().items()}
    touching = held.resindex_by_position
    atoms = held.antigen[np.isin(held.antigen.resindices, [touching[p] for p in interface.epitope_4A])]
    largest = epitope["p_hot_spot"].max()
    paratope = list(
        dict.fromkeys(close.sort_values(["antibody_chain", "antibody_number"], kind="stable").antibody_label)
    )
    return {
        "sha256": held.sha256,
        "method": metadata.method,
        "resolution_A": metadata.resolution_A,
        "predicted": metadata.predicted,
        "antigen_chains": list(roles.antigen),
        "heavy_chains": list(roles.heavy),
        "light_chains": list(roles.light),
        "partner_chains": list(roles.others),
        "binder_word": roles.word,
        "binder": structure.binder.name if structure.binder else "",
        "antigen_residues": len(structure.positions),
        "binder_residues": len(binder),
        "epitope_residues": len(epitope),
        "paratope_residues": len(paratope),
        "epitope": epitope["label"].tolist(),
        "paratope": paratope,
        "cdrs": [f"{chain}:{cdr} {pairs}" for chain, cdr, pairs, _ in cdrs.itertuples(index=False)],
        "residue_pairs_4A": len(close),
        "atom_pairs_4A": int(close["atom_pairs_4A"].sum()),
        **kinds,
        "buried_antigen_A2": round(interface.buried_area_antigen_A2, 1),
        "buried_binder_A2": round(interface.buried_area_antibody_A2, 1),
        "hot_spots": epitope.loc[epitope["hot_spot"], "label"].tolist(),
        "largest_p_hot_spot": None if largest != largest else round(float(largest), 3),  # noqa: PLR0124
        "epitope_incomplete": int((~epitope["side_chain_complete"].astype(bool)).sum()),
        "mean_b_epitope": round(float(atoms.tempfactors.mean()), 1) if len(atoms) else None,
        "notes": list(held.notes),
    }


def _atlas_summary(structure: MeasuredComplex) -> dict[str, Any]:
    """Count what the atlas of every single change says."""
    from epitope.api import scan, top_candidates
    from epitope.impact.scan import BOTH, ESCAPE, LOSS
    from epitope.target.residues import written_residue

    atlas = scan(structure)
    best = top_candidates(atlas, _CANDIDATES)
    escape = best[best["label"] == ESCAPE]
    labels = atlas["label"].value_counts()
    return {
        "atlas_changes": len(atlas),
        **{f"atlas_{of}_hit": int(atlas[of].isin(("at risk", "lost")).sum()) for of in ("epitope", "fold")},
        **{f"atlas_{name}": int(labels.get(name, 0)) for name in (ESCAPE, LOSS, BOTH)},
        "atlas_candidates": [
            written_residue(residue, structure.target.label(position))
            for residue, position in zip(escape["residue"], escape["uniprot_position"], strict=True)
        ],
    }
