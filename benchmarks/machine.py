"""The machine that figures are of: every benchmark writes this into its JSON."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Processor, cores this process may use, memory in GiB, system, Python."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": _listed("/proc/cpuinfo", "model name")
        or platform.processor()
        or platform.machine(),
        "cores": cores,
        "memory_gib": _memory_gib(),
        "system": f"{platform.system()} {platform.release()} ({platform.machine()})",
        "python": platform.python_version(),
    }


def named() -> str:
    """The same in a line, to stand above a table."""
    found = machine()
    memory = f", {found['memory_gib']} GiB" if found["memory_gib"] else ""
    return (
        f"{found['processor']}, {found['cores']} cores{memory}; "
        f"{found['system']}; Python {found['python']}"
    )


def _memory_gib() -> int | None:
    """Memory of the machine, or None where nothing tells."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    except (AttributeError, ValueError, OSError):
        return None


def _listed(file: str, key: str) -> str:
    """The first value of a key in one of Linux's "key : value" files; "" elsewhere."""
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except OSError:
        return ""
    told = (line.partition(":") for line in lines)
    return next((value.strip() for name, _, value in told if name.strip() == key), "")
