"""Lets ``python -m epitope`` run the command line."""

from epitope.cli import main

main()
