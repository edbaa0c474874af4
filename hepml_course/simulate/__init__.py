"""Events made from a seed. Toy samples are here; collisions need their own modules, and Pythia 8.

>>> from hepml_course.simulate import electrons_and_jets
"""

from hepml_course.simulate.arcs import two_arcs
from hepml_course.simulate.candidates import candidate_llr, electron_candidates
from hepml_course.simulate.channels import mixed_channels
from hepml_course.simulate.conversion_tracks import conversion_tracks
from hepml_course.simulate.deposits import calorimeter_deposits
from hepml_course.simulate.drift import drift_tube
from hepml_course.simulate.electrons import electron_variables
from hepml_course.simulate.oscillation import muon_neutrinos
from hepml_course.simulate.points import electron_jet_llr, electrons_and_jets, xor_points
from hepml_course.simulate.prongs import boosted_pair_llr, boosted_pairs
from hepml_course.simulate.response import jet_response, measured_jets
from hepml_course.simulate.showers import Calorimeter, Showers, pi0_decay, showers
from hepml_course.simulate.signed import NLO_FEATURES, nlo_events, nlo_llr, nlo_mean_weight
from hepml_course.simulate.telescope import Telescope, elastic_scatters
from hepml_course.simulate.timewalk import crossing_time, time_walk
from hepml_course.simulate.tracks import height_at, pixel_plane
from hepml_course.simulate.zjets import ZJETS_FEATURES, z_jets, z_jets_ratio

__all__ = [
    "NLO_FEATURES",
    "ZJETS_FEATURES",
    "Calorimeter",
    "Showers",
    "Telescope",
    "boosted_pair_llr",
    "boosted_pairs",
    "calorimeter_deposits",
    "candidate_llr",
    "conversion_tracks",
    "crossing_time",
    "drift_tube",
    "elastic_scatters",
    "electron_candidates",
    "electron_jet_llr",
    "electron_variables",
    "electrons_and_jets",
    "height_at",
    "jet_response",
    "measured_jets",
    "mixed_channels",
    "muon_neutrinos",
    "nlo_events",
    "nlo_llr",
    "nlo_mean_weight",
    "pi0_decay",
    "pixel_plane",
    "showers",
    "time_walk",
    "two_arcs",
    "xor_points",
    "z_jets",
    "z_jets_ratio",
]
