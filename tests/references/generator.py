"""Synthetic sets of citations with known duplicates, of any size.

Works are made first, then written down again the way databases vary them:
abbreviated journals, Unicode dashes and short page ranges, missing DOI or
abstract, other forms of names, a year off by one (ahead of print), translated
titles in brackets, typing slips. Among the works are traps that look alike and
are not: editorials with one title, parts I and II, conference abstracts of
later articles, errata.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from reviewtool.references.rules import Citation


def _words(text: str) -> list[str]:
    return text.split()


DRUGS = _words("""
aspirin ibuprofen metformin insulin warfarin heparin statin simvastatin atorvastatin
amlodipine lisinopril losartan metoprolol propranolol furosemide digoxin morphine fentanyl
ketamine propofol sertraline fluoxetine citalopram venlafaxine lithium valproate lamotrigine
levetiracetam gabapentin pregabalin clozapine olanzapine risperidone haloperidol methotrexate
rituximab infliximab adalimumab etanercept tocilizumab cisplatin paclitaxel docetaxel tamoxifen
letrozole imatinib sorafenib bevacizumab amoxicillin vancomycin ciprofloxacin azithromycin
rifampicin isoniazid tenofovir lamivudine oseltamivir chloroquine artemether primaquine
salbutamol budesonide montelukast omeprazole ranitidine ondansetron dexamethasone prednisolone
hydrocortisone levothyroxine estradiol progesterone testosterone zoledronate denosumab""")
CONDITIONS = _words("""
hypertension diabetes asthma pneumonia sepsis stroke epilepsy migraine depression
schizophrenia dementia parkinsonism osteoarthritis osteoporosis psoriasis eczema melanoma
lymphoma leukaemia myeloma anaemia thrombosis embolism infarction angina arrhythmia
cardiomyopathy cirrhosis hepatitis pancreatitis colitis gastritis nephritis cystitis
prostatitis endometriosis preeclampsia infertility malaria tuberculosis influenza measles
cholera dengue glaucoma cataract uveitis otitis sinusitis tonsillitis rhinitis bronchiolitis
fibromyalgia insomnia obesity anorexia alcoholism autism""")
GROUPS = _words("""
adults children adolescents infants neonates women men veterans nurses
athletes smokers volunteers inpatients outpatients survivors caregivers students twins mothers""")
DESIGNS = """a randomised controlled trial|a cohort study|a systematic review|a case-control study
|a cross-sectional survey|a double-blind placebo-controlled trial|a qualitative study
|results of a registry|a pilot study|a cost-effectiveness analysis|a meta-analysis
|an open-label extension|long-term follow-up|a multicentre experience""".replace("\n", "").split(
    "|"
)
OUTCOMES = _words("""
mortality survival quality-of-life pain relapse remission readmission adherence
bleeding infection fatigue weight cognition mobility anxiety sleep toxicity recurrence
hospitalisation fracture disability""")
PLACES = _words("""
Norway Brazil Kenya Japan Canada India Spain Poland Chile Egypt Turkey Vietnam Ghana
Denmark Portugal Mexico Iran Thailand Greece Finland Malawi Nepal Peru Ireland""")
SYLLABLES = _words("""
an ber cor dal el fen gar han il jor kal lin mor nor ol per quin ros sal tan
ur vel wer xi yar zol mc sen son man berg stein ova ski ez ini eau""")
GIVEN = _words("""
Anna Benjamin Carla David Elena Frank Grace Henrik Ingrid Jorge Kenji Laura Mateo Nadia
Olivier Petra Qing Rafael Søren Tomás Ursula Victor Wei Xavier Yasmin Zoë""")
JOURNALS = [
    ("New England Journal of Medicine", "N Engl J Med"),
    ("Journal of Clinical Oncology", "J Clin Oncol"),
    ("British Journal of Anaesthesia", "Br J Anaesth"),
    ("Annals of Internal Medicine", "Ann Intern Med"),
    ("European Heart Journal", "Eur Heart J"),
    ("Archives of Disease in Childhood", "Arch Dis Child"),
    ("American Journal of Respiratory and Critical Care Medicine", "Am J Respir Crit Care Med"),
    ("Scandinavian Journal of Rheumatology", "Scand J Rheumatol"),
    ("International Journal of Epidemiology", "Int J Epidemiol"),
    ("Journal of Neurology, Neurosurgery & Psychiatry", "J Neurol Neurosurg Psychiatry"),
    ("Cochrane Database of Systematic Reviews", "Cochrane Database Syst Rev"),
    (
        "Transactions of the Royal Society of Tropical Medicine and Hygiene",
        "Trans R Soc Trop Med Hyg",
    ),
    ("Diabetes Care", "Diabetes Care"),
    ("The Lancet", "Lancet"),
    ("BMJ (Clinical research ed.)", "BMJ"),
    ("Clinical Infectious Diseases", "Clin Infect Dis"),
    ("Zeitschrift für Gastroenterologie", "Z Gastroenterol"),
    ("Pediatric Nephrology", "Pediatr Nephrol"),
]
EDITORIALS = ("Editorial", "Editor's note", "Introduction", "In this issue", "Letter to the editor")
ABBREVIATED = dict(JOURNALS)


def library(records: int, seed: int = 1) -> tuple[list[Citation], dict[str, str]]:
    """About 30% redundant records; exactly ``records`` of them, and id -> work."""
    rng = random.Random(seed)
    made: list[tuple[Citation, str]] = []
    for number, work in enumerate(_works(rng)):
        name = f"w{number}"
        made.append((work, name))
        for _ in range(rng.choices((0, 1, 2, 3), (70, 18, 9, 3))[0]):
            made.append((written_again(work, rng), name))
        if len(made) >= records:
            break
    made = made[:records]
    rng.shuffle(made)
    found = [replace(c, id=f"r{i}") for i, (c, _) in enumerate(made)]
    return found, {f"r{i}": name for i, (_, name) in enumerate(made)}


def _works(rng: random.Random) -> Iterator[Citation]:
    while True:
        work = article(rng)
        yield work
        chance = rng.random()
        if chance < 0.02:
            yield _elsewhere(replace(work, title=rng.choice(EDITORIALS), abstract=""), rng)
        elif chance < 0.04:
            first = replace(work, title=f"{work.title}. Part I")
            yield _elsewhere(first, rng)
            yield _elsewhere(replace(first, title=f"{work.title}. Part II"), rng)
        elif chance < 0.07:
            page = str(rng.randint(10, 900))
            yield replace(
                _elsewhere(work, rng),
                year=str(int(work.year) - 1),
                number="Suppl 1",
                pages=f"S{page}",
                abstract="",
            )
        elif chance < 0.09:
            yield _elsewhere(replace(work, title=f"Erratum: {work.title}", abstract=""), rng)


def article(rng: random.Random) -> Citation:
    """A complete citation of an invented article."""
    drug, other = rng.sample(DRUGS, 2)
    condition = rng.choice(CONDITIONS)
    pattern = rng.randrange(5)
    design, group, place = rng.choice(DESIGNS), rng.choice(GROUPS), rng.choice(PLACES)
    outcome = rng.choice(OUTCOMES)
    title = (
        f"{drug} versus {other} for {condition} in {group}: {design}",
        f"Effect of {drug} on {outcome} among {group} with {condition} in {place}",
        f"{condition} and {rng.choice(CONDITIONS)} in {group} treated with {drug}: {design}"
        f" from {place}",
        f"Predictors of {outcome} after {drug} in {condition}: {design} of"
        f" {rng.randint(20, 9000)} {group}",
        f"{outcome} in {group} receiving {drug} or {other} for severe {condition}",
    )[pattern]
    start = rng.randint(1, 2500)
    return Citation(
        id="",
        title=title[0].upper() + title[1:],
        authors=tuple(_person(rng) for _ in range(rng.randint(1, 8))),
        year=str(rng.randint(1985, 2025)),
        journal=rng.choice(JOURNALS)[0],
        volume=str(rng.randint(1, 380)),
        number=str(rng.randint(1, 24)),
        pages=f"{start}-{start + rng.randint(2, 14)}",
        doi=f"10.{rng.randint(1000, 9999)}/{rng.choice('abcdefgh')}.{rng.randrange(10**9)}",
        abstract=f"BACKGROUND: {condition} burdens {group}. METHODS: we compared {drug} with "
        f"{other} "
        f"in {rng.randint(20, 900)} {group} in {place}. RESULTS: {outcome} differed by "
        f"{rng.random():.3f} ({rng.randint(1, 99)} of {rng.randint(100, 999)}).",
        pmid=str(rng.randint(10**6, 4 * 10**7)),
    )


def written_again(work: Citation, rng: random.Random) -> Citation:
    """``work`` as another database exports it."""
    changes: dict[str, object] = {}
    if rng.random() < 0.5:
        changes["journal"] = ABBREVIATED.get(work.journal, work.journal)
    if rng.random() < 0.4:
        changes["title"] = _retitled(work.title, rng)
    if rng.random() < 0.5:
        changes["doi"] = "" if rng.random() < 0.6 else f"https://doi.org/{work.doi.upper()}"
    if rng.random() < 0.6:
        changes["pmid"] = ""
    if rng.random() < 0.4:
        changes["abstract"] = ""
    if rng.random() < 0.6:
        changes["authors"] = _reformed(work.authors, rng)
    if rng.random() < 0.5 and "-" in work.pages:
        first, last = work.pages.split("-")
        short = last[-2:] if len(last) == len(first) > 2 and first[:-2] == last[:-2] else last
        changes["pages"] = f"{first}{rng.choice('-‐–')}{rng.choice((last, short))}"
    if rng.random() < 0.08:
        # Ahead of print: no place in the journal yet, the year before.
        changes |= {"volume": "", "number": "", "pages": "", "doi": work.doi}
        changes["year"] = str(int(work.year) - rng.randrange(2))
    elif rng.random() < 0.2:
        changes["number"] = ""
    return replace(work, **changes)  # type: ignore[arg-type]


def _retitled(title: str, rng: random.Random) -> str:
    way = rng.randrange(6)
    if way == 0:
        return title.upper()
    if way == 1:
        return title.replace("randomised", "randomized").replace("aemia", "emia") + "."
    if way == 2:
        return f"[{title}]. [{rng.choice(('German', 'French', 'Chinese'))}]"
    if way == 3:
        return title.replace(":", " -")
    if way == 4 and len(title) > 40:
        place = rng.randrange(5, len(title) - 5)
        while not (title[place].isalpha() and title[place + 1].isalpha()):
            place = rng.randrange(5, len(title) - 5)
        return title[:place] + title[place + 1] + title[place] + title[place + 2 :]
    return title.replace("-", "\u2010").replace(" and ", " &amp; ")


def _person(rng: random.Random) -> str:
    family = "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 3))).capitalize()
    return f"{family}, {rng.choice(GIVEN)} {rng.choice('ABCDEFGHJKLMNPRST')}."


def _reformed(authors: tuple[str, ...], rng: random.Random) -> tuple[str, ...]:
    way = rng.randrange(4)
    if way == 3 and len(authors) > 3:
        return authors[:1]
    written = []
    for author in authors:
        family, given = author.split(", ")
        initials = "".join(part[0] for part in given.split())
        written.append(
            (f"{family} {initials}", f"{given} {family}", f"{family}, {'. '.join(initials)}.")[
                way % 3
            ]
        )
    return tuple(written)


def _elsewhere(work: Citation, rng: random.Random) -> Citation:
    """``work`` with another place and no identifier in common."""
    other = article(rng)
    return replace(
        work,
        volume=other.volume,
        number=other.number,
        pages=other.pages,
        doi=other.doi,
        pmid=other.pmid,
    )
