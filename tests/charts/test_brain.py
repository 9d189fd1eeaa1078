"""Brain pictures: what is drawn where, how much it weighs, other masks."""

import re

import numpy as np
import pytest

from reviewtool.charts import render
from reviewtool.charts.brain import BrainSlices, GlassBrain, Mark, cuts_through, marks_of
from reviewtool.stats.coordinates import Mask, ale, brain_mask, corrected, described, experiment
from tests.charts import svg

BRAIN = brain_mask()
PLACES = BRAIN.place_of(BRAIN.voxels)


def ball(*middles):
    """Values up to 12 within 12 mm of the middles."""
    far = np.min([np.linalg.norm(PLACES - middle, axis=1) for middle in middles], axis=0)
    return np.maximum(0.0, 12 - far)


def test_the_clusters_have_their_numbers_and_the_description_names_them():
    marks = (Mark(1, 38, 4, 2, "right insula"), Mark(2, -40, -60, 40))
    chart = GlassBrain(ball((38, 4, 2), (-40, -60, 40)), BRAIN, marks=marks)
    assert svg.texts(chart).count("1") == 3
    assert svg.texts(chart).count("2") == 3
    said = svg.tree(chart).find(f"{svg.SVG}desc").text
    assert "1: right insula (38, 4, 2); 2: (\u221240, \u221260, 40)" in said


def test_marks_that_would_cover_each_other_stand_apart():
    marks = tuple(Mark(n, 38 + n, 4, 2) for n in range(1, 8))
    chart = GlassBrain(ball((38, 4, 2)), BRAIN, marks=marks)
    assert svg.collisions(chart) == []


def test_left_is_drawn_left():
    def middle(chart):
        labels = {one.text: one for one in svg.labels(chart)}
        return labels["L"].left < labels["1"].left < labels["R"].left, labels["1"].left

    left = BrainSlices(ball((-40, 0, 20)), BRAIN, (("z", 20),), marks=(Mark(1, -40, 0, 20),))
    right = BrainSlices(ball((40, 0, 20)), BRAIN, (("z", 20),), marks=(Mark(1, 40, 0, 20),))
    assert middle(left)[0]
    assert middle(right)[0]
    assert middle(left)[1] < middle(right)[1] - 20


def test_slices_go_through_the_clusters_unless_others_are_asked_for():
    marks = [Mark(1, 0, 0, 40), Mark(2, 0, 0, 42), Mark(3, 0, 0, -20)]
    assert cuts_through(marks) == (("z", -20), ("z", 40))
    assert len(cuts_through([])) == 7
    asked = BrainSlices(ball((0, 0, 40)), BRAIN, (("x", -4), ("y", 10)))
    texts = svg.texts(asked)
    assert "x = \u22124 mm" in texts
    assert "y = 10 mm" in texts


@pytest.mark.parametrize("kind", [GlassBrain, BrainSlices])
def test_pictures_stay_light(kind):
    middles = [(x, y, z) for x in (-44, 44) for y in (-70, 30) for z in (-20, 20, 60)]
    marks = tuple(Mark(n, *place) for n, place in enumerate(middles, 1))
    chart = kind(ball(*middles), BRAIN, marks=marks, other=ball(*middles[::2]))
    assert len(render(chart, "svg", "screen")) < 500_000


def test_two_directions_differ_in_hue_and_in_line():
    chart = GlassBrain(ball((38, 4, 2)), BRAIN, other=ball((-38, 4, 2)), names=("more", "less"))
    drawn = render(chart).decode()
    assert "#1f4e79" in drawn
    assert "#8a6d00" in drawn
    assert re.search(r"stroke-dasharray", drawn)
    assert {"ALE, more", "ALE, less"} <= set(svg.texts(chart))


def test_another_mask_is_drawn_on_the_same_brain():
    axes = np.indices((30, 36, 30)) * 6.0
    affine = np.array([[6.0, 0, 0, -87], [0, 6, 0, -120], [0, 0, 6, -75], [0, 0, 0, 1]])
    mask = Mask(np.ones(axes.shape[1:], bool), affine, "coarse")
    places = mask.place_of(mask.voxels)
    values = np.maximum(0.0, 20 - np.linalg.norm(places - (38, 4, 2), axis=1))
    chart = GlassBrain(values, mask, marks=(Mark(1, 38, 4, 2),))
    assert len(render(chart)) > 5000


def test_one_value_everywhere_is_one_step():
    chart = GlassBrain((ball((38, 4, 2)) > 0) * 1.0, BRAIN)
    assert svg.texts(chart).count("1") == 1


def test_the_rows_of_a_table_become_marks():
    used = [experiment(f"S{n}", "", 20, [(38 + n % 3, 4, 2)]) for n in range(17)]
    stands = corrected(ale(used, BRAIN), "none")
    (mark,) = marks_of(described(stands))
    assert (mark.number, mark.name) == (1, "right insula")
