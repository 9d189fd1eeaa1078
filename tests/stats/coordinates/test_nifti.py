"""NIfTI-1 files: written as the format says, read in either byte order."""

import gzip
import struct

import numpy as np
import pytest

from reviewtool.stats.coordinates import BadImage, Mask, brain_mask, read_image, write_image
from reviewtool.stats.coordinates.nifti import read_mask

AFFINE = np.array([[-2.0, 0, 0, 90], [0, 2, 0, -126], [0, 0, 2, -72], [0, 0, 0, 1]])


def header(raw: bytes, form: str, at: int):
    return struct.unpack_from("<" + form, raw, at)


def written(mask: Mask, seed: int = 1) -> tuple[np.ndarray, bytes]:
    values = np.random.default_rng(seed).normal(size=mask.size)
    return values, write_image(values, mask, "ALE, uncorrected")


def test_what_is_written_is_read_again():
    mask = brain_mask()
    values, content = written(mask)
    image, affine = read_image(content)
    assert image.shape == mask.shape
    assert np.array_equal(affine, mask.affine)
    assert np.allclose(image[mask.inside], values, rtol=1e-6)
    assert np.all(image[~mask.inside] == 0)


def test_the_header_is_that_of_a_single_file_in_mni_space():
    raw = gzip.decompress(written(brain_mask())[1])
    assert header(raw, "i", 0) == (348,)
    assert raw[344:348] == b"n+1\0"
    assert header(raw, "8h", 40) == (3, 91, 109, 91, 1, 1, 1, 1)
    assert header(raw, "2h", 70) == (16, 32)
    assert header(raw, "4f", 76)[1:] == (2, 2, 2)
    assert header(raw, "3f", 108) == (352, 1, 0)
    assert raw[123] == 2 | 8
    assert header(raw, "2h", 252) == (4, 4)
    assert raw[148:165].rstrip(b"\0") == b"ALE, uncorrected"
    assert len(raw) == 352 + 4 * 91 * 109 * 91


def test_the_bytes_do_not_change_from_run_to_run():
    assert written(brain_mask())[1] == written(brain_mask())[1]


def turned(angle: float, mirrored: bool) -> np.ndarray:
    turn = np.array(
        [
            [np.cos(angle), -np.sin(angle), 0],
            [np.sin(angle), np.cos(angle), 0],
            [0, 0, 1],
        ]
    ) @ np.array([[1, 0, 0], [0, np.cos(1), -np.sin(1)], [0, np.sin(1), np.cos(1)]])
    affine = np.eye(4)
    affine[:3, :3] = turn * np.array([2.0, 3.0, -4.0 if mirrored else 4.0])
    affine[:3, 3] = 5, -6, 7
    return affine


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("angle", [0.0, 0.4, 2.0, 3.1])
def test_qform_and_sform_say_the_same(angle, mirrored):
    mask = Mask(np.ones((3, 4, 5), bool), turned(angle, mirrored))
    raw = bytearray(gzip.decompress(written(mask)[1]))
    struct.pack_into("<h", raw, 254, 0)  # without the sform, the qform is read
    assert read_image(bytes(raw))[1] == pytest.approx(mask.affine, abs=1e-5)


def test_the_usual_grid_keeps_its_affine_by_the_qform_too():
    mask = Mask(np.ones((3, 4, 5), bool), AFFINE)
    raw = bytearray(gzip.decompress(written(mask)[1]))
    struct.pack_into("<h", raw, 254, 0)
    assert read_image(bytes(raw))[1] == pytest.approx(AFFINE, abs=1e-5)


def test_big_endian_files_with_scaled_integers_are_read():
    raw = bytearray(352)
    struct.pack_into(">i", raw, 0, 348)
    struct.pack_into(">8h", raw, 40, 3, 2, 2, 1, 1, 1, 1, 1)
    struct.pack_into(">2h", raw, 70, 4, 16)
    struct.pack_into(">8f", raw, 76, 1, 2, 2, 2, 0, 0, 0, 0)
    struct.pack_into(">3f", raw, 108, 352, 0.5, 10)
    raw[344:348] = b"n+1\0"
    content = bytes(raw) + np.array([1, 2, 3, -4], ">i2").tobytes()
    image, affine = read_image(content)
    assert image[:, :, 0].T.ravel().tolist() == [10.5, 11, 11.5, 8]
    assert np.diag(affine).tolist() == [2, 2, 2, 1]


def test_what_is_no_image_is_refused_with_its_name(tmp_path):
    _, content = written(Mask(np.ones((3, 4, 5), bool), AFFINE))
    raw = gzip.decompress(content)
    four = bytearray(raw)
    struct.pack_into("<8h", four, 40, 4, 3, 4, 5, 2, 1, 1, 1)
    kind = bytearray(raw)
    struct.pack_into("<h", kind, 70, 32)
    for wrong, said in (
        (b"hello", "no NIfTI-1 header"),
        (raw[:-10], "ends before its last voxel"),
        (content[:50], "no NIfTI-1 header|compression"),
        (b"\x1f\x8bnonsense", "compression"),
        (bytes(four), "one volume"),
        (bytes(kind), "type 32"),
    ):
        with pytest.raises(BadImage, match=said) as caught:
            read_image(wrong, "peaks.nii")
        assert "peaks.nii" in str(caught.value)
    path = tmp_path / "mask.nii.gz"
    path.write_bytes(write_image(np.zeros(60), Mask(np.ones((3, 4, 5), bool), AFFINE)))
    with pytest.raises(BadImage, match="voxels above zero"):
        read_mask(path)


def test_an_image_of_another_shape_is_not_written():
    with pytest.raises(BadImage, match="not that of the mask"):
        write_image(np.zeros((2, 2, 2)), brain_mask())
