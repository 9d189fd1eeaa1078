"""The application as a whole."""

import gc
import weakref

from reviewtool.app import create_app


def test_an_app_that_nobody_uses_is_let_go(settings):
    app = create_app(settings)
    assert app.test_client().get("/sign-in").status_code == 200
    app.extensions["database"].dispose()
    seen = weakref.ref(app)
    del app
    gc.collect()
    assert seen() is None
