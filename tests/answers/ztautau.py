"""What students answer to the exercise of lesson 09."""

import functools

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from answers import Answers
from hepml_course.checks.ztautau import _events, counting, tuned
from hepml_course.metrics import auc

TWO_PI = 2 * np.pi


# -- preselection: an answer per style, and the cuts as pieces to break one at a time


def with_query(events):
    return events.eval(
        "evtsel_is_dilepVeto > 0 and evtsel_is_tau > 0 and abs(evtsel_tau_eta) < 2.47"
        " and evtsel_is_conf_lep_veto == 1 and evtsel_tau_numTrack == 1 and evtsel_lep_pt > 26"
        " and abs(evtsel_lep_eta) < 2.4 and evtsel_transverseMass < 70"
        " and evtsel_is_oppositeSign > 0 and evtsel_is_mu > 0 and evtsel_is_isoLep > 0"
    )


PIECES = {
    "veto": lambda e: e.evtsel_is_dilepVeto > 0,
    "tau": lambda e: e.evtsel_is_tau > 0,
    "tau_eta": lambda e: e.evtsel_tau_eta.abs() < 2.47,
    "no_lepton": lambda e: e.evtsel_is_conf_lep_veto == 1,
    "tracks": lambda e: e.evtsel_tau_numTrack == 1,
    "pt": lambda e: e.evtsel_lep_pt > 26,
    "lep_eta": lambda e: e.evtsel_lep_eta.abs() < 2.4,
    "mt": lambda e: e.evtsel_transverseMass < 70,
    "sign": lambda e: e.evtsel_is_oppositeSign > 0,
    "mu": lambda e: e.evtsel_is_mu > 0,
    "iso": lambda e: e.evtsel_is_isoLep > 0,
}


def preselection(combine=np.logical_and.reduce, **changed):
    """The right selection with some cuts replaced; None removes one."""
    cuts = [cut for cut in {**PIECES, **changed}.values() if cut is not None]
    return lambda events: combine([cut(events) for cut in cuts])


def loop_over_rows(events):
    keep = []
    for _, e in events.iterrows():
        flags = [
            e.evtsel_is_dilepVeto,
            e.evtsel_is_tau,
            e.evtsel_is_oppositeSign,
            e.evtsel_is_mu,
            e.evtsel_is_isoLep,
        ]
        good = all(flag > 0 for flag in flags) and e.evtsel_is_conf_lep_veto == 1
        good = good and e.evtsel_tau_numTrack == 1 and -2.47 < e.evtsel_tau_eta < 2.47
        keep.append(bool(good and e.evtsel_lep_pt > 26 and -2.4 < e.evtsel_lep_eta < 2.4))
    return np.array(keep) & (events.evtsel_transverseMass.to_numpy() < 70)


def as_integers(events):
    return with_query(events).astype(int)


def row_numbers(events):
    return np.arange(2, 2 + len(events))


# -- yields


def by_quadrature(weights):
    total = 0.0
    for w in weights:
        total += w
    return total, np.linalg.norm(weights)


# -- angles


def explicit_mt(lep_pt, lep_phi, met, met_phi):
    px = lep_pt * np.cos(lep_phi) + met * np.cos(met_phi)
    py = lep_pt * np.sin(lep_phi) + met * np.sin(met_phi)
    return np.sqrt(np.maximum((lep_pt + met) ** 2 - px**2 - py**2, 0))


def by_dot_product(lep_phi, tau_phi, met_phi):
    x, y = np.cos(lep_phi) + np.cos(tau_phi), np.sin(lep_phi) + np.sin(tau_phi)
    return x * np.cos(met_phi) + y * np.sin(met_phi)


def differences(events, first="lep", second="tau"):
    return [events[f"evtsel_{who}_phi"] - events.evtsel_met_phi for who in (first, second)]


def with_arctan2(events):
    return np.column_stack([np.arctan2(np.sin(d), np.cos(d)) for d in differences(events)])


def with_where(events):
    columns = []
    for d in differences(events):
        d = np.where(d > np.pi, d - TWO_PI, d)
        columns.append(np.where(d < -np.pi, d + TWO_PI, d))
    return np.stack(columns, axis=1)


def from_the_tree(events):
    return events[["evtsel_dPhi_lep_met", "evtsel_dPhi_tau_met"]]


def wrap(d):
    return (d + np.pi) % TWO_PI - np.pi


def muon_and_tau(events):
    between = wrap(events.evtsel_lep_phi - events.evtsel_tau_phi)
    return np.column_stack([wrap(differences(events)[0]), between])


# -- training


def with_loop(process, weight, backgrounds):
    result = np.zeros(len(weight))
    signal = background = 0.0
    for p, w in zip(process, weight, strict=True):
        signal += w * (p == "Ztautau")
        background += w * (p in backgrounds)
    for i, (p, w) in enumerate(zip(process, weight, strict=True)):
        if p == "Ztautau":
            result[i] = w / signal
        elif p in backgrounds:
            result[i] = w / background
    return result


def only_background_scaled(process, weight, backgrounds):
    """Signal keeps its weights; background is scaled to them."""
    w = pd.Series(weight, dtype=float)
    signal, background = pd.Series(process) == "Ztautau", pd.Series(process).isin(backgrounds)
    return w * signal + w * background * w[signal].sum() / w[background].sum()


def unweighted(process, weight, backgrounds):
    signal, background = process == "Ztautau", np.isin(process, backgrounds)
    return signal / signal.sum() + background / background.sum()


def unbalanced(process, weight, backgrounds):
    return weight * ((process == "Ztautau") | np.isin(process, backgrounds))


def per_process(process, weight, backgrounds):
    result = np.zeros(len(weight))
    for name in ["Ztautau", *backgrounds]:
        share = 1 if name == "Ztautau" else 1 / len(backgrounds)
        result[process == name] = share * weight[process == name] / weight[process == name].sum()
    return result


def all_the_rest(process, weight, backgrounds):
    signal = process == "Ztautau"
    return np.where(signal, weight / weight[signal].sum(), weight / weight[~signal].sum())


def background_only(process, weight, backgrounds):
    chosen = np.isin(process, backgrounds)
    return chosen * weight / weight[chosen].sum()


def squared(process, weight, backgrounds):
    signal, background = process == "Ztautau", np.isin(process, backgrounds)
    w = weight**2
    return signal * w / w[signal].sum() + background * w / w[background].sum()


def tuner(
    fit_on=0, judge_on=1, fit_weights=True, judge_weights=True, column=1, labels=False, result="setting"
):
    """A search over settings with one thing wrong."""

    def tune(make, settings, train, validation):
        parts = (train, validation)
        found = []
        for setting in settings:
            x, y, w = parts[fit_on]
            model = make(**setting)
            model.fit(x, y, sample_weight=w) if fit_weights else model.fit(x, y)
            x, y, w = parts[judge_on]
            score = model.predict(x) if labels else model.predict_proba(x)[:, column]
            found.append(roc_auc_score(y, score, sample_weight=w if judge_weights else None))
        best = int(np.argmax(found))
        return {"setting": settings[best], "auc": found[best], "index": best}[result]

    return tune


def tune_with_course_auc(make, settings, train, validation):
    best, highest = None, 0
    for setting in settings:
        model = make(**setting)
        model.fit(train[0], train[1], train[2])
        area, _ = auc(model.predict_proba(validation[0])[:, 1], validation[1], validation[2])
        if area > highest:
            best, highest = setting, area
    return best


def only_the_first(make, settings, train, validation):
    model = make(**settings[0]).fit(*train)
    model.predict_proba(validation[0])
    return settings[0]


def takes_the_second(make, settings, train, validation):
    tuner()(make, settings, train, validation)
    return settings[0]


def with_copies(auc_of, variables):
    changes = {}
    for name in variables:
        others = list(variables)
        others.remove(name)
        changes[name] = auc_of(others) - auc_of(variables)
    return changes


def loses_one_after_the_other(auc_of, variables):
    left, changes, whole = list(variables), {}, auc_of(variables)
    for name in variables:
        left.remove(name)
        changes[name] = auc_of(left) - whole
    return changes


def removes_from_the_list(auc_of, variables):
    changes, whole = {}, auc_of(variables)
    for name in list(variables):
        variables.remove(name)
        changes[name] = auc_of(variables) - whole
    return changes


# -- the real events


def trained(*parts, more=(), **settings):
    """A scoring function from trees fitted on the named parts."""
    columns = [*tuned.VARIABLES, *more]

    @functools.cache
    def model():
        train = pd.concat([_events.part(p) for p in parts])
        y = train.process == "Ztautau"
        w = train.WeightLumi / train.WeightLumi.groupby(y).transform("sum") * len(train)
        trees = HistGradientBoostingClassifier(random_state=0, **settings)
        return trees.fit(train[columns], y, sample_weight=w)

    return lambda events: model().predict_proba(events[columns])[:, 1]


def with_logistic_regression(events):
    model = make_pipeline(StandardScaler(), PolynomialFeatures(3), LogisticRegression(C=0.1, max_iter=300))
    train = _events.part("train")
    columns, y = list(tuned.VARIABLES), train.process == "Ztautau"
    model.fit(train[columns], y, logisticregression__sample_weight=train.WeightLumi / train.WeightLumi.mean())
    return model.decision_function(events[columns])


true, predicted = counting.truth()["Ztautau"], counting.predicted()
in_file = counting.in_file()["Ztautau"]
everything = sum(counting.truth().values())
sigma = 1.5 * np.sqrt(true)

N, B, SB, E, SE = 900, 300.0, 25.0, 0.75, 0.03


def yield_with(error, value=lambda n, b, e: (n - b) / e):
    return lambda n, b, sigma_b, share, sigma_share: (
        value(n, b, share),
        error(n, b, sigma_b, share, sigma_share),
    )


def full_error(n, b, sb, e, se):
    return np.sqrt(n / e**2 + sb**2 / e**2 + ((n - b) * se / e**2) ** 2)


ANSWERS = {
    "ztautau.preselection": Answers(
        right=[with_query, preselection(), loop_over_rows, as_integers],
        wrong=[
            ("returned-events", lambda e: e[with_query(e)]),
            ("not-boolean", row_numbers),
            ("shape", lambda e: np.flatnonzero(with_query(e))),
            ("inverted", lambda e: ~with_query(e)),
            ("any", preselection(np.logical_or.reduce)),
            ("none", preselection(iso=lambda e: e.evtsel_is_isoLep > 1)),
            ("abs", preselection(tau_eta=lambda e: e.evtsel_tau_eta < 2.47)),
            ("boundary", preselection(pt=lambda e: e.evtsel_lep_pt >= 26)),
            ("missing", preselection(iso=None)),
            ("strict", preselection(mt=lambda e: e.evtsel_transverseMass < 50)),
            ("raised", lambda e: (e.evtsel_is_tau > 0) & (e.evtsel_tau_pt > 0)),
        ],
    ),
    "ztautau.weighted_yield": Answers(
        right=[
            by_quadrature,
            lambda w: (sum(w), sum(w**2) ** 0.5),
            lambda w: np.array([w.sum(), np.sqrt(w @ w)]),
        ],
        wrong=[
            ("one-number", lambda w: w.sum()),
            ("counted", lambda w: (len(w), np.sqrt(len(w)))),
            ("yield", lambda w: (w.mean(), 0.0)),
            ("sqrt-sum", lambda w: (w.sum(), np.sqrt(w.sum()))),
            ("sqrt-n", lambda w: (w.sum(), np.sqrt(len(w)))),
            ("mean-weight", lambda w: (w.sum(), w.mean() * np.sqrt(len(w)))),
            ("variance", lambda w: (w.sum(), w @ w)),
            ("error", lambda w: (w.sum(), w.std())),
        ],
    ),
    "ztautau.transverse_mass": Answers(
        right=[
            explicit_mt,
            lambda pt, phi, met, mphi: np.sqrt(2 * pt * met * (1 - np.cos(phi - mphi))),
            lambda pt, phi, met, mphi: 2 * np.sqrt(pt * met) * np.abs(np.sin((phi - mphi) / 2)),
        ],
        wrong=[
            ("no-root", lambda pt, phi, met, mphi: 2 * pt * met * (1 - np.cos(phi - mphi))),
            ("plus", lambda pt, phi, met, mphi: np.sqrt(2 * pt * met * (1 + np.cos(phi - mphi)))),
            ("no-two", lambda pt, phi, met, mphi: np.sqrt(pt * met * (1 - np.cos(phi - mphi)))),
            ("one-angle", lambda pt, phi, met, mphi: np.sqrt(2 * pt * met * (1 - np.cos(phi)))),
            ("other", lambda pt, phi, met, mphi: np.sqrt(2 * pt * met) * (1 - np.cos(phi - mphi))),
        ],
    ),
    "ztautau.sum_cos_dphi": Answers(
        right=[by_dot_product, lambda a, b, m: np.cos(m - a) + np.cos(b - m)],
        wrong=[
            ("wrong-pair", lambda a, b, m: np.cos(a - b) + np.cos(a - m)),
            ("cos-of-sum", lambda a, b, m: np.cos(a - m + b - m)),
            ("minus", lambda a, b, m: np.cos(a - m) - np.cos(b - m)),
            ("sine", lambda a, b, m: np.sin(a - m) + np.sin(b - m)),
            ("other", lambda a, b, m: np.cos(a - m) * np.cos(b - m)),
        ],
    ),
    "ztautau.single_angles": Answers(
        right=[with_arctan2, with_where, from_the_tree, lambda e: wrap(np.stack(differences(e), axis=1))],
        wrong=[
            ("azimuths", lambda e: e[["evtsel_lep_phi", "evtsel_tau_phi"]]),
            ("unwrapped", lambda e: np.stack(differences(e), axis=1)),
            ("half-wrapped", lambda e: np.stack(differences(e), axis=1) % TWO_PI),
            ("absolute", lambda e: np.abs(with_arctan2(e))),
            ("wrong-pair", muon_and_tau),
            ("columns-swapped", lambda e: with_arctan2(e)[:, ::-1]),
            ("sign", lambda e: -with_arctan2(e)),
            ("other", lambda e: np.cos(with_arctan2(e))),
            ("other", lambda e: np.arctan(np.tan(with_arctan2(e)))),
            ("shape", lambda e: with_arctan2(e).T),
        ],
    ),
    "ztautau.training_weights": Answers(
        right=[with_loop, only_background_scaled, lambda p, w, b: 1e4 * with_loop(p, w, b)],
        wrong=[
            ("unweighted", unweighted),
            ("not-balanced", unbalanced),
            ("per-process", per_process),
            ("left-in", all_the_rest),
            ("signal-lost", background_only),
            ("other", squared),
            ("raised", lambda p, w, b: w[p == "Ztautau"] / w),
        ],
    ),
    "ztautau.tune": Answers(
        right=[tuner(), tune_with_course_auc],
        wrong=[
            ("fitted-on-validation", tuner(fit_on=1)),
            ("judged-on-training", tuner(judge_on=0)),
            ("fit-without-weights", tuner(fit_weights=False)),
            ("auc-without-weights", tuner(judge_weights=False)),
            ("labels", tuner(labels=True)),
            ("worst", tuner(column=0)),
            ("number", tuner(result="auc")),
            ("not-all", only_the_first),
            ("other", takes_the_second),
        ],
    ),
    "ztautau.leave_one_out": Answers(
        right=[
            with_copies,
            lambda auc_of, vs: {v: auc_of([o for o in vs if o != v]) - auc_of(vs) for v in reversed(vs)},
        ],
        wrong=[
            ("not-a-dict", lambda auc_of, vs: [auc_of([o for o in vs if o != v]) for v in vs]),
            ("keys", lambda auc_of, vs: {v: auc_of([o for o in vs if o != v]) - auc_of(vs) for v in vs[1:]}),
            ("alone", lambda auc_of, vs: {v: auc_of([v]) - auc_of(vs) for v in vs}),
            ("cumulative", loses_one_after_the_other),
            ("changed-input", removes_from_the_list),
            ("sign", lambda auc_of, vs: {v: auc_of(vs) - auc_of([o for o in vs if o != v]) for v in vs}),
            ("no-difference", lambda auc_of, vs: {v: auc_of([o for o in vs if o != v]) for v in vs}),
            ("other", lambda auc_of, vs: dict.fromkeys(vs, 0.0)),
        ],
    ),
    "ztautau.tuned": Answers(
        right=[
            trained("train", max_iter=60, max_leaf_nodes=5),
            trained("train", max_leaf_nodes=8, more=["evtsel_lep_pt", "evtsel_met_et"]),
            with_logistic_regression,
            lambda events: list(tuned.score(events)),
        ],
        wrong=[
            ("labels", lambda events: tuned.score(events) > 0.5),
            ("swapped", lambda events: 1 - tuned.score(events)),
            ("below", lambda events: -events.evtsel_transverseMass),
            ("fixed", lambda events: tuned.score(_events.part("validation"))[:100]),
            ("knows-validation", trained("train", "validation")),
            ("knows-validation", trained("validation", max_leaf_nodes=8)),
            ("knows-test", trained("train", "test")),
            ("shape", lambda events: np.stack([tuned.score(events)] * 2, axis=1)),
            ("raised", trained("train", more=["WeightLumi"])),
        ],
    ),
    "ztautau.signal_yield": Answers(
        right=[
            yield_with(full_error),
            lambda n, b, sb, e, se: np.array([(n - b) / e, full_error(n, b, sb, e, se)]),
        ],
        wrong=[
            ("one-number", lambda n, b, sb, e, se: (n - b) / e),
            ("not-divided", yield_with(full_error, lambda n, b, e: n - b)),
            ("multiplied", yield_with(full_error, lambda n, b, e: (n - b) * e)),
            ("no-subtraction", yield_with(full_error, lambda n, b, e: n / e)),
            ("yield", yield_with(full_error, lambda n, b, e: n - b / e)),
            ("sqrt-yield", yield_with(lambda n, b, sb, e, se: np.sqrt((n - b) / e))),
            ("sqrt-n", yield_with(lambda n, b, sb, e, se: np.sqrt(n))),
            ("only-counts", yield_with(lambda n, b, sb, e, se: np.sqrt(n) / e)),
            ("no-sigma-b", yield_with(lambda n, b, sb, e, se: full_error(n, b, 0, e, se))),
            ("no-sigma-share", yield_with(lambda n, b, sb, e, se: full_error(n, b, sb, e, 0))),
            ("linear", yield_with(lambda n, b, sb, e, se: np.sqrt(n) / e + sb / e + (n - b) * se / e**2)),
            ("error", yield_with(lambda n, b, sb, e, se: np.sqrt(n + sb**2))),
        ],
    ),
    "ztautau.count": Answers(
        right=[(true + 0.7 * sigma, sigma), (np.float32(true), 2 * sigma), (int(true - sigma), int(sigma))],
        wrong=[
            ("one-number", true),
            ("full-luminosity", (60 * true, 60 * sigma)),
            ("everything", (everything, np.sqrt(everything))),
            ("simulated", (predicted, sigma)),
            ("sqrt-n", (true + 2, np.sqrt(true + 2))),
            ("vague", (true, 0.12 * true)),
            ("lesson", (in_file + 10, 35)),
            ("off", (true + 3.6 * sigma, sigma)),
            ("not-a-number", ("many", 3)),
        ],
    ),
}
