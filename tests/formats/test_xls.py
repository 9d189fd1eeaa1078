"""Old Excel workbooks: three references, and the same file damaged in many ways."""

import base64
import random
import zlib

import pytest

from reviewtool import formats

# Three invented references in a workbook of Excel 97, packed.
PACKED = (
    "c-rllNoW&c6vy8;lQc`Wq?@)b9R!!ws!4khMPo}_Y0)-nwJL&6(?LUHqLYcJ2lpNY!IR>p(2EzBiwk<tn+HMBgCGd4"
    "p2U-);Gu1N-^<MBOzois6)p3^y!rm`Tjn?OZIgNVB0M&7w{9G!*=CSoDj$F%Ta4imutW$jKcDAG>+HuP@7jN50Y7$R"
    "kry77KKJoH<o!Jk65R1TMGx>Ej{|TFdNOHE`HR*@3@YOco6s}3fsrz(C8`SY3G$WXZ&S&~<hM}dGWktdc8u+Z7qOnk"
    "_2wwvD=nkEGT`mrr#f#b5`}7b#z*nlE38n~3$1!mP5ql0OFbnp3fOO3wX~+IsWGU+4jhGVc?ICBHB+A`Zv5}Y8DRXo"
    "Gwz!qepT`SoP+!!8sNhahA$qVMK-IR&<1rak)42Uwgy8>3QKN0H;_suR3n*5D}ASqY1sFzIpau1&z53JH<F2zrt~F^"
    "lvV<;E0fa`rkqxHpQh?K)%RplxucpFpevirX+f-FsJfxV)x#Pt<{jxlO3DE3y<HUmyZe+?yVJ?zIZf&B-KBK3H(;sO"
    "fvlmc2?K{_H$rUFv?ir>qtc&iQrd90=;H%b`KUzk&f;n^jm28<h~jjMM$k1!f;_c08i_>Kos8lQVbdETk!UeComNz{"
    "bz4i#_6p6SLbI(%i@ivTD8j=~Sn)!R6|a<5f)ezDP)_MEtp_38(<W|yezkod9y>^pbF|A9_QK`7`ydbJc@3;wMmf}j"
    "*cLz|)mTmb0=2q`(skska2DfvMZDTfbY7$~mne4yUZ;iZb!??Ay$aLApLRT0I{YElfazOX$4^(?dJ`LgWjJgGu|EG@"
    "geKO+u3zK!FlL>Zxo*BAU;E1%>X$+$d*0me%V83Nlnj$EDE@SqP?Gtq3Q9&L3*|xO5z33oD^wAxBB6Y!d_wtA`GpFg"
    "3J4WM6%?u%Rk6v=W?*N;USgJK#9k^CXD<_qvzMbfBXPyqJL|1H&K?paIeS<r&R!uDXRj2BvsVel*{g-(>@_C4Gy}Wj"
    "V3!>160t83%FZqkdw0E+XJ?lj?2?0Ba<EIpzECL6UMrNHU7mqmcCgD1cA41ggtD{C#NJbH<=NR~2fOTGmmTafu`d#e"
    "vo99PV&5!Pz&-wu@r~i91;I7fTyxDe*XFx1dV>SnuRZjRR(K=!ncsCL@tATylgwM&2^stu_{X#Z(s<V4)SSjo4S1Q="
    "7Mo=q>w6)$e!RL4Loh%bLvtR#_>YF!?`PH(L%(kd&Gq_IbK(5M*Z%<!E<)!"
)
BOOK = zlib.decompress(base64.b85decode(PACKED))


def test_the_rows_of_the_first_sheet_are_records() -> None:
    found = formats.read(BOOK)
    assert (found.format, found.encoding) == ("xls", "binary")
    assert [(r.title, r.year, r.pages) for r in found.records] == [
        (f"Trial é {n}", 2000 + n, "10-20") for n in (1, 2, 3)
    ]
    assert found.records[0].authors == ("Lee, A", "Wu, B")
    assert found.records[0].accession == "WOS:001"


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_workbook_is_read_or_refused_and_never_breaks_anything(seed: int) -> None:
    rng = random.Random(seed)
    content = bytearray(BOOK)
    for _ in range(rng.randint(1, 60)):
        content[rng.randrange(8, len(content))] = rng.randrange(256)
    found = formats.read(bytes(content[: rng.randrange(9, len(content))]))
    assert found.format == "xls"
    assert found.read > 0
    assert found.records or "damaged" in found.problems[0].reason
