"""Random mixes of studies: those pooled and those named are those given, at every door."""

import csv
import io
import json
import random
import re
from math import log

import pytest
from click.testing import CliRunner

from reviewtool.cli import cli
from reviewtool.synthesis import queries
from reviewtool.synthesis.scripts import folder
from tests.synthesis.conftest import agree, counts, line, trial

SEEDS = range(4)
# By counts, by an estimate with and without its SE, without events, of other treatments,
# without a result.
KINDS = ("counts", "estimate", "no se", "zeros", "other", "nothing")


def some_studies(db, outcome, chance):
    """Nine studies in some order, at least one of each kind."""
    studies = []
    kinds = [*KINDS, *chance.choices(KINDS, k=3)]
    chance.shuffle(kinds)
    for number, kind in enumerate(kinds, 1):
        label = f"Mixed {number}"
        n1, n2 = chance.randint(5, 60), chance.randint(5, 60)
        if kind == "counts":
            arms = counts((chance.randint(0, n1), n1), (chance.randint(1, n2 - 1), n2))
        elif kind == "zeros":
            arms = counts((0, n1), (0, n2))
        elif kind == "other":
            arms = {"diet": {"events": 2, "total": n1}, "sham": {"events": 3, "total": n2}}
        elif kind == "nothing":
            arms = {"acupuncture": {}, "sham": {}}
        else:
            se = None if kind == "no se" else chance.uniform(0.1, 0.9)
            estimate = {"estimate": log(chance.uniform(0.3, 2.5)), "se": se}
            studies.append(
                trial(db, outcome, label, {"acupuncture": estimate, "sham": {}}, contrast=True)
            )
            continue
        studies.append(trial(db, outcome, label, arms))
    return studies


@pytest.mark.parametrize("seed", SEEDS)
def test_studies_pooled_and_studies_named_are_the_studies_given(db, review, outcome, sign_in, seed):
    given = some_studies(db, outcome, random.Random(seed))
    for study in given:
        agree(db, review.ann, study)
    db.commit()
    found = line(db, review)
    labels = {study.label for study in given}
    page = sign_in(review.observer).get(
        f"/reviews/{review.review.id}/synthesis/{found.analysis.id}"
    )
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))
    result = found.run.result
    pooled = {one.label for one in result.studies}
    named = {one.label for one in result.left_out}
    assert not pooled & named
    assert pooled | named == labels
    assert result.pooled.k == len(pooled)
    for one in labels:
        assert one in said, f"{one} is not on the page"
    files = {part.name: part.content.decode() for part in folder.parts(found, found.run)}
    data = list(csv.DictReader(io.StringIO(files["data.csv"])))
    assert {row["study"] for row in data} == pooled
    assert all(f"  {one}: " in files["README.txt"] for one in named)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_command_line_pools_and_names_the_same_studies(db, review, outcome, tmp_path, seed):
    given = some_studies(db, outcome, random.Random(seed))
    for study in given:
        agree(db, review.ann, study)
    db.commit()
    found = line(db, review)
    rows = [
        [
            r.label,
            r.group1.events,
            r.group1.total,
            r.group2.events,
            r.group2.total,
            r.estimate,
            r.se,
        ]
        for r in queries.inputs(db, found).rows
    ]
    file = tmp_path / "table.csv"
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["study", "ai", "n1i", "ci", "n2i", "yi", "sei"])
        writer.writerows(rows)
    done = CliRunner().invoke(
        cli, ["pool", str(file), "--measure", "OR", "--method", "DL", "--test", "z", "--json"]
    )
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    result = found.run.result
    assert report["estimate"] == pytest.approx(result.pooled.estimate, abs=1e-9)
    assert {one["study"] for one in report["studies"]} == {one.label for one in result.studies}
    unusable = {one.label for one in result.left_out if one.stage == "numbers"}
    assert {one["study"] for one in report["left_out"]} == unusable
