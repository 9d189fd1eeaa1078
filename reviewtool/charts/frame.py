"""Two axes with ticks and names, for plots with points in a plane."""

from dataclasses import dataclass

from reviewtool.charts import page
from reviewtool.charts.axis import Axis


@dataclass(frozen=True)
class Frame:
    """A plane of ``wide`` x ``high`` points; ``downwards`` puts the vertical zero on top."""

    across: Axis
    vertical: Axis
    wide: float
    high: float
    downwards: bool = False
    left: float = 54.0
    top: float = 14.0

    @property
    def right(self) -> float:
        """The plane's right edge."""
        return self.wide - 18.0

    @property
    def bottom(self) -> float:
        """The plane's lower edge, where the axis stands."""
        return self.high - 50.0

    def x(self, value: float) -> float:
        """Horizontal place; values outside stand at the edge."""
        share = min(max(self.across.share(value), 0.0), 1.0)
        return self.left + share * (self.right - self.left)

    def y(self, value: float) -> float:
        """Vertical place; values outside stand at the edge."""
        share = min(max(self.vertical.share(value), 0.0), 1.0)
        if not self.downwards:
            share = 1 - share
        return self.top + share * (self.bottom - self.top)

    def draw(self, sheet: page.Page, across: str, vertical: str) -> None:
        """Axes, ticks and names."""
        sheet.line([self.left, self.left], [self.top, self.bottom])
        sheet.line([self.left, self.right], [self.bottom, self.bottom])
        for tick in self.across.ticks:
            x = self.x(tick)
            sheet.line([x, x], [self.bottom, self.bottom + 3.5])
            sheet.text(x, self.bottom + 11, self.across.label(tick), align="center", size=8)
        for tick in self.vertical.ticks:
            y = self.y(tick)
            sheet.line([self.left - 3.5, self.left], [y, y])
            sheet.text(self.left - 6, y, self.vertical.label(tick), align="right", size=8)
        sheet.text((self.left + self.right) / 2, self.bottom + 27, across, align="center")
        sheet.text(15, (self.top + self.bottom) / 2, vertical, align="center", turned=True)
