"""A live server and Chromium. ``page_of(member)`` is a window signed in as that person.

``no_serious_findings(page)`` runs axe on what is shown. Everything here carries the
marker ``browser`` and is skipped, saying so, where Chromium or axe is missing.
"""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.sessions import SecureCookieSessionInterface
from werkzeug.serving import make_server

from tests import build, required

AXE = Path(__file__).parents[2] / "reviewtool/static/vendor/dev/axe.min.js"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 860}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for all tests."""
    found = required.program("chromium", "chromium-browser", package="chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def live(app: Any) -> Iterator[str]:
    """The app on a free port, with CSRF protection on and revisions asked for, as in production."""
    app.config["WTF_CSRF_ENABLED"] = app.config["REVISIONS_REQUIRED"] = True
    server: Any = make_server("127.0.0.1", 0, app, threaded=True)
    # A page says that it leaves when its window closes: that request ends before the database
    # of the next test takes the place of this one.
    server.daemon_threads, server.block_on_close = False, True
    server.RequestHandlerClass.timeout = 1
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page_of(app: Any, live: str, chromium: Any) -> Iterator[Callable[..., Any]]:
    """``page_of(member, phone=False, dark=False, scripts=True)``: a signed-in window.

    Fails the test at its end for anything the browser complained about: an error in a
    script, a refused policy, a request to another host.
    """
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    contexts, complaints = [], []

    def make(member: Any, *, phone: bool = False, dark: bool = False, scripts: bool = True) -> Any:
        context = chromium.new_context(
            base_url=live,
            viewport=PHONE if phone else DESKTOP,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        session = build.session_of(member.user)
        context.add_cookies([{"name": "reviewtool", "value": signer.dumps(session), "url": live}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda m: (
                complaints.append(m.text)
                if m.type == "error" and "status of 4" not in m.text
                else None
            ),
        )
        page.on(
            "request",
            lambda r: (
                None
                if r.url.startswith((live, "data:", "blob:"))
                else complaints.append(f"asked {r.url}")
            ),
        )
        contexts.append(context)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def no_serious_findings() -> Callable[[Any], None]:
    """Run axe on a page; fails with what it found of serious or critical impact."""
    if not AXE.exists():
        required.lacking("axe-core is not there", "Install the package from the checkout.")
    source = AXE.read_text()

    def check(page: Any) -> None:
        page.evaluate(source)
        found = page.evaluate(
            "axe.run().then(r => r.violations.filter(v => ['serious', 'critical']"
            ".includes(v.impact)).map(v => `${v.id}: ${v.nodes[0].html.slice(0, 200)}`))"
        )
        assert found == [], page.url
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{page.url} is {wide} px wider than the window"

    return check
