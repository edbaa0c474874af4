"""The benchmarks run and print a ratio. Its size is for people to read: no test is about time."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted(path.name for path in (ROOT / "benchmarks").glob("[!_]*.py"))


def test_every_benchmark_prints_its_ratios():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    parts = re.split(r"^(\w+)\n", done.stdout, flags=re.MULTILINE)
    assert [f"{name}.py" for name in parts[1::2]] == SCRIPTS
    assert all(re.search(r"ratio +\d", text) for text in parts[2::2])
