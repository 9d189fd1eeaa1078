"""LaTeX in bibliography fields to plain text: accents, symbols, braces, commands."""

from __future__ import annotations

import re
import unicodedata

_COMBINING = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "u": "\u0306",
    "v": "\u030c",
    "H": "\u030b",
    "c": "\u0327",
    "k": "\u0328",
    "r": "\u030a",
    "d": "\u0323",
    "b": "\u0331",
    "t": "\u0361",
}
_SYMBOLS = {
    "ss": "ß",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "o": "ø",
    "O": "Ø",
    "aa": "å",
    "AA": "Å",
    "l": "ł",
    "L": "Ł",
    "i": "ı",
    "j": "ȷ",
    "dh": "ð",
    "DH": "Ð",
    "th": "þ",
    "TH": "Þ",
    "dj": "đ",
    "DJ": "Đ",
    "textendash": "–",
    "textemdash": "—",
    "textquoteright": "’",
    "textquoteleft": "‘",
    "textquotedblleft": "“",
    "textquotedblright": "”",
    "textquotesingle": "'",
    "textregistered": "®",
    "texttrademark": "™",
    "textcopyright": "©",
    "textdegree": "°",
    "textmu": "µ",
    "mu": "μ",
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "Delta": "Δ",
    "epsilon": "ε",
    "kappa": "κ",
    "lambda": "λ",
    "omega": "ω",
    "Omega": "Ω",
    "pi": "π",
    "sigma": "σ",
    "tau": "τ",
    "theta": "θ",
    "chi": "χ",
    "eta": "η",
    "zeta": "ζ",
    "phi": "φ",
    "psi": "ψ",
    "times": "×",
    "pm": "±",
    "leq": "≤",
    "le": "≤",
    "geq": "≥",
    "ge": "≥",
    "neq": "≠",
    "approx": "≈",
    "sim": "~",
    "infty": "∞",
    "cdot": "·",
    "circ": "°",
    "rightarrow": "→",
    "textasciitilde": "~",
    "textbackslash": "\\",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "ldots": "…",
    "dots": "…",
    "S": "§",
    "P": "¶",
    "pounds": "£",
    "textsuperscript": "",
    "textsubscript": "",
    "prime": "′",
    "quad": " ",
    "and": "and",
}
_ACCENT = re.compile(
    r"\\(['`^\"~=.])\s*(?:\{\s*(\\?[A-Za-z])\s*\}|(\\?[A-Za-z]))"
    r"|\\([uvHckrdbt])(?:\s*\{\s*(\\?[A-Za-z])\s*\}|\s+(\\?[A-Za-z])(?![A-Za-z]))"
)
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?\s*(?:\{\})?")
_ESCAPED = re.compile(r"\\([&%$#_{}])")


def plain(text: str) -> str:
    r"""``text`` without LaTeX.

    >>> plain(r"{\"O}sterreich und {S}chr{\"o}dinger \& Co")
    'Österreich und Schrödinger & Co'
    """
    if "\\" in text:
        text = _ACCENT.sub(_accent, text)
        text = _ESCAPED.sub(lambda m: {"{": "\ue000", "}": "\ue001"}.get(m[1], m[1]), text)
        text = text.replace("\\\\", " ").replace("\\-", "").replace("\\/", "")
        text = text.replace("\\ ", " ").replace("\\,", " ").replace("\\@", "")
        text = _COMMAND.sub(_command, text)
    if "$" in text:
        text = re.sub(r"\$([^$\n]{0,200})\$", r"\1", text)
    if "{" in text or "}" in text:
        text = text.replace("{", "").replace("}", "")
    if "-" in text:
        text = text.replace("---", "—")
    if "~" in text:
        text = re.sub(r"(?<=[\w.])~(?=\w)", " ", text)
    return unicodedata.normalize("NFC", text.replace("\ue000", "{").replace("\ue001", "}"))


def _accent(match: re.Match[str]) -> str:
    mark = match[1] or match[4]
    letter = (match[2] or match[3] or match[5] or match[6]).lstrip("\\")
    return letter + _COMBINING[mark]


def _command(match: re.Match[str]) -> str:
    name = match[1]
    if name in _SYMBOLS:
        return _SYMBOLS[name]
    return ""  # \emph, \textit, \mathrm ...: the braces that follow keep the words
