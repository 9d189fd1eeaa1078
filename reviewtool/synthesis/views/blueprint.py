"""The blueprint that the pages of the synthesis share."""

from reviewtool.team.access import review_blueprint

bp = review_blueprint("synthesis", __name__, "/synthesis")
