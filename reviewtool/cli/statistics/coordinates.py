"""``reviewtool coordinates``: a brain map from a Sleuth or CSV file of foci."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from reviewtool import words
from reviewtool.cli.statistics.answering import answer, to_json, write
from reviewtool.cli.statistics.answering import refuse as said_and_stopped
from reviewtool.cli.statistics.plots import FORMATS

if TYPE_CHECKING:
    from reviewtool.stats.coordinates import Mask
    from reviewtool.synthesis.results import MapResult
    from reviewtool.synthesis.rules.pooling import Inputs, Settings
    from reviewtool.synthesis.rules.selection import Coordinates

PLOTS = ("glass", "slices")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True)


@click.command()
@click.argument("file", type=FILE)
@click.option("--algorithm", default="ALE", show_default=True, help="ALE or MKDA.")
@click.option(
    "--correction",
    default="cluster",
    show_default=True,
    help="cluster, voxel (family-wise error by Monte Carlo), fdr, none.",
)
@click.option("--forming", default=0.001, show_default=True, help="p that a voxel needs.")
@click.option("--level", default=0.05, show_default=True, help="Corrected p, or q of FDR.")
@click.option("--draws", default=1000, show_default=True, help="Monte Carlo draws.")
@click.option("--seed", default=1, show_default=True, help="The same seed, the same numbers.")
@click.option("--merged", is_flag=True, help="A study's contrasts count as one experiment.")
@click.option("--space", default=None, help="MNI or Talairach, where the file names none.")
@click.option("--modality", default=None, help="Only these experiments of a CSV file.")
@click.option("--direction", default=None, help="Only increases, or only decreases, of a CSV file.")
@click.option("--other", type=FILE, default=None, help="A second file, for --combine.")
@click.option(
    "--combine", default="", metavar="KIND", help="contrast or conjunction with the --other file."
)
@click.option(
    "--mask", "mask_file", type=FILE, default=None, help="Another brain mask, .nii or .nii.gz."
)
@click.option("--nifti", type=click.Path(path_type=Path), help="What stands, as .nii.gz.")
@click.option("--map", "whole", type=click.Path(path_type=Path), help="Every value, as .nii.gz.")
@click.option("--clusters", type=click.Path(path_type=Path), help="The clusters, as CSV.")
@click.option(
    "--plot",
    "plots",
    multiple=True,
    metavar="[KIND:]FILE",
    help="Draw to .svg, .pdf, .png or .tiff: glass or slices. Can be repeated.",
)
@click.option("--output", type=click.Path(path_type=Path), help="Write the answer to a file.")
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
def coordinates(
    file: Path,
    space: str | None,
    modality: str | None,
    direction: str | None,
    other: Path | None,
    mask_file: Path | None,
    nifti: Path | None,
    whole: Path | None,
    clusters: Path | None,
    plots: tuple[str, ...],
    output: Path | None,
    as_json: bool,
    **choices: Any,
) -> None:
    """Brain map of FILE: Sleuth text, or CSV with study, contrast, n, space, x, y, z.

    Foci of the experiments are mapped by ALE or MKDA; the clusters that stand are listed with
    the names of their regions, the studies that contribute, and how it was done.
    """

    def run() -> str:
        from reviewtool.protocol.rules import maps as planned
        from reviewtool.stats.coordinates import read_mask
        from reviewtool.synthesis.rules import maps
        from reviewtool.synthesis.rules.pooling import Inputs, Settings

        choices["other_id"] = 0 if other is not None else None
        wrong = [message for _, message in planned.check(choices)]
        if other is not None and not choices["combine"]:
            wrong.append("--other needs --combine contrast or --combine conjunction.")
        if choices["combine"] and other is None:
            wrong = ["--combine needs a second file: name it with --other."]
        if wrong:
            stop(" ".join(wrong))
        notes: list[str] = []
        inputs = Inputs(
            (),
            experiments=tuple(_read(file, space, modality, direction, notes)),
            others=tuple(_read(other, space, modality, direction, notes)) if other else (),
            other_title=other.name if other else "",
        )
        settings = Settings(measure="", kind="coordinates", map=planned.MapChoices(**choices))
        mask = read_mask(mask_file) if mask_file is not None else None
        drawn = _drawn(inputs, settings, mask)
        result, images = maps.analyse(inputs, settings, drawn, mask=mask)
        for path, content in ((nifti, images.shown), (whole, images.value)):
            if path is not None:
                write(path, content)
        if clusters is not None:
            from reviewtool.synthesis.scripts.coordinates import clusters_csv

            write(clusters, clusters_csv(result))
        _draw(plots, result, images.shown, file.name, mask)
        if as_json:
            return to_json({**result.model_dump(mode="json"), "notes": [*notes, *result.notes]})
        return "\n".join(words.keyboard(line) for line in _text(result, notes))

    answer(run, output)


def _read(
    file: Path, space: str | None, modality: str | None, direction: str | None, notes: list[str]
) -> list[Coordinates]:
    """The experiments of a file; lines that are no focus are named."""
    from reviewtool.extraction.rules.foci import BadPoint, point_text
    from reviewtool.formats import coordinates as read_coordinates
    from reviewtool.protocol.rules.brains import understood
    from reviewtool.synthesis.rules.selection import Coordinates

    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    found = read_coordinates.read(content)
    unread = [(one.line, one.text, one.message) for one in found.unread]
    notes += found.notes
    wanted = {"modality": modality or "", "direction": direction or "", "space": space or ""}
    for part, text in wanted.items():
        if text and not understood(part, text):
            stop(f"--{part} {text}: no such {part} is known.")
        wanted[part] = understood(part, text)
    result = []
    for one in found.experiments:
        parts = {part: understood(part, getattr(one, part)) for part in ("modality", "direction")}
        if any(wanted[part] not in ("", said) for part, said in parts.items()):
            continue
        where = one.space or wanted["space"]
        name = one.label or file.name
        if not where:
            stop(f"{name}: no space is named. Say --space MNI or --space Talairach.")
        if one.n is None:
            stop(f"{name}: no number of people. Add a line // Subjects=, or a column n.")
        points = []
        for focus in one.foci:
            try:
                point_text(focus.at)
                points.append(focus.point)
            except BadPoint as error:
                unread.append((focus.line, focus.at, str(error)))
        study = one.study or file.name
        result.append(
            Coordinates(
                numbers_of(study), study, one.contrast, one.n, where, tuple(points), **parts
            )
        )
    if unread:
        count = words.plural(len(unread), "line was", "lines were")
        said = "; ".join(f"line {line} “{text}”: {why}" for line, text, why in unread[:10])
        more = f"; and {len(unread) - 10} more" if len(unread) > 10 else ""
        notes.append(f"{count} not read: {said}{more}.")
    if not result:
        stop(f"{file} holds no experiment with coordinates.")
    return result


def stop(message: str) -> NoReturn:
    """One sentence on the error stream, exit 2."""
    said_and_stopped(message)
    raise SystemExit(2)


def numbers_of(study: str) -> int:
    """A number of a study that is the same for the same name."""
    from zlib import crc32

    return crc32(study.encode())


def _drawn(
    inputs: Inputs, settings: Settings, mask: Mask | None
) -> dict[int, list[dict[str, Any]]]:
    """The draws, with a line of progress where a person looks on."""
    from reviewtool.synthesis.rules import maps

    wanted = maps.parts(maps.choices_of(settings))
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    if not wanted:
        return found
    plan = maps.plan_of(maps.sides(inputs, settings, mask), settings)
    total = sum(part.count for part in wanted)
    stream = sys.stderr
    with click.progressbar(
        length=total, label="Draws", file=stream, hidden=not stream.isatty()
    ) as bar:
        for part in wanted:
            found[part.side].append(maps.draw(part, plan, inputs, settings, _quiet, mask))
            bar.update(part.count)
    return found


def _quiet(_done: int, _total: int) -> None:
    """The bar moves by parts."""


def _draw(
    plots: tuple[str, ...], result: MapResult, shown: bytes, title: str, mask: Mask | None
) -> None:
    """Pictures to files. Nothing stands, nothing is drawn: that is said."""
    if not plots:
        return
    from reviewtool.charts import render
    from reviewtool.synthesis.plots.coordinates import chart

    if not result.clusters:
        stop("No cluster stands at this threshold, so there is nothing to draw.")
    for wanted in plots:
        kind, mark, name = wanted.partition(":")
        if not mark or kind not in PLOTS:
            kind, name = PLOTS[0], wanted
        path = Path(name)
        ending = path.suffix.removeprefix(".").lower()
        if ending not in FORMATS:
            stop(f"{name}: draw to a file that ends in .svg, .pdf, .png or .tiff.")
        write(path, render(chart(kind, result, shown, title, title, mask), ending))  # type: ignore[arg-type]


def _text(result: MapResult, notes: list[str]) -> list[str]:
    """What the command prints."""
    contrast = result.combine == "contrast"
    lines = []
    for one in result.clusters:
        peak = one.peak
        where = ", ".join(words.num(value, 0) for value in (peak.x, peak.y, peak.z))
        of = f", larger in the {one.sign}" if contrast else ""
        size, value = words.thousands(round(one.mm3)), words.num(peak.value, 4)
        lines.append(
            f"{one.number}  {peak.region} ({where}){of}: {size} mm3, {result.algorithm} {value}, "
            f"Z {words.num(peak.deviate)}"
            + (f", {words.p(one.p_size)} by size" if one.p_size is not None else "")
            + (f", {words.p(one.p_voxel)} by height" if one.p_voxel is not None else "")
        )
        if one.contributing:
            lines.append(
                f"   {words.plural(one.studies, 'study', 'studies')}, "
                f"{words.plural(one.foci, 'focus', 'foci')}: "
                + "; ".join(
                    f"{part.experiment} {words.percent(part.share, 0)}"
                    for part in one.contributing[:8]
                )
            )
        if one.fragile:
            lines.append(f"   rests on {'; '.join(part.experiment for part in one.fragile)}")
    lines = lines or ["No cluster stands at this threshold."]
    lines += ["", result.sentence]
    lines += [f"Left out: {one.label}: {one.reason}." for one in result.left_out]
    lines += [f"Note: {note}" for note in (*notes, *result.notes)]
    return lines + [f"Warning: {warning}" for warning in result.warnings]
