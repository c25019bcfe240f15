"""A network that predicts splice sites from the sequence, and what a variant does to them.

`network` holds the forward pass, `scores` compares a variant with the reference,
`table` looks up what was computed before. The room next door, which knows exons and
outcomes of a lost site, decides what the scores mean.
"""
