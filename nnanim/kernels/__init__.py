"""Kernels: the two hot loops, compiled by numba once and cached on disk."""
