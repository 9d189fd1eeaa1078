"""Pages of both screening phases."""

from reviewtool.screening.views.fulltext import bp as fulltext
from reviewtool.screening.views.titles import bp as screening

blueprints = (screening, fulltext)
