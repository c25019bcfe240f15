"""Readers of files: VCF, tables and junction counts to variants, one row per record."""
