"""Forest plots for tests: many or few studies, subgroups, long names, lights, columns."""

from dataclasses import replace

from reviewtool.charts.forest import (
    Between,
    Column,
    Domain,
    Forest,
    Pooling,
    Section,
    Study,
    Summary,
)

NAMES = (
    "Visser 1996",
    "Allen 1998",
    "Çelik and Sørensen-Østergård 2004",
    "Linde 2005",
    "The acupuncture and chronic low back pain collaborative group of the eastern hospitals 2011",
    "Cady 1991",
)
DOMAINS = tuple(
    Domain(f"D{i}", name)
    for i, name in enumerate(
        (
            "Randomisation process",
            "Deviations from the intended interventions",
            "Missing outcome data",
            "Measurement of the outcome",
            "Selection of the reported result",
        ),
        1,
    )
)
WORDS = ("Low", "Some concerns", "High")
EVENTS = (
    Column("Acupuncture", "Events/total", ("Events", "Total"), "{0}/{1}"),
    Column("Sham acupuncture", "Events/total", ("Events", "Total"), "{0}/{1}"),
)


def study(i: int, *, long: bool) -> Study:
    """Study ``i``: its effect goes up and down, every fifth was reported as a comparison."""
    point = 0.6 + 0.17 * (i * 7 % 5)
    half = 1.25 + 0.13 * (i % 4)
    name = NAMES[i % len(NAMES)] if long else f"Study {i + 1}"
    arms = ("", "", "", "") if i % 5 == 4 else (str(10 + i), str(50 + i), str(14 + i), "49")
    return Study(
        name if i < len(NAMES) or not long else f"{name} {i}",
        point,
        point / half,
        point * half,
        1.0 + i % 3,
        arms,
        more=(str(1990 + i % 30), ("needles at P6", "electroacupuncture, 2 Hz")[i % 2]),
        bias=tuple(WORDS[(i + j) % 3] if (i + j) % 7 else "" for j in range(len(DOMAINS))),
    )


def pooled(label: str, k: int, between: Between | None = None) -> Summary:
    """A diamond of ``k`` studies."""
    return Summary(
        label,
        0.82,
        0.71,
        0.95,
        100.0,
        ("310", "1 020", "402", "1 001"),
        prediction=(0.5, 1.36) if between or k > 2 else None,
        pooled=Pooling(
            0.0213,
            14.31,
            max(k - 1, 0),
            0.0392,
            34.2,
            -2.61,
            None,
            0.0091,
            "random",
            "REML",
            between,
        ),
        k=k,
    )


def forest(
    k: int = 5,
    layout: str = "",
    *,
    groups: int = 1,
    long: bool = True,
    arms: bool = True,
    lights: bool = True,
    more: bool = True,
) -> Forest:
    """A plot of ``k`` studies in ``groups`` subgroups, with all that it can have."""
    every = [study(i, long=long) for i in range(k)]
    size = -(-k // groups)
    sections = [every[i : i + size] for i in range(0, k, size)]
    kept = [
        tuple(
            replace(
                one,
                cells=one.cells if arms else (),
                more=one.more if more else (),
                bias=one.bias if lights else (),
            )
            for one in part
        )
        for part in sections
    ]
    between = Between(3.21, groups - 1, 0.073) if groups > 1 else None
    titles = ("Electroacupuncture", "Needles at P6 with usual care, as often as wanted") * groups
    return Forest(
        "OR",
        tuple(
            Section(part, titles[i], pooled("Subtotal", len(part))) if groups > 1 else Section(part)
            for i, part in enumerate(kept)
        ),
        (pooled("All studies (random effects)", k, between),),
        EVENTS if arms else (),
        ("Favours acupuncture", "Favours sham acupuncture"),
        notes=("Random effects by inverse variance; τ² by REML; Wald intervals.",),
        title="Pain relief, 3 months: acupuncture versus sham acupuncture",
        more=(Column("Year"), Column("Needling")) if more else (),
        bias=DOMAINS if lights else (),
        layout=layout,
    )
