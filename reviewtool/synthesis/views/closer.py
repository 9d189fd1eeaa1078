"""A closer look at a pairwise result: a page for each topic, with its plots and tables as files."""

import io
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from flask import request, send_file, url_for
from flask.typing import ResponseReturnValue

from reviewtool.charts import MEDIA, Format, Theme
from reviewtool.charts.kept import drawing
from reviewtool.db.engine import request_session
from reviewtool.errors import NotFound
from reviewtool.storage import drawings_folder
from reviewtool.synthesis import bundle, queries
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots.closer import drawn
from reviewtool.synthesis.results import PairwiseResult
from reviewtool.synthesis.rules.closer import topics
from reviewtool.synthesis.rules.closer.topic import Choices, Finding, Topic
from reviewtool.synthesis.sheets import tables
from reviewtool.synthesis.sheets.closer import filed
from reviewtool.synthesis.sheets.standing import Standing
from reviewtool.synthesis.sheets.written import Written, tested
from reviewtool.synthesis.views import looks
from reviewtool.synthesis.views.blueprint import bp
from reviewtool.web.render import render


@dataclass(frozen=True)
class Closer:
    """A topic of an analysis as an address asks for it."""

    look: looks.Look
    run: AnalysisRun
    result: PairwiseResult
    topic: Topic
    choices: Choices

    @classmethod
    def asked(cls, analysis_id: int, key: str) -> "Closer":
        """Raises NotFound for an analysis without a pooled result, or an unknown topic."""
        topic = topics.topic(key)
        seen = looks.look(*looks.asked(analysis_id))
        run = seen.run
        if run is None or not isinstance(run.result, PairwiseResult):
            raise NotFound("This analysis has no pooled result that could be looked at.")
        choices = topics.chosen(topic, request.args.to_dict(flat=False))
        return cls(seen, run, run.result, topic, choices)

    @cached_property
    def finding(self) -> Finding:
        """What the topic finds in the studies that are looked at."""
        have = queries.looked(
            request_session(), self.look.line, self.run, self.result, self.look.gone, self.topic
        )
        return self.topic.finds(have, self.choices)

    @property
    def view(self) -> dict[str, Any]:
        """What an address needs so that it leads to the same view of the analysis."""
        return {
            "analysis_id": self.look.line.analysis.id,
            "run": request.args.get("run", type=int),
            "without": list(self.look.gone),
        }

    @property
    def chosen(self) -> dict[str, Any]:
        """What the topic adds to that, where it is not the default."""
        kept = self.choices.model_dump(exclude_defaults=True, exclude={"run", "without"})
        return {name: list(x) if isinstance(x, tuple) else x for name, x in kept.items()}

    def picture(self, what: str, kind: str, theme: Theme) -> bytes:
        """A plot of the topic as a file. Raises NotFound for one that it does not have."""
        for plot in drawn.of_topic(self.topic):
            if plot.key == what and plot.fits(self.finding):
                chart = plot.draws(self.look.line, self.run, self.finding)
                name = f"{what}{self.run.id}"
                return drawing(drawings_folder(), chart, cast(Format, kind), theme, name)
        raise NotFound("There is no such plot of this result.")

    def plots(self) -> dict[str, str]:
        """The plots for the page, by key."""
        return {
            plot.key: self.picture(plot.key, "svg", "screen").decode()
            for plot in drawn.of_topic(self.topic)
            if plot.fits(self.finding)
        }


@bp.get("/<int:analysis_id>/closer/<topic>")
def closer(analysis_id: int, topic: str) -> ResponseReturnValue:
    """A topic of the closer look; ``?now=1`` computes a slow one before the page is sent."""
    asked = Closer.asked(analysis_id, topic)
    waits = asked.topic.takes_long(asked.result.pooled.k) and not request.args.get("now")
    line, run = asked.look.line, asked.run
    return render(
        "synthesis/closer.html",
        line=line,
        run=run,
        r=asked.result,
        w=Written(asked.result),
        written=Written,
        tested=tested,
        standing=Standing.of(line.analysis, asked.result),
        old=asked.look.old,
        gone=asked.look.gone,
        topic=asked.topic,
        topics=topics.every(),
        choices=asked.choices,
        view=asked.view,
        chosen=asked.chosen,
        page=filed.page_of(asked.topic),
        waits=waits,
        address=url_for(".closer", topic=asked.topic.key, now=1, **asked.view, **asked.chosen),
        f=None if waits else asked.finding,
        plots={} if waits else asked.plots(),
        plot_labels={one.key: one.label for one in drawn.of_topic(asked.topic)},
        files=[] if waits else [x for x in filed.of_topic(asked.topic) if x.fits(asked.finding)],
    )


@bp.get("/<int:analysis_id>/closer/<topic>/<what>.<any(svg, pdf, png, tiff):kind>")
def closer_picture(analysis_id: int, topic: str, what: str, kind: str) -> ResponseReturnValue:
    """A plot of a topic as a file, with the choices of the address."""
    asked = Closer.asked(analysis_id, topic)
    content = asked.picture(what, kind, "print")
    name = f"{bundle.slug(asked.look.line)}-{what}.{kind}"
    return send_file(io.BytesIO(content), MEDIA[kind], True, name)


@bp.get("/<int:analysis_id>/closer/<topic>/tables/<what>.<any(csv, docx):kind>")
def closer_table(analysis_id: int, topic: str, what: str, kind: str) -> ResponseReturnValue:
    """A table of a topic as a file, with the choices of the address."""
    asked = Closer.asked(analysis_id, topic)
    for one in filed.of_topic(asked.topic):
        if one.key == what and one.fits(asked.finding):
            line = asked.look.line
            built = one.builds(line.title, Written(asked.result), asked.finding)
            name = f"{bundle.slug(line)}-{what}.{kind}"
            content = tables.as_file(built, kind)
            return send_file(io.BytesIO(content), tables.MEDIA[kind], True, name)
    raise NotFound("There is no such table of this result.")
