"""The frame of every page: landmarks, a strict policy, no inline code."""

import ast
import re
from pathlib import Path

import pytest

import reviewtool
from tests import build


@pytest.fixture
def page(db, review, sign_in):
    build.record(db, review.review, "A trial")
    db.commit()
    return sign_in(review.ann).get(f"/reviews/{review.review.id}/screening/")


def test_a_page_has_its_landmarks_and_one_heading(page):
    html = page.text
    for needed in (
        '<main class="main" id="main"',
        'class="skip" href="#main"',
        'aria-label="Breadcrumb"',
    ):
        assert needed in html
    assert html.count("<h1") == 1
    assert '<html lang="en">' in html


def test_the_stage_list_says_where_i_am_and_how_far_we_are(page):
    assert re.search(r'href="/reviews/\d+/screening/"\s+aria-current="true"', page.text)
    assert "0 of 1" in page.text


def test_no_script_is_inline_and_no_handler_is_an_attribute(page):
    for script in re.findall(r"<script\b[^>]*>(.*?)</script>", page.text, flags=re.S):
        assert script.strip() == ""
    assert not re.search(r"<[^>]*\son[a-z]+=", page.text)
    assert "unsafe-eval'" not in page.headers["Content-Security-Policy"].replace(
        "wasm-unsafe-eval'", ""
    )


def test_nothing_is_loaded_from_elsewhere(page):
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page.text)


def test_htmx_sends_the_csrf_token_and_may_not_evaluate(page):
    assert re.search(r"hx-headers='\{\"X-CSRFToken\": \"[^\"]+\"\}'", page.text)
    assert '"allowEval":false' in page.text


def test_an_error_is_a_page_with_the_frame_or_a_sentence_for_htmx(review, sign_in):
    ann = sign_in(review.ann)
    address = f"/reviews/{review.review.id}/screening/records/999999"
    page = ann.get(address)
    assert page.status_code == 404
    assert '<main class="main"' in page.text
    fragment = ann.get(address, headers={"HX-Request": "true"})
    assert fragment.text.lstrip().startswith('<div class="message error" role="alert">')


def test_the_sign_in_page_wears_the_same_frame(client):
    page = client.get("/sign-in")
    assert page.status_code == 200
    assert '<main class="main"' in page.text
    assert 'autocomplete="current-password"' in page.text


def test_no_page_takes_a_name_that_the_frame_needs():
    taken = {"version", "stages", "can", "csp_nonce", "current_user", "jobs_running"}
    for path in Path(reviewtool.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "render":
                given = {keyword.arg for keyword in node.keywords}
                assert not given & taken, f"{path}:{node.lineno}"
