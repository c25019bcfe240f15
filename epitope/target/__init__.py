"""Antigens as data: what is known before a structure is opened."""
