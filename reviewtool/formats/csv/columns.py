"""Which column of a table is which field, for the tables vendors export.

Column names are compared without case, spaces and punctuation. ``COLUMNS`` holds
names that mean the same everywhere; ``VENDORS`` says where one differs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

FIELDS: dict[str, str] = {
    "title": "Title",
    "authors": "Authors",
    "year": "Year",
    "journal": "Journal or source",
    "volume": "Volume",
    "issue": "Issue",
    "pages": "Pages",
    "first_page": "First page",
    "last_page": "Last page",
    "doi": "DOI",
    "pmid": "PubMed ID",
    "pmcid": "PubMed Central ID",
    "issn": "ISSN",
    "abstract": "Abstract",
    "keywords": "Keywords",
    "language": "Language",
    "url": "Link",
    "kind": "Kind of publication",
    "accession": "Accession number",
    "registry_number": "Trial registration number",
    "database": "Database",
    "labels": "Labels or tags",
    "note": "Notes",
    "vote": "Decision",
    "reviewer": "Name of the reviewer",
    "reason": "Reason for exclusion",
    "decided_at": "Time of the decision",
    "remark": "Reviewer's note",
}

_NAMES: dict[str, str] = {
    "title": "title,articletitle,documenttitle,itemtitle,studytitle,ti,t1,"
    "primarytitle,displayname,papertitle,titleprimary,recordtitle,titleofarticle,itemname,officialtitle,"
    "publictitle,scientifictitle,brieftitle,titre,titel,titulo",
    "authors": "authors,author,authorsnames,firstauthors,authornames,authorsfullnames,au,a1,"
    "authorsprimary,creators,creator,authorlist,allauthors,contributors,investigators,auteurs,autoren,autores",
    "year": "year,publicationyear,publishedyear,pubyear,py,publishyear,yearpublished,"
    "publicationdate,"
    "yearofpublication,date,pubdate,issued,dateofpublication,y1,publicationdateyear,annee,jahr,ano,"
    "publisheddate,published,articleyear,startdate,dateissued,da",
    "journal": "journal,sourcetitle,publicationtitle,journaltitle,journalbook,jo,so,t2,"
    "secondarytitle,containertitle,journalname,publicationstring,pubtitle,venue,jf,"
    "publication,periodicalfull,periodicaltitle,parenttitle,parenttitleprimary,hostvenue,periodical,zeitschrift,revue",
    "volume": "volume,journalvolume,vl,vol,vo",
    "issue": "issue,journalissue,is,number,issuenumber",
    "pages": "pages,pagination,page,pagerange,pg,startendpage,pagenumbers",
    "first_page": "pagestart,firstpage,startpage,sp,bp,beginningpage",
    "last_page": "pageend,otherpages,lastpage,endpage,ep,endingpage",
    "doi": "doi,itemdoi,do,di,digitalobjectidentifier,doilink,elocationid",
    "pmid": "pmid,pubmedid,medlinepmid,pm,pubmed,pubmednumber,medlinepmids",
    "pmcid": "pmcid,pmcidpubmedcentral,pmc,pubmedcentralid",
    "issn": "issn,sn,issnisbn,issnprint,issns,eissn,printissn",
    "abstract": "abstract,abstracts,abstractnote,ab,n2,abstracttext,summary,briefsummary,"
    "resume,zusammenfassung",
    "keywords": "keywords,authorkeywords,keyword,kw,de,manualtags,indexkeywords,subjects,"
    "automatictags,meshterms,mesh,emtreedrugindexterms,emtreemedicalindexterms,ieeeterms,subjectterms,"
    "identifierkeywords,meshheadings,descriptors",
    "language": "language,articlelanguage,languageoforiginaldocument,la,languages",
    "url": "url,link,plink,fulltextlink,pdflink,"
    "openurllink,ur,embaselink,permalink,documenturl,urls,"
    "articleurl,sourceurl,externalurl,uri",
    "kind": "itemtype,documenttype,publicationtype,doctype,contenttype,ty,pt,dt,type,articletype,"
    "referencetype,typeofreference,studytype,doctypes",
    "accession": "accessionnumber,embaseaccessionid,centralid,eid,pui,ut,utuniquewosid,an,"
    "uniquewosid,lensid,publicationid,dimensionsid,openalexid,storeid,recordid,srdrcitationid,"
    "documentidentifier,accessionno",
    "registry_number": "nctnumber,nctid,clinicaltrialnumbers,ctgovid,trialid,trialregistration,"
    "registrationnumber,ictrpid,mainid,registrynumber",
    "database": "database,databasename,db,librarycatalog,sourcedatabase,databaseprovider,"
    "longdbname",
    "labels": "labels,tags,label,customlabels",
    "note": "notes,note,n1,extra,comments,researchnotes,usernotes",
}
COLUMNS: dict[str, str] = {
    name: target for target, names in _NAMES.items() for name in names.split(",")
}
# The first column named here wins when several columns map to one field.
_FIRST = {
    "year": ("publicationyear", "publishedyear", "pubyear", "year", "py"),
    "authors": ("authors", "author", "authornames", "authorsfullnames"),
    "accession": ("accessionnumber", "embaseaccessionid", "pui", "ut"),
    "title": ("title", "ti"),
    "issn": ("issn",),
    "url": ("url", "link", "embaselink"),
    "database": ("databasename",),
    "journal": ("sourcetitle", "publicationtitle", "journal", "so", "jo"),
    "kind": ("documenttype", "itemtype", "publicationtype", "dt"),
}


@dataclass(frozen=True)
class Vendor:
    """How one vendor's table differs: ``marks`` are columns that tell it apart."""

    key: str
    label: str
    marks: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    stretch: str = ""  # the column that may spill into cells without a header
    authors: str = ";"  # what separates names; " and " and "joined" are special
    database: str = ""


VENDORS: tuple[Vendor, ...] = (
    Vendor(
        "asreview",
        "ASReview",
        ("asreviewlabel",),
        {
            "asreviewlabel": "vote",
            "asreviewtime": "decided_at",
            "asreviewnote": "remark",
            "asreviewusername": "reviewer",
            "asreviewuseremail": "",
        },
    ),
    Vendor(
        "asreview",
        "ASReview",
        ("asreviewranking",),
        {
            "included": "vote",
            "exportednotes1": "remark",
            "asreviewranking": "",
        },
    ),
    Vendor(
        "labelled",
        "Labelled data set",
        ("labelincluded",),
        {
            "labelincluded": "vote",
            "labelabstractincluded": "",
            "abstractincluded": "",
        },
    ),
    Vendor("labelled", "Labelled data set", ("finalincluded",), {"finalincluded": "vote"}),
    Vendor(
        "covidence",
        "Covidence",
        ("covidence", "title"),
        {
            "covidence": "accession",
            "accessionnumber": "accession",
            "study": "",
            "ref": "",
        },
    ),
    Vendor(
        "eppi",
        "EPPI-Reviewer",
        ("included", "shorttitle"),
        {
            "included": "vote",
            "id": "accession",
            "shorttitle": "",
            "parentauthors": "",
        },
    ),
    Vendor(
        "rayyan",
        "Rayyan",
        ("key", "pubmedid", "pmcid", "notes"),
        {"key": "accession", "location": "", "publisher": ""},
        authors=" and ",
    ),
    Vendor(
        "srdr",
        "SRDR+",
        ("srdrcitationid", "userlabel"),
        {
            "userlabel": "vote",
            "username": "reviewer",
            "reasons": "reason",
            "refid": "",
            "consensuslabel": "",
            "notes": "remark",
        },
    ),
    *(
        Vendor("embase", "Embase", marks, {"source": "citation"}, authors=",", database="Embase")
        for marks in (
            ("emtreedrugindextermsmajorfocus",),
            ("medlinepmid", "authornames"),
            ("authornames", "source"),
        )
    ),
    Vendor(
        "scopus",
        "Scopus",
        ("eid", "sourcetitle"),
        {
            "source": "database",
            "authorsid": "",
            "link": "url",
            "artno": "pages",
        },
        stretch="fundingtext1",
        database="Scopus",
    ),
    Vendor(
        "central",
        "Cochrane CENTRAL",
        ("centralid",),
        {
            "source": "journal",
            "databasename": "database",
            "embaseid": "",
            "cinahlid": "",
        },
        database="CENTRAL",
    ),
    Vendor(
        "pubmed",
        "PubMed",
        ("pmid", "citation", "journalbook"),
        {"createdate": "", "firstauthor": "", "citation": "citation"},
        authors=",",
        database="PubMed",
    ),
    Vendor("cinahl", "EBSCO", ("plink", "articletitle"), {"publicationdate": "year"}),
    Vendor(
        "ieee",
        "IEEE Xplore",
        ("documenttitle", "pdflink"),
        {
            "publicationtitle": "journal",
            "documentidentifier": "kind",
            "onlinedate": "",
            "issuedate": "",
            "dateaddedtoxplore": "",
        },
        database="IEEE Xplore",
    ),
    Vendor(
        "springer",
        "SpringerLink",
        ("itemtitle", "itemdoi"),
        {"contenttype": "kind"},
        authors="joined",
        database="SpringerLink",
    ),
    Vendor(
        "zotero",
        "Zotero",
        ("itemtype", "abstractnote"),
        {"key": "accession", "type": "", "date": "year", "extra": "note"},
    ),
    Vendor(
        "wos",
        "Web of Science",
        ("ut", "so", "ti"),
        {
            "id": "keywords",
            "af": "",
            "ar": "pages",
            "sp": "",
            "da": "",
            "ea": "year",
            "ei": "issn",
            "pg": "",
            "ps": "pages",
            "pt": "",
            "ft": "title",
            "mc": "keywords",
            "mh": "keywords",
        },
        database="Web of Science",
    ),
    Vendor(
        "wos",
        "Web of Science",
        ("utuniquewosid",),
        {
            "keywordsplus": "keywords",
            "bookauthors": "",
            "researcherids": "",
            "articlenumber": "pages",
            "earlyaccessdate": "year",
        },
        database="Web of Science",
    ),
    Vendor("eviatlas", "EviAtlas", ("ti", "jo", "au"), {"id": ""}, authors=" and "),
    Vendor(
        "trials",
        "ClinicalTrials.gov",
        ("nctnumber",),
        {
            "nctnumber": "accession",
            "studyurl": "url",
            "conditions": "keywords",
            "sponsor": "authors",
            "sponsorcollaborators": "authors",
            "studydocuments": "",
            "locations": "",
        },
        database="ClinicalTrials.gov",
    ),
    Vendor(
        "pop",
        "Publish or Perish",
        ("gsrank", "querydate"),
        {"source": "journal", "type": ""},
        authors=",",
    ),
    Vendor(
        "cnki",
        "CNKI",
        ("srcdatabase来源库", "title题名"),
        {
            "title题名": "title",
            "author作者": "authors",
            "source文献来源": "journal",
            "keyword关键词": "keywords",
            "summary摘要": "abstract",
            "pubtime发表时间": "year",
            "year年": "year",
            "volume卷": "volume",
            "period期": "issue",
            "pagecount页码": "pages",
            "urllink": "url",
            "url网址": "url",
            "doidoi": "doi",
        },
        database="CNKI",
    ),
    Vendor(
        "openalex",
        "OpenAlex",
        ("authorshipsauthordisplayname",),
        {
            "id": "accession",
            "primarylocationsourcedisplayname": "journal",
            "displayname": "",
            "authorshipsauthordisplayname": "authors",
            "bibliovolume": "volume",
            "biblioissue": "issue",
            "bibliofirstpage": "first_page",
            "bibliolastpage": "last_page",
            "idspmid": "pmid",
            "keywordsdisplayname": "keywords",
            "primarylocationsourceissn": "issn",
            "primarylocationlandingpageurl": "url",
        },
        authors="|",
        database="OpenAlex",
    ),
    Vendor(
        "dimensions",
        "Dimensions",
        ("publicationid", "pubyear"),
        {
            "sourcelinkout": "url",
            "anthologytitle": "journal",
        },
        database="Dimensions",
    ),
    Vendor("lens", "The Lens", ("lensid",), {"externalurl": "url"}, database="The Lens"),
    Vendor(
        "abstrackr",
        "Abstrackr",
        ("internalid", "consensus"),
        authors=" and ",
        columns={
            "sourceid": "accession",
            "internalid": "",
            "consensus": "",
            "labeledat": "",
            "labeledat2": "",
        },
    ),
)
GENERIC = Vendor("table", "Table", (), {"source": "journal"}, authors="")


def plain(name: str) -> str:
    """A column name without case, accents, spaces and punctuation."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"[\W_]", "", bare.lower())


def vendor_of(header: Sequence[str]) -> Vendor:
    """The vendor whose marking columns are all there."""
    names = {plain(name) for name in header}
    return next((v for v in VENDORS if all(mark in names for mark in v.marks)), GENERIC)


def mapping_of(header: Sequence[str], vendor: Vendor) -> dict[str, str]:
    """Column -> field for the columns that are known."""
    found: dict[str, str] = {}
    for name in header:
        key = plain(name)
        target = vendor.columns.get(key, COLUMNS.get(key, ""))
        if target:
            found[name] = target
    return found


def preferred(name: str, target: str) -> int:
    """The rank of a column among those that map to ``target``; lower is read first."""
    order = _FIRST.get(target, ())
    key = plain(name)
    return order.index(key) if key in order else len(order)
