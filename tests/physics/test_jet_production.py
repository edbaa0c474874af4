"""Making of the jet files: what the detector does to a jet, and how the pieces are put together."""

import numpy as np
import pytest

pytest.importorskip(
    "pythia8mc", reason="events are generated on Linux and macOS only: install hepml-course[generate]"
)
pytest.importorskip(
    "fastjet", reason="jets are found on Linux and macOS only: install hepml-course[generate]"
)

import awkward as ak

from hepml_course import data
from hepml_course.data.write import content_sha256
from hepml_course.simulate import assemble_jets, detector, production, quark_gluon
from hepml_course.simulate.collisions import Collisions

QUARK, GLUON = quark_gluon.PROCESSES
EVENTS = 120


@pytest.fixture(scope="module")
def particles():
    source = QUARK.strata[0]
    return Collisions(source.settings, 5, energy=quark_gluon.ENERGY).batch(60)


@pytest.fixture(scope="module")
def flow(particles):
    stable = detector.kinematics(particles[particles.status > 0])
    return quark_gluon.particle_flow(stable, np.random.default_rng(1))


def test_the_same_seed_gives_the_same_jets_and_another_seed_others():
    first, again, other = (quark_gluon.generate(GLUON.strata[0], s, 60)[0] for s in (3, 3, 4))
    assert content_sha256(first) == content_sha256(again)
    assert content_sha256(first) != content_sha256(other)


def test_batches_number_their_jets_through():
    columns, seen = quark_gluon.generate(GLUON.strata[0], 3, 120, batch=30)
    assert seen == 120
    assert set(np.diff(columns["jet"])) == {0, 1}
    starts = np.flatnonzero(np.r_[True, np.diff(columns["jet"]) == 1])
    assert len(set(columns["jet_eta"][starts])) == len(starts)


def test_flow_is_made_of_tracks_and_deposits(flow):
    tracks = flow.charge != 0
    assert not (tracks & flow.photon).any()
    assert flow.pt[tracks].min() > quark_gluon.TRACK_PT
    assert np.abs(flow.eta[tracks]).max() < detector.TRACK_ETA
    cell = np.where(flow.photon, quark_gluon.PHOTON_CELL, quark_gluon.HADRON_CELL)[~tracks]
    for angle in (flow.eta[~tracks], flow.phi[~tracks]):
        np.testing.assert_allclose((angle / cell) % 1, 0.5, atol=1e-9)


def test_flow_keeps_the_energy_of_what_can_be_seen(particles, flow):
    stable = detector.kinematics(particles[particles.status > 0])
    code = abs(stable.id)
    reached = (code != 12) & (code != 14) & (code != 16) & (abs(stable.eta) < 2.5) & (stable.pt > 1)
    expected = ak.sum(stable.pt[reached])
    central = (np.abs(flow.eta) < 2.5) & (flow.pt > 1)
    assert flow.pt[central].sum() == pytest.approx(float(expected), rel=0.05)


def test_tracks_are_found_with_the_stated_efficiency(particles):
    stable = detector.kinematics(particles[particles.status > 0])
    central = detector.is_charged(abs(stable.id)) & (stable.pt > 0.5) & (abs(stable.eta) < 1.5)
    true, found, rng = int(ak.sum(central)), 0, np.random.default_rng(2)
    for _ in range(5):
        flow = quark_gluon.particle_flow(stable, rng)
        found += np.sum((flow.charge != 0) & (np.abs(flow.eta) < 1.5))
    assert found / (5 * true) == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / (5 * true)))


def test_the_hardest_jet_is_that_of_the_parton(particles, flow):
    event, pt, eta, phi, members = quark_gluon.hardest_jets(flow)
    parton = quark_gluon.hard_parton(particles[event])
    near = np.hypot(eta - parton.eta, detector.delta_phi(phi, parton.phi)) < 0.3
    assert near.mean() > 0.85
    assert set(parton.id) <= {-5, -4, -3, -2, -1, 1, 2, 3, 4, 5}
    first = np.cumsum(flow.counts) - flow.counts
    for row, jet in zip(event, members, strict=True):
        assert (first[row] <= np.asarray(jet)).all()
        assert (np.asarray(jet) < first[row] + flow.counts[row]).all()
    x, y = (ak.sum(ak.Array(flow.pt * f(flow.phi))[ak.flatten(members)]) for f in (np.cos, np.sin))
    assert x == pytest.approx(np.sum(pt * np.cos(phi)), rel=1e-6)
    assert y == pytest.approx(np.sum(pt * np.sin(phi)), rel=1e-6)


def test_shuffled_jets_stay_whole():
    """Pieces count from 0 each; one of them holds a single jet, so that two jets numbered 0 meet."""
    rng = np.random.default_rng(1)
    counts = np.array([3, 2, 4, 1, 5])
    number, jet = np.array([0, 0, 0, 1, 2]), np.repeat(np.arange(5), counts)
    eta = np.array([0.5, -0.5, 1.0, 1.5, -1.5])
    columns = {name: rng.random(15).astype("f4") for name in ("jet_pt", "eta", "phi", "charge", "is_photon")}
    rows = columns | {"jet": number[jet], "jet_eta": eta[jet], "pt": np.arange(15.0), "truth_parton": jet}
    mixed = assemble_jets.shuffled(rows, rng)
    assert set(mixed) == set(quark_gluon.BRANCHES)
    np.testing.assert_array_equal(np.unique(mixed["jet"]), np.arange(5))
    for k in range(5):
        mine = mixed["jet"] == k
        old = mixed["truth_parton"][mine][0]
        np.testing.assert_array_equal(mixed["pt"][mine], rows["pt"][jet == old])
        np.testing.assert_array_equal(mixed["eta"][mine], rows["eta"][jet == old])


def test_pieces_become_files_with_cards(tmp_path):
    chunks = production.plan(quark_gluon.PROCESSES, events=EVENTS)
    for chunk in chunks:
        production.make_chunk(chunk, production.work_folder(tmp_path / "work", production.SEED))
    assemble_jets.assemble(tmp_path / "work", tmp_path / "out", chunks)
    for process in quark_gluon.PROCESSES:
        table = data.read(tmp_path / "out" / process.file)
        assert list(table.columns) == list(quark_gluon.BRANCHES)
        assert np.isin(table["truth_parton"].abs(), process.partons).all()
        assert table["jet_pt"].between(*quark_gluon.JET_PT).all()
        card = (tmp_path / "out" / process.file).with_suffix(".yml").read_text()
        assert f"generated: {EVENTS}" in card
        assert f"jets: {table['jet'].nunique()}" in card


def test_numbers_are_rounded_to_what_is_measured():
    values = np.array([149.97, 0.5001, -0.01234, 0.0], dtype="f4")
    np.testing.assert_allclose(quark_gluon.rounded(values), values, rtol=2**-10)
    assert (quark_gluon.rounded(values).view(np.uint32) & 0xFFF == 0).all()
    np.testing.assert_array_equal(quark_gluon.rounded(np.arange(5)), np.arange(5))
