"""The processor that kernels are compiled for."""

from functools import cache

from llvmlite.binding import get_host_cpu_features


@cache
def features() -> frozenset[str]:
    """Return the sets of instructions that it has, by LLVM's names: "avx2", "avx512f", …"""
    return frozenset(name for name, there in get_host_cpu_features().items() if there)
