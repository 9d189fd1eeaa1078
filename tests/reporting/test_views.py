"""Report pages as a browser gets them."""

import pytest

from tests import build


@pytest.fixture
def path(review):
    return f"/reviews/{review.review.id}/report"


@pytest.mark.parametrize(
    "page",
    [
        "/",
        "/checklist",
        "/exports",
        "/flow/database_results",
        "/flow/dbr_excluded",
        "/flow/new_studies",
    ],
)
def test_every_page_opens_for_an_observer(review, sign_in, path, page):
    assert sign_in(review.observer).get(path + page).status_code == 200


@pytest.mark.parametrize(
    ("kind", "magic"),
    [("svg", b"<svg"), ("pdf", b"%PDF"), ("png", b"\x89PNG"), ("tiff", b"II*\x00")],
)
def test_the_flow_diagram_is_a_file_too(review, sign_in, path, kind, magic):
    assert magic in sign_in(review.ann).get(f"{path}/flow.{kind}").data[:600]


def test_a_number_in_the_diagram_links_to_its_list(db, review, sign_in, path):
    build.record(db, review.review, "Needling of the knee")
    db.commit()
    browser = sign_in(review.ann)
    assert f"{path}/flow/database_results" in browser.get(path + "/").get_data(as_text=True)
    assert "Needling of the knee" in browser.get(f"{path}/flow/database_results").get_data(
        as_text=True
    )


def test_the_checklist_keeps_where_an_item_is_reported(review, sign_in, path):
    browser = sign_in(review.ann)
    assert (
        browser.post(path + "/checklist", data={"location-13d": "Methods, page 4"}).status_code
        == 303
    )
    assert "Methods, page 4" in browser.get(path + "/checklist").get_data(as_text=True)


def test_an_unknown_box_is_not_found(review, sign_in, path):
    assert sign_in(review.ann).get(f"{path}/flow/nonsense").status_code == 404
