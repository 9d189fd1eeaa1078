"""The columns of a table of studies: what each role is called, and by whom.

A role is found under its own name and under the words in use, whatever their case and
punctuation. R's metafor, meta and netmeta, RevMan and Stata name theirs; others follow
how reports print them.
"""

import re
from typing import NamedTuple


class Role(NamedTuple):
    """What a column can be. option: how the command line lets it be chosen."""

    option: str
    words: str
    synonyms: tuple[str, ...]


ROLES: dict[str, Role] = {
    "study": Role(
        "--col-study",
        "name of the study",
        ("study", "studlab", "author", "trial", "label", "slab", "studyid", "studyname"),
    ),
    "treatment": Role(
        "--col-treatment",
        "treatment of an arm",
        ("treatment", "arm", "group", "treat", "intervention"),
    ),
    "treat1": Role("--col-treat1", "first treatment of a contrast", ("treat1", "treatment1", "t1")),
    "treat2": Role(
        "--col-treat2",
        "second treatment of a contrast",
        ("treat2", "treatment2", "t2", "comparator"),
    ),
    "event": Role("--col-event", "events in an arm", ("event", "events", "r", "responders")),
    "n": Role("--col-n", "people in an arm", ("n", "total", "samplesize", "size")),
    "time": Role("--col-time", "person-time of an arm", ("time", "persontime", "exposure")),
    "mean": Role("--col-mean", "mean of an arm", ("mean", "m")),
    "sd": Role("--col-sd", "standard deviation of an arm", ("sd", "stddev", "standarddeviation")),
    "sem": Role(
        "--col-sem",
        "standard error of a mean",
        ("sem", "semean", "standarderrorofthemean", "semofmean"),
    ),
    "yi": Role(
        "--col-yi",
        "effect on the analysis scale (log for ratios)",
        (
            *("yi", "te", "y", "logestimate", "loges", "lnes"),
            *("logor", "lnor", "logrr", "lnrr", "loghr", "lnhr", "logirr", "lnirr"),
            *("beta", "coef", "coefficient"),
        ),
    ),
    "est": Role(
        "--col-estimate",
        "effect as printed (a ratio not logged)",
        (
            *("est", "estimate", "es", "pointestimate"),
            *("hr", "hazardratio", "or", "oddsratio", "rr", "riskratio", "relativerisk", "irr"),
            *("rateratio", "rd", "riskdifference", "md", "meandifference", "smd"),
        ),
    ),
    "effect": Role(
        "--col-estimate or --col-yi", "effect, its scale not said", ("effect", "effectsize")
    ),
    "vi": Role("--col-vi", "variance of the effect", ("vi", "variance", "v", "var")),
    "sei": Role(
        "--col-se",
        "standard error of the effect (log scale for ratios)",
        (
            *("sei", "sete", "se", "stderr", "standarderror", "setreat", "seeffect", "seyi"),
            *("loghrse", "lnhrse", "logorse", "lnorse", "logrrse", "lnrrse", "yise", "tese"),
            *("selogor", "selnor", "selogrr", "selnrr", "seloghr", "selnhr", "seloges"),
        ),
    ),
    "lb": Role(
        "--col-lower",
        "lower limit of the interval",
        (
            *("lb", "lower", "cilow", "cilb", "lowerci", "ll", "lci", "cilower", "lcl", "low"),
            *("cil", "lowercl", "lowerlimit", "25", "lo"),
        ),
    ),
    "ub": Role(
        "--col-upper",
        "upper limit of the interval",
        (
            *("ub", "upper", "cihigh", "ciub", "upperci", "ul", "uci", "ciupper", "ucl", "high"),
            *("ciu", "uppercl", "upperlimit", "975", "hi"),
        ),
    ),
    "ci_level": Role(
        "--col-level",
        "level of the study's interval, per cent",
        ("level", "cilevel", "levelci", "confidencelevel", "conflevel", "intervallevel"),
    ),
    "pval": Role("--col-p", "two-sided p-value of the effect", ("pval", "pvalue", "p")),
    "ai": Role(
        "--col-ai",
        "events in arm 1",
        (
            *("ai", "event1", "events1", "evente", "r1", "r1i", "tpos", "eventsexperimental"),
            *("experimentalevents", "interventionevents", "treatmentevents"),
            *("eventsintervention", "eventstreatment"),
        ),
    ),
    "bi": Role("--col-bi", "people without the event in arm 1", ("bi", "nonevents1", "tneg")),
    "ci": Role(
        "--col-ci",
        "events in arm 2",
        (
            *("ci", "event2", "events2", "eventc", "r2", "r2i", "cpos", "eventscontrol"),
            *("controlevents", "comparatorevents", "eventscomparator"),
        ),
    ),
    "di": Role("--col-di", "people without the event in arm 2", ("di", "nonevents2", "cneg")),
    "se_baseline": Role(
        "--col-se-baseline",
        "standard error of the common arm of a study, on the analysis scale",
        ("sebaseline", "baselinese", "secommonarm", "secontrolarm"),
    ),
    "n1i": Role(
        "--col-n1i",
        "people in arm 1",
        (
            *("n1i", "n1", "total1", "ne", "ntreat", "totalexperimental", "totale"),
            *("experimentaltotal", "interventiontotal", "treatmenttotal", "ntreatment"),
            *("totalintervention", "totaltreatment", "nintervention", "nexperimental"),
        ),
    ),
    "n2i": Role(
        "--col-n2i",
        "people in arm 2",
        (
            *("n2i", "n2", "total2", "nc", "ncontrol", "totalcontrol", "totalc"),
            *("controltotal", "comparatortotal", "totalcomparator", "ncomparator"),
        ),
    ),
    "m1i": Role(
        "--col-m1i",
        "mean of arm 1",
        ("m1i", "mean1", "m1", "meane", "meantreatment", "meanintervention"),
    ),
    "m2i": Role("--col-m2i", "mean of arm 2", ("m2i", "mean2", "m2", "meanc", "meancontrol")),
    "sd1i": Role(
        "--col-sd1i",
        "standard deviation of arm 1",
        ("sd1i", "sd1", "sde", "sdtreatment", "sdintervention"),
    ),
    "sd2i": Role("--col-sd2i", "standard deviation of arm 2", ("sd2i", "sd2", "sdc", "sdcontrol")),
    "sem1i": Role(
        "--col-sem1i",
        "standard error of the mean of arm 1",
        ("sem1i", "sem1", "se1", "se1i", "seme"),
    ),
    "sem2i": Role(
        "--col-sem2i",
        "standard error of the mean of arm 2",
        ("sem2i", "sem2", "se2", "se2i", "semc"),
    ),
    "x1i": Role("--col-x1i", "events in person-time, arm 1", ("x1i", "x1")),
    "x2i": Role("--col-x2i", "events in person-time, arm 2", ("x2i", "x2")),
    "t1i": Role("--col-t1i", "person-time of arm 1", ("t1i", "time1", "persontime1", "timee")),
    "t2i": Role("--col-t2i", "person-time of arm 2", ("t2i", "time2", "persontime2", "timec")),
    "xi": Role("--col-xi", "events in the only group", ("xi", "x", "cases", "event", "events")),
    "ni": Role("--col-ni", "people in the study", ("ni", "n", "total", "samplesize", "ntotal")),
    "ti": Role("--col-ti", "person-time of the only group", ("ti", "persontime", "time")),
    "mi": Role("--col-mi", "mean of the only group (or people without the event)", ("mi", "mean")),
    "sdi": Role("--col-sdi", "standard deviation of the only group", ("sdi", "sd")),
    "ri": Role("--col-ri", "correlation", ("ri", "cor", "correlation", "r")),
}
# Columns that hold counts of people or of events.
COUNTS = frozenset({"event", "n", "ai", "bi", "ci", "di", "n1i", "n2i", "x1i", "x2i", "xi", "ni"})


def plain_name(name: str) -> str:
    """A heading without case and punctuation.

    >>> plain_name("95% CI, lower")
    '95cilower'
    """
    return "".join(c for c in name.casefold() if c.isalnum())


def limit_name(name: str, role: str) -> str:
    """A limit's heading without the level of its interval; empty for other roles.

    >>> limit_name("95% CI, lower", "lb"), limit_name("95", "n")
    ('cilower', '')
    """
    if role not in ("lb", "ub"):
        return ""
    return re.sub(r"(?:80|90|95|98|99)(?:pct|percent)?", "", plain_name(name))
