"""The blueprint that the pages of extraction share."""

from reviewtool.team.access import review_blueprint

bp = review_blueprint("extraction", __name__, "/extraction")
