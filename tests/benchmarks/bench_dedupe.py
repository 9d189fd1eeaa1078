"""How well and how fast duplicates are found, with bib-dedupe beside it: `make bench-dedupe`.

Counts follow the README of the reference data: each predicted group keeps one
record, chosen so that most works survive (a bipartite matching).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import math
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from reviewtool.references.rules import Citation, find_duplicates

Row = dict[str, str]
SIZES = [10_000, 50_000, 100_000]


def folder() -> Path:
    """Where the labelled sets lie."""
    root = os.environ.get("REVIEWTOOL_REFERENCE", "../shared/reference")
    return Path(root) / "dedupe"


def load(path: Path) -> list[Row]:
    """The rows of one gzipped set."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def citation(row: Row) -> Citation:
    """A citation from a row, without its truth."""
    names = ("title", "year", "journal", "volume", "number", "pages", "doi", "abstract", "pmid")
    return Citation(
        id=row["record_id"],
        authors=tuple(n for n in row["authors"].split("; ") if n),
        issn=row.get("issn", ""),
        **{name: row.get(name, "") for name in names},
    )


@dataclass(frozen=True)
class Counts:
    """Record-level and pair-level counts of one run."""

    tp: int
    fp: int
    fn: int
    tn: int
    pair_tp: int
    pair_fp: int
    pair_fn: int

    def line(self) -> str:
        """The figures in one line."""

        def share(a: int, b: int) -> str:
            return f"{a / (a + b):.4f}" if a + b else "  -   "

        return (
            f"TP {self.tp:6d} FP {self.fp:4d} FN {self.fn:4d} precision {share(self.tp, self.fp)}"
            f" recall {share(self.tp, self.fn)} specificity {share(self.tn, self.fp)}"
            f" | pairs TP {self.pair_tp} FP {self.pair_fp} FN {self.pair_fn}"
        )


def measure(truth: Mapping[str, str], groups: Sequence[Sequence[str]]) -> Counts:
    """Counts of predicted ``groups`` (ids) against ``truth`` (id to work)."""
    grouped = {record for group in groups for record in group}
    everything = [list(g) for g in groups] + [[r] for r in truth if r not in grouped]
    works_in = [sorted({truth[r] for r in group}) for group in everything]
    survivors = _matching(works_in)
    works = len(set(truth.values()))
    lost = works - survivors
    redundant = len(truth) - works
    stay = len(everything)
    fn = stay - survivors
    tp = redundant - fn
    sizes: dict[str, int] = defaultdict(int)
    for work in truth.values():
        sizes[work] += 1
    true_pairs = sum(n * (n - 1) // 2 for n in sizes.values())
    predicted = hit = 0
    for group in groups:
        predicted += len(group) * (len(group) - 1) // 2
        inside: dict[str, int] = defaultdict(int)
        for record in group:
            inside[truth[record]] += 1
        hit += sum(n * (n - 1) // 2 for n in inside.values())
    return Counts(tp, lost, fn, works - lost, hit, predicted - hit, true_pairs - hit)


def _matching(works_in: Sequence[Sequence[str]]) -> int:
    """The most works that survive when each group keeps one record (augmenting paths)."""
    kept_by: dict[str, int] = {}
    kept = 0
    for start in sorted(range(len(works_in)), key=lambda g: len(works_in[g])):
        seen: set[str] = set()
        trail: list[tuple[int, int]] = [(start, 0)]
        path: list[str] = []
        while trail:
            group, place = trail.pop()
            if place >= len(works_in[group]):
                if path:
                    path.pop()
                continue
            trail.append((group, place + 1))
            work = works_in[group][place]
            if work in seen:
                continue
            seen.add(work)
            path.append(work)
            if work not in kept_by:
                for (g, _), w in zip(trail, path, strict=True):
                    kept_by[w] = g
                kept += 1
                break
            trail.append((kept_by[work], 0))
    return kept


def bib_dedupe_groups(rows: Sequence[Row]) -> tuple[list[list[str]], float]:
    """Groups by bib-dedupe and its CPU seconds, its worker processes included."""
    import pandas as pd
    from bib_dedupe.bib_dedupe import block, cluster, match, prep

    names = ("title", "year", "journal", "volume", "number", "pages", "doi", "abstract")
    frame = pd.DataFrame(
        [
            {
                "ID": r["record_id"],
                "ENTRYTYPE": "article",
                "author": r["authors"].replace("; ", " and "),
            }
            | {n: r[n] for n in names}
            for r in rows
        ]
    )
    before = sum(os.times()[:4])
    out = io.StringIO()
    with redirect_stdout(out):
        prepared = prep(frame, verbosity_level=0, cpu=1)
        blocked = block(prepared, verbosity_level=0, cpu=1)
        clusters = cluster(match(blocked, verbosity_level=0, cpu=1))
    return [list(c) for c in clusters], sum(os.times()[:4]) - before


def speed(sizes: Sequence[int], other: bool) -> None:
    """CPU seconds and peak memory over synthetic libraries, and how they grow."""
    from tests.references.generator import library

    timed: list[tuple[int, float]] = []
    for size in sizes:
        citations, truth = library(size)
        before = time.process_time()
        found = find_duplicates(citations)
        seconds = time.process_time() - before
        timed.append((size, seconds))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"synthetic {size}: {seconds:.1f} s CPU, peak {peak} MB (citations included)")
        print(
            f"  reviewtool {measure(truth, found.groups).line()} | uncertain {len(found.uncertain)}"
        )
        if other and size <= 10_000:
            rows = [_row(c) for c in citations]
            groups, cpu = bib_dedupe_groups(rows)
            print(
                f"  bib-dedupe {measure(truth, groups).line()} | {cpu:.1f} s CPU, "
                f"{cpu / seconds:.0f} times ours"
            )
    if len(timed) > 1:
        (small, fast), (large, slow) = timed[0], timed[-1]
        exponent = math.log(slow / fast) / math.log(large / small)
        print(f"growth from {small} to {large}: exponent {exponent:.2f}")


def _row(c: Citation) -> Row:
    return {
        "record_id": c.id,
        "title": c.title,
        "authors": "; ".join(c.authors),
        "year": c.year,
        "journal": c.journal,
        "volume": c.volume,
        "number": c.number,
        "pages": c.pages,
        "doi": c.doi,
        "abstract": c.abstract,
    }


def main() -> None:
    """Run every set found, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--no-other", action="store_true", help="leave bib-dedupe out")
    parser.add_argument(
        "--speed", type=int, nargs="*", metavar="N", help="time synthetic libraries of these sizes"
    )
    options = parser.parse_args()
    if options.speed is not None:
        speed(options.speed or SIZES, not options.no_other)
        return
    paths = sorted(folder().glob("*.csv.gz"))
    if not paths:
        print(f"No labelled sets in {folder()}; set REVIEWTOOL_REFERENCE.")
        return
    for path in paths:
        name = path.name.removesuffix(".csv.gz")
        if options.sets and name not in options.sets:
            continue
        rows = load(path)
        truth = {r["record_id"]: r["duplicate_group"] for r in rows}
        before = time.process_time()
        found = find_duplicates([citation(r) for r in rows])
        seconds = time.process_time() - before
        print(f"{name}: {len(rows)} records")
        print(
            f"  reviewtool {measure(truth, found.groups).line()}"
            f" | uncertain {len(found.uncertain)} related {len(found.related)}"
            f" | {seconds:.1f} s CPU"
        )
        if not options.no_other:
            groups, cpu = bib_dedupe_groups(rows)
            print(f"  bib-dedupe {measure(truth, groups).line()} | {cpu:.1f} s CPU")
    if not options.sets:
        speed(SIZES, not options.no_other)


if __name__ == "__main__":
    main()
