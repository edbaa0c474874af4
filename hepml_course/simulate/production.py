"""Makes the files of collision events: many small chunks, each on one core, merged at the end.

A chunk is named by what it is and made from a seed that depends on that name alone, so the number of
processes, their order and interruptions change nothing. A finished chunk is renamed into place; whatever
stops the production, the next call makes only the chunks that are missing.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Literal
from zipfile import BadZipFile as _BadZip

import numpy as np

from hepml_course.data.places import destination
from hepml_course.data.samples import SAMPLES, require_known
from hepml_course.data.write import writing
from hepml_course.files import replace_file
from hepml_course.simulate import quark_gluon, ztautau
from hepml_course.simulate.collisions import MAX_SEED, pythia_module

SEED = 20241122
VERSION = 1  # counts changes of the physics: chunks of another version are never mixed in
Role = Literal["simulation", "pseudo-data"]
Process = ztautau.Process | quark_gluon.Process

MODULES: dict[str, ModuleType] = {"ztautau": ztautau, "quark_gluon": quark_gluon}
"""Sample to the module that knows its `PROCESSES` and has `generate(stratum, seed, events)`."""


@dataclass(frozen=True)
class Chunk:
    """A piece of a stratum, named by process, stratum, role and number."""

    process: str
    stratum: str
    role: Role
    index: int
    seed: int
    events: int | None = None  # as the stratum says unless told

    @property
    def path(self) -> Path:
        """Where it lies in the work folder."""
        stratum = "".join(c if c.isalnum() else "_" for c in self.stratum.replace("+", "p").replace("-", "m"))
        return Path(Path(self.process).stem, f"{stratum}-{self.role}-{self.index:04d}.npz")


def plan(
    processes: Sequence[Process] = ztautau.PROCESSES, seed: int = SEED, events: int | None = None
) -> list[Chunk]:
    """All chunks, in an order in which every process grows evenly.

    `events` makes small chunks for a trial: one of each stratum and role that has any.
    """
    chunks: list[tuple[float, Chunk]] = []
    for process in processes:
        for stratum in process.strata:
            for role, count in (("simulation", stratum.chunks), ("pseudo-data", stratum.data_chunks)):
                for index in range(min(count, 1) if events else count):
                    name = (process.file, stratum.name, role, index)
                    chunks.append(((index + 0.5) / count, Chunk(*name, chunk_seed(seed, *name), events)))
    return [chunk for _, chunk in sorted(chunks, key=lambda item: item[0])]


def chunk_seed(seed: int, *name: str | int) -> int:
    """A seed for Pythia (1 to 900,000,000) from the master seed and a chunk's name."""
    key = zlib.crc32("/".join(map(str, name)).encode())
    state = np.random.SeedSequence([seed, key]).generate_state(1, np.uint64)[0]
    return int(state % (MAX_SEED - 1)) + 1


def find_stratum(chunk: Chunk) -> tuple[ModuleType, ztautau.Stratum | quark_gluon.Source]:
    """The module that generates a chunk, and the stratum it belongs to."""
    module, process = next((m, p) for m in MODULES.values() for p in m.PROCESSES if p.file == chunk.process)
    return module, next(s for s in process.strata if s.name == chunk.stratum)


def make_chunk(chunk: Chunk, folder: Path) -> Path:
    """Generate one chunk and put it in `folder`, whole or not at all."""
    module, stratum = find_stratum(chunk)
    rows, seen = module.generate(stratum, chunk.seed, chunk.events or stratum.events)
    path = folder / chunk.path
    with writing(path.parent):
        replace_file(path, _packed({**rows, "seen": np.array(seen)}))
    return path


def make(
    samples: Sequence[str] | None = None,
    *,
    jobs: int | None = None,
    seed: int = SEED,
    folder: Path | None = None,
    scheduler: str | None = None,
) -> None:
    """Generate datasets again: what `hepml data make` does.

    Parameters
    ----------
    samples : sequence of str, optional
        Names of samples; all unless told.
    jobs : int, optional
        Generator processes, one a core unless told.
    seed : int
        Master seed. The default gives the content that is shipped.
    folder : Path, optional
        Where the files go; the clone's `datasets/`, or the user's cache without a clone.
    scheduler : str, optional
        Address of a Dask scheduler that runs the chunks on its workers; the work folder must be shared.

    Raises
    ------
    CourseError
        If a sample is unknown, Pythia is missing or refuses, or a folder cannot be written.
    """
    from hepml_course.simulate import assemble, assemble_jets

    for sample in samples or SAMPLES:
        require_known("sample", sample, SAMPLES)
    executor = None
    if scheduler:
        from distributed import Client

        executor = Client(scheduler).get_executor()
    folder = Path(folder or destination())
    assemblers = {"ztautau": assemble.assemble, "quark_gluon": assemble_jets.assemble}
    for sample in samples or SAMPLES:
        work = folder.parent / "production" / sample
        chunks = plan(MODULES[sample].PROCESSES, seed=seed)
        produce(work, chunks, jobs=jobs, seed=seed, executor=executor)
        assemblers[sample](work, folder, chunks, seed)


def produce(
    folder: Path,
    chunks: Sequence[Chunk],
    *,
    jobs: int | None = None,
    seed: int = SEED,
    executor: Executor | None = None,
) -> None:
    """Make those of the chunks that are missing in `folder`, with a progress bar.

    Parameters
    ----------
    folder : Path
        Work folder; finished chunks there are kept.
    chunks : sequence of Chunk
        From `plan`.
    jobs : int, optional
        Generator processes, one a core unless told.
    seed : int
        Master seed.
    executor : concurrent.futures.Executor, optional
        Where to run instead, such as ``dask.distributed.Client(address).get_executor()``.

    Raises
    ------
    MissingExtraError
        If Pythia is not installed.
    CourseError
        If the folder cannot be written.
    """
    pythia_module()
    folder = work_folder(folder, seed)
    missing = [chunk for chunk in chunks if not is_whole(folder / chunk.path)]
    if not missing:
        return
    own = executor is None
    pool = executor or ProcessPoolExecutor(jobs or os.cpu_count(), get_context("spawn"), initializer=_quiet)
    futures = [pool.submit(make_chunk, chunk, folder) for chunk in missing]
    try:
        for future in _progress(futures):
            future.result()
    finally:
        for future in futures:
            future.cancel()
        if own:
            pool.shutdown(cancel_futures=True)


def work_folder(folder: Path, seed: int) -> Path:
    """Where chunks of this seed and version lie: others never mix with them."""
    return Path(folder) / f"v{VERSION}-seed{seed}"


def is_whole(path: Path) -> bool:
    """Whether a chunk is there and intact; a damaged one is removed, to be made again."""
    if not path.exists():
        return False
    try:
        read_chunk(path)
    except (OSError, ValueError, EOFError, KeyError, zlib.error, _BadZip):
        path.unlink()
        return False
    return True


def read_chunk(path: Path) -> dict[str, np.ndarray]:
    """The columns of a chunk, its `weight`s and the number of events `seen` to make it."""
    with path.open("rb") as file, np.load(file) as content:  # numpy leaves a damaged file open
        return {name: content[name] for name in content.files}


def _packed(columns: dict[str, np.ndarray]) -> bytes:
    buffer = BytesIO()
    np.savez_compressed(buffer, **columns)
    return buffer.getvalue()


def _progress(futures: list[Future[Path]]) -> Iterator[Future[Path]]:
    from rich.progress import track

    yield from track(as_completed(futures), description="Generating events", total=len(futures))


def _quiet() -> None:
    """Send FastJet's banner, which C++ prints past Python, to nowhere; be polite to other programs."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.nice(10)
