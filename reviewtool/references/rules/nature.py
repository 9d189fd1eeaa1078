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
    r"\s*[\[(]\s*(?:(?:published\s+)?(?:erratum|errata|corrigendum|correction|retraction|comment"
    r"|update|reprint|republished|summary for patients)s?\s+(?:appears|in|published|has been)\b"
    r"|see comments?|corrected and republished).*$",
    re.IGNORECASE | re.DOTALL,
)
# Scopus and Embase cite the corrected article: "(Lancet (2009) 360 (542-544))".
_CITED = re.compile(r"\s*\([^()]*\((?:19|20)\d\d\)[^()]*(?:\([^()]*\)[^()]*)*\)\W*$")
# Web of Science does it as "(vol 360, pg 542, 2009)".
_CITED_VOLUME = r"\(\s*vol(?:ume)?\.?\s+\w+.{0,40}\bpp?g?\.?\s*\w+.{0,20}\)\W*$"
_ERRATUM = re.compile(
    r"^\W*(?:publishers?['’]?s?\s+|authors?['’]?s?\s+)?(?:"
    r"(?:erratum|errata|corrigend\w+|addendum|berichtigung)\b"
    r"(?=\s*(?:$|[:.;(\[,-]|to\b|for\b|in\b|zu\b))"
    r"|corrections?\b(?=\s*(?:$|[:.;(\[,]|to\b)))"
    r"|(?:[\[(:.]|\s-)\s*(?:published\s+)?(?:(?:erratum|corrigendum)\b[^)\]]{0,60}|correction)"
    r"[\])]?\s*\.?$"
    r"|" + _CITED_VOLUME,
    re.IGNORECASE,
)
_RETRACTION = re.compile(
    r"^\W*(?:retraction(?:\s+notice)?|notice of retraction|expression of concern"
    r"|withdrawal|withdrawn(?: article)?)\b\s*(?:$|[:.(\[-]|note|to\b|of\b|for\b)",
    re.IGNORECASE,
)
_COMMENT = re.compile(
    r"^\W*(?:authors?['’]?s?['’]?\s+)?(?:comments?|commentary|reply|response|re|rejoinder"
    r"|discussion|in reply|letters?|invited commentary|reviewers?['’]? comments?)\b"
    r"\s*(?:$|[:.(\[]|(?:on|to|from)\b.{0,30}[\"“:‘'])"
    r"|(?:[\[(:.]|\s-)\s*(?:authors?['’]?s?\s+)?(?:reply|response|comment|letter|rejoinder"
    r"|commentary)(?:\s+to\b[^\])]{0,60})?\s*[\])]?\s*\.?$",
    re.IGNORECASE,
)
_ABSTRACT_TITLE = re.compile(
    r"[\[(]\s*(?:(?:meeting|conference|congress)\s+)?abstract(?:\s+(?:no\.?\s*)?\w?\d+)?\s*[\])]",
    re.IGNORECASE,
)
_ABSTRACT_PLACE = re.compile(
    r"\bconference:|\bmeeting abstracts?\b|\bcongress\b.*\b(?:of|on)\b"
    r"|\babstracts? (?:book|of|from)\b"
    r"|\b(?:annual|scientific|international|world)\s+(?:scientific\s+)?(?:meeting|congress)\b",
    re.IGNORECASE,
)
_ABSTRACT_KIND = re.compile(r"(?:conference|meeting|congress)\s+abstract|^abstract$", re.IGNORECASE)
_PROTOCOL = re.compile(r"[\[(]\s*protocol\s*[\])]\W*$|\s-\s*protocol\W*$", re.IGNORECASE)
_REGISTRATION = re.compile(r"trial registry|clinical trial registration|trial registration", re.I)

_LANGUAGES = (
    r"arabic|chinese|croatian|czech|danish|dutch|english|finnish|french|german|greek|hebrew"
    r"|hungarian|italian|japanese|korean|norwegian|persian|polish|portuguese|romanian|russian"
    r"|serbian|slovak|slovenian|spanish|swedish|turkish|ukrainian"
)
_NOTES = re.compile(
    r"\s*(?:[\[(]\s*(?:reviews?|\d+\s+refs?\.?|(?:in\s+)?(?:" + _LANGUAGES + r")"
    r"(?:[,;/ ]+(?:and\s+)?\w+)?"
    r"|(?:(?:meeting|conference)\s+)?abstract(?:\s+(?:no\.?\s*)?\w?\d+)?|abstract only"
    r"|see comments?|author['’]?s['’]? transl[^\])]*"
    r"|comment(?:s|ary)?|letter|editorial|proceedings?|e-?pub[^\])]*"
    r"|article in press|published erratum[^\])]*|erratum appears[^\])]*|review article"
    r"|summary for patients[^\])]*|clinical trial|case reports?|corrected|abridged[^\])]*"
    r")\s*\.?[\])]\s*\.?"
    r"|" + _CITED_VOLUME + r"|[:;.]\s*(?:a\s+)?reply\s*\.?"
    r"|\.\.\.\s*\S.*\b(?:19|20)\d\d\b.*|\(multiple letters\)|\[\d\]"
    r")\s*$",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"^\W*(?:published\s+|publisher\s+|author\s+)?"
    r"(?:erratum|corrigendum|corrections?|retraction(?:\s+note)?)"
    r"(?:\s+(?:to|for|of|in))?\s*[:.]?\s+(?=\S)",
    re.IGNORECASE,
)
_RETRACTED = re.compile(r"^\W*retracted(?: article)?\s*[:.]\s*(?=\S)", re.IGNORECASE)
_LANGUAGE_DOT = re.compile(r"^\[(.+)\]\s*\.?$", re.DOTALL)


def nature_of(title: str, journal: str, pages: str, kind: str) -> Nature:
    """The kind of item, from its own words; ``ARTICLE`` where nothing says otherwise."""
    title = _APPENDED.sub("", title)
    if _RETRACTION.search(title):
        return Nature.RETRACTION
    lowered = kind.lower()
    if (
        _ERRATUM.search(title)
        or _CITED.search(title)
        or "erratum" in lowered
        or "correction" in lowered
    ):
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
    without = _RETRACTED.sub("", title)
    if _ERRATUM.search(title) or _RETRACTION.search(title):
        without = _NOTICE.sub("", without)
    if len(without) >= 15:
        title = without
    bracketed = _LANGUAGE_DOT.match(title.strip())
    return bracketed.group(1) if bracketed else title
