"""The brain that comes along: its size, its sides, and the names of well-known places."""

import numpy as np
import pytest

from reviewtool.stats.coordinates import CREDIT, brain_mask, region_of, regions_of
from reviewtool.stats.coordinates.atlas import GREY, HERE, NAMES, WHITE, _regions, tissues

# Centres of structures in MNI space, as textbooks and meta-analyses give them.
KNOWN = [
    ((-22, -4, -18), "left amygdala"),
    ((28, -20, -14), "right hippocampus"),
    ((-10, -18, 6), "left thalamus"),
    ((26, 4, 0), "right putamen"),
    ((-12, 12, 10), "left caudate nucleus"),
    ((-38, -22, 56), "left precentral gyrus"),
    ((8, -82, 4), "right pericalcarine cortex"),
    ((40, 6, 0), "right insula"),
    ((-32, -60, -34), "left cerebellum"),
    ((30, -56, -26), "right cerebellum"),
    ((0, -62, -22), "cerebellum, midline"),
    ((0, -28, -30), "brain stem"),
    ((-50, 18, 16), "left pars opercularis of the inferior frontal gyrus"),
    ((6, -60, 34), "right precuneus"),
    ((-60, -16, 0), "left superior temporal gyrus"),
]


@pytest.mark.parametrize(("place", "name"), KNOWN, ids=[name for _, name in KNOWN])
def test_well_known_places_have_their_names(place, name):
    found = region_of(place)
    # A cortical ribbon is thin: the nearest region within 6 mm is close enough.
    assert (found.name, found.distance <= 6) == (name, True)


def test_far_places_have_no_name():
    assert region_of((0, 0, 150)).words == "no region nearby"
    assert region_of((500, 0, 0)).name == ""


def test_every_number_of_the_image_has_a_name_and_every_name_a_place():
    values, _ = _regions()
    assert set(np.unique(values)) - {0} == set(NAMES)


def test_left_is_left():
    values, mask = _regions()
    for number, name in NAMES.items():
        x = mask.place_of(np.argwhere(values == number))[:, 0].mean()
        if name.startswith(("left", "right")):
            assert (x < 0) == name.startswith("left"), name


def test_the_brain_is_as_large_as_a_brain_in_mni_space():
    mask = brain_mask()
    assert mask.size == 235_484
    assert 1.7e6 < mask.size * mask.voxel_volume < 2.0e6
    kinds = np.bincount(tissues().ravel())
    assert kinds[GREY] > kinds[WHITE] > 50_000


def test_a_cluster_is_named_after_what_it_covers():
    places = np.array([(38, 4, 2), (38, 6, 2), (40, 4, 0), (38, 6, -2)], dtype=float)
    name, share = regions_of(places)[0]
    assert name == "right insula"
    assert share >= 0.5


def test_the_licences_stand_beside_the_images_and_the_credit_names_them():
    notice = (HERE / "NOTICE.md").read_text()
    for part in ("McConnell Brain Imaging Centre", "BSD 3-Clause", "Ross Markello", "Desikan"):
        assert part in notice
    assert "BSD" in CREDIT
    assert {path.name for path in HERE.glob("*.nii.gz")} == {
        "brain_2mm.nii.gz",
        "regions_2mm.nii.gz",
    }
