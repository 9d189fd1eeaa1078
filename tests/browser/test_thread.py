"""The whole thread: from an empty installation to the zip, in the browser.

Ann sets up and owns the review, Ben and Cem review blind to each other, Dora resolves.
The import is ten real citations, one of them twice and one entry that cannot be kept.
axe looks at every page that is visited.
"""

import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from reviewtool.team.setup import setup_url

RIS = Path(__file__).parent / "samples" / "triptans.ris"
PASSWORD = "correct horse battery"
INCLUDED = 3  # of the four reports that are read in full
PDF = b"\n".join(
    (
        b"%PDF-1.4",
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj",
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj",
        b"trailer<</Root 1 0 R>>",
        b"%%EOF",
    )
)
NUMBERS = [((30, 60), (10, 58)), ((45, 90), (22, 91)), ((25, 70), (14, 72))]


class Person:
    """Somebody with a window of their own."""

    def __init__(self, browser, base, check):
        self.page = browser.new_context(
            base_url=base, viewport={"width": 1280, "height": 900}
        ).new_page()
        self.page.set_default_timeout(15_000)
        self.check = check
        self.complaints = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, path):
        answer = self.page.goto(path)
        assert answer is not None, path
        assert answer.status < 400, (path, answer.status)
        self.look()

    def look(self):
        """axe on what is shown."""
        self.page.wait_for_load_state()
        self.check(self.page)

    def fill(self, **values):
        for name, value in values.items():
            self.page.locator(f"main [name={name}]").first.fill(value)

    def press(self, name):
        self.page.get_by_role("main").get_by_role("button", name=name).first.click()
        self.page.wait_for_load_state()

    def sees(self, text):
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def sign_up(self, path, name):
        self.go(path)
        self.fill(name=name, password=PASSWORD, password_again=PASSWORD)


@pytest.fixture
def person(live, chromium, no_serious_findings):
    people = []

    def make():
        people.append(Person(chromium, live, no_serious_findings))
        return people[-1]

    yield make
    for one in people:
        assert one.complaints == []
        one.page.context.close()


def last_link(app, word):
    """The newest mailed address that holds ``word``, as a path."""
    for message in reversed(app.extensions["outbox"]):
        for part in message.get_content().split():
            if word in part:
                return "/" + part.split("/", 3)[3]
    raise AssertionError(f"no mail with {word}")


def test_a_review_from_set_up_to_the_zip(app, settings, person):
    ann = person()
    home = start(settings, ann)
    ben, cem, dora = (invite(app, ann, home, person, *who) for who in TEAM)
    protocol(ann, home)
    import_file(ann, home)
    duplicates(ann, home)
    abstracts(ben, cem, dora, home)
    full_texts(ann, ben, cem, dora, home)
    extraction(ann, ben, cem, dora, home)
    bias(ben, cem, dora, home)
    synthesis(ann, home)
    certainty(ann, home)
    prisma(ann, home)
    export(ann, home)
    audit(app, ann, home)


TEAM = (("ben", "reviewer"), ("cem", "reviewer"), ("dora", "lead"))


def start(settings, ann):
    address = setup_url(settings)
    assert address is not None
    ann.sign_up("/setup?" + address.split("?")[1], "Ann")
    ann.fill(email="ann@example.org")
    ann.press("Make the account")
    ann.sees("New review")
    ann.look()
    ann.fill(title="Triptans in a browser")
    ann.press("Create the review")
    ann.look()
    return "/reviews/" + re.search(r"/reviews/(\d+)", ann.page.url)[1]


def invite(app, ann, home, person, name, role):
    ann.go(home + "/team")
    ann.fill(email=f"{name}@example.org")
    ann.page.locator("main form[action$=invitations] [name=role]").select_option(role)
    ann.press("Send the invitation")
    ann.sees(f"Invitation made for {name}@example.org")
    one = person()
    one.sign_up(last_link(app, "/invitations/"), name.capitalize())
    one.press("Join the review")
    one.sees("You are now a member")
    return one


def protocol(ann, home):
    from reviewtool.protocol.rules.document import SECTIONS

    for section in SECTIONS:
        ann.go(f"{home}/protocol/sections/{section.key}")
        for field in section.fields:
            if not field.required or field.kind == "choice":
                continue
            value = {"date": "2026-02-01", "email": "ann@example.org"}.get(
                field.kind, f"{field.label} of this review"
            )
            ann.fill(**{field.key: value})
        if section.key == "other":
            ann.page.locator("[name=status]").select_option("ongoing")
        ann.press("Save")
        ann.sees("saved")
    ann.go(home + "/protocol/criteria/new")
    ann.fill(text="Adults with acute migraine")
    ann.press("Save")
    ann.go(home + "/protocol/outcomes/new")
    ann.fill(name="Headache-free at 2 hours")
    ann.page.locator("[name=better][value=higher]").check()
    ann.press("Save")
    ann.go(home + "/protocol/comparisons/new")
    ann.fill(
        name="Triptan versus placebo",
        experimental="sumatriptan\nzolmitriptan",
        comparator="placebo",
    )
    ann.press("Save")
    ann.go(home + "/protocol/analyses/new")
    ann.page.locator("[name=test]").select_option("z")
    ann.press("Save")
    ann.go(home + "/protocol/register")
    ann.fill(registry_id="CRD420260001")
    ann.press("Register")
    ann.sees("1.0")
    ann.go(home + "/protocol/sections/eligibility")
    ann.fill(population="Adults", reason="Children respond otherwise")
    ann.press("Save")
    ann.go(home + "/protocol/compare")
    ann.sees("Adults")
    with ann.page.expect_download() as waiting:
        ann.page.evaluate(f"location.href = '{home}/protocol/export.docx'")
    assert waiting.value.suggested_filename == "protocol.docx"


def import_file(ann, home):
    ann.go(home + "/references/")
    ann.go(home + "/references/imports/new")
    ann.page.locator("[name=files]").set_input_files(RIS)
    ann.press("Look at the files")
    ann.look()
    ann.page.locator("[name$=database]").first.fill("MEDLINE")
    ann.page.locator("[name$=searched_on]").first.fill("2026-01-15")
    ann.press("Import 1 file")
    ann.go(home + "/references/")
    ann.sees("12 read")
    ann.sees("11 stored")
    ann.sees("1 rejected")


def duplicates(ann, home):
    ann.go(home + "/references/duplicates/merged")
    ann.sees("Comparison of")
    ann.go(home + "/references/records")


def vote_all(one, path, votes):
    """Judge record after record by the words of its title; ``votes``: (part, button)."""
    one.go(path)
    seen = 0
    while one.page.locator("form.decision").count():
        title = one.page.locator("h1").first.inner_text().casefold()
        choice = next(button for part, button in votes if part in title)
        one.page.locator("form.decision").get_by_role("button", name=choice).click()
        seen += 1
        assert seen < 30
        one.page.wait_for_function(
            "title => document.querySelector('h1').innerText.toLowerCase() !== title", arg=title
        )
    one.look()
    return seen


KEPT = ("eletriptan in acute", "a comparative trial", "comparison of the efficacy")
READ = (*KEPT, "comparison of rizatriptan")
DOUBT = "quality of life"


def abstracts(ben, cem, dora, home):
    keep = [(part, "Include") for part in READ]
    path = home + "/screening/next"
    assert vote_all(ben, path, [*keep, (DOUBT, "Maybe"), ("", "Exclude")]) == 10
    cem.go(home + "/screening/")
    assert vote_all(cem, path, [*keep, ("", "Exclude")]) == 10
    dora.go(home + "/screening/conflicts")
    dora.page.get_by_role("main").get_by_role("link", name=re.compile(DOUBT)).click()
    dora.look()
    dora.press("Exclude")
    dora.go(home + "/screening/conflicts")
    dora.go(home + "/screening/agreement")
    dora.sees("Cohen’s κ")


def full_texts(ann, ben, cem, dora, home):
    ann.go(home + "/full-text/reasons")
    ann.press("Start from the usual list")
    ann.go(home + "/full-text/")
    links = ann.page.locator("main table a[href*='/full-text/re']").evaluate_all(
        "all => [...new Set(all.map(a => a.pathname))]"
    )
    assert len(links) == len(READ)
    for link in links:
        ann.go(link)
        ann.page.locator("[name=files]").set_input_files(
            {"name": "report.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        ann.press("Upload")
    for one, reason in ((ben, 2), (cem, 3)):  # unlike reasons are a conflict too
        for link in links:
            one.go(link)
            title = one.page.locator("h1").first.inner_text().casefold()
            bar = one.page.locator("form.decision")
            if any(part in title for part in KEPT):
                bar.get_by_role("button", name="Include").click()
            else:
                bar.locator("[name=reason_id]").select_option(index=reason)
                bar.get_by_role("button", name="Exclude").click()
            one.page.wait_for_load_state()
    dora.go(home + "/full-text/conflicts")
    dora.page.locator("main a[href*='/conflicts/']").first.click()
    dora.look()
    dora.page.locator("[name=reason_id]").select_option(index=2)
    dora.press("Exclude")
    dora.go(home + "/full-text/")


def extraction(ann, ben, cem, dora, home):
    ann.go(home + "/extraction/reports")
    ann.press("Make one study for each")
    ann.go(home + "/extraction/")
    studies = ann.page.locator("main table a[href*='/studies/']").evaluate_all(
        "all => [...new Set(all.map(a => a.pathname))]"
    )
    assert len(studies) == INCLUDED
    for number, study in enumerate(studies):
        for one in (ben, cem):
            one.go(study)
            one.press("Extract")
            one.look()
            slip = 1 if one is cem and number == 0 else 0
            fill_copy(one, NUMBERS[number], slip)
            one.press("My copy is done")
            one.sees("done")
        dora.go(study)
        dora.page.get_by_role("main").get_by_role("link", name="Settle differences").click()
        dora.press("Begin")
        dora.look()
        if number == 0:
            dora.sees("1 differ")
            dora.page.locator("[data-adopt=first]").first.click()
            expect(dora.page.locator("[data-save-state]")).to_contain_text("Saved")
        dora.press("Complete the consensus")
        dora.look()


def fill_copy(one, sides, slip):
    def put(path, value):
        box = one.page.locator(path)
        box.fill(str(value))
        box.press("Tab")

    for arm, ((events, total), treatment) in enumerate(
        zip(sides, ("sumatriptan", "placebo"), strict=True), 1
    ):
        put(f'[data-cell="arm.{arm}.name"]', treatment)
        put(f'[data-cell="arm.{arm}.treatment"]', treatment)
        put(f'[data-cell="arm.{arm}.n"]', total)
        put(
            f'[data-cell^="result."][data-cell$=".{arm}.events"]',
            events + (slip if arm == 1 else 0),
        )
        put(f'[data-cell^="result."][data-cell$=".{arm}.total"]', total)
    expect(one.page.locator("[data-save-state]")).to_contain_text("Saved")
    one.page.wait_for_load_state("networkidle")


ANSWERS = {
    "1.1": "Y",
    "1.2": "Y",
    "1.3": "N",
    "2.1": "N",
    "2.2": "N",
    "2.6": "Y",
    "3.1": "Y",
    "4.1": "N",
    "4.2": "N",
    "4.3": "N",
    "5.1": "Y",
    "5.2": "N",
    "5.3": "N",
}


def bias(ben, cem, dora, home):
    for one in (ben, cem):
        one.go(home + "/bias/")
        one.page.get_by_role("main").get_by_role("link", name=re.compile("^Assess")).filter(
            has_not_text="another"
        ).first.click()
        one.look()
        one.press("Begin")
        for question, code in ANSWERS.items():
            with one.page.expect_response(lambda r: r.request.method == "POST"):
                one.page.locator(f'[name="q-{question}"][value="{code}"]').check()
            expect(one.page.locator(".htmx-request")).to_have_count(0)
        one.look()
        one.press("Finish")
        one.look()
    dora.go(home + "/bias/")
    dora.press("Compare and agree")
    dora.look()
    dora.press("Finish")
    dora.go(home + "/bias/")
    dora.sees("1 of 3 results agreed")


def synthesis(ann, home):
    ann.go(home + "/synthesis/")
    ann.sees("OR ")
    ann.page.get_by_role("main").get_by_role("link", name="Headache-free at 2 hours").click()
    ann.look()
    ann.sees("restricted maximum-likelihood")
    assert ann.page.locator("figure.chart svg").count() >= 1


def certainty(ann, home):
    ann.go(home + "/certainty/")
    ann.page.locator("main a[href*='/certainty/']").filter(
        has_text=re.compile("Rate|Headache")
    ).first.click()
    ann.look()
    ann.page.locator("#steps-imprecision-1").check()
    ann.press("Store the rating")
    ann.sees("ootnote")
    ann.page.locator("#footnote-imprecision").fill("Few events.")
    ann.press("Store the rating")
    ann.go(home + "/certainty/")
    ann.sees("Moderate")


def prisma(ann, home):
    ann.go(home + "/report/")
    ann.sees("Every box balances")
    for key, number in (
        ("database_results", 11),
        ("duplicates", 1),
        ("records_excluded", 6),
        ("dbr_excluded", 1),
        ("new_studies", 3),
    ):
        ann.go(f"{home}/report/flow/{key}")
        ann.sees(str(number))
        assert ann.page.locator("main tbody tr").count() == number, key


def export(ann, home):
    ann.go(home + "/report/exports")
    ann.press("Write one zip with everything")
    with ann.page.expect_download() as waiting:
        ann.page.get_by_role("link", name="Open the result").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    names = archive.namelist()
    assert {
        "data/records.csv",
        "data/votes.csv",
        "data/risk_of_bias.csv",
        "data/prisma.csv",
        "manifest.json",
    } <= set(names)
    assert any(name.endswith("-forest.svg") for name in names)
    assert archive.read(next(n for n in names if n.startswith("imports/"))) == RIS.read_bytes()
    assert b"PMID" not in archive.read("data/votes.csv")


def audit(app, ann, home):
    from reviewtool.verification import verify

    ann.go(home + "/audit")
    ann.sees("rated the certainty")
    with app.app_context(), app.extensions["database"].session(write=False) as db:
        assert verify(db) == []
