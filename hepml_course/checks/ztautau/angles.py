"""Checks of the variables rebuilt from momenta and single angles."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from hepml_course.checks import NotYet, as_array, task

if TYPE_CHECKING:
    from pandas import DataFrame


def transverse_mass(lep_pt, lep_phi, met, met_phi):
    """Transverse mass of lepton and missing momentum, in GeV."""
    return np.sqrt(2 * lep_pt * met * (1 - np.cos(lep_phi - met_phi)))


@task(
    "ztautau.transverse_mass",
    reference=transverse_mass,
    right="Right. Zero when muon and missing momentum fly together, largest when they are back to back.",
    hints=[
        "Only the difference of the two azimuths enters.",
        "`np.sqrt(2 * lep_pt * met * (1 - np.cos(...)))`",
    ],
    mistakes={
        "no-root": "For pT = {pt} GeV, missing {met} GeV and Δφ = {dphi} you gave {got}: a mass squared.",
        "plus": "For pT = {pt} GeV, missing {met} GeV and Δφ = {dphi} you gave {got}. Back to back (Δφ = π) "
        "must "
        "give the largest mass, and yours gives zero there.",
        "no-two": "For pT = {pt} GeV, missing {met} GeV and Δφ = {dphi} you gave {got}, too small by √2.",
        "one-angle": "Turning the whole event about the beam changes your result. Only a difference of "
        "angles may "
        "enter.",
        "other": "For pT = {pt} GeV, missing {met} GeV and Δφ = {dphi} the transverse mass is {expected} "
        "GeV; "
        "yours is {got}.",
    },
)
def _transverse_mass(answer: Callable, rng: np.random.Generator) -> None:
    pt, met = np.round(rng.uniform(26, 60, 8)), np.round(rng.uniform(10, 60, 8))
    lep_phi, met_phi = np.round(rng.uniform(-3, 3, (2, 8)), 1)
    got = as_array(answer(pt, lep_phi, met, met_phi), (8,), finite=False)
    expected = transverse_mass(pt, lep_phi, met, met_phi)
    if np.allclose(got, expected):
        return
    turned = as_array(answer(pt, lep_phi + 0.5, met, met_phi + 0.5), (8,), finite=False)
    if not np.allclose(turned, got, equal_nan=True):
        raise NotYet("one-angle")
    as_array(got)
    wrong = {
        "no-root": expected**2,
        "plus": np.sqrt(2 * pt * met * (1 + np.cos(lep_phi - met_phi))),
        "no-two": expected / np.sqrt(2),
    }
    kind = next((k for k, v in wrong.items() if np.allclose(got, v)), "other")
    i = int(np.argmax(np.abs(got - expected)))
    dphi = float(lep_phi[i] - met_phi[i])
    raise NotYet(kind, pt=pt[i], met=met[i], dphi=dphi, got=got[i], expected=expected[i])


def sum_cos_dphi(lep_phi, tau_phi, met_phi):
    """cos Δφ(lepton, missing) + cos Δφ(tau, missing)."""
    return np.cos(lep_phi - met_phi) + np.cos(tau_phi - met_phi)


@task(
    "ztautau.sum_cos_dphi",
    reference=sum_cos_dphi,
    right="Right. Zero when the missing momentum lies between a back-to-back pair.",
    hints=[
        "Both angles are measured from the missing momentum.",
        "Two cosines, one per particle, added.",
    ],
    mistakes={
        "wrong-pair": "For φ(μ) = {lep}, φ(τ) = {tau}, φ(miss) = {met} you gave {got}. One of your cosines "
        "is of "
        "the angle between muon and tau; both angles are measured from the missing momentum.",
        "cos-of-sum": "For φ(μ) = {lep}, φ(τ) = {tau}, φ(miss) = {met} you gave {got}: the cosine of a sum. "
        "Asked "
        "is the sum of two cosines.",
        "minus": "For φ(μ) = {lep}, φ(τ) = {tau}, φ(miss) = {met} you gave {got}: the difference of the two "
        "cosines.",
        "sine": "For φ(μ) = {lep}, φ(τ) = {tau}, φ(miss) = {met} you gave {got}, which comes from sines.",
        "other": "For φ(μ) = {lep}, φ(τ) = {tau}, φ(miss) = {met} the sum is {expected}; yours is {got}.",
    },
)
def _sum_cos_dphi(answer: Callable, rng: np.random.Generator) -> None:
    lep, tau, met = np.round(rng.uniform(-3, 3, (3, 8)), 1)
    got, expected = as_array(answer(lep, tau, met), (8,)), sum_cos_dphi(lep, tau, met)
    if np.allclose(got, expected):
        return
    a, b = lep - met, tau - met
    wrong = {
        "wrong-pair": [np.cos(a) + np.cos(lep - tau), np.cos(lep - tau) + np.cos(b), np.cos(lep - tau)],
        "cos-of-sum": [np.cos(a + b)],
        "minus": [np.cos(a) - np.cos(b), np.cos(b) - np.cos(a)],
        "sine": [np.sin(a) + np.sin(b), -np.sin(a) - np.sin(b)],
    }
    kind = next((k for k, options in wrong.items() if any(np.allclose(got, o) for o in options)), "other")
    i = int(np.argmax(np.abs(got - expected)))
    raise NotYet(kind, lep=lep[i], tau=tau[i], met=met[i], got=got[i], expected=expected[i])


def single_angles(events: DataFrame) -> np.ndarray:
    """Azimuths of lepton and tau candidate from the missing momentum, wrapped to −π … π, shape (n, 2)."""
    angles = np.stack(
        [events[f"evtsel_{who}_phi"] - events["evtsel_met_phi"] for who in ("lep", "tau")], axis=1
    )
    return (angles + np.pi) % (2 * np.pi) - np.pi


@task(
    "ztautau.single_angles",
    reference=single_angles,
    right="Right. The two angles, signs and all, with no jump at π.",
    hints=[
        "Subtract φ of the missing momentum. A difference of two azimuths lies between −2π and 2π.",
        "Bring it back: add π, take the remainder by 2π, subtract π.",
        "`np.stack([a, b], axis=1)` makes two columns of two arrays.",
    ],
    mistakes={
        "azimuths": "Turning the whole event about the beam changes your columns. The beam has no preferred "
        "direction, so only differences of azimuths carry physics.",
        "unwrapped": "For φ(μ) = {phi} and φ(miss) = {met} you gave {got}. That is the long way round: the "
        "angle "
        "between them is {expected}.",
        "half-wrapped": "You gave {got}, where the range is −π to π. An event just left and one just right "
        "of the "
        "missing momentum should get nearly the same number.",
        "absolute": "Your angles have lost their signs. Whether muon and tau lie on the same side of the "
        "missing "
        "momentum is in the two signs.",
        "wrong-pair": "One of your columns is the angle between muon and tau. Both are asked from the "
        "missing "
        "momentum.",
        "columns-swapped": "The muon's angle comes first, then the tau's; yours are the other way round.",
        "sign": "Your angles have the opposite sign. Asked is φ of the particle minus φ of the missing "
        "momentum.",
        "other": "For φ({who}) = {phi} and φ(miss) = {met} the angle should be {expected}; yours is {got}.",
    },
)
def _single_angles(answer: Callable, rng: np.random.Generator) -> None:
    table = _angle_table(np.round(rng.uniform(-3.1, 3.1, (3, 40)), 1))
    got, expected = as_array(answer(table), (40, 2)), single_angles(table)
    if _same_angle(got, expected):
        return
    turned = table[["evtsel_lep_phi", "evtsel_tau_phi", "evtsel_met_phi"]].to_numpy().T + 0.7
    again = as_array(answer(_angle_table((turned + np.pi) % (2 * np.pi) - np.pi)), (40, 2))
    direct = [table[f"evtsel_{who}_phi"] - table["evtsel_met_phi"] for who in ("lep", "tau")]
    pair = (table["evtsel_lep_phi"] - table["evtsel_tau_phi"] + np.pi) % (2 * np.pi) - np.pi
    i = int(np.argmax(np.abs(direct[0])))
    where = {
        "phi": table["evtsel_lep_phi"][i], "met": table["evtsel_met_phi"][i],
        "got": got[i, 0], "expected": expected[i, 0],
    }  # fmt: skip
    if np.allclose(np.abs(got), np.abs(np.stack(direct, axis=1))):
        raise NotYet("unwrapped", **where)
    if not _same_angle(again, got) and not np.allclose(again, got):
        raise NotYet("azimuths")
    if _same_angle(got % (2 * np.pi), expected % (2 * np.pi)) and (np.abs(got) > np.pi + 1e-6).any():
        raise NotYet("half-wrapped", got=float(got[np.abs(got) > np.pi][0]))
    found = {
        "absolute": np.allclose(got, np.abs(expected)),
        "columns-swapped": _same_angle(got, expected[:, ::-1]),
        "sign": _same_angle(got, -expected),
        "wrong-pair": any(np.allclose(np.abs(column), np.abs(pair)) for column in got.T),
    }
    kind = next((kind for kind, is_so in found.items() if is_so), None)
    if kind:
        raise NotYet(kind, **where)
    i, column = np.unravel_index(np.argmax(np.abs(got - expected)), got.shape)
    raise NotYet(
        "other",
        who="μτ"[column],
        phi=table[f"evtsel_{('lep', 'tau')[column]}_phi"][i],
        met=table["evtsel_met_phi"][i],
        got=got[i, column],
        expected=expected[i, column],
    )


def _angle_table(phis: np.ndarray) -> DataFrame:
    import pandas as pd

    names = ("evtsel_lep_phi", "evtsel_tau_phi", "evtsel_met_phi")
    table = pd.DataFrame(dict(zip(names, phis, strict=True)))
    for who, column in zip(("lep", "tau"), single_angles(table).T, strict=True):
        table[f"evtsel_dPhi_{who}_met"] = column
    return table


def _same_angle(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal, with −π and π for the same angle."""
    return np.allclose(a, b) or np.allclose(np.where(np.isclose(np.abs(a), np.pi), b, a), b)
