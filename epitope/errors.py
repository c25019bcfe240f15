"""The errors a user can meet.

Every message is the whole story in one line: what is wrong, where (file, line,
column or argument), and what to do about it. The command line prints the message
and nothing else. Not for programming mistakes, which stay ordinary exceptions.
"""

from __future__ import annotations


class EpitopeError(Exception):
    """Base of every error that is the input's fault, not the program's."""


class TargetError(EpitopeError):
    """A target file is malformed or contradicts itself."""


class StructureError(EpitopeError):
    """A structure cannot be read, or does not show what is asked of it."""


class TargetMismatchError(StructureError):
    """A structure does not hold the target that was looked for."""


class VariantError(EpitopeError):
    """A variant cannot be understood, or contradicts the reference sequence."""


class TableError(EpitopeError):
    """A VCF, table or junction file cannot be read."""


class OutputError(EpitopeError):
    """A result cannot be written where it was asked for."""


class MissingDependencyError(EpitopeError):
    """An optional dependency is needed and not installed."""


class SchedulerError(EpitopeError):
    """A cluster cannot be reached, has nobody to work, or went away."""
