"""What kind of item a citation is: an erratum is never its article, part II never part I."""

from __future__ import annotations

import re
from enum import StrEnum


class Nature(StrEnum):
    """The kinds whose titles repeat another item's title."""

    ARTICLE = "article"
    ERRATUM = "erratum"
    COMMENT = "comment or reply"
    ABSTRACT = "conference abstract"
    RETRACTION = "retraction notice"
    REGISTRATION = "trial registration"
    PROTOCOL = "protocol"


# "[Erratum appears in ...]" is a note on the article, not an erratum.
_APPENDED = re.compile(
    r"\s*[\[(]\s*(?:(?:published\s+)?(?:erratum|errata|corrigendum|correction|retraction|comment|update"
    r"|reprint|republished|summary for patients)s?\s+(?:appears|in|published|has been)\b|erratum appears"
    r"|see comments?|corrected and republished).*$",
    re.IGNORECASE | re.DOTALL,
)
# Scopus and Embase cite the corrected article: "(Lancet (2009) 360 (542-544))".
_CITED = re.compile(r"\s*\([^()]*\((?:19|20)\d\d\)[^()]*(?:\([^()]*\)[^()]*)*\)\W*$")
_ERRATUM = re.compile(
    r"^\W*(?:publishers?['’]?s?\s+|authors?['’]?s?\s+)?(?:erratum|errata|corrigend\w+|corrections?"
    r"|addendum|berichtigung)\b(?=\s*(?:$|[:.;(\[,-]|to\b|for\b|in\b|zu\b))"
    r"|[\[(:.-]\s*(?:published\s+)?(?:erratum|corrigendum|correction)\b(?!\s+factor)[^)\]]{0,60}[\])]?\s*\.?$"
    r"|\(\s*vol(?:ume)?\.?\s+\w+.{0,40}\bpp?g?\.?\s*\w+.{0,20}\)\W*$",
    re.IGNORECASE,
)
_RETRACTION = re.compile(
    r"^\W*(?:retraction(?:\s+notice)?|notice of retraction|expression of concern"
    r"|withdrawal|withdrawn(?: article)?)\b\s*(?:$|[:.(\[-]|note|to\b|of\b|for\b)",
    re.IGNORECASE,
)
_COMMENT = re.compile(
    r"^\W*(?:authors?['’]?s?['’]?\s+)?(?:comments?|commentary|reply|response|re|rejoinder|discussion"
    r"|in reply|letters?|invited commentary|reviewers?['’]? comments?)\b\s*(?:$|[:.(\[]|(?:on|to|from)\b.{0,30}[\"“:‘'])"
    r"|[\[(:.-]\s*(?:authors?['’]?s?\s+)?(?:reply|response|comment|letter|rejoinder|commentary)"
    r"(?:\s+to\b[^\])]{0,60})?\s*[\])]?\s*\.?$",
    re.IGNORECASE,
)
_ABSTRACT_TITLE = re.compile(
    r"[\[(]\s*(?:(?:meeting|conference|congress)\s+)?abstract(?:\s+(?:no\.?\s*)?\w?\d+)?\s*[\])]",
    re.IGNORECASE,
)
_ABSTRACT_PLACE = re.compile(
    r"\bconference:|\b(?:annual|scientific|international|world)\s+(?:scientific\s+)?(?:meeting|congress)\b"
    r"|\bmeeting abstracts?\b|\bcongress\b.*\b(?:of|on)\b|\babstracts? (?:book|of|from)\b",
    re.IGNORECASE,
)
_ABSTRACT_KIND = re.compile(r"(?:conference|meeting|congress)\s+abstract|^abstract$", re.IGNORECASE)
_PROTOCOL = re.compile(r"[\[(]\s*protocol\s*[\])]\W*$|\s-\s*protocol\W*$", re.IGNORECASE)
_REGISTRATION = re.compile(r"trial registry|clinical trial registration|trial registration", re.I)

_NOTES = re.compile(
    r"\s*(?:[\[(]\s*(?:reviews?|\d+\s+refs?\.?|(?:in\s+)?(?:arabic|chinese|croatian|czech|danish|dutch"
    r"|english|finnish|french|german|greek|hebrew|hungarian|italian|japanese|korean|norwegian"
    r"|persian|polish|portuguese|romanian|russian|serbian|slovak|slovenian|spanish|swedish"
    r"|turkish|ukrainian)(?:[,;/ ]+(?:and\s+)?\w+)?|(?:(?:meeting|conference)\s+)?abstract(?:\s+(?:no\.?\s*)?\w?\d+)?"
    r"|abstract only|see comments?|comment(?:s|ary)?|letter|editorial|proceedings?|e-?pub[^\])]*|article in press"
    r"|published erratum[^\])]*|erratum appears[^\])]*|summary for patients[^\])]*|review article"
    r"|clinical trial|case reports?|corrected|abridged[^\])]*)\s*\.?[\])]\s*\.?"
    r"|\(\s*vol(?:ume)?\.?\s+\w+.{0,40}\bpp?g?\.?\s*\w+.{0,20}\)\W*"
    r"|[:;.]\s*(?:a\s+)?reply\s*\.?"
    r"|\.\.\.\s*\S.*\b(?:19|20)\d\d\b.*|\(multiple letters\)|\[\d\]"
    r")\s*$",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^\W*(?:(?:published\s+|publisher\s+|author\s+)?(?:erratum|corrigendum|correction|retraction(?:\s+note)?)"
    r"(?:\s+(?:to|for|of|in))?\s*[:.]?\s+|retracted(?: article)?\s*[:.]\s*|retracted article\s*:?\s*)(?=\S)",
    re.IGNORECASE,
)
_LANGUAGE_DOT = re.compile(r"^\[(.+)\]\s*\.?$", re.DOTALL)


def nature_of(title: str, journal: str, pages: str, kind: str) -> Nature:
    """The kind of item, from its own words; ``ARTICLE`` where nothing says otherwise."""
    title = _APPENDED.sub("", title)
    if _RETRACTION.search(title):
        return Nature.RETRACTION
    lowered = kind.lower()
    if _ERRATUM.search(title) or _CITED.search(title) or "erratum" in lowered or "correction" in lowered:
        return Nature.ERRATUM
    if _COMMENT.search(title):
        return Nature.COMMENT
    if _PROTOCOL.search(title):
        return Nature.PROTOCOL
    if kind and _REGISTRATION.search(kind):
        return Nature.REGISTRATION
    if (
        _ABSTRACT_TITLE.search(title)
        or (journal and _ABSTRACT_PLACE.search(journal))
        or (kind and _ABSTRACT_KIND.search(kind))
    ):
        return Nature.ABSTRACT
    return Nature.ARTICLE


def strip_notes(title: str) -> str:
    """The title without a database's notes (``[Review] [133 refs]``, ``[Japanese]``).

    >>> strip_notes("Cancer in Fiji. [Review] [133 refs]")
    'Cancer in Fiji.'
    """
    title = _CITED.sub("", _APPENDED.sub("", title)) or title
    while True:
        shorter = _NOTES.sub("", title) if title[-1:] in ")].,yY " or "..." in title else title
        if not shorter.strip() or shorter == title:
            break
        title = shorter
    without = _LEADING.sub("", title)
    if len(without) >= 15:
        title = without
    bracketed = _LANGUAGE_DOT.match(title.strip())
    return bracketed.group(1) if bracketed else title
