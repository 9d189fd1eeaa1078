"""What can be wrong with coordinates, and what to do about it.

StatsError
├── BadFoci          one experiment's coordinates or sample size cannot be used
├── BadImage         a file that is not the NIfTI image it should be
├── NoFoci           nothing lies where the analysis looks
└── UnlikeDraws      parts of a Monte Carlo run that do not belong together
"""

from reviewtool.stats.errors import StatsError


class BadFoci(StatsError):
    """``experiment`` has a number that cannot be used."""

    code = "bad-foci"
    message = "{experiment}: {problem} {remedy}"


class BadImage(StatsError):
    """A file is no NIfTI-1 image that can be read here."""

    code = "bad-image"
    message = "{name} cannot be read as a NIfTI image: {problem} {remedy}"


class NoFoci(StatsError):
    """No focus lies inside the image, so there is nothing to analyse."""

    code = "no-foci"
    message = "{problem} {remedy}"


class UnlikeDraws(StatsError):
    """Parts of a Monte Carlo run have other settings, overlap, or leave a gap."""

    code = "unlike-draws"
    message = "The Monte Carlo parts cannot be joined: {problem} {remedy}"
