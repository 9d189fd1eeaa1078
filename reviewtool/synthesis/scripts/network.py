"""What the scripts of a network read: its contrasts, its settings, its numbers."""

from collections.abc import Iterator

from reviewtool import table_files
from reviewtool.synthesis.results import NetworkResult, Split, Test
from reviewtool.synthesis.scripts.numbers import SIMULATED, Number, text

COLUMNS = ("study", "treat1", "treat2", "yi", "sei")
EFFECT = ("estimate", "se", "ci_low", "ci_high", "p")
# How a script calls a number of direct and indirect evidence -> what the result calls it.
OF_SPLIT = {
    "direct": "direct",
    "direct, se": "direct_se",
    "direct, share": "share",
    "indirect": "indirect",
    "indirect, se": "indirect_se",
    "difference": "difference",
    "difference, p": "p",
}


def data_csv(result: NetworkResult) -> bytes:
    """One line per contrast: the effect of treat1 versus treat2 on the analysis scale."""
    rows = (
        [text(cell) for cell in (one.study, one.first, one.second, one.estimate, one.se)]
        for one in result.contrasts
    )
    return table_files.write(COLUMNS, rows, mark=False)


def settings(result: NetworkResult) -> dict[str, str]:
    """How the network is pooled."""
    return {
        "measure": result.effect_measure.name,
        "reference": result.reference,
        "model": result.model,
        "method": result.method,
        "level": text(float(result.level)),
        "lower_is_better": "yes" if result.lower_is_better else "no",
    }


def numbers(result: NetworkResult) -> Iterator[Number]:
    """Every number of the result that another program can find."""
    for key in ("tau2", "i2"):
        value = getattr(result, key)
        if value is not None:
            yield Number.of(key, value)
    for name, test in (
        ("q total", result.q.total),
        ("q within designs", result.q.within),
        ("q between designs", result.q.between),
    ):
        yield from _test(name, name, test)
    yield from _test("interaction of designs, q", "interaction of designs", result.interaction)
    for first, row in result.league.items():
        for second, cell in row.items():
            for key in EFFECT:
                value = getattr(cell, key)
                if value is not None:
                    yield Number.of(f"{text(first)} versus {text(second)}, {key}", value)
    yield from _treatments(result)
    for split in result.splits:
        if split.p is not None:
            yield from _split(split)


def _test(name: str, whose: str, test: Test | None) -> Iterator[Number]:
    if test is not None and test.q is not None:
        yield Number.of(name, test.q)
        if test.p is not None and test.df > 0:
            yield Number.of(f"{whose}, p", test.p)


def _treatments(result: NetworkResult) -> Iterator[Number]:
    for one in result.treatments:
        name = text(one.name)
        for key in ("pi_low", "pi_high", "p_score"):
            value = getattr(one, key)
            if value is not None and (one.name != result.reference or key == "p_score"):
                yield Number.of(f"{name}, {key}", value)
        if one.sucra is not None:
            yield Number(f"{name}, sucra", one.sucra, SIMULATED)
        for rank, share in enumerate(one.ranks, 1):
            yield Number(f"{name}, rank {rank}", share, SIMULATED)


def _split(one: Split) -> Iterator[Number]:
    for name, key in OF_SPLIT.items():
        value = getattr(one, key)
        if value is not None:
            yield Number.of(f"{text(one.first)} versus {text(one.second)}, {name}", value)
