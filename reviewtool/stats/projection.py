"""Weighted least squares seen through P = W - W X (X'WX)^-1 X'W.

No k x k matrix is ever formed: an orthonormal basis of W^(1/2) X gives every trace in
O(k p^2), and for the mean alone every trace is a short sum.
"""

import numpy as np

from reviewtool.stats.arrays import Matrix, Vector

DWARFED = 1e-6  # products of unlike weights below this share of the squares lose digits


class Projection:
    """Weighted least squares seen through P, for one set of weights (w, shape (k,))."""

    __slots__ = ("basis", "root", "w")

    def __init__(self, w: Vector, x: Matrix) -> None:
        self.w, self.root = w, np.sqrt(w)
        self.basis: Matrix = np.linalg.qr(self.root[:, None] * x)[0]  # of W^(1/2) X

    @staticmethod
    def of(w: Vector, x: Matrix | None) -> "Projection | Mean":
        """w: (k,) weights > 0; x: (k, p) of full rank, or None for the mean."""
        return Mean(w) if x is None else Projection(w, x)

    def leverage(self) -> Vector:
        """Diagonal of the hat matrix, shape (k,)."""
        diagonal: Vector = np.einsum("ij,ij->i", self.basis, self.basis)
        return diagonal

    def trace(self) -> float:
        """tr P."""
        return float(self.w @ (1 - self.leverage()))

    def trace2(self) -> float:
        """tr PP."""
        inner = self.basis.T @ (self.w[:, None] * self.basis)
        square = self.w * self.w
        return float(square.sum() - 2 * (square @ self.leverage()) + np.sum(inner * inner))

    def traces_with(self, v: Vector) -> tuple[float, float]:
        """(tr PVPV, tr PVP) with V = diag(v)."""
        wv, h, q = self.w * v, self.leverage(), self.basis
        inner, plain = q.T @ (wv[:, None] * q), q.T @ (self.w[:, None] * q)
        both = float(wv @ wv - 2 * (wv * wv) @ h + np.sum(inner * inner))
        one = self.w * wv
        return both, float(one.sum() - 2 * one @ h + np.sum(plain * inner))

    def sums(self, y: Vector) -> tuple[float, float]:
        """(y'Py, y'PPy): the weighted residual sum of squares, and minus its slope in tau2."""
        z = self.root * y
        r = z - self.basis @ (self.basis.T @ z)
        return float(r @ r), float(self.w @ (r * r))

    def quadratic(self, y: Vector) -> float:
        """y'Py."""
        return self.sums(y)[0]


class Mean:
    """The same for the mean alone, where every trace is a short sum.

    Sums of products of different weights stay exact when one weight dwarfs the others:
    subtracting squares from the squared sum would leave nothing but rounding.
    """

    __slots__ = ("largest", "total", "unlike", "w", "w2")

    def __init__(self, w: Vector) -> None:
        self.w, self.total, self.w2 = w, float(w.sum()), float(w @ w)
        self.unlike = self.total * self.total - self.w2  # sum of w_i w_j over i != j
        self.largest: int | None = None  # the study whose weight dwarfs all others
        if self.unlike < DWARFED * self.w2:
            self.largest = int(np.argmax(w))
            rest = np.delete(w, self.largest)
            others = float(rest.sum())
            self.unlike = others * (2 * float(w[self.largest]) + others) - float(rest @ rest)

    def leverage(self) -> Vector:
        """Diagonal of the hat matrix, shape (k,)."""
        return self.w / self.total

    def trace(self) -> float:
        """tr P."""
        return self.unlike / self.total

    def trace2(self) -> float:
        """tr PP."""
        if self.largest is None:
            cubes = float(self.w @ (self.w * self.w))
            return self.w2 - 2 * cubes / self.total + (self.w2 / self.total) ** 2
        top, rest = float(self.w[self.largest]), np.delete(self.w, self.largest)
        others, squares = float(rest.sum()), rest * rest
        diagonal = float(squares @ (self.total - rest) ** 2) + (top * others) ** 2
        outside = float(squares.sum()) * (2 * top * top + float(squares.sum()))
        return (diagonal + outside - float(squares @ squares)) / self.total**2

    def traces_with(self, v: Vector) -> tuple[float, float]:
        """(tr PVPV, tr PVP) with V = diag(v)."""
        wv = self.w * v
        part = float(wv @ self.w) / self.total
        both = float(wv @ wv) - 2 * float((wv * wv) @ self.w) / self.total + part**2
        one = self.w * wv
        cross = part * self.w2 / self.total
        return both, float(one.sum()) - 2 * float(one @ self.w) / self.total + cross

    def sums(self, y: Vector) -> tuple[float, float]:
        """(y'Py, y'PPy)."""
        r = y - float(self.w @ y) / self.total
        wr = self.w * r
        return float(wr @ r), float(wr @ wr)

    def quadratic(self, y: Vector) -> float:
        """y'Py."""
        return self.sums(y)[0]
