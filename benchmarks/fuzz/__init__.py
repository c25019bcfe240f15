"""Damaged inputs for every door of the package."""
