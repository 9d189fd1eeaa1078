"""Images as NIfTI-1 files: single-file .nii and .nii.gz, read in either byte order.

Source: Cox et al. 2004, the NIfTI-1 data format (nifti.nimh.nih.gov/nifti-1).
"""

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reviewtool.stats.arrays import Matrix
from reviewtool.stats.coordinates.errors import BadImage
from reviewtool.stats.coordinates.space import Mask

HEADER = 348
OFFSET = 352  # the header, and four bytes that say there is no extension
TYPES = {
    2: "u1",
    4: "i2",
    8: "i4",
    16: "f4",
    64: "f8",
    256: "i1",
    512: "u2",
    768: "u4",
    1024: "i8",
    1280: "u8",
}
MM, SECONDS = 2, 8
LARGEST = 256_000_000  # bytes after unpacking: more is no brain image of this kind
MNI = 4  # the header's code for coordinates in MNI152 space


def read_image(content: bytes, name: str = "The image") -> tuple[NDArray[np.float64], Matrix]:
    """Values, shape (i, j, k), and the affine from voxels to mm, shape (4, 4).

    The sform is taken where there is one, else the qform, else the voxel sizes.
    Raises BadImage.
    """
    raw = _unpacked(content, name)
    if len(raw) < HEADER or raw[344:348] not in (b"n+1\0", b"ni1\0"):
        raise _bad(name, "it has no NIfTI-1 header.")
    order = "<" if struct.unpack_from("<i", raw, 0)[0] == HEADER else ">"
    dims = struct.unpack_from(f"{order}8h", raw, 40)
    kind = struct.unpack_from(f"{order}h", raw, 70)[0]
    offset, slope, shift = struct.unpack_from(f"{order}3f", raw, 108)
    if kind not in TYPES:
        raise _bad(name, f"its numbers are of type {kind}, which is not known here.")
    shape = tuple(dims[1 : 1 + dims[0]]) if 3 <= dims[0] <= 7 else ()
    if len(shape) < 3 or min(shape[:3]) < 1 or any(side != 1 for side in shape[3:]):
        raise _bad(name, "it does not hold one volume.")
    values = np.dtype(order + TYPES[kind])
    count = shape[0] * shape[1] * shape[2]
    start = max(int(offset), HEADER) if np.isfinite(offset) else OFFSET
    if len(raw) < start + count * values.itemsize:
        raise _bad(name, "it ends before its last voxel.")
    image = np.frombuffer(raw, values, count, start).reshape(shape[:3], order="F")
    scaled = image.astype(np.float64)
    if slope not in (0.0, 1.0) or (slope and shift):
        scaled = scaled * slope + shift
    return scaled, _affine(raw, order)


def read_mask(path: str | Path, name: str = "") -> Mask:
    """The voxels above zero of an image file. Raises BadImage."""
    path = Path(path)
    values, affine = read_image(path.read_bytes(), path.name)
    return Mask(values > 0, affine, name or path.name)


def write_image(values: NDArray[np.float64], mask: Mask, description: str = "") -> bytes:
    """An image as a .nii.gz file: little-endian 32-bit floats, sform and qform alike.

    values: shape of the mask's image, or (v,) for its brain voxels (0 elsewhere).
    description: at most 79 bytes of it are kept. The bytes do not change from run to run.
    Raises BadImage for an image of another shape.
    """
    image = mask.volume(values) if values.ndim == 1 else values
    if image.shape != mask.shape:
        raise _bad("The image", "its shape is not that of the mask.")
    header = bytearray(OFFSET)
    quaternion, handed = _quaternion(mask.affine)
    struct.pack_into("<i", header, 0, HEADER)
    struct.pack_into("<8h", header, 40, 3, *mask.shape, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 16, 32)
    struct.pack_into("<8f", header, 76, handed, *mask.sides, 1, 1, 1, 1)
    struct.pack_into("<3f", header, 108, OFFSET, 1, 0)
    header[123] = MM | SECONDS
    text = description.encode("ascii", "replace")[:79]
    header[148 : 148 + len(text)] = text
    struct.pack_into("<2h", header, 252, MNI, MNI)
    struct.pack_into("<6f", header, 256, *quaternion, *mask.affine[:3, 3])
    struct.pack_into("<12f", header, 280, *mask.affine[:3].ravel())
    header[344:348] = b"n+1\0"
    data = image.astype("<f4").tobytes(order="F")
    return gzip.compress(bytes(header) + data, compresslevel=6, mtime=0)


def _bad(name: str, problem: str) -> BadImage:
    return BadImage(name=name, problem=problem, remedy="Give a single volume as .nii or .nii.gz.")


def _unpacked(content: bytes, name: str) -> bytes:
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        unpacker = zlib.decompressobj(31)
        raw = unpacker.decompress(content, LARGEST)
    except zlib.error:
        raise _bad(name, "its compression is broken.") from None
    if unpacker.unconsumed_tail:
        raise _bad(name, "it is too large.")
    return raw


def _affine(raw: bytes, order: str) -> Matrix:
    sides = struct.unpack_from(f"{order}8f", raw, 76)
    qform, sform = struct.unpack_from(f"{order}2h", raw, 252)
    affine = np.eye(4)
    if sform > 0:
        affine[:3] = np.reshape(struct.unpack_from(f"{order}12f", raw, 280), (3, 4))
    elif qform > 0:
        b, c, d, x, y, z = struct.unpack_from(f"{order}6f", raw, 256)
        a = np.sqrt(max(0.0, 1.0 - b * b - c * c - d * d))
        scale = np.array([sides[1], sides[2], sides[3] * (-1 if sides[0] < 0 else 1)])
        affine[:3, :3] = _rotation(float(a), b, c, d) * scale
        affine[:3, 3] = x, y, z
    else:
        affine[:3, :3] = np.diag(sides[1:4])
    return affine


def _rotation(a: float, b: float, c: float, d: float) -> Matrix:
    """The rotation of the unit quaternion (a, b, c, d)."""
    return np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )


def _quaternion(affine: Matrix) -> tuple[tuple[float, float, float], float]:
    """(b, c, d) of the affine's rotation, and -1 where the third axis is mirrored."""
    turn = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    handed = 1.0 if np.linalg.det(turn) > 0 else -1.0
    turn = turn * np.array([1.0, 1.0, handed])
    # The eigenvector of the largest eigenvalue of Bar-Itzhack's matrix (2000, J Guid
    # Control Dyn 23:1085) is the quaternion of the nearest rotation.
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = turn
    k = np.array(
        [
            [xx - yy - zz, xy + yx, xz + zx, zy - yz],
            [xy + yx, yy - xx - zz, yz + zy, xz - zx],
            [xz + zx, yz + zy, zz - xx - yy, yx - xy],
            [zy - yz, xz - zx, yx - xy, xx + yy + zz],
        ]
    )
    b, c, d, a = np.linalg.eigh(k / 3)[1][:, -1]
    sign = -1.0 if a < 0 else 1.0
    return (float(sign * b), float(sign * c), float(sign * d)), handed
