"""What templates call: the words of ``reviewtool.words`` as filters, and what needs a request."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Flask, g, request, url_for
from flask_security import current_user
from markupsafe import Markup

from reviewtool import marking, words


def natural(value: float) -> float:
    """A log ratio on the scale that people read."""
    return math.exp(value)


def time_tag(at: datetime | date | None, zone: str = "") -> Markup:
    """A moment as ``<time>``: in ``zone``, or in the browser's when none is given."""
    if at is None:
        return Markup(words.ABSENT)
    if not isinstance(at, datetime):
        return Markup('<time datetime="{0}">{0}</time>').format(at.isoformat())
    stamp = words.local(at).strftime("%Y-%m-%dT%H:%M:%SZ")
    attribute = "" if zone else Markup(" data-local")
    return Markup('<time class="figures" datetime="{}" title="{} UTC"{}>{}</time>').format(
        stamp, words.minute(at), attribute, words.minute(at, zone)
    )


def here_with(**changes: Any) -> str:
    """This page's address with some of its query changed; None takes a part away."""
    query: Mapping[str, Any] = request.args.to_dict(flat=True)
    values = {**(request.view_args or {}), **query, **changes}
    if g.get("review_id") is not None:
        values.setdefault("review_id", g.review_id)
    return url_for(request.endpoint or "", **{k: v for k, v in values.items() if v is not None})


def _zone() -> str:
    return str(getattr(current_user, "time_zone", "") or "")


def register(app: Flask) -> None:
    """Make everything here available to templates."""
    env = app.jinja_env
    written = (
        words.minus,
        words.num,
        words.plain,
        words.thousands,
        words.percent,
        words.out_of_hundred,
        words.per_thousand,
        words.named,
        words.p,
        words.p_cell,
        words.interval,
        words.confidence,
        words.at_level,
        words.plural,
        words.logged,
        words.capital,
        words.duration,
        words.filesize,
        words.day,
        words.month,
        words.ago,
        natural,
        marking.unlike,
    )
    env.filters["marked"] = marking.html
    env.filters.update({function.__name__: function for function in written})
    env.filters["datetime"] = lambda at: time_tag(at, _zone())
    env.globals.update(
        effect=words.effect,
        estimate=words.estimate,
        interval=words.interval,
        here_with=here_with,
    )
    env.trim_blocks = env.lstrip_blocks = True
