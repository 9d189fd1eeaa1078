"""What the demonstration is built from: citations and numbers, with their sources.

- ``triptans_citations.csv``: 671 citations of a drug-class review of triptans with its
  screening labels (Cohen 2006, J Am Med Inform Assoc 13:206). No abstracts.
- ``triptans_arms.csv``: 182 arms of 70 trials, headache-free at 2 hours (Thorlund 2014,
  Cephalalgia 34:258).
- ``fibromyalgia_arms.csv``: arms of 18 trials of antidepressants (Häuser 2009,
  JAMA 301:198).
"""

import csv
import io
import re
from collections import defaultdict
from dataclasses import dataclass, field
from importlib import resources

SEED = 20260115  # of the second reviewer's disagreements


@dataclass(frozen=True)
class Citation:
    """A reference with the decisions of the source review."""

    pmid: str
    title: str
    authors: str
    year: str
    title_abstract: str
    full_text: str


@dataclass(frozen=True)
class ArmNumbers:
    """One arm: its treatment, and outcome -> part -> number as text."""

    treatment: str
    dose: str
    total: str
    results: dict[str, dict[str, str]]


@dataclass
class Trial:
    """A trial as its source names it."""

    key: str
    label: str
    arms: list[ArmNumbers] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def year(self) -> int:
        """The year in the label."""
        found = re.search(r"(19|20)\d\d", self.label)
        return int(found[0]) if found else 0

    @property
    def family(self) -> str:
        """The first author's family name: "Tfelt-Hansen" of "Tfelt-Hansen P 2006"."""
        words = re.split(r"(?:19|20)\d\d", self.label)[0].split()
        return words[0] if len(words) == 1 else " ".join(w for w in words if not w.isupper())


def rows(name: str) -> list[dict[str, str]]:
    """The lines of one source file."""
    text = resources.files("reviewtool.demo").joinpath("sources", name).read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def citations() -> list[Citation]:
    """The 671 citations of Cohen 2006."""
    return [Citation(**row) for row in rows("triptans_citations.csv")]


def spaced(label: str) -> str:
    """A label whose parts the source ran together.

    >>> spaced("BrandesJL2005"), spaced("Stark R2002 attack1")
    ('Brandes JL 2005', 'Stark R 2002 attack 1')
    """
    label = re.sub(r"(?<=[a-zö])(?=[A-Z]{1,3}\b|[A-Z]{1,3}\d)", " ", label)
    return re.sub(r"(?<=[A-Za-z])(?=\d)", " ", label)


def triptan_trials() -> list[Trial]:
    """The 70 trials of Thorlund 2014; the placebo arm comes last."""
    trials: dict[str, Trial] = {}
    for row in rows("triptans_arms.csv"):
        trial = trials.setdefault(row["trial"], Trial(row["trial"], spaced(row["label"])))
        numbers = {"free": {"events": row["events"], "total": row["total"]}}
        trial.arms.append(ArmNumbers(row["treatment"], row["dose"], row["total"], numbers))
    for trial in trials.values():
        trial.arms.sort(key=lambda arm: arm.treatment == "placebo")
    return list(trials.values())


def fibromyalgia_trials() -> list[Trial]:
    """The 18 trials of Häuser 2009; arms are numbered as the source names them."""
    trials: dict[str, Trial] = {}
    arms: dict[str, dict[str, dict[str, dict[str, str]]]] = defaultdict(lambda: defaultdict(dict))
    drugs: dict[tuple[str, str], str] = {}
    for row in rows("fibromyalgia_arms.csv"):
        trial = trials.setdefault(row["trial"], Trial(row["trial"], row["label"]))
        trial.facts |= {
            "country": row["country"],
            "weeks": row["weeks"],
            "percent_female": row["percent_female"],
            "mean_age": row["mean_age"],
        }
        for arm, side in ((row["arm"], "drug"), (row["control"], "control")):
            drugs[trial.key, arm] = row["drug"] if side == "drug" else "placebo"
            arms[trial.key][arm][row["outcome"]] = {
                "n": row[f"n_{side}"],
                "mean": row[f"mean_{side}"],
                "sd": row[f"sd_{side}"],
            }
    for key, trial in trials.items():
        for arm, results in arms[key].items():
            total = str(max(int(parts["n"]) for parts in results.values()))
            trial.arms.append(ArmNumbers(drugs[key, arm], "", total, results))
        trial.arms.sort(key=lambda arm: arm.treatment == "placebo")
    return list(trials.values())
