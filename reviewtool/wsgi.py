"""What the web server loads: one app from the settings in the environment."""

import sys

from reviewtool import private
from reviewtool.app import create_app
from reviewtool.settings import Settings, explain

private.only_mine()
try:
    settings = Settings()
except ValueError as error:
    sys.exit(explain(error))

app = create_app(settings)
