"""Consequence and residue table to `Assessment`: verdicts, predictors, cohorts, and the scan of every change."""
