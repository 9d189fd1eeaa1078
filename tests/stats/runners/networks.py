"""Networks: contrasts, models, inconsistency, ranking, refusals."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reviewtool.stats.network import (
    Contrasts,
    Disconnected,
    InconsistentStudy,
    Network,
    arm_contrasts,
    fit_network,
    given_contrasts,
)
from reviewtool.stats.network.contrasts import NEEDS
from reviewtool.stats.network.evidence import reduced_weights
from reviewtool.stats.network.inconsistency import (
    DesignQ,
    design_by_treatment,
    split_nodes,
    within_comparisons,
    within_designs,
)
from reviewtool.stats.network.mantel_haenszel import mantel_haenszel_network
from reviewtool.stats.network.model import ChiSquare, Effects
from reviewtool.stats.network.ranking import (
    independent_rank_probabilities,
    p_scores,
    rank_probabilities,
    sucra,
)
from tests.stats.runners.inputs import Case, Dataset, column


def from_arms(dataset: Dataset, measure: str, incr: float = 0.5) -> Contrasts:
    numbers = {name: column(dataset, name) for name in NEEDS[measure]}
    study = [str(row["study"]) for row in dataset["rows"]]
    treatment = [row["treatment"] for row in dataset["rows"]]
    return arm_contrasts(study, treatment, measure=measure, incr=incr, **numbers)


def contrasts_of(dataset: Dataset, case: Case) -> Contrasts:
    if case["input"]["contrasts"] != "rows":
        return from_arms(dataset, case["measure"])
    rows = dataset["rows"]
    names = [[str(row[key]) for row in rows] for key in ("studlab", "treat1", "treat2")]
    return given_contrasts(
        *names, column(dataset, "TE"), column(dataset, "seTE"), measure=case["measure"]
    )


def fitted(dataset: Dataset, case: Case) -> Network:
    return fit_network(
        contrasts_of(dataset, case),
        method=case["method"],
        reference=case["options"]["reference"],
        level=case["level"],
        covariances="ignored",  # the reference was made from contrasts alone: DIVERGENCES.md
        incomplete="study",  # its README leaves such studies out as a whole
    )


def nma_contrasts(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    c = from_arms(dataset, case["measure"], case["options"].get("incr", 0.5))
    return {"studlab": c.study, "treat1": c.treat1, "treat2": c.treat2, "TE": c.te, "seTE": c.se}


def q_fields(name: str, test: ChiSquare | None) -> dict[str, Any]:
    q, df, p = test or (None, None, None)
    return {name: q, f"{name}_df": df, f"{name}_p": p}


def effects_fields(net: Network, model: str) -> dict[str, Any]:
    e: Effects = net.effects(model)
    low, high = net.interval(model)
    r = net.treatments.index(net.reference)
    return {
        "TE": e.te,
        "seTE": e.se,
        "pval": e.p,
        "vs_reference": {
            "TE": e.te[:, r],
            "se": e.se[:, r],
            "ci_lb": low[:, r],
            "ci_ub": high[:, r],
            "z": e.z[:, r],
            "pval": e.p[:, r],
        },
    }


def nma(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    net = fitted(dataset, case)
    low, high = net.prediction()
    r = net.treatments.index(net.reference)
    scores = {
        f"small_values_{word}": {
            model: p_scores(net, model, small_values=word) for model in ("common", "random")
        }
        for word in ("desirable", "undesirable")
    }
    return {
        "treatments": net.treatments,
        "k": net.k,
        "m": net.m,
        "n": len(net.treatments),
        "d": len(net.evidence.designs),
        "designs": net.evidence.designs,
        "common": effects_fields(net, "common"),
        "random": effects_fields(net, "random"),
        "prediction_vs_reference": {"lb": low[:, r], "ub": high[:, r]},
        "tau2": net.tau2 if net.q_total.df else None,
        "tau": net.tau if net.q_total.df else None,
        "I2": net.i2,
        "I2_ci": [net.i2_ci.low, net.i2_ci.high],
        **q_fields("Q_total", net.q_total),
        **q_fields("Q_within", net.q_within),
        **q_fields("Q_between", net.q_between),
        "pscore": {"treatments": net.treatments, **scores},
    }


def nma_multiarm_weights(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    net = fitted(dataset, case)
    c = net.evidence.contrasts
    first, second = net.evidence.pairs
    w = reduced_weights(net.evidence)
    swap = np.where(first > second, -1.0, 1.0)
    low, high = np.minimum(first, second), np.maximum(first, second)
    alone = np.array([c.study.count(name) == 1 for name in c.study])
    fitted_te = net.common.te[first, second]
    return {
        "studlab": c.study,
        "treat1": [net.treatments[i] for i in low],
        "treat2": [net.treatments[i] for i in high],
        "TE": c.te * swap,
        "seTE": c.se,
        "seTE_adj_common": 1 / np.sqrt(w),
        "seTE_adj_random": 1 / np.sqrt(reduced_weights(net.evidence, net.tau2)),
        "leverage": np.where(alone, w * net.common.se[first, second] ** 2, np.nan),
        "Q_per_comparison": w * (c.te - fitted_te) ** 2,
    }


def nma_error(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    try:
        fit_network(contrasts_of(dataset, case))
    except Disconnected as refusal:
        parts = [",".join(names) for names in refusal.subnets]
        return {"error": True, "reason": "disconnected", "n_subnets": len(parts), "subnets": parts}
    except InconsistentStudy:
        return {"error": True, "reason": "multi-arm contrasts inconsistent"}
    return {"error": False}


def chi_squares(tests: list[DesignQ]) -> dict[str, Any]:
    return {
        "Q": [t.test.q for t in tests],
        "df": [t.test.df for t in tests],
        "pval": [t.test.p for t in tests],
    }


def nma_design_decomposition(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    net = fitted(dataset, case)
    designs, comparisons = within_designs(net), within_comparisons(net)
    interaction = design_by_treatment(net)
    return {
        "Q_decomp": {
            "source": [str(i + 1) for i in range(len(comparisons))],
            **chi_squares(comparisons),
        },
        "within_design": {"design": [d.name for d in designs], **chi_squares(designs)},
        "design_by_treatment_random": {
            "Q": interaction.test.q,
            "df": interaction.test.df,
            "pval": interaction.test.p,
            "tau_within": interaction.tau_within,
        },
    }


def nma_node_split(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    net = fitted(dataset, case)
    both = {model: split_nodes(net, model) for model in ("common", "random")}
    fields = {
        "direct": "direct",
        "direct_se": "direct_se",
        "indirect": "indirect",
        "indirect_se": "indirect_se",
        "network": "network",
        "network_se": "network_se",
        "difference": "difference",
        "difference_se": "difference_se",
        "z": "z",
        "pval": "p",
        "prop_direct": "share",
    }
    return {
        "comparison": [f"{s.treat1}:{s.treat2}" for s in both["common"]],
        "k": [s.studies for s in both["common"]],
        **{
            model: {name: [getattr(s, attr) for s in splits] for name, attr in fields.items()}
            for model, splits in both.items()
        },
    }


def nma_rankogram(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    net, small = fitted(dataset, case), case["options"]["small_values"]
    independent = {
        model: independent_rank_probabilities(net, model, small) for model in ("common", "random")
    }
    return {
        "treatments": net.treatments,
        "sucra_common": p_scores(net, "common", small),
        "sucra_random": p_scores(net, "random", small),
        "rank_probability_random": rank_probabilities(net, "random", small),
        "netmeta_sucra_common": sucra(independent["common"]),
        "netmeta_sucra_random": sucra(independent["random"]),
        "netmeta_rank_probability_random": independent["random"],
    }


def nma_mantel_haenszel(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    study = [str(row["study"]) for row in dataset["rows"]]
    treatment = [row["treatment"] for row in dataset["rows"]]
    net = mantel_haenszel_network(study, treatment, column(dataset, "event"), column(dataset, "n"))
    return {
        "treatments": net.treatments,
        "TE": net.effects.te,
        "seTE": net.effects.se,
        "k": net.k,
        **q_fields("Q_between", net.q_between),
    }


KINDS = {
    "nma": nma,
    "nma_contrasts": nma_contrasts,
    "nma_multiarm_weights": nma_multiarm_weights,
    "nma_design_decomposition": nma_design_decomposition,
    "nma_node_split": nma_node_split,
    "nma_rankogram": nma_rankogram,
    "nma_mantel_haenszel": nma_mantel_haenszel,
    "nma_error": nma_error,
}
