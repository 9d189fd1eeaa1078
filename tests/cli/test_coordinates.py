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


@pytest.mark.services
@pytest.mark.parametrize("name", ["pain21", "hippocampus_rsfc"])
def test_a_reference_set_gives_its_numbers_on_its_own_mask(reference, name):
    folder = reference / "cbma"
    expected = json.loads((folder / f"{name}.expected.json").read_text())
    mask = folder / "mni152_2mm_brainmask.nii.gz"
    said = run(folder / f"{name}.sleuth.txt", "--mask", mask, "--seed", "42", "--json")
    found, drawn = json.loads(said.stdout), expected["montecarlo"]
    assert found["threshold"] == pytest.approx(expected["ale"]["value_at_p_0_001"], abs=1e-5)
    assert found["significant"] == drawn["voxels_cluster_size_fwe"]
    # Tolerances of the set's README: the standard errors of 1,000 draws are 1 % and 3 %.
    assert found["least_value"] == pytest.approx(drawn["ale_voxel_fwe_0_05"], rel=0.04)
    assert found["least_size"] == pytest.approx(drawn["cluster_size_fwe_0_05_voxels"], rel=0.12)
    highest = max(one["peaks"][0]["value"] for one in found["clusters"])
    assert highest == pytest.approx(expected["ale"]["max"], abs=1e-6)
