"""Proton-proton collisions from Pythia 8, as awkward arrays of particles.

A batch holds whole events: every particle with its PDG code, status, mothers and four-momentum. Events
that cannot pass a selection are dropped early, before their underlying event is made, by
`HardLeptonFilter`; it counts the events it saw, so the cross section of what remains is known exactly.

Source: C. Bierlich et al., "A comprehensive guide to the physics and usage of PYTHIA 8.3",
SciPost Phys. Codebases 8 (2022), arXiv:2203.11601.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from hepml_course.errors import CourseError, MissingExtraError

if TYPE_CHECKING:
    import awkward as ak

MAX_SEED = 900_000_000  # Pythia's own limit
CHARGED_LEPTONS = (11, 13, 15)

Leptons = list[tuple[int, float, float]]  # (PDG code, pT / GeV, eta) of the hard process
LeptonCut = Callable[[Leptons], bool]


def pythia_module() -> Any:
    """The `pythia8mc` module, or a sentence that says how to get it."""
    try:
        import pythia8mc
    except ImportError as error:
        raise MissingExtraError("Generating events", "generate") from error
    return pythia8mc


def generator_version() -> str:
    """Version of the installed Pythia, such as ``"8.317"``."""
    pythia = pythia_module().Pythia("", False)
    return f"{pythia.settings.parm('Pythia:versionNumber'):.3f}"


@lru_cache(maxsize=1)
def _filter_class() -> type:
    """The filter as a subclass of Pythia's hooks; made on first use, since Pythia is optional."""
    p8 = pythia_module()

    class HardLeptonFilter(p8.UserHooks):
        """Keeps events whose hard leptons pass a cut and, if asked, that hold a hard parton.

        The cut is applied when the shower's evolution has come down to `scale`: the boson has its
        recoil by then and every parton above `scale` exists, but the costly soft part does not.
        """

        def __init__(self, cut: LeptonCut | None, parton_pt: float | None, scale: float) -> None:
            super().__init__()
            self.cut, self.parton_pt, self.scale = cut, parton_pt, scale
            self.seen = 0

        def canVetoProcessLevel(self) -> bool:
            return True

        def doVetoProcessLevel(self, process: Any) -> bool:
            self.seen += 1
            # Recoil changes momenta later, but not which leptons there are.
            self.process = [(p.id(), p.p(), p.mother1()) for p in _hard_leptons(process)]
            self.boson = p8.Vec4(process[5].p())
            self.boson_id = process[5].id()
            self.resonant = all(mother == 5 for *_, mother in self.process)
            return self.cut is not None and not self.resonant and not self.cut(self._as_produced())

        def canVetoPT(self) -> bool:
            return True

        def scaleVetoPT(self) -> float:
            return self.scale

        def doVetoPT(self, stage: int, event: Any) -> bool:
            if stage == 5 or not self.resonant:  # showers of resonances that decayed already
                return False
            if self.parton_pt is not None and not _has_parton(event, self.parton_pt):
                return True
            return self.cut is not None and not self.cut(self._recoiled(event))

        def _as_produced(self) -> Leptons:
            return [(code, p.pT(), p.eta()) for code, p, _ in self.process]

        def _recoiled(self, event: Any) -> Leptons:
            last = next(i for i in range(event.size() - 1, 0, -1) if event[i].id() == self.boson_id)
            boost = p8.RotBstMatrix()
            boost.bst(self.boson, event[last].p())
            leptons = []
            for code, momentum, _ in self.process:
                moved = p8.Vec4(momentum)
                moved.rotbst(boost)
                leptons.append((code, moved.pT(), moved.eta()))
            return leptons

    return HardLeptonFilter


def _hard_leptons(process: Any) -> list[Any]:
    return [process[i] for i in range(5, process.size()) if process[i].idAbs() in CHARGED_LEPTONS]


def _has_parton(event: Any, pt: float) -> bool:
    """Whether a coloured final particle within |eta| < 3.2 has more than `pt`."""
    for i in range(event.size() - 1, 4, -1):
        particle = event[i]
        if particle.isFinal() and particle.pT() > pt and particle.colType() and abs(particle.eta()) < 3.2:
            return True
    return False


class Collisions:
    """A running Pythia for one process.

    Parameters
    ----------
    settings : sequence of str
        Pythia settings of the process, such as ``"WeakSingleBoson:ffbar2W = on"``.
    seed : int
        1 to 900,000,000. The same seed gives the same events.
    energy : float
        Centre-of-mass energy in GeV.
    cut : callable, optional
        Takes the hard charged leptons as ``(PDG code, pT / GeV, eta)``, says whether to keep the event.
    parton_pt : float, optional
        Keep only events with a parton above this pT (GeV) within |eta| < 3.2 when the shower reaches
        `filter_scale`.
    filter_scale : float
        Evolution scale in GeV at which the filter looks.
    underlying_event : bool
        Whether multiparton interactions are simulated.

    Raises
    ------
    CourseError
        If Pythia refuses the settings.
    """

    def __init__(
        self,
        settings: Sequence[str],
        seed: int,
        *,
        energy: float = 8000.0,
        cut: LeptonCut | None = None,
        parton_pt: float | None = None,
        filter_scale: float = 18.0,
        underlying_event: bool = True,
    ) -> None:
        if not 1 <= seed <= MAX_SEED:
            raise CourseError(f"A Pythia seed lies between 1 and {MAX_SEED:,}; this one is {seed}.")
        self.pythia = pythia_module().Pythia("", False)
        common = [
            "Print:quiet = on",
            f"Beams:eCM = {energy}",
            "Random:setSeed = on",
            f"Random:seed = {seed}",
            f"PartonLevel:MPI = {'on' if underlying_event else 'off'}",
        ]
        for line in [*common, *settings]:
            if not self.pythia.readString(line):
                raise CourseError(f"Pythia does not know the setting `{line}`.")
        self.filter = _filter_class()(cut, parton_pt, filter_scale)
        self.pythia.addUserHooksPtr(self.filter)
        if not self.pythia.init():
            raise CourseError("Pythia could not start with these settings; they contradict each other.")

    @property
    def seen(self) -> int:
        """Events made so far before any filter: what a luminosity is counted from."""
        return self.filter.seen

    @property
    def cross_section(self) -> float:
        """Generator cross section of what passed the filter, in pb (leading order)."""
        return self.pythia.infoPython().sigmaGen() * 1e9

    def batch(self, n: int) -> ak.Array:
        """The next `n` events: particles with fields id, status, mother1, daughter1, p, m."""
        return self.pythia.nextBatch(n).prt

    def batches(self, n: int, size: int = 200) -> Iterator[ak.Array]:
        """`n` events in batches of at most `size`, so that memory stays small."""
        for start in range(0, n, size):
            yield self.batch(min(size, n - start))


def branching_fraction(code: int, chosen: Callable[[set[int]], bool]) -> float:
    """Fraction of decays of particle `code` whose products (absolute PDG codes) are `chosen`.

    Read from Pythia's own decay table, so that a forced decay is weighted by what it replaces.
    """
    pythia = pythia_module().Pythia("", False)
    pythia.readString("Print:quiet = on")
    entry = pythia.particleData.particleDataEntryPtr(code)
    channels = [entry.channel(i) for i in range(entry.sizeChannels())]
    ratios = np.array([c.bRatio() for c in channels])
    picked = np.array([chosen({abs(c.product(j)) for j in range(c.multiplicity())}) for c in channels])
    return float(ratios[picked].sum() / ratios.sum())
