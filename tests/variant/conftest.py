"""What every variant test needs: the bundled target and its tables."""

from __future__ import annotations

import pytest

from epitope.target import Target, load_target
from epitope.variant.hgvs.transcript_map import TranscriptMap, transcript_map_of


@pytest.fixture(scope="session")
def cd19() -> Target:
    return load_target()


@pytest.fixture(scope="session")
def reference(cd19: Target) -> TranscriptMap:
    return transcript_map_of(cd19)
