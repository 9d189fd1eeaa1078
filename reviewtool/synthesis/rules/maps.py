"""Brain maps from coordinates: experiments in, draws in parts, a typed result and images out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, cast

import numpy as np

from reviewtool.protocol.rules.maps import MapChoices
from reviewtool.stats import coordinates as engine
from reviewtool.stats.arrays import Vector
from reviewtool.stats.coordinates import (
    Comparison,
    CoordinateMap,
    Corrected,
    Deals,
    Design,
    Draws,
    Experiment,
    Mask,
    brain_mask,
)
from reviewtool.stats.coordinates.modelled import Model
from reviewtool.stats.errors import StatsError
from reviewtool.synthesis.results import (
    AnatomyShare,
    Contributing,
    MapCluster,
    MapExperiment,
    MapPeak,
    MapResult,
    MapSide,
    Without,
)
from reviewtool.synthesis.rules.pooling import Inputs, NothingToPool, Settings
from reviewtool.synthesis.rules.selection import Coordinates, LeftOut
from reviewtool.words import thousands

Reported = Callable[[int, int], None]
CORRECTIONS: Mapping[str, engine.Correction] = {
    "cluster": "size",
    "voxel": "voxel",
    "fdr": "FDR",
    "none": "none",
}
PART = 50  # draws of one part: seconds, so that little is lost with a worker
DEALS = 250
MOST_JACKKNIFED = 60  # experiments: each is a whole analysis more


@dataclass(frozen=True)
class Part:
    """Some draws of one side (0, 1), or deals of a comparison of both (2)."""

    side: int
    first: int
    count: int


@dataclass(frozen=True)
class Images:
    """What a run keeps beside its numbers, as NIfTI: the map, what stands, and its z values."""

    value: bytes
    shown: bytes
    z: bytes


def experiments(found: Sequence[Coordinates], choices: MapChoices) -> list[Experiment]:
    """Experiments as the engine takes them, in MNI space; those without foci are not there."""
    made = [
        engine.experiment(
            one.study, one.contrast, one.n, one.foci, cast(engine.Space, one.space or "MNI")
        )
        for one in found
        if one.foci
    ]
    return list(engine.merged_by_study(made)) if choices.merged else made


def observed(
    found: Sequence[Coordinates], choices: MapChoices, mask: Mask | None = None
) -> CoordinateMap:
    """The map of these experiments. Raises NothingToPool, BadFoci, NoFoci."""
    made = experiments(found, choices)
    if not made:
        raise NothingToPool(
            "No agreed experiment has this modality and direction. Check the outcome in the "
            "protocol against the extracted experiments."
        )
    method = engine.ale if choices.algorithm == "ALE" else engine.mkda
    return method(made, mask or brain_mask())


def choices_of(settings: Settings) -> MapChoices:
    """The choices of a map that settings hold."""
    return settings.map or MapChoices()


def sides(inputs: Inputs, settings: Settings, mask: Mask | None = None) -> list[CoordinateMap]:
    """The map, and the one that it is set beside. mask: the shipped one where none is given."""
    choices = choices_of(settings)
    found = [observed(inputs.experiments, choices, mask)]
    if choices.combine:
        found.append(observed(inputs.others, choices, mask))
    return found


def parts(choices: MapChoices) -> list[Part]:
    """The Monte Carlo of a run in parts, each as good as another to begin with."""
    if not choices.draws_needed:
        return []
    if choices.combine == "contrast":
        return _split(2, choices.draws, DEALS)
    found = _split(0, choices.draws, PART)
    if choices.combine == "conjunction":
        found += _split(1, choices.draws, PART)
    return found


def _split(side: int, draws: int, size: int) -> list[Part]:
    return [
        Part(side, number * size, min(size, draws - number * size))
        for number in range(ceil(draws / size))
    ]


def plan_of(found: Sequence[CoordinateMap], settings: Settings) -> list[dict[str, Any]]:
    """What a worker needs to draw for each side, as plain values."""
    designs = [engine.design_of(one, choices_of(settings).forming) for one in found]
    return [
        {
            "method": one.model.method,
            "people": list(one.model.people),
            "weights": list(one.model.weights),
            "radius": one.model.radius,
            "foci": list(one.foci),
            "threshold": one.threshold,
        }
        for one in designs
    ]


def draw(
    part: Part,
    plan: Sequence[Mapping[str, Any]],
    inputs: Inputs,
    settings: Settings,
    on: Reported,
    mask: Mask | None = None,
) -> dict[str, Any]:
    """One part of the Monte Carlo; the same part always gives the same."""
    seed = choices_of(settings).seed

    def report(done: int) -> None:
        on(done, part.count)

    if part.side == 2:
        comparison = compared(sides(inputs, settings, mask))
        choices = choices_of(settings)
        forming = choices.forming if choices.correction == "cluster" else None
        return engine.deal(comparison, seed, part.first, part.count, report, forming).to_json()
    one = plan[part.side]
    model = Model(
        one["method"],
        mask or brain_mask(),
        tuple(one["people"]),
        tuple(one["weights"]),
        one["radius"],
    )
    design = Design(model, tuple(one["foci"]), float(one["threshold"]))
    # The two sides of a conjunction are drawn apart.
    return engine.draw(design, seed + part.side, part.first, part.count, report).to_json()


def compared(found: Sequence[CoordinateMap]) -> Comparison:
    """The two maps of a contrast, to be dealt anew."""
    return engine.compare(found[0], found[1])


def analyse(
    inputs: Inputs,
    settings: Settings,
    drawn: Mapping[int, Sequence[Mapping[str, Any]]],
    on: Reported = lambda done, total: None,
    mask: Mask | None = None,
) -> tuple[MapResult, Images]:
    """The result with its images. drawn: side -> parts, as ``draw`` gave them.

    Raises StatsError in words, UnlikeDraws when parts are missing.
    """
    choices = choices_of(settings)
    found = sides(inputs, settings, mask)
    if choices.combine == "contrast":
        return _contrast(inputs, settings, found, drawn.get(2, ()))
    stand = [
        engine.corrected(
            one,
            CORRECTIONS[choices.correction],
            choices.level,
            choices.forming,
            _joined(drawn.get(side, ())) if choices.draws_needed else None,
        )
        for side, one in enumerate(found)
    ]
    if choices.combine == "conjunction":
        return _conjunction(inputs, settings, stand)
    return _single(inputs, settings, stand[0], on)


def _joined(stored: Sequence[Mapping[str, Any]]) -> Draws:
    return engine.joined(Draws.from_json(dict(one)) for one in stored)


def _single(
    inputs: Inputs, settings: Settings, stands: Corrected, on: Reported
) -> tuple[MapResult, Images]:
    choices, one = choices_of(settings), stands.result
    rows = engine.described(stands)
    members = [each.cluster for each in stands.clusters]
    without: tuple[engine.Without, ...] = ()
    notes = list(inputs.notes)
    if members and 1 < len(one.experiments) <= MOST_JACKKNIFED:
        without = engine.jackknife(one, members, choices.forming, on)
    elif len(one.experiments) > MOST_JACKKNIFED:
        notes.append(
            f"No jackknife: with more than {MOST_JACKKNIFED} experiments no single one can drive "
            "a cluster far."
        )
    clusters = tuple(
        MapCluster(
            number=row.number,
            voxels=row.voxels,
            mm3=row.mm3,
            centre=row.centre,
            peaks=tuple(_peak(peak, region.words) for peak, region in row.peaks),
            covers=tuple(AnatomyShare(region=name, share=share) for name, share in row.covers),
            p_size=row.p_size,
            p_mass=row.p_mass,
            p_voxel=row.p_voxel,
            contributing=tuple(
                Contributing(
                    experiment=part.experiment, study=part.study, share=part.share, foci=part.foci
                )
                for part in row.contributing
            ),
            without=tuple(
                Without(experiment=left.experiment, kept=left.kept[place]) for left in without
            ),
        )
        for place, row in enumerate(rows)
    )
    result = MapResult(
        **_shared(inputs, settings, [one]),
        sentence=_sentence(f"{one.sentence} {stands.sentence}"),
        notes=(*notes, *_of_studies(one, choices)),
        warnings=tuple(dict.fromkeys((*one.warnings, *stands.warnings))),
        threshold=stands.threshold,
        least_size=stands.least_size,
        least_value=stands.least_value,
        significant=int(np.count_nonzero(stands.significant)),
        clusters=clusters,
    )
    return result, _images(
        one.mask, one.value, stands.shown, np.where(stands.significant, one.z, 0.0)
    )


def _peak(peak: engine.Peak, region: str) -> MapPeak:
    return MapPeak(
        x=peak.x,
        y=peak.y,
        z=peak.z,
        value=peak.value,
        p=peak.p,
        deviate=peak.deviate,
        region=region,
    )


def _images(mask: Mask, value: Vector, shown: Vector, z: Vector) -> Images:
    return Images(*(engine.write_image(one, mask) for one in (value, shown, z)))


def _sentence(text: str) -> str:
    return f"{text} Regions: {engine.CREDIT}"


def _of_studies(one: CoordinateMap, choices: MapChoices) -> tuple[str, ...]:
    studies = [each.study for each in one.experiments]
    several = sorted({study for study in studies if studies.count(study) > 1})
    if not several:
        return ()
    return (
        f"Several contrasts of the same people count as experiments of their own: "
        f"{', '.join(several)}. They are not independent (Turkeltaub 2012); “contrasts of a study "
        "together” counts them once.",
    )


def _shared(inputs: Inputs, settings: Settings, found: Sequence[CoordinateMap]) -> dict[str, Any]:
    choices = choices_of(settings)
    ids = {one.study: one.study_id for one in (*inputs.experiments, *inputs.others)}
    labels = ("", inputs.other_title)
    return {
        "measure": "",
        "level": 95.0,
        "algorithm": choices.algorithm,
        "correction": choices.correction,
        "combine": choices.combine,
        "forming": choices.forming,
        "corrected_level": choices.level,
        "draws": choices.draws if choices.draws_needed else 0,
        "seed": choices.seed if choices.draws_needed else None,
        "mask": f"{found[0].mask.name} ({thousands(found[0].mask.size)} voxels)",
        "sides": tuple(
            MapSide(
                label=label,
                foci=one.foci,
                people=one.people,
                experiments=tuple(
                    MapExperiment(
                        study_id=ids[each.study],
                        study=each.study,
                        contrast=each.contrast,
                        n=each.n,
                        foci=len(each.foci),
                        space=each.space,
                    )
                    for each in one.experiments
                ),
            )
            for one, label in zip(found, labels, strict=False)
        ),
        "left_out": (*inputs.left_out, *_without_image(inputs, found)),
    }


def _without_image(inputs: Inputs, found: Sequence[CoordinateMap]) -> list[LeftOut]:
    """Experiments with agreed foci none of which took part, or with none at all."""
    used = {(each.study, each.contrast) for one in found for each in one.experiments}
    used |= {
        (each.study, part)
        for one in found
        for each in one.experiments
        for part in each.contrast.split("; ")
    }
    return [
        LeftOut(
            one.study_id,
            one.label,
            "none of its foci lies in the image" if one.foci else "it has no foci",
            "numbers",
        )
        for one in (*inputs.experiments, *inputs.others)
        if (one.study, one.contrast) not in used
    ]


def _plain_clusters(mask: Mask, value: Vector, p: Vector, z: Vector) -> tuple[MapCluster, ...]:
    return tuple(
        MapCluster(
            number=number,
            voxels=one.voxels,
            mm3=one.mm3,
            centre=one.centre,
            peaks=tuple(
                _peak(peak, engine.region_of((peak.x, peak.y, peak.z)).words) for peak in one.peaks
            ),
            covers=tuple(
                AnatomyShare(region=name, share=share)
                for name, share in engine.regions_of(mask.place_of(mask.voxels[one.members]))
            ),
        )
        for number, one in enumerate(engine.clusters_of(mask, value, p, z, 0.0), 1)
    )


def _conjunction(
    inputs: Inputs, settings: Settings, stand: Sequence[Corrected]
) -> tuple[MapResult, Images]:
    first, second = stand
    both = engine.conjunction(first, second)
    results = [first.result, second.result]
    warnings = [*first.result.warnings, *first.warnings]
    warnings += [*second.result.warnings, *second.warnings]
    result = MapResult(
        **_shared(inputs, settings, results),
        sentence=_sentence(f"{both.sentence} {first.result.sentence} {first.sentence}"),
        notes=tuple(inputs.notes),
        warnings=tuple(dict.fromkeys(warnings)),
        threshold=max(first.threshold, second.threshold),
        significant=int(np.count_nonzero(both.value)),
        clusters=_plain_clusters(both.mask, both.value, both.p, both.z),
    )
    return result, _images(both.mask, both.value, both.value, both.z)


def contrast_stands(
    comparison: Comparison, deals: Deals, made: engine.Subtraction, choices: MapChoices
) -> tuple[Vector, Vector]:
    """The differences that stand in favour of the first map, and of the second; 0 elsewhere."""
    difference = made.difference
    if choices.correction == "cluster":
        return engine.large_clusters(comparison, deals, choices.forming, choices.level)
    by_voxel = choices.correction == "voxel"
    first, second = (made.fwe_first, made.fwe_second) if by_voxel else (made.p_first, made.p_second)
    limit = choices.level if by_voxel else choices.forming
    return (
        np.where((first < limit) & (difference > 0), difference, 0.0),
        np.where((second < limit) & (difference < 0), -difference, 0.0),
    )


def _contrast(
    inputs: Inputs,
    settings: Settings,
    found: Sequence[CoordinateMap],
    stored: Sequence[Mapping[str, Any]],
) -> tuple[MapResult, Images]:
    choices = choices_of(settings)
    comparison = compared(found)
    deals = engine.joined_deals(Deals.from_json(dict(one)) for one in stored)
    made = engine.subtracted(comparison, deals)
    if choices.correction == "none" and choices.forming < 1 / choices.draws:
        raise StatsError(
            f"With {choices.draws} draws no p value is below {1 / choices.draws}. Choose more "
            "draws or another threshold."
        )
    up, down = contrast_stands(comparison, deals, made, choices)
    clusters = [
        one.model_copy(
            update={
                "sign": sign,
                "p_size": float(engine.share_at_least([one.voxels], drawn)[0])
                if drawn.size
                else None,
            }
        )
        for sign, value, p, drawn in (
            ("first", up, made.p_first, deals.size_first),
            ("second", down, made.p_second, deals.size_second),
        )
        for one in _plain_clusters(made.mask, value, p, np.abs(made.z))
    ]
    clusters = [one.model_copy(update={"number": number}) for number, one in enumerate(clusters, 1)]
    shared = engine.groups_share(
        [one.study for one in found[0].experiments], [one.study for one in found[1].experiments]
    )
    how = {
        "voxel": f"Voxels with a family-wise p below {choices.level} by the largest difference of "
        "each deal.",
        "cluster": f"Clusters with a family-wise p below {choices.level}, in each direction, by "
        "the largest cluster of each deal; voxels form clusters where their difference exceeds "
        f"that of p < {choices.forming} under a normal approximation, which is the same for "
        "observed and dealt groups.",
    }.get(
        choices.correction,
        f"Voxels with uncorrected p < {choices.forming}, not corrected for their number.",
    )
    warnings = [*found[0].warnings, *found[1].warnings, *made.warnings]
    warnings += [shared] if shared else []
    if choices.correction == "none":
        warnings.append("Not corrected for the number of voxels: chance clusters are expected.")
    result = MapResult(
        **_shared(inputs, settings, found),
        sentence=_sentence(f"{found[0].sentence} {made.sentence} {how}"),
        notes=tuple(inputs.notes),
        warnings=tuple(dict.fromkeys(warnings)),
        threshold=0.0,
        significant=int(np.count_nonzero(up) + np.count_nonzero(down)),
        clusters=tuple(clusters),
    )
    shown = up - down
    return result, _images(made.mask, made.difference, shown, np.where(shown != 0, made.z, 0.0))
