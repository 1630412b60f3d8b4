"""Builds the sample district from the hand-written tables in ../inputs (see ../README.md)."""
