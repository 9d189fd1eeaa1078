"""What a table is about: its form, and the measure it suggests."""

from reviewtool.stats.columns import plain_name
from reviewtool.stats.errors import BadSheet
from reviewtool.stats.measures import REGISTRY, Data, Measure, default_for
from reviewtool.stats.measures import measure as measure_named
from reviewtool.stats.sheets import Sheet
from reviewtool.words import capital

# What an arm gives, by the role of its column in a table with a row per arm.
ARM_ROLES = {"events": "event", "total": "n", "n": "n", "mean": "mean", "sd": "sd", "time": "time"}
GROUPED = (Data.COUNTS, Data.MEANS, Data.RATES)


# SD -> the standard error of the mean that it follows from, and the size of its group.
ERRORS = {
    "sd1i": ("sem1i", "n1i"),
    "sd2i": ("sem2i", "n2i"),
    "sdi": ("sem", "ni"),
    "sd": ("sem", "n"),
}


def error_of(sheet: Sheet, role: str) -> tuple[str, str] | None:
    """For an SD that the table lacks: the column of standard errors of means, and the role of
    the people in the group."""
    if role not in ERRORS:
        return None
    error, size = ERRORS[role]
    heading = sheet.find(error)
    if heading is None and error == "sem" and estimate_heading(sheet) is None:
        heading = sheet.find("sei")  # without effects, "SE" can only be that of the mean
    return (heading, size) if heading and sheet.find(size) else None


def with_times(sheet: Sheet) -> Sheet:
    """Beside events x1 and x2, columns t1 and t2 are person-time, not treatments."""
    for events, time, name in (("x1i", "t1i", "t1"), ("x2i", "t2i", "t2")):
        there = [h for h in sheet.header if plain_name(h) == name]
        if sheet.find(events) and sheet.find(time) is None and len(there) == 1:
            sheet = sheet.choosing({time: there[0]})
    return sheet


def has_role(sheet: Sheet, role: str) -> bool:
    """Whether the table has a role's column, or an SD's standard error instead."""
    return sheet.find(role) is not None or error_of(sheet, role) is not None


def chosen_by_estimate(sheet: Sheet) -> bool:
    """Whether a column of estimates was chosen, and none of what groups gave."""
    groups = {role for data in Data for need in data.needs for role in need.split("|")}
    return bool({"yi", "est"} & sheet.chosen.keys()) and not (
        (groups - {"yi", "est"}) & sheet.chosen.keys()
    )


def is_by_arm(sheet: Sheet, measure: str | None, reserved: set[str]) -> bool:
    """Whether the table has a row per arm: treatments, and studies in more than one row."""
    if measure is not None:
        known = measure_named(measure)
        if known.groups == 1 or known.data not in GROUPED:
            return False
    if any(sheet.find(role) for role in ("ai", "ci", "m1i", "m2i", "x1i", "x2i")):
        return False
    if not (sheet.find("event") or sheet.find("mean")):
        return False
    treatment, study = sheet.find("treatment"), sheet.find("study")
    if treatment is None or treatment in reserved or study is None:
        return False
    if "treatment" in sheet.chosen:
        return True
    names = sheet.cells(study)
    return len(set(names)) < len(names)


def _has(sheet: Sheet, data: Data, by_arm: bool) -> bool:
    if by_arm:
        return all(has_role(sheet, ARM_ROLES[part]) for part in data.parts)
    return all(any(has_role(sheet, r) for r in need.split("|")) for need in data.needs)


def suggested(
    sheet: Sheet, measure: str | None, by_arm: bool, by_estimate: bool = False
) -> tuple[Measure, list[str]]:
    """The measure asked for, or the one the table suggests with a note that says so."""
    if measure is not None:
        return measure_named(measure), []
    found = [data for data in GROUPED if not by_estimate and _has(sheet, data, by_arm)]
    if len(found) > 1:
        raise BadSheet(
            problem=f"The table has {' and '.join(data.words for data in found)}.",
            remedy="Say what to pool with --measure.",
        )
    if found:
        usual = default_for(found[0].kind, groups=2)
        computed = f"{capital(usual.plural)} were computed from {found[0].words}"
        said = f"{computed}; --measure chooses another."
        return usual, [said]
    heading = estimate_heading(sheet)
    if heading:
        named = named_by(heading)
        if named is not None:
            return named, [f"The column {heading} was taken for {named.plural}."]
        return measure_named("GEN"), []
    alone = [m.name for m in REGISTRY.values() if m.groups == 1 and _has(sheet, m.data, False)]
    if alone:
        raise BadSheet(
            problem="The studies of this table have one group each.",
            remedy=f"Say what to pool with --measure: {', '.join(alone)}.",
        )
    for data in GROUPED:
        _refuse_half(sheet, data, by_arm)
    raise BadSheet(
        problem="No columns were found that hold counts, means, rates or effects: the columns "
        f"are {', '.join(h for h in sheet.header if h)}.",
        remedy="Name them with options such as --col-ai, --col-m1i, --col-yi, --col-estimate.",
    )


def _refuse_half(sheet: Sheet, data: Data, by_arm: bool) -> None:
    """Raises BadSheet for a table that has some of the columns of ``data``, not all."""
    needs = [ARM_ROLES[part] for part in data.parts] if by_arm else list(data.needs)
    there = [n for n in needs if any(has_role(sheet, role) for role in n.split("|"))]
    if len(there) >= 2:
        for need in needs:
            if need not in there:
                sheet.need(need.split("|")[-1])


def estimate_heading(sheet: Sheet) -> str | None:
    """The column with the effects as reported. Raises BadSheet when two could be it."""
    unsaid = sheet.find("effect")
    for role in ("yi", "est"):
        sure = sheet.find(role)
        if sure and unsaid and unsaid not in sheet.chosen.values():
            if role in sheet.chosen:
                unsaid = None
                continue
            raise BadSheet(
                problem=f"Two columns could be the effect: {sure} and {unsaid}.",
                remedy="Say which with --col-estimate (as printed) or --col-yi (analysis scale).",
            )
    return sheet.find("yi") or sheet.find("est") or unsaid


def named_by(heading: str) -> Measure | None:
    """The measure a heading names: HR, log OR, risk ratio."""
    words = plain_name(heading)
    for start in ("log", "ln"):
        if words.startswith(start) and len(words) > len(start) + 1:
            words = words.removeprefix(start)
    names = {
        **{name.casefold(): m for name, m in REGISTRY.items() if m.reported or name == "HR"},
        **{plain_name(m.heading): m for m in REGISTRY.values() if m.reported or m.name == "HR"},
    }
    return names.get(words) or (measure_named("RR") if words == "relativerisk" else None)
