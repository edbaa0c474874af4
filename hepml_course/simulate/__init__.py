"""Events made from a seed. Toy samples are here; collisions need their own modules, and Pythia 8.

>>> from hepml_course.simulate import electrons_and_jets
"""

from hepml_course.simulate.points import electron_jet_llr, electrons_and_jets, xor_points

__all__ = ["electron_jet_llr", "electrons_and_jets", "xor_points"]
