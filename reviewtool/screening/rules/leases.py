"""Whom the next record is handed to, so that nobody votes in vain.

A record that still needs N votes is held by N people at most; to everybody else the next
one is handed. Each hold ends by a vote, by going on, by leaving the page, or by itself.
"""

from datetime import timedelta

from reviewtool.screening.rules.outcome import Phase

# As long as somebody may think about one record; reading a whole report takes longer.
LASTS = {Phase.TITLE_ABSTRACT: timedelta(minutes=10), Phase.FULL_TEXT: timedelta(minutes=60)}
