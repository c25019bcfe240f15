"""What the tests of this room share: the bundled complex and some assessed variants."""

from __future__ import annotations

import pytest

import epitope

VARIANTS = ["p.Phe61del", "p.Ser269Ter", "L174V", "R163L", "T42R", "ex2part", "ex2skip", "p.Gly60del"]
HOSTILE = '</script><script>window.hacked=1</script><img src=x onerror="window.hacked=1">\'"`$x_1$'


@pytest.fixture(scope="session")
def structure():
    return epitope.load()


@pytest.fixture(scope="session")
def rows(structure):
    return epitope.assess_each([*VARIANTS, HOSTILE, "A" * 10_000], structure)


@pytest.fixture(scope="session")
def provenance(structure):
    return epitope.provenance(structure, "epitope report")
