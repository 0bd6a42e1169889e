"""Sweeps: many trainings of one scene over a grid of settings, each kept, spread over all cores."""
