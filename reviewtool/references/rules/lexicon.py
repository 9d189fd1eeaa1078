"""Word lists of the rules, written as running text."""


def word_set(text: str) -> frozenset[str]:
    """The words of ``text``.

    >>> sorted(word_set("one two"))
    ['one', 'two']
    """
    return frozenset(text.split())
