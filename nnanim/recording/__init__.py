"""The training as data, kept."""
