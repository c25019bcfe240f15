"""The doors of the package: how a damaged input for each is made, and how it is taken in.

Every door makes a case from a random generator, so that door, seed and number are all of it, and
opens a case as a user's command does.
"""

from benchmarks.fuzz.doors.base import Door
from benchmarks.fuzz.doors.packs import Predictions, TargetPack
from benchmarks.fuzz.doors.results import SurveyList, Verify
from benchmarks.fuzz.doors.serve import Serve
from benchmarks.fuzz.doors.structures import Cache, StructureBcif, StructureMmcif, StructurePdb, Trajectory
from benchmarks.fuzz.doors.variants import Junctions, Table, VariantText, Vcf

DOORS: dict[str, Door] = {
    "structure-pdb": StructurePdb(),
    "structure-mmcif": StructureMmcif(),
    "structure-bcif": StructureBcif(),
    "trajectory": Trajectory(),
    "variant": VariantText(),
    "vcf": Vcf(),
    "table": Table(),
    "junctions": Junctions(),
    "target-pack": TargetPack(),
    "predictions": Predictions(),
    "cache": Cache(),
    "verify": Verify(),
    "survey-list": SurveyList(),
    "serve": Serve(),
}
