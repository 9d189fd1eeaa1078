"""Acupuncture for chronic pain: a published summary, trials beside it, and a map of pain.

Facts and numbers with their sources; no abstract and no file is shipped:

- The pooled results of a review of 17 randomised trials with 750 participants (Frontiers in
  Neurology) as its summary reports them. It gives p < 0.00001 and no interval, so standard
  errors are the largest that this p-value allows: entered as comparisons, and labelled so.
- ``p6_arms.csv``: 16 trials of stimulation at point P6 (Lee and Done 2004, CD003281).
- Vickers 2004 (BMJ 328:744): headache score of 401 patients, means of the patients with data.
  Why patients withdrew is in the same file: counted among all randomised.
- Allais 2011 (Neurol Sci 32:173): 89 patients, free of pain.
- ``pain_foci.csv``: peaks of 21 imaging studies of pain (NeuroVault collection 1425).
"""

from dataclasses import dataclass, field
from datetime import date

from reviewtool.demo import steps
from reviewtool.demo.acupuncture_plan import ACUPUNCTURE, SHAM, USUAL
from reviewtool.demo.sources import SEED, rows
from reviewtool.demo.steps import Stage
from reviewtool.extraction.rules.cells import arm_path, contrast_path, group_path
from reviewtool.extraction.rules.foci import experiment_path, focus_path
from reviewtool.references.models import SourceKind
from reviewtool.screening.rules.outcome import Phase, Vote

TITLE = "Acupuncture for chronic pain"
NOTE = (
    "A demonstration. Five results are the pooled ones that a published review of 17 trials with "
    "750 participants reports; it gives p < 0.00001 and no intervals, so their standard errors are "
    "the largest that this p-value allows. Beside them stand 16 trials of P6 stimulation for "
    "nausea, two trials of headache and migraine, and the peaks of 21 imaging studies of pain."
)
Z = 4.417173  # two-sided p of 0.00001
PUBLISHED = {  # outcome -> (estimate as read, standard error on the analysis scale)
    "acc": ("0.27", 0.27 / Z),
    "s1": ("0.30", 0.30 / Z),
    "dmn": ("0.29", 0.29 / Z),
    "vas": ("-2.31", 2.31 / Z),
    "relief": ("4.30", 1.458615 / Z),  # of the log odds ratio
}
HEADACHE = {  # time -> (acupuncture, usual care): mean, SD, patients with data
    "3 months": (("19.0520", "15.6508", "173"), ("24.4771", "17.5925", "153")),
    "12 months": (("16.2468", "13.7183", "161"), ("22.3435", "17.0109", "140")),
}


HARMS = {"withdrawn": ("1", "0"), "deaths": ("0", "1")}  # of acupuncture, of usual care


@dataclass
class Entry:
    """A study of the demonstration: its record, and its cells by outcome key."""

    key: str
    label: str
    title: str
    year: int
    arms: tuple[str, str]
    sizes: tuple[str, str] = ("", "")
    groups: dict[tuple[str, str], tuple[dict[str, str], dict[str, str]]] = field(
        default_factory=dict
    )
    contrasts: dict[str, tuple[str, float]] = field(default_factory=dict)
    foci: list[tuple[str, str, str]] = field(default_factory=list)
    source: str = ""

    def cells(self, outcomes: dict[str, int]) -> dict[str, str]:
        """Everything as cells of the extraction form."""
        found = {}
        for number, (arm, size) in enumerate(zip(self.arms, self.sizes, strict=True), 1):
            found[arm_path(number, "name")] = arm[:1].upper() + arm[1:]
            found[arm_path(number, "treatment")] = arm
            if size:
                found[arm_path(number, "n")] = size
        for (outcome, time), sides in self.groups.items():
            for number, parts in enumerate(sides, 1):
                for part, value in parts.items():
                    found[group_path(outcomes[outcome], time, number, part)] = value
        for outcome, (estimate, se) in self.contrasts.items():
            found[contrast_path(outcomes[outcome], "", 1, 2, "estimate")] = estimate
            found[contrast_path(outcomes[outcome], "", 1, 2, "se")] = str(round(se, 6))
        if self.foci:
            facts = {"name": "Pain", "n": self.sizes[0], "modality": "functional"}
            facts |= {"direction": "increase", "space": "MNI"}
            found |= {experiment_path(1, part): value for part, value in facts.items()}
            for number, point in enumerate(self.foci, 1):
                found[focus_path(1, number, "at")] = " ".join(point)
        return found


def entries() -> list[Entry]:
    """All 40 studies."""
    return [_published(), *_p6(), _vickers(), _allais(), *_brain()]


def _published() -> Entry:
    return Entry(
        "MODEL-REVIEW",
        "Published pooled result (17 trials)",
        "Acupuncture for chronic pain: pooled results of 17 randomised trials, as published",
        2025,
        ("acupuncture", SHAM),
        contrasts=dict(PUBLISHED),
        source="Summary of the published review; standard error from p < 0.00001",
    )


def _p6() -> list[Entry]:
    return [
        Entry(
            f"P6-{number:02d}",
            f"{row['study']} {row['year']}",
            f"{row['study']} {row['year']}: stimulation of the wrist point P6 against nausea",
            int(row["year"]),
            ("P6 stimulation", "sham stimulation"),
            (row["p6_total"], row["sham_total"]),
            {
                ("nausea", ""): (
                    {"events": row["p6_events"], "total": row["p6_total"]},
                    {"events": row["sham_events"], "total": row["sham_total"]},
                )
            },
            source="Lee and Done 2004, CD003281",
        )
        for number, row in enumerate(rows("p6_arms.csv"), 1)
    ]


def _vickers() -> Entry:
    def side(values: tuple[str, str, str]) -> dict[str, str]:
        return dict(zip(("mean", "sd", "n"), values, strict=True))

    return Entry(
        "VICKERS-2004",
        "Vickers 2004",
        "Vickers 2004: acupuncture for chronic headache in primary care",
        2004,
        ("acupuncture", USUAL),
        ("205", "196"),
        {("headache", time): (side(one), side(two)) for time, (one, two) in HEADACHE.items()}
        | {
            (harm, ""): ({"events": one, "total": "205"}, {"events": two, "total": "196"})
            for harm, (one, two) in HARMS.items()
        },
        source="Individual data of the trial: means of the patients with data",
    )


def _allais() -> Entry:
    return Entry(
        "ALLAIS-2011",
        "Allais 2011",
        "Allais 2011: ear acupuncture for migraine",
        2011,
        ("ear acupuncture", "sham points"),
        ("43", "46"),
        {
            ("migraine", ""): (
                {"events": "10", "total": "43"},
                {"events": "2", "total": "46"},
            )
        },
        source="Individual data of the trial",
    )


def _brain() -> list[Entry]:
    found: dict[str, Entry] = {}
    for row in rows("pain_foci.csv"):
        number = row["study"].removeprefix("pain_")
        entry = found.setdefault(
            row["study"],
            Entry(
                f"PAIN-{number}",
                f"Pain imaging {number}",
                f"Imaging study {number} of NeuroVault collection 1425: painful stimuli",
                2016,
                ("painful stimulus", "control stimulus"),
                (row["n"], row["n"]),
                source="NeuroVault collection 1425",
            ),
        )
        entry.foci.append((row["x"], row["y"], row["z"]))
    return list(found.values())


def build(stage: Stage) -> None:
    """Protocol, import, screening and extraction; the analyses follow by themselves."""
    every = entries()
    outcomes = steps.write_protocol(stage, ACUPUNCTURE)
    lines = [(one.key, one.title, one.label.rsplit(" ", 1)[0], str(one.year)) for one in every]
    steps.import_table(
        stage,
        "acupuncture_sets.csv",
        steps.table(["Accession Number", "Title", "Authors", "Year"], lines),
        database="Published sets of acupuncture and pain",
        kind=SourceKind.CITATION,
        searched_on=date(2026, 1, 5),
    )
    for phase in Phase:
        steps.screen(stage, phase, lambda record: Vote.INCLUDE, 0.0, SEED)
    ids = steps.a_study_each(stage, [(e.key, e.label, e.year, e.source) for e in every])
    form = steps.form_of(stage)
    for number, one in enumerate(every):
        if number % 8 == 0:
            stage.tell(f"Extracting in duplicate: {number} of {len(every)} studies")
        steps.extract(stage, form, ids[one.key], one.cells(outcomes), None, one.source)
