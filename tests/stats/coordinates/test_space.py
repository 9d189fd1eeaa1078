"""Spaces, voxels, the mask, and what is said of odd coordinates."""

import numpy as np
import pytest

from reviewtool.stats.coordinates import (
    BadFoci,
    BadImage,
    Mask,
    NoFoci,
    ale,
    brain_mask,
    experiment,
    merged_by_study,
    outside,
    to_mni,
    to_talairach,
)
from reviewtool.stats.errors import UnknownChoice
from tests.stats.coordinates.foci_sets import made_up, small_mask


def test_talairach_goes_to_mni_as_in_other_software():
    # NiMARE 0.22.1, nimare.utils.tal2mni: the pooled matrix of Lancaster 2007, inverted.
    found = to_mni([(-1, -32, 58), (30, 20, -10)])
    expected = [[0.6153, -27.7067, 62.9304], [32.9744, 21.6518, -17.4142]]
    assert found == pytest.approx(np.array(expected), abs=1e-4)


@pytest.mark.parametrize(
    ("variant", "origin"),
    [
        ("pooled", (-1.0423, -1.3940, 3.6475)),
        ("SPM", (-1.0207, -1.7667, 4.0926)),
        ("FSL", (-1.0680, -1.0239, 3.1883)),
    ],
)
def test_the_published_matrices_move_the_origin_as_printed(variant, origin):
    assert to_talairach([(0, 0, 0)], variant)[0] == pytest.approx(origin)
    assert to_mni(to_talairach([(40, -60, 20)], variant), variant)[0] == pytest.approx(
        (40, -60, 20)
    )


def test_another_transform_or_space_is_refused_by_name():
    with pytest.raises(UnknownChoice, match=r"Brett.*pooled, SPM, FSL"):
        to_mni([(0, 0, 0)], "Brett")
    with pytest.raises(UnknownChoice, match=r"Colin.*MNI, Talairach"):
        experiment("Ada", "", 12, [(0, 0, 0)], "Colin")


def test_an_experiment_in_talairach_space_is_analysed_where_it_belongs():
    there = [(30.0, 20.0, -10.0)]
    one = experiment("Ada", "", 12, there, "Talairach")
    assert one.foci == pytest.approx(to_mni(there))
    assert one.space == "Talairach"


def test_halves_go_to_the_even_voxel():
    mask = Mask(np.ones((9, 9, 9), bool), np.diag([2.0, 2.0, 2.0, 1.0]))
    assert mask.voxel_of([(1, 3, 5), (7, 9, 11)]).tolist() == [[0, 2, 2], [4, 4, 6]]


def test_foci_outside_the_brain_are_found_by_row():
    mask = brain_mask()
    used = [
        experiment("Ada", "a", 12, [(38, 4, 2), (88, 0, 0)]),
        experiment("Ben", "b", 12, [(0, 0, 200), (38, 4, 2)]),
    ]
    assert outside(used, mask) == [("Ada: a", 1), ("Ben: b", 0)]


def test_what_is_odd_about_the_foci_is_said():
    used = [
        experiment("Ada", "a", 12, [(38, 4, 2), (80, 0, 0)]),
        experiment("Ben", "b", 12, [(0, 0, 200), (38, 4, 2)], "Talairach"),
        experiment("Cleo", "c", 12, [(0, 0, 200)]),
    ]
    result = ale(used, brain_mask())
    said = " ".join(result.warnings)
    assert "2 experiments: with fewer than 17" in said
    assert "10.1016/j.neuroimage.2016.04.072" in said
    assert "1 experiment gives MNI and 1 gives Talairach coordinates" in said
    assert "1 focus lies outside the brain mask" in said
    assert "2 foci lie far outside the brain and take no part" in said
    assert "Left out, without a focus in or near the brain: Cleo: c." in said
    assert [one.name for one in result.experiments] == ["Ada: a", "Ben: b"]


def test_seventeen_experiments_are_not_warned_of():
    mask = small_mask()
    assert "fewer than 17" in " ".join(ale(made_up(16), mask).warnings)
    assert "fewer than 17" not in " ".join(ale(made_up(17), mask).warnings)


@pytest.mark.parametrize(
    ("n", "foci", "said"),
    [
        (0, [(1, 2, 3)], r"Ada: a: the number of people is 0\. Give a whole"),
        (2.5, [(1, 2, 3)], "people is 2.5"),
        (float("nan"), [(1, 2, 3)], "people is"),
        (12, [(1, 2, 3), (1, float("nan"), 3)], "focus 2 is"),
        (12, [(1, 2, 3000)], "no place in a head"),
        (12, [("x", 2, 3)], "three numbers"),
        (12, [(1, 2)], "three numbers"),
    ],
)
def test_a_wrong_number_names_the_experiment_and_the_remedy(n, foci, said):
    with pytest.raises(BadFoci, match=said):
        experiment("Ada", "a", n, foci)


def test_no_focus_at_all_is_said_with_a_remedy():
    with pytest.raises(NoFoci, match="Enter coordinates"):
        ale([experiment("Ada", "a", 12, np.empty((0, 3)))], brain_mask())
    with pytest.raises(NoFoci, match="millimetres"):
        ale([], brain_mask())


def test_an_empty_mask_is_refused():
    with pytest.raises(BadImage, match="brain mask"):
        Mask(np.zeros((3, 3, 3), bool), np.eye(4))


def test_contrasts_of_one_study_count_once_when_merged():
    merged = merged_by_study(
        [
            experiment("Ada", "a", 20, [(1, 2, 3)]),
            experiment("Ben", "b", 30, [(4, 5, 6)]),
            experiment("Ada", "c", 12, [(7, 8, 9)]),
        ]
    )
    assert [(one.study, one.contrast, one.n, len(one.foci)) for one in merged] == [
        ("Ada", "a; c", 12, 2),
        ("Ben", "b", 30, 1),
    ]
