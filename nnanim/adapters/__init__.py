"""Adapters: the films of other frameworks' trainings; one file each, imported only by its users."""
