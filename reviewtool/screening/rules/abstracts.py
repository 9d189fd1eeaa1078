"""Where the parts of an abstract begin."""

import re

_HEADING = re.compile(
    r"(?:(?<=[.!?)\]])\s+|^\s*)(?=(?:[A-Z][A-Z /&,-]{2,40}|Background|Objectives?|Aims?"
    r"|Introduction|Methods?|Design|Setting|Participants|Interventions?|Results|Findings"
    r"|Conclusions?|Interpretation|Purpose|Measurements|Main outcome measures)\s?:\s)"
)


def paragraphs(abstract: str) -> list[tuple[str, str]]:
    """An abstract as (heading, text); headings such as "METHODS:" start a new paragraph.

    >>> paragraphs("AIM: To test. METHODS: A trial.")
    [('Aim', 'To test.'), ('Methods', 'A trial.')]
    """
    result = []
    for line in abstract.splitlines():
        for part in _HEADING.split(line):
            if not part.strip():
                continue
            head, colon, rest = part.partition(":")
            is_heading = bool(colon and rest.strip() and _HEADING.match(part))
            if is_heading:
                result.append((head.strip().capitalize(), rest.strip()))
            else:
                result.append(("", part.strip()))
    return result
