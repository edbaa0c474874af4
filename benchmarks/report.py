"""How long the evaluation report takes, beside scikit-learn's ROC integral on the same arrays.

Run it with ``.venv/bin/python benchmarks/report.py [EVENTS]``. A million events with thirty variables and the
scores of three methods, half of them training events, half test events, become one page. Times are those of
the clock; the peak of memory is that of the whole process, with the events in it.
"""

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from hepml_course.metrics import auc
from hepml_course.report import evaluate
from hepml_course.report.table import as_frame

EVENTS, VARIABLES, METHODS = 1_000_000, 30, 3


def seconds(work: Callable[[], object]) -> float:
    """Clock time of one call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def events(n: int, rng: np.random.Generator | int) -> pd.DataFrame:
    """Signal and background that differ a little in each variable, with weights."""
    rng = np.random.default_rng(rng)
    y = rng.random(n) < 0.5
    x = rng.standard_normal((n, VARIABLES), dtype=np.float32)
    x += np.linspace(0, 0.5, VARIABLES, dtype=np.float32) * y[:, None]
    table = pd.DataFrame(x, columns=[f"x{k}" for k in range(VARIABLES)], copy=False)
    return as_frame(table.assign(is_signal=y, weight=rng.exponential(size=n)))


def scores(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Three methods that use more and more of the variables."""
    x = table[[f"x{k}" for k in range(VARIABLES)]].to_numpy()
    return {f"last {3**k} variables": x[:, -(3**k) :].sum(axis=1, dtype=float) for k in range(METHODS)}


def main(n: int) -> None:
    """Print times as ratios to scikit-learn's ROC integral of the same scores, and the memory."""
    table = events(n, 1)
    given, train = scores(table), np.arange(n) % 2 == 0
    y, w = table.is_signal.to_numpy(), table.weight.to_numpy()
    peer = statistics.median(
        seconds(lambda s=s: roc_auc_score(y, s, sample_weight=w)) for s in given.values() for _ in range(3)
    )
    ours = statistics.median(seconds(lambda s=s: auc(s, y, w)) for s in given.values() for _ in range(3))
    print(f"{n} events: roc_auc_score {peer:.2f} s")
    print(f"ROC integral with its uncertainty  {ours:6.2f} s   ratio {ours / peer:6.2f}")
    pairs = {name: (score[train], score[~train]) for name, score in given.items()}
    report = evaluate(pairs, table[train], table[~train], weights="weight")
    parts = {"summary": report.summary, "overtraining": report.overtraining, "ranking": report.ranking}
    for name, part in parts.items():
        spent = seconds(part)
        print(f"{name:34} {spent:6.2f} s   ratio {spent / peer:6.2f}")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        spent = seconds(lambda: evaluate(pairs, table[train], table[~train], weights="weight").to_html(page))
        size = page.stat().st_size / 1e6
    print(f"everything, as a page of {size:.1f} MB     {spent:6.2f} s   ratio {spent / peer:6.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)
    held = table.memory_usage().sum() / 1e9
    print(f"peak of memory {peak:.2f} GB, of which the table {held:.2f} GB   ratio {peak / held:6.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
