"""Component network meta-analysis: the effect of a combination is the sum of its parts.

Treatments are combinations of components, written "A + B". The additive model gives each
component an effect; an interaction term lets two components together do more or less than
their sum. Parts of a network that no study connects are joined where they share components.
Sources: Ruecker, Petropoulou & Schwarzer 2020, Biom J 62:808; Welton 2009, Am J Epidemiol
169:1158.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import nan, sqrt

import numpy as np

from reviewtool.stats import heterogeneity
from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.distributions import critical, normal_p
from reviewtool.stats.errors import BadInput, NotEstimable, UnknownChoice
from reviewtool.stats.network.between import METHODS
from reviewtool.stats.network.contrasts import Contrasts
from reviewtool.stats.network.evidence import Evidence, gather
from reviewtool.stats.network.model import ChiSquare
from reviewtool.stats.network.order import order_of

PLUS, TIMES = "+", "*"
SMALL = 1e-8  # of a vector's length: what lies outside of what the data speak of


def components_of(treatment: str) -> tuple[str, ...]:
    """The components of a treatment, each once.

    >>> components_of("CBT + placebo"), components_of("CBT")
    (('CBT', 'placebo'), ('CBT',))
    """
    parts = (" ".join(part.split()) for part in treatment.split(PLUS))
    return tuple(dict.fromkeys(part for part in parts if part))


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """An effect that the model gives: NaN where the data do not determine it."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p: float


@dataclass(frozen=True, slots=True, eq=False)
class ComponentNetwork:
    """A fitted additive model, on the analysis scale (log for ratios).

    terms: components and interactions, without inactive ones. design: shape (n, c), which
    terms each treatment of ``evidence`` has. beta, covariance: (c,), (c, c) of the model
    asked for. basis: (c, r), what of the terms the data determine. q_additive: heterogeneity
    and inconsistency around the additive model, q_standard around the network's,
    q_difference: what additivity adds; all with a common effect.
    """

    evidence: Evidence = field(repr=False)
    terms: tuple[str, ...]
    design: Matrix = field(repr=False)
    model: str
    method: str
    level: float
    beta: Vector
    covariance: Matrix = field(repr=False)
    basis: Matrix = field(repr=False)
    tau2: float
    q_additive: ChiSquare
    q_standard: ChiSquare
    q_difference: ChiSquare
    inactive: str = ""

    @property
    def treatments(self) -> tuple[str, ...]:
        """Combinations, in the order of ``design``."""
        return self.evidence.treatments

    def of(self, weights: Vector) -> Combined:
        """A weighted sum of the terms. weights: shape (c,)."""
        inside = self.basis @ (self.basis.T @ weights)
        size = float(np.linalg.norm(weights))
        if size > 0 and float(np.linalg.norm(weights - inside)) > SMALL * size:
            return Combined(nan, nan, nan, nan, nan)
        estimate = float(weights @ self.beta)
        se = sqrt(max(float(weights @ self.covariance @ weights), 0.0))
        half = critical(self.level, None) * se
        p = normal_p(estimate / se) if se > 0 else nan
        return Combined(estimate, se, estimate - half, estimate + half, p)

    def term(self, name: str) -> Combined:
        """The effect of one component, or of one interaction."""
        return self.of(np.eye(len(self.terms))[self.terms.index(name)])

    def versus(self, first: str, second: str) -> Combined:
        """One combination against another, also where no study connects the two."""
        at = self.treatments.index
        return self.of(self.design[at(first)] - self.design[at(second)])

    def studies_of(self, term: str) -> int:
        """How many studies have a treatment with a term and one without it."""
        column = self.design[:, self.terms.index(term)]
        return sum(len({float(column[i]) for i in s.arms}) > 1 for s in self.evidence.studies)


def fit_components(
    contrasts: Contrasts,
    *,
    method: str = "REML",
    model: str = "random",
    level: float = 95.0,
    inactive: str = "",
    interactions: Sequence[str] = (),
    inconsistent: str = "refuse",
) -> ComponentNetwork:
    """The additive model of a network whose treatments are combinations.

    inactive: a component without any effect, such as placebo; "" for none. interactions:
    pairs of components, "A*B". method: DL, REML or ML for tau2, around the additive model.
    Raises UnknownChoice, BadInput, NotEstimable, and what ``gather`` raises.

    >>> from reviewtool.stats.network import given_contrasts
    >>> c = given_contrasts("123", ["A", "B", "A + B"], ["P"] * 3, [1.0, 2.0, 3.0], [1.0] * 3)
    >>> net = fit_components(c, model="common", inactive="P")
    >>> net.terms, net.beta.round(6).tolist(), net.q_difference.df
    (('A', 'B'), [1.0, 2.0], 1)
    """
    for what, given, known in (
        ("Method", method, METHODS),
        ("Model", model, ("common", "random")),
    ):
        if given not in known:
            raise UnknownChoice(what=what, given=given, choices=", ".join(known))
    evidence = gather(contrasts, inconsistent=inconsistent, connected=False)
    terms, design = design_of(evidence.treatments, inactive, interactions)
    x = evidence.x @ design
    basis, rank = _row_space(x)
    if rank == 0:
        raise NotEstimable(
            what="The additive model",
            reason="no study compares treatments that differ in a component",
            remedy="Choose another inactive component, or write combinations as A + B.",
        )
    reduced = x @ basis
    _, rank_of_all = _row_space(evidence.x)
    y, v = evidence.y, evidence.v
    df = y.size - rank
    estimated = heterogeneity.tau2(y, v, reduced, method)[0] if df > 0 else 0.0
    tau2 = estimated if model == "random" else 0.0
    root = 1 / np.sqrt(v + tau2)
    q, r = np.linalg.qr(reduced * root[:, None])
    inverse = np.linalg.inv(r)
    gamma = inverse @ (q.T @ (y * root))
    additive = _q(y, v, x)
    standard = _q(y, v, evidence.x)
    return ComponentNetwork(
        evidence,
        terms,
        design,
        model,
        method,
        level,
        basis @ gamma,
        basis @ inverse @ inverse.T @ basis.T,
        basis,
        estimated,
        ChiSquare.of(additive, df),
        ChiSquare.of(standard, y.size - rank_of_all),
        ChiSquare.of(additive - standard, rank_of_all - rank),
        inactive,
    )


def design_of(
    treatments: Sequence[str], inactive: str = "", interactions: Sequence[str] = ()
) -> tuple[tuple[str, ...], Matrix]:
    """(terms, (n, c) design) of combinations. Raises UnknownChoice, BadInput.

    >>> design_of(["A + B", "A", "P"], "P")[1].tolist()
    [[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
    """
    spelled: dict[str, str] = {}
    parts = [
        tuple(spelled.setdefault(_plain(part), part) for part in components_of(t))
        for t in treatments
    ]
    inactive = spelled.get(_plain(inactive), inactive)
    known = sorted({part for own in parts for part in own}, key=order_of)
    if not any(len(own) > 1 for own in parts):
        raise BadInput(
            problem="No treatment of this network is a combination.",
            remedy="Write combinations as A + B, or fit the network without components.",
        )
    if inactive and inactive not in known:
        raise UnknownChoice(what="Component", given=inactive, choices=", ".join(known))
    active = [name for name in known if name != inactive]
    columns = [[float(name in own) for own in parts] for name in active]
    terms = list(active)
    for pair in interactions:
        both = [spelled.get(_plain(part), part.strip()) for part in pair.split(TIMES)]
        if len(both) != 2 or both[0] == both[1] or not {*both} <= {*active}:
            raise BadInput(
                problem=f"“{pair}” is no interaction of two components.",
                remedy=f"Write two of {', '.join(active)} with * between.",
            )
        together = [float({*both} <= {*own}) for own in parts]
        if not any(together):
            raise BadInput(
                problem=f"No treatment has both {both[0]} and {both[1]}.",
                remedy="Leave this interaction out.",
            )
        columns.append(together)
        terms.append(f"{both[0]}{TIMES}{both[1]}")
    return tuple(terms), np.array(columns).T.reshape(len(parts), len(terms))


def _plain(name: str) -> str:
    """A component as it is compared: case and spaces do not tell two apart."""
    return "".join(name.split()).casefold()


def _row_space(x: Matrix) -> tuple[Matrix, int]:
    """(orthonormal columns that span the rows of x, rank)."""
    _, sizes, rows = np.linalg.svd(x, full_matrices=False)
    rank = int(np.sum(sizes > SMALL * max(1.0, float(sizes[0]) if sizes.size else 1.0)))
    return np.asarray(rows[:rank].T, dtype=np.float64), rank


def _q(y: Vector, v: Vector, x: Matrix) -> float:
    """Weighted residual sum of squares around x, of any rank."""
    basis, rank = _row_space(x)
    if rank == y.size:
        return 0.0
    return float(heterogeneity.cochran_q(y, v, x @ basis))
