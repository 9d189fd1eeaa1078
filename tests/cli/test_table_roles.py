"""Which column of a table plays which role: by its name, by an option, or asked about."""

from math import exp, log

import pytest

from reviewtool.cli.statistics.options import COLUMNS
from reviewtool.stats.columns import ROLES
from tests.cli.tables import COUNTS, EFFECTS, MIXED, Read, Run, refused


@pytest.mark.parametrize(
    ("header", "measure"),
    [
        ("study,HR,LCI,UCI", "HR"),
        ("Author,Hazard ratio,Lower CI,Upper CI", "HR"),
        ("trial,OR,95% CI low,95% CI high", "OR"),
        ("studlab,RR,lower,upper", "RR"),
    ],
)
def test_a_column_that_names_a_ratio_is_pooled_as_one(
    read: Read, header: str, measure: str
) -> None:
    report = read(header + "\nA,0.5,0.25,1.0\nB,0.5,0.25,1.0\n")
    assert report["measure"] == measure
    assert report["shown"]["estimate"] == pytest.approx(0.5)
    assert any(header.split(",")[1] in note for note in report["notes"])


@pytest.mark.parametrize(
    "header",
    [
        "study,ai,n1i,ci,n2i",
        "study,events1,n1,events2,n2",
        "Author,event.e,n.e,event.c,n.c",
        "trial,r1,total1,r2,total2",
        "study,x,N,y,M",
    ],
)
def test_counts_are_found_under_the_names_in_use(run: Run, read: Read, header: str) -> None:
    rows = header + "\nA,10,100,20,100\nB,15,120,25,118\n"
    options: list[str] = []
    if "x" in header.split(","):
        assert run(rows, "--measure", "OR").exit_code == 2
        options = ["--col-ai", "x", "--col-n1i", "N", "--col-ci", "y", "--col-n2i", "M"]
    report = read(rows, "--measure", "OR", *options)
    assert report["estimate"] == read(COUNTS.replace("C,5,60,9,64\n", ""))["estimate"]


def test_cells_of_the_table_do_as_well_as_totals(run: Run, read: Read) -> None:
    cells = "study,ai,bi,ci,di\nA,10,90,20,80\nB,15,105,25,93\nC,5,55,9,55\n"
    assert read(cells)["estimate"] == pytest.approx(read(COUNTS)["estimate"])
    wrong = "study,ai,bi,n1i,ci,di,n2i\nA,10,90,100,20,80,100\nB,15,105,121,25,93,118\n"
    refused(run(wrong, "--strict"), "Row 3", "121")
    assert read(wrong)["left_out"] == [
        {"study": "B", "row": 3, "reason": "ai and bi make 120, not 121"}
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("study,yi,te,sei\nA,1,2,0.5\nB,1,2,0.5\n", ["yi", "te", "--col-yi"]),
        ("study,yi,effect,sei\nA,1,2,0.5\nB,1,2,0.5\n", ["yi", "effect", "--col-estimate"]),
        ("study,est,lower,lci,ub\nA,1,0,0,2\nB,1,0,0,2\n", ["lower", "lci", "--col-lower"]),
        ("study,n,n,ai,n1i,ci,n2i\nA,1,1,1,10,2,10\n", ["n"]),
    ],
)
def test_two_columns_for_one_role_are_named_not_ranked(
    run: Run, content: str, words: list[str]
) -> None:
    done = run(content)
    if "n1i" in content:  # the doubled column plays no role there
        assert done.exit_code == 0
    else:
        refused(done, *words)


def test_an_option_chooses_the_column(read: Read) -> None:
    rows = "study,yi,te,sei\nA,1,2,0.5\nB,1,2,0.5\n"
    assert read(rows, "--col-yi", "te")["estimate"] == pytest.approx(2)
    assert read(rows, "--col-yi", "yi")["estimate"] == pytest.approx(1)


def test_counts_win_over_an_effect_and_it_is_said(read: Read) -> None:
    rows = "study,ai,n1i,ci,n2i,effect,se\nA,10,100,20,100,0.44,0.18\nB,15,120,25,118,0.5,0.2\n"
    report = read(rows, "--measure", "OR")
    assert report["estimate"] == read(COUNTS.replace("C,5,60,9,64\n", ""))["estimate"]
    assert any("effect" in note and "not used" in note for note in report["notes"])


def test_an_effect_column_without_precision_does_not_stand_in_the_way_of_counts(
    read: Read,
) -> None:
    rows = "study,ai,n1i,ci,n2i,effect\nA,10,100,20,100,0.4\nB,15,120,25,118,0.5\nC,0,9,0,9,\n"
    report = read(rows, "--measure", "OR")
    assert [one["study"] for one in report["left_out"]] == ["C"]
    assert any("effect" in note and "not used" in note for note in report["notes"])


def test_estimates_that_were_chosen_are_used_beside_counts(read: Read) -> None:
    rows = "study,ai,n1i,ci,n2i,effect,se\nA,10,100,20,100,-0.4,0.18\nB,15,120,25,118,-0.2,0.2\n"
    report = read(rows, "--measure", "OR", "--col-yi", "effect")
    assert report["studies"][0]["estimate"] == pytest.approx(exp(-0.4))
    assert any("were not used" in note for note in report["notes"])


def test_a_ratio_column_is_not_pooled_as_another_measure(run: Run, read: Read) -> None:
    rows = "study,HR,LCI,UCI\nA,0.5,0.25,1\nB,0.5,0.25,1\n"
    refused(run(rows, "--measure", "OR"), "HR", "--measure HR")
    assert read(rows, "--measure", "OR", "--col-estimate", "HR")["measure"] == "OR"


def test_estimates_of_another_measure_do_not_stand_in_for_counts(read: Read) -> None:
    report = read(MIXED, "--measure", "RR")
    assert any("OR" in note and "odds ratios" in note for note in report["notes"])
    assert "C" in {s["study"] for s in report["left_out"]}


def test_methods_and_tests_have_their_usual_names(read: Read) -> None:
    assert read(EFFECTS, "--method", "FE")["method"] == "EE"
    assert read(EFFECTS, "--method", "dl")["method"] == "DL"
    assert read(EFFECTS, "--test", "HKSJ")["test"] == "knha"


def test_an_estimate_that_its_measure_cannot_take_is_named(run: Run, read: Read) -> None:
    rows = "study,RD,lower,upper\nA,12.5,5,20\nB,0.1,0.02,0.18\n"
    refused(run(rows, "--strict"), "Row 2 (A)", "12.5%")
    assert "12.5%" in read(rows)["left_out"][0]["reason"]


def test_an_effect_that_may_be_a_ratio_or_its_logarithm_is_asked_about(
    run: Run, read: Read
) -> None:
    rows = "study,effect,se\nA,0.5,0.2\nB,0.6,0.2\n"
    refused(run(rows, "--measure", "OR"), "--col-estimate effect", "--col-yi effect")
    logs = read(rows, "--measure", "OR", "--col-yi", "effect")
    assert logs["shown"]["estimate"] == pytest.approx(exp(0.55))
    ratios = read(rows, "--measure", "OR", "--col-estimate", "effect")
    assert ratios["estimate"] == pytest.approx((log(0.5) + log(0.6)) / 2)
    assert read(rows.replace("A,0.5", "A,-0.5"), "--measure", "OR")["estimate"] == pytest.approx(
        0.05
    )


RATIOS = "A,0.61,0.33,1.11\nB,0.82,0.55,1.22\nC,0.90,0.74,1.11\n"


@pytest.mark.parametrize("heading", ["yi", "beta", "coef", "logor", "ln(OR)"])
def test_plain_ratios_called_logarithms_are_asked_about(run: Run, read: Read, heading: str) -> None:
    rows = f"study,{heading},lower,upper\n{RATIOS}"
    refused(run(rows, "--measure", "OR"), heading, "--col-estimate", "--col-yi")
    refused(run(rows), heading, "--col-estimate", "--col-yi")
    chosen = read(rows, "--measure", "OR", "--col-estimate", heading)
    named = read(rows.replace(heading, "OR"))
    assert chosen["estimate"] == pytest.approx(named["estimate"])
    assert read(rows, "--measure", "OR", "--col-yi", heading)["studies"][0][
        "estimate"
    ] == pytest.approx(exp(0.61))


def test_logarithms_above_zero_are_no_ratios(read: Read) -> None:
    rows = "study,yi,lower,upper\nA,0.61,0.11,1.11\nB,0.82,0.42,1.22\n"
    assert read(rows, "--measure", "OR")["studies"][0]["estimate"] == pytest.approx(exp(0.61))
    assert read(rows)["studies"][0]["estimate"] == pytest.approx(0.61)


def test_each_interval_has_the_level_of_its_row(run: Run, read: Read) -> None:
    rows = "study,OR,lower,upper,level\nA,0.75,0.60,0.94,95\nB,0.9,0.7,1.16,90\nC,0.8,,,\n"
    report = read(rows)
    a, b = report["studies"]
    assert log(a["ci_high"] / a["ci_low"]) == pytest.approx(log(0.94 / 0.60))
    wide = log(1.16 / 0.7) * 1.959964 / 1.644854
    assert log(b["ci_high"] / b["ci_low"]) == pytest.approx(wide, abs=1e-5)
    assert any("column level" in note for note in report["notes"])
    every = read(rows, "--interval-level", "95")["studies"]
    assert log(every[1]["ci_high"] / every[1]["ci_low"]) == pytest.approx(log(1.16 / 0.7))
    refused(run(rows.replace(",90", ",0.9")), "Row 3", "0.9", "--interval-level")
    refused(run(rows.replace(",90", ",")), "Row 3", "level", "--interval-level")
    words = rows.replace("95\n", "high\n").replace(",90", ",low")
    assert [s["study"] for s in read(words, "--subgroup", "level")["studies"]] == ["A", "B"]


def test_a_standard_error_that_contradicts_its_interval_is_warned_of(read: Read) -> None:
    rows = "study,HR,se,lower,upper\nA,0.75,0.115,0.60,0.94\nB,0.90,0.4,0.70,1.16\n"
    rows += "C,0.40,0.063,0.29,0.54\nD,0.62,,0.45,0.85\n"
    doubtful = [w for w in read(rows)["warnings"] if "implies an SE" in w]
    assert len(doubtful) == 1
    assert doubtful[0].startswith("Row 3 (B)")
    assert "0.4" in doubtful[0]


@pytest.mark.parametrize(
    ("rows", "row", "cell"),
    [
        ("study;OR (95% CI)\nA;0,75 (0,60-0,94)\nB;1,25 (0,70-2,23)\nC;Ref\n", "Row 4", "Ref"),
        ("study,OR (95% CI)\nA,0.75 (0.60-0.94)\nB,1.25* (0.70-2.23)\n", "Row 3", "1.25*"),
        ("study,HR,95% CI\nA,0.75,0.60-0.94\nB,0.8,see text\n", "Row 3", "see text"),
    ],
)
def test_one_odd_cell_among_intervals_is_named(run: Run, rows: str, row: str, cell: str) -> None:
    refused(run(rows), row, cell)


def test_an_interval_that_is_not_reported_leaves_its_study_out(read: Read) -> None:
    rows = "study,HR,95% CI\nA,0.75,0.60-0.94\nB,1.25,0.70-2.23\nC,0.8,n/r\n"
    assert [one["study"] for one in read(rows)["left_out"]] == ["C"]


def test_a_remark_with_an_interval_hides_no_counts(read: Read) -> None:
    rows = COUNTS.replace("n2i\n", "n2i,remark\n").replace("20,100\n", "20,100,0.4 (0.2-0.9)\n")
    rows = rows.replace("25,118\n", "25,118,late\n").replace("9,64\n", "9,64,early\n")
    assert read(rows)["estimate"] == read(COUNTS)["estimate"]


def test_what_gives_no_standard_error_is_said_of_each_study(read: Read) -> None:
    rows = "study,HR,p\nA,0.75,0.012\nB,0.9,0.4\nD,1,0.9\nE,1.2,1\nF,1.3,0\n"
    reasons = {one["study"]: one["reason"] for one in read(rows)["left_out"]}
    assert "effect of exactly 1" in reasons["D"]
    assert "p-value of exactly 1" in reasons["E"]
    assert "p-value of exactly 0" in reasons["F"]


def test_the_effect_is_no_moderator_of_itself(run: Run) -> None:
    refused(run(EFFECTS, "--moderators", "yi"), "moderator yi", "--moderators")


def test_a_prediction_interval_beyond_what_is_possible_is_warned_of(read: Read) -> None:
    rows = "study,cases,total\nA,0,45\nB,3,60\nC,12,125\nD,7,89\nE,40,40\n"
    warnings = read(rows, "--measure", "PLN")["warnings"]
    assert any(w.startswith("The prediction interval reaches beyond 0 to 1") for w in warnings)


def test_advice_about_rates_names_measures_of_rates(read: Read) -> None:
    rows = "study,xi,ti\nA,5,100.5\nB,0,50\nC,12,1200\nD,3,80\n"
    beyond = [w for w in read(rows, "--measure", "IR")["warnings"] if "below 0" in w]
    assert len(beyond) == 1
    assert "IRLN, IRS or IRFT" in beyond[0]


def test_no_note_speaks_of_estimates_that_a_method_of_counts_leaves_out(read: Read) -> None:
    rows = "study,events1,n1,events2,n2,OR,lower,upper\nA,10,100,20,100,,,\nB,5,50,9,52,,,\n"
    rows += "C,,,,,0.6,0.4,0.9\n"
    by_counts = read(rows, "--measure", "OR", "--method", "MH")
    assert [one["study"] for one in by_counts["left_out"]] == ["C"]
    assert not any("estimate reported" in note for note in by_counts["notes"])
    by_both = read(rows, "--measure", "OR")
    assert any("estimate reported: Row 4 (C)" in note for note in by_both["notes"])


def test_plain_estimates_are_never_taken_for_ratios(read: Read) -> None:
    report = read("study,est,lb,ub\nA,0.7,0.5,0.98\nB,0.9,0.6,1.35\n")
    assert report["measure"] == "GEN"
    assert report["shown"]["estimate"] == report["estimate"]
    assert any("ratios" in warning for warning in report["warnings"])


def test_limits_on_the_log_scale_are_recognised_beside_log_effects(read: Read) -> None:
    rows = "study,yi,ci.lb,ci.ub\nA,-0.5,-0.9,-0.1\nB,-0.2,-0.6,0.2\n"
    report = read(rows, "--measure", "OR")
    assert report["studies"][0]["ci_low"] == pytest.approx(exp(-0.9))
    natural = "study,yi,lower,upper\nA,-0.5,0.40657,0.90484\nB,-0.2,0.54881,1.2214\n"
    assert read(natural, "--measure", "OR")["estimate"] == pytest.approx(
        report["estimate"], abs=1e-4
    )


@pytest.mark.parametrize("option", ["--subgroup", "--robust"])
def test_a_subgroup_may_be_called_anything(read: Read, option: str) -> None:
    for name in ("group", "arm", "treatment", "n", "Population studied"):
        rows = f"study,{name},HR,lci,uci\nA,x,0.7,0.5,0.98\nB,x,0.9,0.6,1.35\nC,y,0.8,0.62,1.03\n"
        assert read(rows, option, name)["k"] == 3


def test_every_role_can_be_chosen_by_an_option() -> None:
    spoken = {role: one.option for role, one in ROLES.items() if role != "effect"}
    assert {role: option for role, (option, _) in COLUMNS.items()} == spoken
    assert {role: words for role, (_, words) in COLUMNS.items()} == {
        role: one.words for role, one in ROLES.items() if role != "effect"
    }


def test_no_word_means_two_roles_of_one_form() -> None:
    wide = [r for r in ROLES if r not in {"event", "n", "time", "mean", "sd", "treatment"}]
    alone = {"xi", "ni", "ti", "mi", "sdi", "ri", "treat1", "treat2"}
    words = [word for role in wide if role not in alone for word in ROLES[role].synonyms]
    assert len(words) == len(set(words))
