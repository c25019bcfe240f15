"""Consequence and residue table to `Assessment`: rules, stability, binding, scan, cohort."""
