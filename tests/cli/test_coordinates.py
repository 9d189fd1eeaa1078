"""``reviewtool coordinates``: the same rules as the pages, on a file."""

import json

import pytest
from click.testing import CliRunner

from reviewtool.cli.statistics import coordinates
from reviewtool.stats.coordinates import read_image

AROUND = [(38, 4, 2), (36, 8, 0), (40, 2, 4), (38, 6, -2)]
HEAD = "study,contrast,n,space,x,y,z,direction\n"


@pytest.fixture
def foci(tmp_path):
    path = tmp_path / "foci.csv"
    rows = [f"S{n},pain,16,MNI,{x},{y},{z},increase\n" for n, (x, y, z) in enumerate(AROUND)]
    path.write_text(HEAD + "".join(rows) + "S9,pain,12,MNI,-30,0,0,decrease\nS9,pain,12,MNI,1,2\n")
    return path


def run(*arguments):
    return CliRunner().invoke(coordinates, [str(one) for one in arguments])


def test_a_file_becomes_a_map_with_files_beside_it(foci, tmp_path):
    nifti, table, plot = tmp_path / "map.nii.gz", tmp_path / "c.csv", tmp_path / "brain.svg"
    said = run(
        *(foci, "--correction", "none", "--direction", "increase", "--nifti", nifti),
        *("--clusters", table, "--plot", f"slices:{plot}"),
    )
    assert said.exit_code == 0, said.output
    assert "right insula" in said.output
    assert "4 experiments with 4 foci" in said.output
    assert "line 7" in said.output  # the row without z is named
    assert "Warning: 4 experiments: with fewer than 17" in said.output
    values, _ = read_image(nifti.read_bytes())
    assert values.max() > 0
    assert b"right insula" in table.read_bytes()
    assert plot.read_text().startswith("<svg")


def test_draws_are_the_same_for_the_same_seed(foci):
    answers = [
        json.loads(run(foci, "--draws", "100", "--seed", "3", "--json").stdout) for _ in (1, 2)
    ]
    assert answers[0] == answers[1]
    assert (answers[0]["draws"], answers[0]["seed"]) == (100, 3)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--draws", "3"], "number of draws"),
        (["--algorithm", "SDM"], "choose one of ALE, MKDA"),
        (["--combine", "contrast"], "--other"),
        (["--space", "native"], "no such space"),
        (["--direction", "decrease", "--modality", "PET"], "no experiment"),
    ],
)
def test_what_cannot_be_is_one_sentence(foci, options, words):
    said = run(foci, *options)
    assert said.exit_code == 2
    assert words in said.output
    assert "Traceback" not in said.output


def test_a_file_without_people_or_space_says_what_to_add(tmp_path):
    path = tmp_path / "plain.txt"
    path.write_text("// Lee: pain\n1 2 3\n")
    assert "no space is named" in run(path).output
    assert "no number of people" in run(path, "--space", "MNI").output
