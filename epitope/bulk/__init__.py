"""Thousands of complexes: interface summary, interface residues and contacts of each, in one table.

Structures are measured one by one as everywhere else; here it is decided where that runs (cores of this
machine, a cluster), what is kept so that a survey that was stopped goes on, and how the tables come together.
"""

from epitope.bulk.run import WrittenSurvey, survey

__all__ = ["WrittenSurvey", "survey"]
