"""Tables that tests pool, and what they may expect of a refusal."""

from collections.abc import Callable
from typing import Any

from click.testing import Result

Run = Callable[..., Result]
Read = Callable[..., dict[str, Any]]

COUNTS = "study,ai,n1i,ci,n2i\nA,10,100,20,100\nB,15,120,25,118\nC,5,60,9,64\n"
EFFECTS = "study,yi,sei\nA,-0.5,0.2\nB,0.3,0.2\nC,0.1,0.25\n"
MIXED = """study,ai,n1i,ci,n2i,OR,lci,uci
A,10,100,20,100,,,
B,15,120,25,118,,,
C,,,,,0.5,0.25,1.0
D,0,40,0,41,,,
E,,,,,,,
F,12,100,24,100,0.4,0.2,0.8
G,0,0,3,50,,,
H,,,,,0.7,,
"""


def refused(done: Result, *words: str) -> None:
    assert done.exit_code == 2, done.output
    for word in words:
        assert word in done.output, done.output
