"""Splitting an abstract never loses or changes a character."""

from reviewtool.screening.rules.abstracts import paragraphs


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
