"""What the web server loads: one app from the settings in the environment."""

from reviewtool.app import create_app

app = create_app()
