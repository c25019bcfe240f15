"""Cohorts: the samples of a study to one mechanism of antigen loss each."""
