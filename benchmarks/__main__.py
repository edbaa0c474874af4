"""Run every benchmark of this folder, one after the other."""

import runpy
from pathlib import Path

for script in sorted(Path(__file__).parent.glob("[!_]*.py")):
    print(script.stem, flush=True)
    runpy.run_path(str(script), run_name="__main__")
