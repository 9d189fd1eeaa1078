"""What the web server loads: one app from the settings in the environment, and its door."""

import sys

from reviewtool import private
from reviewtool.app import create_app
from reviewtool.settings import Settings, explain
from reviewtool.web.door import Door

private.only_mine()
try:
    settings = Settings()
except ValueError as error:
    sys.exit(explain(error))

app = create_app(settings)
door = Door(
    app,
    folder=settings.data.resolve() / "run" / "passing",
    limit=settings.upload_limit_mb * 1024 * 1024,
)
