"""Import, duplicates and records as a librarian meets them, on a desk and on a phone."""

import pytest
from sqlmodel import col, select

from reviewtool.references.models import Import, ImportState, Merge, Record
from reviewtool.screening.models import Decision

LONG = "Electroacupunctureofthemusculusquadricepsfemoris" * 5
RIS = f"""TY  - JOUR
TI  - Acupuncture for migraine prophylaxis: a randomised trial
AU  - Linde, K.
AU  - Streng, A.
PY  - 2005
JO  - JAMA
VL  - 293
IS  - 17
SP  - 2118
EP  - 2125
ER  -

TY  - JOUR
TI  - Acupuncture for migraine prophylaxis: a randomised trial
AU  - Linde, K.
AU  - Streng, A.
PY  - 2005
JO  - JAMA
VL  - 293
IS  - 17
SP  - 2500
EP  - 2510
DO  - 10.1000/late
ER  -

TY  - JOUR
TI  - {LONG} and <b>pain</b>
AU  - Lee, B.
PY  - 2011
ER  -

TY  - JOUR
AU  - Nobody, N.
ER  -
"""
FILES = [
    {"name": "pubmed.ris", "mimeType": "text/plain", "buffer": RIS.encode()},
    {
        "name": "own.csv",
        "mimeType": "text/csv",
        "buffer": b"naam,jaar\nA trial of rest,2001\nB trial of heat,2002\nC trial of ice,2003\n",
    },
    {"name": "download.txt", "mimeType": "text/plain", "buffer": b""},
    {
        "name": "articles.csv",
        "mimeType": "text/csv",
        "buffer": b"key,title,year,notes,pubmed_id,pmc_id\nrayyan-7,A trial of cupping,2004,,,\n",
    },
    {
        "name": "customizations_log.csv",
        "mimeType": "text/csv",
        "buffer": b"article_id,user_email,created_at,key,value\n"
        b"7,zoe@example.org,2024-01-02 10:00:00,included,1\n",
    },
]


@pytest.fixture
def base(review):
    return f"/reviews/{review.review.id}/references"


def upload(page, base, files):
    page.goto(f"{base}/imports/new")
    page.set_input_files("#files", files)
    page.click("text=Look at the files")


def store(page, base, database="PubMed"):
    upload(page, base, FILES[:1])
    page.fill("input[name$='-database']", database)
    page.click("button:has-text('Import 1 file')")
    page.wait_for_selector(".accounting")


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_several_files_are_looked_at_corrected_and_stored(
    db, review, base, page_of, no_serious_findings, phone
):
    page = page_of(review.ann, phone=phone)
    upload(page, base, FILES)
    heads = page.locator("section.file-card h2").all_inner_texts()
    assert heads[0] == "own.csv"  # what needs a person stands first
    no_serious_findings(page)
    page.click("button:has-text('Import 4 files')")
    summary = page.locator(".error-summary").inner_text()
    assert "own.csv: Say which database" in summary
    page.fill("#all-searched_on", "2026-11-01")
    for field in page.locator("input[name$='-database']").all():
        if not field.input_value():
            field.fill("Embase")
    page.locator("section:has(h2:text('own.csv')) a:has-text('Choose columns')").click()
    first = page.locator("main select").first
    first.select_option("title")
    no_serious_findings(page)
    page.click("text=Use these columns")
    assert page.input_value("#all-searched_on") == "2026-11-01"  # nothing typed is lost
    page.click("button:has-text('Import 4 files')")
    page.wait_for_selector(".search-entry")
    text = page.locator("main").inner_text()
    assert "Searched 1 November 2026" in text
    assert "4 read = 3 stored + 1 rejected" in text
    assert "1 row read = 1 understood + 0 rejected" in text
    assert "1 file waits" in text  # the empty one
    no_serious_findings(page)
    db.expire_all()
    done = db.exec(select(Import).where(Import.state == ImportState.DONE)).all()
    assert {row.file_name for row in done} == {
        "pubmed.ris",
        "own.csv",
        "articles.csv",
        "customizations_log.csv",
    }


def test_votes_of_a_log_are_given_to_a_name_and_reach_screening(db, review, base, page_of):
    page = page_of(review.ann)
    upload(page, base, FILES[3:])
    page.fill("input[name$='-database']", "Rayyan")
    page.click("button:has-text('Import 2 files')")
    page.wait_for_selector(".search-entry")
    page.click("text=customizations_log.csv")
    page.locator("#votes select").select_option(label="Ben")
    page.click("text=Bring the votes along")
    page.wait_for_selector("text=All of them are in screening")
    db.expire_all()
    assert [d.member_id for d in db.exec(select(Decision)).all()] == [review.ben.id]


def test_a_pair_is_judged_with_the_keyboard_and_taken_back(
    db, review, base, page_of, no_serious_findings
):
    page = page_of(review.ann)
    store(page, base)
    page.goto(f"{base}/duplicates/")
    assert page.locator(".pair-title").inner_text().startswith("Acupuncture for migraine")
    assert page.locator("mark, .differs").count() or page.locator("tr.field-pages").count()
    no_serious_findings(page)
    page.keyboard.press("m")
    page.wait_for_selector("text=No pair waits")
    db.expire_all()
    assert len(db.exec(select(Merge).where(col(Merge.undone_at).is_(None))).all()) == 1
    db.commit()
    page.keyboard.press("z")
    page.wait_for_selector("text=undone", state="attached")
    db.expire_all()
    assert db.exec(select(Merge).where(col(Merge.undone_at).is_(None))).all() == []


def test_an_import_is_undone_and_brought_back(db, review, base, page_of):
    page = page_of(review.ann)
    store(page, base)
    page.click("text=Undo this import")
    page.click("button:has-text('Undo the import')")
    page.wait_for_selector("text=3 records set aside")
    page.click("button:has-text('Bring back')")
    page.wait_for_selector("text=are back")
    db.expire_all()
    assert all(r.set_aside_at is None for r in db.exec(select(Record)).all())


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_records_are_found_corrected_and_show_their_history(
    db, review, base, page_of, no_serious_findings, dark
):
    page = page_of(review.ann, dark=dark, phone=dark)
    store(page, base)
    page.goto(f"{base}/records")
    assert "<b>" not in page.locator("main").inner_text()
    no_serious_findings(page)
    page.fill("#q", '"migraine prophylaxis" -nothing author:streng')
    page.keyboard.press("Enter")
    page.wait_for_selector("text=2 records")
    page.locator(".record-list a").first.click()
    page.click("text=Edit")
    page.fill("[name=year]", "2006")
    no_serious_findings(page)
    page.click("main button.btn-primary")
    page.wait_for_selector("text=2006")
    assert "2005" in page.locator("main").inner_text()  # the history names the old value
    no_serious_findings(page)
