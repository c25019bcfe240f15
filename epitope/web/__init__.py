"""A page for one's own variant, on this machine: a box, and the report as the answer.

Speaks HTTP and nothing else: variants are read and assessed by `epitope.api`, pages are made
by `epitope.show.report`. Not for a public server: it listens on 127.0.0.1 and has no users.
"""
