"""Words of brain coordinates: what was imaged, which way it changed, in which space.

An outcome whose numbers are coordinates plans a modality and a direction; extraction asks
each experiment for them, and an analysis takes the experiments that have both.
"""

import re
from collections.abc import Mapping

COORDINATES = "coordinates"

MODALITIES = ("structural", "functional", "resting state", "diffusion", "PET or SPECT")
DIRECTIONS = ("increase", "decrease")
SPACES = ("MNI", "Talairach")

# What reports write -> the word that is stored.
_SPELLINGS: Mapping[str, Mapping[str, str]] = {
    "modality": {
        "structural": r"struct\w*|vbm|morphometry|gr[ae]y matter|volume|thickness|smri|gmv",
        "resting state": r"rest\w*|rs-?fmri|rsfc|reho|alff|falff|connectivity",
        "diffusion": r"diffusion|dti|tbss|white matter|fa",
        "PET or SPECT": r"pet|spect|perfusion|asl",
        "functional": r"funct\w*|fmri|task\w*|bold|activation",
    },
    "direction": {
        "increase": r"increas\w*|activation|hyper\w*|more|greater|positive|pos|up|higher",
        "decrease": r"decreas\w*|deactivation|hypo\w*|less|reduc\w*|negative|neg|atrophy|lower",
    },
    "space": {
        "Talairach": r"tal|talairach.*|tt88|tournoux",
        "MNI": r"mni.*|montreal.*|icbm.*|spm|fsl",
    },
}
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "modality": MODALITIES,
    "direction": DIRECTIONS,
    "space": SPACES,
}


def understood(part: str, text: str) -> str:
    """The stored word for what somebody wrote of a modality, direction or space; "" for none.

    >>> understood("modality", "VBM"), understood("direction", "deactivation")
    ('structural', 'decrease')
    >>> understood("space", "MNI152"), understood("modality", "x-ray")
    ('MNI', '')
    """
    plain = " ".join(text.split()).casefold()
    for word in OPTIONS[part]:
        if plain == word.casefold():
            return word
    for word, spelled in _SPELLINGS[part].items():
        if re.fullmatch(spelled, plain):
            return word
    return ""


def in_words(modality: str, direction: str) -> str:
    """What an outcome's coordinates are of.

    >>> in_words("structural", "decrease"), in_words("", "increase"), in_words("", "")
    ('structural, decrease', 'increase', 'any modality and direction')
    """
    return ", ".join(part for part in (modality, direction) if part) or "any modality and direction"
