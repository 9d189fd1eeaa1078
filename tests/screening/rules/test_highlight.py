"""Marking words and splitting abstracts never loses or changes a character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewtool.screening.rules.highlight import mark, paragraphs


@given(
    st.text(), st.lists(st.text(max_size=8), max_size=4), st.lists(st.text(max_size=8), max_size=4)
)
def test_the_pieces_joined_give_the_text_again(text, include, exclude):
    assert "".join(piece for _, piece in mark(text, include, exclude)) == text


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
    assert [piece for kind, piece in mark(text, terms, []) if kind] == found


def test_a_word_on_both_lists_speaks_for():
    assert mark("rats", ["rats"], ["rats"]) == [("include", "rats")]


def test_structured_abstracts_get_a_paragraph_for_each_heading():
    text = "BACKGROUND: Why. METHODS AND RESULTS: How (n = 20). Conclusions: So."
    assert paragraphs(text) == [
        ("Background", "Why."),
        ("Methods and results", "How (n = 20)."),
        ("Conclusions", "So."),
    ]


def test_plain_abstracts_stay_in_one_piece_and_lines_are_kept_apart():
    plain = "The ratio was 2:1. We found RR: 0.5 in one trial."
    assert paragraphs(plain) == [("", plain)]
    assert paragraphs("One.\n\nTwo.") == [("", "One."), ("", "Two.")]
    assert paragraphs("") == []
