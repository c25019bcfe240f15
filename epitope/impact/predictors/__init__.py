"""Predictors: the cost of a substitution for the fold, and for the antibody's binding."""
