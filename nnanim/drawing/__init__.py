"""Marks become pixels or vectors."""
