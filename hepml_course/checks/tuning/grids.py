"""A grid: every combination of the values."""

from __future__ import annotations

import itertools
from numbers import Number
from typing import Any

from hepml_course.checks import NotYet, describe, show, task
from hepml_course.checks._student import StudentError

_CASES = (
    {"rate": [0.001, 0.01], "width": [8, 16, 32]},
    {"rate": [0.001, 0.01], "width": [8, 16], "dropout": [0.0, 0.2]},
    {"rate": [0.001, 0.01], "width": [8, 16, 32], "dropout": [0.1]},
    {"momentum": [0.5, 0.9], "units": [4, 8], "decay": [0.0, 0.1, 0.2], "layers": [1, 2]},
    {"depth": [1, 2, 4]},
)
_TYPED = ("rate", "width", "dropout")  # names that an answer may have written out


def grid(axes: dict[str, list]) -> list[dict]:
    """Every combination of the values, one dictionary each."""
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


@task(
    "tuning.grid",
    reference=grid,
    right="Right. Each axis multiplies the number of trainings; that is the trouble with grids.",
    hints=[
        "With 2 rates and 3 widths there are 6 combinations, each a dictionary with both names.",
        "One loop per hyper-parameter inside the other would do for two. `itertools.product` does it for any "
        "number.",
        "`itertools.product(*axes.values())` gives the values, `dict(zip(axes, values))` their names.",
    ],
    mistakes={
        "zip": "From {axes} you made {n} settings: the first values together, the second together … A grid "
        "holds every combination, {right} of them.",
        "no-star": "One of your settings is {got}. `itertools.product` had one thing to combine. A star "
        "hands it every list by itself: `product(*axes.values())`.",
        "one-at-a-time": "From {axes} you made {n} settings that hold one hyper-parameter each. A setting "
        "names all of them.",
        "names-missing": "Your setting {got} lacks `{name}`. A setting names all hyper-parameters.",
        "line": "You change one hyper-parameter while the others keep their first value: {n} settings. "
        "A grid holds {right}.",
        "no-names": "One of your settings is {got}. Each should be a dictionary from name to value.",
        "nested": "Your list holds lists of settings. Flatten it: one list, a dictionary per combination.",
        "exchanged": "Names and values have changed places: {got}. The name is the key.",
        "lists": "In {got} the values are lists. A setting has one value for each name.",
        "text": "In {got} the numbers have become text. Keep the values as they came.",
        "not-a-list": "A list of dictionaries is expected; you returned {got}.",
        "fixed-names": "For {axes} your function asks for `{name}`. The task is for any names, any number of "
        "them.",
        "more-axes": "With {first} it works, with {axes} it does not: of {right} settings you made {n}. Any "
        "names, any number of them.",
        "twice": "A setting appears twice: {got}.",
        "missing": "From {axes} there are {right} combinations. Yours are {n}; {got} is missing.",
        "other": "From {axes} you made {got}, which is no combination of the values.",
    },
)
def _grid(answer, rng):
    for number, axes in enumerate(_CASES):
        got = _called(answer, axes)
        if got is None:
            raise NotYet("returns-nothing")
        if isinstance(got, (dict, str)) or hasattr(got, "columns") or not hasattr(got, "__iter__"):
            raise NotYet("not-a-list", got=show(got))
        _compare_grids(list(got), axes, number)


def _called(answer, axes: dict[str, list]) -> Any:
    try:
        return answer(axes)
    except StudentError as error:
        for name in _TYPED:
            if name not in axes and f"there is no '{name}'" in str(error):
                raise NotYet("fixed-names", name=name, axes=_words(axes)) from None
        raise


def _words(axes: dict[str, list]) -> str:
    return ", ".join(f"{len(values)} × {name}" for name, values in axes.items())


def _key(setting: dict) -> tuple:
    """A setting as something to compare: 8 and 8.0 are one value, and 8 and "8" are two."""
    return tuple(sorted((str(k), float(v) if isinstance(v, Number) else repr(v)) for k, v in setting.items()))


def _compare_grids(got: list, axes: dict[str, list], number: int) -> None:
    wanted = {_key(setting): setting for setting in grid(axes)}
    _dictionaries(got)
    keys = [_key(setting) for setting in got]
    if set(keys) == set(wanted) and len(keys) == len(wanted):
        return
    shown = {"axes": _words(axes), "n": len(got), "right": len(wanted)}
    if number:
        raise NotYet("more-axes", first=_words(_CASES[number - 1]), **shown)
    _names_and_values(got, axes, shown)
    if set(keys) == {_key(dict(zip(axes, values, strict=True))) for values in zip(*axes.values())}:  # noqa: B905
        raise NotYet("zip", **shown)
    twice = [setting for setting, key in zip(got, keys, strict=True) if keys.count(key) > 1]
    if twice:
        raise NotYet("twice", got=str(twice[0]))
    first = {name: values[0] for name, values in axes.items()}
    line = [first | {name: value} for name, values in axes.items() for value in values]
    if set(keys) == set(map(_key, line)):
        raise NotYet("line", **shown)
    strange = [setting for setting, key in zip(got, keys, strict=True) if key not in wanted]
    if strange:
        raise NotYet("other", got=str(strange[0]), **shown)
    raise NotYet("missing", got=str(next(s for k, s in wanted.items() if k not in keys)), **shown)


def _dictionaries(got: list) -> None:
    """Refuse settings that are none."""
    for setting in got:
        if isinstance(setting, (list, tuple)) and setting and all(isinstance(s, dict) for s in setting):
            raise NotYet("nested")
        if not isinstance(setting, dict):
            raise NotYet("no-names", got=describe(setting))


def _names_and_values(got: list[dict], axes: dict[str, list], shown: dict) -> None:
    """Refuse settings that lack a name, or hold something else than one value for each."""
    for setting in got:
        values = list(setting.values())
        if len(setting) == 1 and (isinstance(values[0], (list, tuple)) or values[0] in axes):
            raise NotYet("no-star", got=str(setting))
        if setting and all(isinstance(v, str) and v in axes for v in values):
            raise NotYet("exchanged", got=str(setting))
        if any(isinstance(v, (list, tuple)) for v in values):
            raise NotYet("lists", got=str(setting))
        if any(isinstance(v, str) for v in values):
            raise NotYet("text", got=str(setting))
    if got and all(len(setting) == 1 for setting in got) and len(got) == sum(map(len, axes.values())):
        raise NotYet("one-at-a-time", **shown)
    for setting in got:
        lacks = [name for name in axes if name not in setting]
        if lacks:
            raise NotYet("names-missing", got=str(setting), name=lacks[0])
