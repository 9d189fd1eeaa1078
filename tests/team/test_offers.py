"""Nobody is offered a page that is closed to them."""

from urllib.parse import urlsplit

import lxml.html
import pytest

from tests import build

PAGES = (
    "/",
    "/team",
    "/jobs",
    "/protocol/",
    "/protocol/versions",
    "/references/",
    "/references/records",
    "/references/duplicates/",
    "/screening/",
    "/screening/conflicts",
    "/full-text/",
    "/full-text/reasons",
    "/extraction/",
    "/extraction/fields",
    "/bias/",
    "/synthesis/",
    "/certainty/",
    "/report/",
    "/report/exports",
)


@pytest.mark.services
@pytest.mark.parametrize("full", [False, True], ids=["empty", "begun"])
def test_every_link_on_a_page_opens_for_who_sees_it(db, review, sign_in, full):
    if full:
        record = build.record(db, review.review, "Needling")
        build.report(db, record)
        build.analysis(db, build.outcome(db, review.review), build.comparison(db, review.review))
    home = f"/reviews/{review.review.id}"
    closed = set()
    for who in (review.observer, review.statistician, review.extractor, review.ben):
        browser, seen = sign_in(who), set()
        for path in PAGES:
            page = browser.get(home + path)
            assert page.status_code == 200, (who.name, path)
            for link in lxml.html.fromstring(page.text).xpath("//a/@href"):
                to = urlsplit(link)._replace(fragment="").geturl()
                if not to.startswith(home) or to in seen:
                    continue
                seen.add(to)
                answer = browser.get(to)
                answer.close()
                if answer.status_code == 403:
                    closed.add((who.role.value, path, to.removeprefix(home)))
    assert closed == set()
