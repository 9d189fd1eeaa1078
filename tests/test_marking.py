"""Marking words never loses or changes a character, and markup in a text stays text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewtool.marking import html, lacking, speaking, unlike


@given(
    st.text(), st.lists(st.text(max_size=8), max_size=4), st.lists(st.text(max_size=8), max_size=4)
)
def test_the_pieces_joined_give_the_text_again(text, include, exclude):
    assert "".join(piece for _, piece in speaking(text, include, exclude)) == text


@pytest.mark.parametrize(
    ("text", "terms", "found"),
    [
        ("Rats and rat", ["rat"], ["rat"]),
        ("Randomised, randomly", ["random*"], ["Randomised", "randomly"]),
        ("a double  blind trial", ["double blind"], ["double  blind"]),
        ("C++ (not C)", ["c++"], ["C++"]),
        ("interferon-β therapy", ["interferon-β"], ["interferon-β"]),
        ("anything", ["*", " ", ""], []),
        ("placebo-controlled", ["placebo", "placebo-controlled"], ["placebo-controlled"]),
    ],
)
def test_terms_are_whole_words_and_mean_what_they_say(text, terms, found):
    assert [piece for kind, piece in speaking(text, terms, []) if kind] == found


def test_a_word_on_both_lists_speaks_for():
    assert speaking("rats", ["rats"], ["rats"]) == [("include", "rats")]


@given(st.text(), st.text(), st.booleans())
def test_marking_differences_keeps_the_text(text, other, capitals):
    pieces = lacking(text, other, capitals=capitals)
    assert "".join(piece for _, piece in pieces) == text
    assert text != other or not any(kind for kind, _ in pieces)


def test_differing_words_are_marked_and_markup_in_them_is_text():
    marked = unlike("<b>Trial</b> 1996", "<b>Trial</b> 1997")
    assert str(marked).endswith('<mark class="diff">1996</mark>')
    assert "<b>" not in marked
    assert unlike("same", "same") == "same"
    assert unlike("given", None) == '<mark class="diff">given</mark>'


def test_capitals_alone_are_a_difference_only_where_asked():
    assert lacking("ASPIRIN <b>", "aspirin <b>", capitals=False) == [("", "ASPIRIN <b>")]
    assert ("diff", "Oral") in lacking("Oral", "oral")


def test_very_long_texts_are_compared_whole():
    assert unlike("x" * 50_000, "y").startswith('<mark class="diff">')


def test_a_term_says_what_it_speaks_for():
    assert html([("exclude", "rats")]) == (
        '<mark class="term exclude">rats'
        '<span class="visually-hidden"> (speaks against)</span></mark>'
    )
