"""Finding duplicates: normalise, candidates, matching, grouping and merging as pure steps."""

from reviewtool.references.rules.citation import Citation
from reviewtool.references.rules.finding import Duplicates, Pair, find_duplicates
from reviewtool.references.rules.matching import Outcome

__all__ = ["Citation", "Duplicates", "Outcome", "Pair", "find_duplicates"]
