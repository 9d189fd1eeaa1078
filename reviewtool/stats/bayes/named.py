"""Priors by name, as written on a command line or in a protocol."""

from collections.abc import Callable

from reviewtool.stats.bayes.empirical import rhodes_2015, turner_2012, turner_2015
from reviewtool.stats.bayes.priors import Prior, half_cauchy, half_normal, log_normal, uniform
from reviewtool.stats.errors import BadInput, UnknownChoice

NUMERIC: dict[str, tuple[int, Callable[..., Prior]]] = {
    "half-normal": (1, half_normal),
    "half-cauchy": (1, half_cauchy),
    "log-normal": (2, log_normal),
    "uniform": (1, uniform),
}
EMPIRICAL: dict[str, Callable[..., Prior]] = {
    "turner2012": turner_2012,
    "turner2015": turner_2015,
    "rhodes2015": rhodes_2015,
}


def prior_named(text: str) -> Prior:
    """The prior that ``text`` names: its kind, a colon, its numbers or outcome type.

    half-normal:0.5, half-cauchy:0.5, log-normal:-2.56:1.74 (mean and SD of log tau²),
    uniform:2, turner2015:pain, turner2015:pain:pharmacological vs pharmacological,
    rhodes2015:mental health. Raises UnknownChoice, BadInput.

    >>> prior_named("half-normal:0.5").name
    'half-normal(0.5)'
    """
    kind, *values = (part.strip() for part in text.split(":"))
    if kind in EMPIRICAL:
        least = 2 if kind == "turner2012" else 1
        if not least <= len(values) <= 2:
            raise BadInput(
                problem=f"{kind} needs an outcome type and a comparison.",
                remedy="Write them after colons, as in turner2015:pain.",
            )
        return EMPIRICAL[kind](*values)
    if kind not in NUMERIC:
        raise UnknownChoice(what="Prior", given=kind, choices=", ".join([*NUMERIC, *EMPIRICAL]))
    count, make = NUMERIC[kind]
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        numbers = []
    if len(numbers) != count:
        raise BadInput(
            problem=f"{text}: {kind} needs {count} number{'s' if count > 1 else ''}.",
            remedy="Write them after colons, as in half-normal:0.5.",
        )
    return make(*numbers)
