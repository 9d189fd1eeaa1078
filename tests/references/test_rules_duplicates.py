"""Which citations are one item: each rule in one sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewtool.references.rules import Citation, Duplicates, Outcome, find_duplicates
from reviewtool.references.rules.merging import FIELDS, by_preference, gaps
from reviewtool.references.rules.nature import Nature, nature_of, strip_notes
from reviewtool.references.rules.normalise import doi, key_of, pages, words
from reviewtool.references.rules.venues import Place, compare
from tests.benchmarks.bench_dedupe import measure
from tests.references.generator import library

ARTICLE = Citation(
    id="a",
    title="Sumatriptan for acute migraine in adults: a randomised controlled trial",
    authors=("Visser, W. H.", "de Vriend, R. H. M.", "Jaspers, N. M. W. H."),
    year="1996",
    journal="Journal of Neurology",
    volume="46",
    number="2",
    pages="522-526",
    doi="10.1212/wnl.46.2.522",
)


def against(**changes: object) -> Duplicates:
    other = replace(ARTICLE, **{"id": "b"} | changes)  # type: ignore[arg-type]
    return find_duplicates([ARTICLE, other])


def outcome(**changes: object) -> str:
    found = against(**changes)
    for name in ("certain", "uncertain", "related"):
        if getattr(found, name):
            return name
    return "different"


@pytest.mark.parametrize(
    "changes",
    [
        {"doi": "https://doi.org/10.1212/WNL.46.2.522", "journal": "J Neurol", "pages": "522–6"},
        {
            "doi": "",
            "title": "[SUMATRIPTAN for acute migraine in adults: a randomized controlled "
            "trial]. [Dutch]",
        },
        {"doi": "", "authors": ("Visser WH", "de Vriend RH", "Jaspers NM")},
        {
            "doi": "",
            "authors": ("W. H. Visser",),
            "year": "1995",
            "volume": "",
            "pages": "",
            "number": "",
        },
        {"title": "Sumatriptan bei akuter Migräne Erwachsener", "doi": ""},
        {"title": ARTICLE.title + " [Erratum appears in J Neurol 1997;47:3]", "doi": ""},
        {"doi": "10.9999/registered.twice"},
        {"doi": "", "pages": "2-6", "authors": ("Visser, Wim",)},
    ],
    ids=[
        "other spelling",
        "translated",
        "initials",
        "ahead of print",
        "translated title only",
        "note of an erratum",
        "second doi",
        "damaged pages",
    ],
)
def test_one_item_written_in_two_ways_is_certain(changes: dict[str, object]) -> None:
    found = against(**changes)
    assert found.groups == (("a", "b"),)
    assert found.certain[0].evidence


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Erratum: " + ARTICLE.title, "doi": "", "pages": "900", "number": "5"},
        {"title": ARTICLE.title + " (vol 46, pg 522, 1996)", "doi": "", "pages": "900"},
        {"title": "Reply: " + ARTICLE.title, "doi": "", "pages": "530"},
        {
            "journal": "Cephalalgia",
            "doi": "10.1000/x",
            "volume": "3",
            "pages": "S22",
            "year": "1995",
        },
        {"doi": "", "volume": "45", "number": "Suppl 4", "pages": "A77", "year": "1995"},
        {"title": ARTICLE.title.replace("adults", "adults, part 2"), "doi": "", "pages": "600-9"},
        {"doi": "10.1000/y", "volume": "51", "pages": "1-9", "year": "2001"},
    ],
    ids=[
        "erratum",
        "erratum of Web of Science",
        "reply",
        "abstract elsewhere",
        "abstract in a supplement",
        "second part",
        "reprint",
    ],
)
def test_an_item_about_or_beside_another_is_linked_and_not_merged(
    changes: dict[str, object],
) -> None:
    assert outcome(**changes) == "related"


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Ergotamine for cluster headache", "doi": ""},
        {
            "authors": ("Nowak, A.", "Li, Q."),
            "doi": "",
            "volume": "2",
            "pages": "9",
            "year": "2004",
        },
        {"registry_number": "NCT00000002", "doi": "", "title": ARTICLE.title + " II"},
    ],
    ids=["other title", "same title, other authors", "other numeral"],
)
def test_what_only_looks_alike_is_not_joined(changes: dict[str, object]) -> None:
    assert not against(**changes).groups


ABSTRACT = "Background: attacks last for hours. Methods: patients were randomised. " * 3


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"pages": "600", "number": "5"}, "related"),
        ({"pages": "600"}, "related"),
        ({"pages": "527"}, "certain"),
        ({"pages": "527", "abstract": ""}, "related"),
    ],
    ids=["another issue", "another page", "the next page, with the abstract", "the next page"],
)
def test_an_erratum_with_the_articles_abstract_is_linked_unless_it_follows_the_article(
    changes: dict[str, object], expected: str
) -> None:
    article = replace(ARTICLE, abstract=ABSTRACT)
    erratum = replace(
        article,
        **{"id": "b", "title": f"Erratum to: {ARTICLE.title}", "doi": "10.1212/other"} | changes,
    )  # type: ignore[arg-type]
    found = find_duplicates([article, erratum])
    assert [name for name in ("certain", "uncertain", "related") if getattr(found, name)] == [
        expected
    ]


def test_part_one_and_part_two_are_told_apart_even_on_one_page() -> None:
    first = replace(ARTICLE, title="Malaria in the tropics. I. Epidemiology", doi="")
    second = replace(first, id="b", title="Malaria in the tropics. II. Epidemiology")
    assert not find_duplicates([first, second]).groups


def test_opposite_words_make_two_items() -> None:
    first = replace(ARTICLE, title="Outcome of hypertension in pregnancy over ten years", doi="")
    second = replace(
        first, id="b", title="Outcome of hypotension in pregnancy over ten years", pages="700-9"
    )
    assert not find_duplicates([first, second]).groups


def test_editorials_that_share_a_title_are_not_joined() -> None:
    issues = [
        Citation(
            id=str(n),
            title="Editorial introduction",
            authors=("Zwass, V.",),
            year="2004",
            journal="Journal of Systems",
            volume="21",
            number=str(n),
            pages="5-8",
        )
        for n in range(1, 5)
    ]
    assert not find_duplicates(issues).groups


def test_a_column_that_returns_each_year_is_recognised_by_its_returning() -> None:
    columns = [
        Citation(
            id=str(n),
            title="Reminiscences on influential papers",
            authors=("Ross, K.",),
            year=str(1998 + n // 2),
            journal="Record",
        )
        for n in range(10)
    ]
    assert not find_duplicates(columns).groups


def test_a_record_without_a_title_joins_only_by_an_identifier() -> None:
    untitled = replace(ARTICLE, id="b", title="")
    assert find_duplicates([ARTICLE, untitled]).groups == (("a", "b"),)
    assert not find_duplicates([replace(ARTICLE, doi=""), replace(untitled, doi="")]).groups
    nothing = Citation(id="x"), Citation(id="y")
    assert find_duplicates(nothing) == Duplicates((), (), (), ())


def test_a_shared_identifier_over_two_unlike_titles_joins_nothing() -> None:
    assert outcome(title="Programme of the annual meeting", authors=("Board, T.",)) == "different"


def test_a_chain_does_not_weld_contradicting_records() -> None:
    abstract = replace(ARTICLE, id="1", doi="", pages="S7", volume="40", number="s1", year="1995")
    vague = replace(ARTICLE, id="2", doi="", pages="", volume="", number="", year="1995")
    article = replace(ARTICLE, id="3", doi="")
    groups = find_duplicates([abstract, vague, article]).groups
    assert all(not {"1", "3"} <= set(group) for group in groups)


def test_what_a_person_told_apart_stays_apart() -> None:
    third = replace(ARTICLE, id="c")
    twin = replace(ARTICLE, id="b")
    apart = frozenset({frozenset({"a", "b"})})
    found = find_duplicates([ARTICLE, twin], not_duplicates=apart)
    assert not found.groups
    assert not found.certain
    found = find_duplicates([ARTICLE, twin, third], not_duplicates=apart)
    assert all(not {"a", "b"} <= set(group) for group in found.groups)


def test_a_later_file_is_compared_with_all_and_earlier_records_not_again() -> None:
    twin, new = replace(ARTICLE, id="old twin"), replace(ARTICLE, id="new")
    found = find_duplicates([new], against=[ARTICLE, twin])
    assert {p.outcome for p in found.certain} == {Outcome.CERTAIN}
    assert all("new" in (p.a, p.b) for p in found.certain)
    assert not find_duplicates([], against=[ARTICLE, twin]).certain


def test_progress_ends_at_the_whole() -> None:
    seen: list[tuple[int, int]] = []
    find_duplicates(library(200)[0], on_progress=lambda done, total: seen.append((done, total)))
    assert seen
    assert seen[-1][0] == seen[-1][1]


def test_names_the_records_themselves_show_to_be_one_venue_are_taken_as_one() -> None:
    topics = ("joins", "views", "caches", "triggers", "rules", "cubes", "streams", "graphs")
    rows = [
        Citation(
            id=f"{side}{i}",
            title=f"Scalable maintenance of {t} in parallel databases",
            authors=(f"Person{i}, A.", "Second, B."),
            year="1999",
            journal=venue,
        )
        for i, t in enumerate(topics)
        for side, venue in (("a", "SIGX Conference"), ("b", "Meeting on Managing Data"))
    ]
    assert len(find_duplicates(rows).groups) == len(topics)
    assert not find_duplicates(rows[:4]).groups


@pytest.mark.parametrize("seed", [1, 2])
def test_a_synthetic_library_is_cleaned_without_losing_a_work(seed: int) -> None:
    citations, truth = library(3000, seed)
    found = find_duplicates(citations)
    counts = measure(truth, found.groups)
    assert counts.fp == 0, counts.line()
    assert counts.tp / (counts.tp + counts.fn) > 0.995, counts.line()
    assert len(found.uncertain) <= 30


def test_row_order_does_not_change_the_groups() -> None:
    citations, _ = library(800)
    forward = {frozenset(g) for g in find_duplicates(citations).groups}
    assert forward == {frozenset(g) for g in find_duplicates(citations[::-1]).groups}


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2709-15", "2709", "2715"),
        ("2709‐2715", "2709", "2715"),
        ("S12-S19", "s12", "s19"),
        ("e1234", "e1234", ""),
        ("123", "123", ""),
        ("", "", ""),
        ("Suppl-29", "", "29"),
        ("pp. 45-9", "45", "49"),
        ("e2022JG006895", "e2022jg006895", ""),
        ("123.e1-123.e9", "123", ""),
        ("117S-127S", "117s", "127"),
    ],
)
def test_pages_are_written_out(written: str, first: str, last: str) -> None:
    assert pages(written) == (first, last)


@pytest.mark.parametrize(
    ("title", "nature"),
    [
        ("Erratum: On migraine", Nature.ERRATUM),
        ("Corrigendum to ‘On migraine’", Nature.ERRATUM),
        ("On migraine (vol 3, pg 44, 2010)", Nature.ERRATUM),
        ("On migraine. [Erratum appears in Lancet. 2011;3:4]", Nature.ARTICLE),
        ("Error correction in memory", Nature.ARTICLE),
        ("Correction of scoliosis", Nature.ARTICLE),
        ("Surgery: correction of scoliosis in girls", Nature.ARTICLE),
        ("Radon: a case of dose-response", Nature.ARTICLE),
        ("On migraine - Reply", Nature.COMMENT),
        ("Retraction: On migraine", Nature.RETRACTION),
        ("On migraine [abstract]", Nature.ABSTRACT),
        ("Response to therapy in gout", Nature.ARTICLE),
    ],
)
def test_the_kind_of_item_is_read_from_its_title(title: str, nature: Nature) -> None:
    assert nature_of(title, "", "", "") is nature


def test_titles_and_identifiers_have_one_form() -> None:
    assert words("β-Thalassaemia: Côte d’Ivoire") == "beta thalassaemia cote divoire"
    assert doi("doi: HTTPS://DOI.ORG/10.1000/AbC.") == "10.1000/abc"
    assert strip_notes("Cancer in Fiji. [Review] [133 refs]") == "Cancer in Fiji."
    assert key_of(Citation("1", title="A <i>trial</i> of x&amp;y")).title == "a trial of x y"


@pytest.mark.parametrize(
    ("a", "b", "place"),
    [
        ("n engl j med", "new england journal of medicine", Place.SAME),
        ("vldb", "very large data bases", Place.SAME),
        ("vldb j", "very large data bases", Place.DIFFERENT),
        (
            "proceedings of the 12th international conference on data",
            "conference on data",
            Place.SAME,
        ),
        ("lancet", "lancet oncology", Place.UNKNOWN),
        ("blood", "", Place.UNKNOWN),
        ("j clin oncol", "journal of clinical pathology", Place.DIFFERENT),
    ],
)
def test_venues_are_recognised_by_abbreviation_and_acronym(a: str, b: str, place: Place) -> None:
    assert compare(a, b) is place


def test_work_done_on_a_record_weighs_more_than_what_it_says() -> None:
    row = dict.fromkeys(FIELDS, "")
    rows = {1: row, 2: {**row, "title": "T", "doi": "10.1000/x"}, 3: row, 4: row}
    order = by_preference(rows, rows, in_full_text={4}, votes={3: 2}, known_up_to=9)
    assert order == [4, 3, 2, 1]
    assert by_preference(rows, [1, 2], in_full_text=set(), votes={}, known_up_to=1) == [1, 2]


def test_gaps_are_filled_and_the_longer_abstract_is_kept() -> None:
    row = dict.fromkeys(FIELDS, "")
    kept = {**row, "title": "T", "abstract": "short"}
    gone = {**row, "title": "t", "pmid": "7", "abstract": "a long abstract"}
    assert gaps(kept, gone) == {"pmid": "7", "abstract": "a long abstract"}


def pair(**fields: tuple[str, str]) -> Duplicates:
    """Two citations that share ARTICLE's fields but for those given as (first, second)."""
    base = replace(ARTICLE, doi="")
    first = replace(base, **{k: v[0] for k, v in fields.items()})  # type: ignore[arg-type]
    second = replace(base, id="b", **{k: v[1] for k, v in fields.items()})  # type: ignore[arg-type]
    return find_duplicates([first, second])


def test_two_abstracts_of_one_group_on_one_page_are_two_items() -> None:
    found = pair(
        title=(
            "Effect of sumatriptan on pain thresholds in healthy women",
            "Effect of sumatriptan on sleep quality in healthy women",
        ),
        pages=("S112", "S112"),
        number=("Suppl 1", "Suppl 1"),
        doi=("10.1000/s1", "10.1000/s1"),
    )
    assert not found.groups


def test_a_review_and_its_protocol_or_its_update_are_two_items() -> None:
    name = "Sumatriptan for acute migraine attacks in adults"
    place = {
        "journal": ("Cochrane Database of Systematic Reviews",) * 2,
        "volume": ("", ""),
        "pages": ("CD001234", "CD001234"),
    }
    protocol = pair(title=(name, f"{name} (Protocol)"), **place)
    assert not protocol.groups
    assert protocol.related
    update = pair(
        year=("2010", "2011"),
        number=("3", "1"),
        doi=("10.1002/14651858.cd001234.pub2", "10.1002/14651858.cd001234.pub3"),
        title=(name, name),
        **place,
    )
    assert not update.groups
    assert update.related


def test_articles_that_all_begin_at_page_one_are_not_one_place() -> None:
    found = pair(
        title=(
            "Sumatriptan and stroke in a national registry: men",
            "Sumatriptan and stroke in a national registry: women",
        ),
        pages=("1-9", "1-12"),
    )
    assert not found.groups


def test_an_abstract_of_one_year_and_an_article_of_the_next_wait_for_a_person() -> None:
    found = pair(year=("1995", "1996"), volume=("45", ""), pages=("A7", ""), number=("", ""))
    assert not found.groups
    assert found.uncertain


def test_the_issues_of_a_dated_column_are_told_apart() -> None:
    found = pair(
        title=("Gateways to clinical trials", "Gateways to clinical trials. March 2003"),
        volume=("", ""),
        number=("", ""),
        pages=("", ""),
    )
    assert not found.groups


def test_a_mistyped_year_does_not_hide_a_duplicate() -> None:
    assert pair(year=("1996", "1969")).groups


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Type I diabetes and 1,000 days of follow-up in Norway",
            "Type 1 diabetes and 1000 days of follow-up in Norway",
        ),
        ("Haemoglobin and tumour behaviour in anaemia", "Hemoglobin and tumor behavior in anemia"),
        (
            "Micro task design in crowd work: β-thalassaemia",
            "Microtask design in crowdwork: beta-thalassemia",
        ),
    ],
)
def test_one_title_in_two_spellings_is_one_title(one: str, other: str) -> None:
    assert pair(title=(one, other)).groups


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Outcomes after 24 weeks of treatment of migraine",
            "Outcomes after 48 weeks of treatment of migraine",
        ),
        ("Prognosis of lung disease in men", "Prognosis of long disease in women"),
        ("Trial of drug A in migraine with aura", "Trial of drug A in migraine without aura"),
    ],
)
def test_one_word_can_make_another_item(one: str, other: str) -> None:
    assert not pair(title=(one, other), pages=("1000-9", "1010-9")).groups


def test_a_long_title_and_a_year_are_enough_where_a_record_says_nothing_else() -> None:
    bare = Citation(id="b", title=ARTICLE.title.upper(), year="1996")
    assert find_duplicates([ARTICLE, bare]).groups
    assert not find_duplicates([ARTICLE, replace(bare, year="1999")]).groups
    short = Citation(id="s", title="Migraine", year="1996")
    assert not find_duplicates([replace(ARTICLE, title="Migraine"), short]).groups
