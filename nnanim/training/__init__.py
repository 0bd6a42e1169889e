"""A run trained, block by block."""
