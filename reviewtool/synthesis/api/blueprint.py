"""The blueprint that the JSON of the synthesis shares."""

from reviewtool.team.access import review_api

bp = review_api("synthesis", __name__, "/analyses", "Synthesis")
