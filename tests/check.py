"""Run every check that a change must pass: lint, format, types, tests. The README's test command.

``python tests/check.py`` runs them in turn and stops at the first that fails; arguments go to
pytest (``python tests/check.py -m slow``).
"""

import subprocess
import sys
import time

CHECKS = (
    ("lint", ["ruff", "check", "."]),
    ("format", ["ruff", "format", "--check", "."]),
    ("types", ["mypy"]),
    ("tests", ["pytest"]),
)


def main() -> int:
    """Run the checks; returns the exit code of the first that failed, or 0."""
    for name, command in CHECKS:
        started = time.monotonic()
        extra = sys.argv[1:] if name == "tests" else []
        print(f"── {name}: {' '.join([*command, *extra])}", flush=True)
        code = subprocess.run([sys.executable, "-m", *command, *extra], check=False).returncode
        print(f"── {name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - started:.0f} s)")
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
