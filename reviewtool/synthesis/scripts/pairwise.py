"""What the scripts of a pairwise analysis read: its data, its settings, its numbers."""

from collections.abc import Iterator
from typing import Any

from reviewtool import table_files
from reviewtool.stats.guidance import TEST
from reviewtool.stats.measures import Data
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.results import PairwiseResult, Pooled
from reviewtool.synthesis.rules.leaving import at_high_risk
from reviewtool.synthesis.rules.pooling import places
from reviewtool.synthesis.scripts.numbers import Number, of_effect, text

FIRST = ("study", "year", "subgroup", "treatment", "source")
LAST = ("yi", "sei", "high_risk")
# Data whose cells are corrected when one of them is zero.
CORRECTED = (Data.COUNTS, Data.RATES, Data.COUNT, Data.RATE)
EFFECT = ("estimate", "se", "ci_low", "ci_high", "p")
OF_SEVERAL = ("q", "q_p", "i2", "h2")  # of a single study there is none
POOLED = ("pi_low", "pi_high", "tau2_low", "tau2_high")


def data_csv(run: AnalysisRun, result: PairwiseResult) -> bytes:
    """One line per row of the analysis, with the columns metafor's escalc reads."""
    columns = places(result.effect_measure)
    keys = _moderators(run, result)
    rows = []
    sets = result.sensitivity.sets
    high_risk = set(at_high_risk(run.inputs))
    for one in result.studies:
        known = run.inputs.moderators.get(one.study_id, {})
        high = one.study_id in high_risk
        groups = {1: one.group1, 2: one.group2}
        cells: list[Any] = [one.label, one.year, one.subgroup, one.treatment, one.source]
        cells += [getattr(groups[side], name) for side, name in columns.values()]
        cells += [one.estimate, one.se, int(high), *(known.get(key) for key in keys)]
        cells += [int(one.label in less.left_out) for less in sets]
        rows.append([text(cell) for cell in cells])
    mods = [f"mod{i}" for i in range(1, len(keys) + 1)]
    aside = [f"set{i}" for i in range(1, len(sets) + 1)]
    return table_files.write([*FIRST, *columns, *LAST, *mods, *aside], rows, mark=False)


def _moderators(run: AnalysisRun, result: PairwiseResult) -> list[str]:
    fitted = result.regression is not None and result.regression.terms
    return list(run.settings.moderators) if fitted else []


def settings(run: AnalysisRun, result: PairwiseResult) -> dict[str, str]:
    """How the studies are pooled, with the method that was used: a plan can give way to its
    data. A test that each fit chooses for itself stays open."""
    measure = result.effect_measure
    # Studies that say nothing are not in the data, so none but empty cells are corrected.
    corrected = measure.data in CORRECTED and not measure.raw
    return {
        "measure": measure.name,
        "r_name": measure.r_name,
        "columns": " ".join(places(measure)),
        "corrected": "yes" if corrected else "no",
        "scale": measure.scale.r_back,
        "size": text(result.size),
        "method": result.pooled.method,
        "test": TEST if run.settings.test == TEST else result.pooled.test,
        "level": text(float(result.level)),
        **{f"mod{i}": key for i, key in enumerate(_moderators(run, result), 1)},
        **{f"set{i}": less.words for i, less in enumerate(result.sensitivity.sets, 1)},
    }


def numbers(result: PairwiseResult) -> Iterator[Number]:
    """Every number of the result that another program can find."""
    for one in result.studies:
        for key in ("estimate", "se", "weight"):
            value = getattr(one, key)
            if value is not None:
                yield Number.of(f"study {text(one.label)}, {key}", value)
    yield from _pooled("pooled", result.pooled, result)
    for group in result.subgroups:
        yield from _pooled(f"subgroup {text(group.label)}", group, result)
    if result.between is not None and result.between.q is not None:
        yield Number.of("between subgroups, q", result.between.q)
        if result.between.df2 is None and result.between.p is not None:
            yield Number.of("between subgroups, p", result.between.p)
    yield from _sensitivity(result)
    yield from _regression(result)
    if result.asymmetry is not None and result.asymmetry.p is not None:
        for key in ("slope", "t", "p"):
            yield Number.of(f"Egger, {key}", getattr(result.asymmetry, key))


def _pooled(what: str, found: Pooled, result: PairwiseResult) -> Iterator[Number]:
    """All of a pooled effect; Mantel-Haenszel's knows no tau2."""
    tau2 = () if found.method == "MH" else ("tau2",)
    several = OF_SEVERAL if found.k > 1 else ()
    if found.estimate is not None:
        yield from of_effect(what, found, (*EFFECT, *tau2, *several, *POOLED), result)


def _sensitivity(result: PairwiseResult) -> Iterator[Number]:
    found = result.sensitivity
    if found.common is not None:
        yield from _pooled("common effect", found.common, result)
    if found.exclude_high_risk is not None and found.exclude_high_risk.pooled is not None:
        yield from _pooled("without high risk of bias", found.exclude_high_risk.pooled, result)
    for i, less in enumerate(found.sets, 1):
        if less.pooled is not None:
            yield from _pooled(f"without set {i}", less.pooled, result)
    further = ("i2",) if result.pooled.method == "MH" else ("tau2", "i2")
    for one in found.leave_one_out:
        if one.estimate is not None:
            yield from of_effect(f"without {text(one.omitted)}", one, (*EFFECT, *further), result)


def _regression(result: PairwiseResult) -> Iterator[Number]:
    found = result.regression
    if found is None or not found.terms:
        return
    for term in found.terms:
        for key in EFFECT:
            value = getattr(term, key)
            if value is not None:
                yield Number.of(f"meta-regression, {text(term.name)}, {key}", value)
    joint = {"qm": found.qm.q, "qm_p": found.qm.p} if found.qm else {}
    for key, value in {"tau2": found.tau2, "i2": found.i2, "r2": found.r2, **joint}.items():
        if value is not None:
            yield Number.of(f"meta-regression, {key}", value)
