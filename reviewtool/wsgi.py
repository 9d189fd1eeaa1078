"""What the web server loads: one app from the settings in the environment, and its door."""

import sys

from reviewtool import private
from reviewtool.app import create_app
from reviewtool.settings import Settings, explain
from reviewtool.web.door import Door

# A thread that holds a row of the database goes on as soon as it is answered: threads that
# make pages give way after this many seconds (Python's own number is 0.005).
sys.setswitchinterval(0.0005)
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
