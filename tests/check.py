"""Run every check that a change must pass: lint, format, types, known holes, tests. The README's
test command.

``python tests/check.py`` runs them in turn and stops at the first that fails; arguments go to
pytest (``python tests/check.py -m slow``). The locked dependencies are compared with the known
vulnerabilities (https://osv.dev) where that can be reached; where not, the check says so and is
skipped: being without a network is no fault of a change.
"""

import json
import os
import shutil
import subprocess
import sys
import time

CHECKS = (
    ("lint", ["ruff", "check", "."]),
    ("format", ["ruff", "format", "--check", "."]),
    ("types", ["mypy"]),
    ("audit", []),
    ("tests", ["pytest"]),
)
AUDIT_S = 60  # an answer takes two seconds; what takes longer is as good as away
AUDIT = ["audit", "--frozen", "--output-format", "json",
         "--preview-features", "audit-command,json-output"]  # fmt: skip


def main() -> int:
    """Run the checks; returns the exit code of the first that failed, or 0."""
    for name, command in CHECKS:
        started = time.monotonic()
        if name == "audit":
            print("── audit: uv audit, of uv.lock", flush=True)
            code, words = audit()
            print(words)
        else:
            extra = sys.argv[1:] if name == "tests" else []
            print(f"── {name}: {' '.join([*command, *extra])}", flush=True)
            code = subprocess.run([sys.executable, "-m", *command, *extra], check=False).returncode
            words = "ok" if code == 0 else "FAILED"
        said = "FAILED" if code else words.partition(":")[0]
        print(f"── {name}: {said} ({time.monotonic() - started:.0f} s)", flush=True)
        if code:
            return code
    return 0


def audit(*options: str, limit_s: float = AUDIT_S) -> tuple[int, str]:
    """Whether a locked dependency has a known vulnerability.

    Args:
        options: further ones of ``uv audit``.
        limit_s: how long an answer may take.

    Returns: the exit code, 1 where there is one, and what to say: "ok: …", "skipped: …" where nobody
        could be asked, or a line for each vulnerability with its ids and the versions that mend it.
    """
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        return 0, "skipped: uv is not installed (pip install uv)"
    try:
        done = subprocess.run(
            [uv, *AUDIT, *options], capture_output=True, text=True, check=False, timeout=limit_s,
            env=os.environ | {"UV_HTTP_RETRIES": "1"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return 0, f"skipped: no answer within {limit_s:g} s"
    try:
        told = json.loads(done.stdout)
        count, found = told["summary"]["audited_packages"], told["vulnerabilities"]
        lines = [_line(each) for each in found]
    except (ValueError, KeyError, TypeError):
        why = done.stderr.strip()
        if done.returncode in (0, 1):  # it did audit, and what it says is not what we can read
            return 1, f"uv audit cannot be understood:\n{done.stdout}{why}"
        return 0, f"skipped: nothing was audited, uv says:\n{why}"
    if lines:
        return 1, "\n".join(lines)
    return done.returncode, f"ok: no known vulnerability in {count} locked packages"


def _line(found: dict[str, object]) -> str:
    """A vulnerability in one line."""
    package, aliases, fixes = found["dependency"], found["aliases"], found["fix_versions"]
    assert isinstance(package, dict) and isinstance(aliases, list) and isinstance(fixes, list)
    ids = ", ".join(map(str, (found["id"], *aliases)))
    mended = f"fixed in {', '.join(map(str, fixes))}" if fixes else "no version mends it yet"
    return f"{package['name']} {package['version']}: {ids} ({found['summary']}); {mended}"


if __name__ == "__main__":
    sys.exit(main())
