"""The one function of another package that its documentation does not promise: what it must go on doing."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest

from epitope.features.surface import PROBE_RADIUS_A, atom_sasa

CHANGED = (
    "rust_sasa_python.calculate_sasa_internal has changed; epitope.features.surface.atom_sasa is the one place that "
    "calls it: adapt it there, or set an upper bound in pyproject.toml"
)
PACKAGE = Path(inspect.getfile(atom_sasa)).parents[1]


def test_the_kernel_takes_atoms_probe_points_and_threads() -> None:
    import rust_sasa_python

    kernel = getattr(rust_sasa_python, "calculate_sasa_internal", None)
    assert kernel is not None, CHANGED
    assert list(inspect.signature(kernel).parameters) == ["atoms_in", "probe_radius", "n_points", "threads"], CHANGED


@pytest.mark.parametrize("apart", [2.0, 3.0, 4.5, 7.0])
def test_two_spheres_have_the_area_that_geometry_gives_in_the_order_of_the_atoms(apart: float) -> None:
    radii = np.array([1.2, 1.9])
    far, near = radii + PROBE_RADIUS_A, (radii + PROBE_RADIUS_A)[::-1]
    height = np.clip(far - (apart**2 + far**2 - near**2) / (2 * apart), 0, 2 * far)  # of the cap that the other covers
    exact = 4 * np.pi * far**2 - np.where(apart < far.sum(), 2 * np.pi * far * height, 0)
    areas = atom_sasa(np.array([[0.0, 0.0, 0.0], [apart, 0.0, 0.0]]), radii, n_points=2_000)
    np.testing.assert_allclose(areas, exact, rtol=0.01, atol=0.2, err_msg=CHANGED)


def test_one_module_alone_knows_the_kernel() -> None:
    users = [p.name for p in PACKAGE.rglob("*.py") if "rust_sasa_python" in p.read_text(encoding="utf-8")]
    assert users == ["surface.py"]
