"""The review as an RO-Crate: its files, and a JSON-LD file that describes every one.

Source: RO-Crate 1.1, https://w3id.org/ro/crate/1.1.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from sqlmodel import Session, col, select

from reviewtool import __version__, zip_files
from reviewtool.acts import Act
from reviewtool.audit import AuditEntry
from reviewtool.protocol import queries as protocol
from reviewtool.protocol.models import Protocol
from reviewtool.reporting.exports.everything import File, Progress, contents
from reviewtool.synthesis import bundle as synthesis
from reviewtool.synthesis import queries
from reviewtool.synthesis.queries import Line
from reviewtool.team.models import Member, Review

METADATA = "ro-crate-metadata.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
CONTEXT = [f"{SPECIFICATION}/context", {"sha256": "https://schema.org/sha256"}]
NO_LICENCE = "#no-licence"
# How a file's name ends -> its media type; the longest ending counts.
MEDIA = {
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".json": "application/json",
    ".nii.gz": "application/gzip",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".py": "text/x-python",
    ".r": "text/x-r-source",
    ".ris": "application/x-research-info-systems",
    ".svg": "image/svg+xml",
    ".tiff": "image/tiff",
    ".txt": "text/plain",
}
LANGUAGES = {".py": "Python", ".R": "R"}
# What lies in a folder of the crate.
FOLDERS = {
    "brain": "Belongs to a map of brain coordinates",
    "data": "An export of the review",
    "figures": "A figure, drawn from the stored result",
    "imports": "A file of references as it was uploaded",
    "reproduce": "Part of the folder that computes an analysis again",
    "tables": "A table of an analysis",
}
Entity = dict[str, Any]


def ref(identifier: str) -> dict[str, str]:
    """A reference to another entity."""
    return {"@id": identifier}


def identifier(path: str) -> str:
    """A path in the crate as a relative address.

    >>> identifier("imports/1_a b.ris")
    'imports/1_a%20b.ris'
    """
    return quote(path, safe="/")


@dataclass(frozen=True)
class Described:
    """What the crate says of the whole review."""

    review: Review
    protocol: Protocol
    changed_on: date

    @property
    def document(self) -> dict[str, Any]:
        """The sections of the protocol."""
        return dict(self.protocol.document or {})

    def text(self, *names: str) -> str:
        """The first of these fields of the protocol that says something."""
        found = (str(self.document.get(name) or "").strip() for name in names)
        return next((words for words in found if words), "")

    def lines(self, name: str) -> list[str]:
        """A field of several lines."""
        value = self.document.get(name) or []
        rows = value.splitlines() if isinstance(value, str) else value
        return [str(row).strip() for row in rows if str(row).strip()]


def write(db: Session, member: Member, report: Progress) -> bytes:
    """The crate's bytes; the same review as it stands gives the same ones."""
    files = [_fixed(one) for one in contents(db, member, report)]
    kept = [(one.path, one.content) for one in files if one.content is not None]
    described = Described(
        db.get_one(Review, member.review_id),
        protocol.protocol(db, member.review_id),
        _changed_on(db, member),
    )
    content = metadata(described, files, queries.lines(db, member.review_id))
    return zip_files.write([(METADATA, content), *kept])


def _fixed(one: File) -> File:
    """A Word file holds the time at which it was zipped: one that never moves instead."""
    if one.content is None or not one.path.endswith(".docx"):
        return one
    return one._replace(content=zip_files.again(one.content))


def _changed_on(db: Session, member: Member) -> date:
    """When something in the review changed last; taking a file out changes nothing."""
    found = db.exec(
        select(AuditEntry.at)
        .where(AuditEntry.chain == member.review_id, AuditEntry.action != Act.TEAM_DOWNLOAD.value)
        .order_by(col(AuditEntry.sequence).desc())
    ).first()
    return (found or db.get_one(Review, member.review_id).created_at).date()


def metadata(described: Described, files: Sequence[File], lines: Sequence[Line]) -> bytes:
    """``ro-crate-metadata.json``: the root, every file, people, runs, software."""
    kept = [one for one in files if one.content is not None]
    paths = {one.path for one in kept}
    people = list(_people(described))
    runs: list[Entity] = []
    software: dict[str, tuple[str, str]] = {}
    for line in lines:
        if line.run is not None:
            runs.append(_run(line, paths))
            software |= {_program_id(*pair): pair for pair in line.run.software.items()}
    software |= {_program_id("reviewtool", __version__): ("reviewtool", __version__)}
    graph: list[Entity] = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "conformsTo": ref(SPECIFICATION),
            "about": ref("./"),
        },
        _root(described, files, people, runs),
        *people,
        *_licence(),
        *(_file(one) for one in kept),
        *runs,
        *(_program(*pair) for pair in software.values()),
        *(
            {"@id": f"#{name}", "@type": "ComputerLanguage", "name": name}
            for name in LANGUAGES.values()
        ),
    ]
    content = {"@context": CONTEXT, "@graph": graph}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _root(
    described: Described, files: Sequence[File], people: Sequence[Entity], runs: Sequence[Entity]
) -> Entity:
    review = described.review
    title = described.text("title") or review.title
    about = described.text("objectives", "question", "rationale")
    left = [f"{one.path}: {one.label}" for one in files if one.content is None]
    description = f"{'A demonstration, not research. ' if review.is_demo else ''}" + (
        about or f"Systematic review: {title}"
    )
    if left:
        description += " Not in this crate: " + "; ".join(left)
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": title,
        "description": description,
        "datePublished": described.changed_on.isoformat(),
        "license": ref(NO_LICENCE),
        "creator": ref(_program_id("reviewtool", __version__)),
        "hasPart": [ref(identifier(one.path)) for one in files if one.content is not None],
        "mentions": [ref(run["@id"]) for run in runs],
    }
    for role in ("author", "contributor"):
        named = [ref(one["@id"]) for one in people if one["@id"].startswith(f"#{role}")]
        if named:
            root[role] = named
    if described.protocol.registry_id:
        parts = (described.protocol.registry_name, described.protocol.registry_id)
        root["identifier"] = " ".join(part for part in parts if part)
    if keywords := described.lines("keywords"):
        root["keywords"] = ", ".join(keywords)
    return root


def _people(described: Described) -> Iterator[Entity]:
    """Who is named in the protocol: nobody is an author for having an account."""
    if name := described.text("contact_name"):
        person: Entity = {"@id": "#author", "@type": "Person", "name": name}
        if affiliation := described.text("affiliation"):
            person["affiliation"] = ref("#organisation")
            yield {"@id": "#organisation", "@type": "Organization", "name": affiliation}
        yield person
    for number, one in enumerate(described.lines("collaborators"), 1):
        yield {"@id": f"#contributor-{number}", "@type": "Person", "name": one}


def _licence() -> Iterator[Entity]:
    yield {
        "@id": NO_LICENCE,
        "@type": "CreativeWork",
        "name": "No licence stated",
        "description": "The review team has stated no licence. Ask the authors before reuse.",
    }


def _file(one: File) -> Entity:
    content = one.content or b""
    ending = next((end for end in LANGUAGES if one.path.endswith(end)), "")
    entity: Entity = {
        "@id": identifier(one.path),
        "@type": ["File", "SoftwareSourceCode"] if ending else "File",
        "name": one.label,
        "description": f"{FOLDERS[one.path.partition('/')[0]]}. {one.label}.",
        "encodingFormat": media_type(one.path),
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    if ending:
        entity["programmingLanguage"] = ref(f"#{LANGUAGES[ending]}")
    return entity


def media_type(path: str) -> str:
    """What kind of file a path names.

    >>> media_type("brain/a.nii.gz"), media_type("imports/1_x.nbib")
    ('application/gzip', 'application/octet-stream')
    """
    ends = [end for end in MEDIA if path.lower().endswith(end)]
    return MEDIA[max(ends, key=len)] if ends else "application/octet-stream"


def _run(line: Line, paths: set[str]) -> Entity:
    """What was computed: from which data, by which programs, with which results."""
    run, name = line.run, synthesis.slug(line)
    if run is None:
        return {}
    folder = f"reproduce/{name}/"
    inside = sorted(path for path in paths if path.startswith(folder))
    read = {f"{folder}data.csv", f"{folder}settings.json"}
    scripts = {f"{folder}reproduce.R", f"{folder}reproduce.py"}
    others = sorted(
        path for path in paths if path.partition("/")[2].startswith((f"{name}-", f"{name}."))
    )
    made = [path for path in inside if path == f"{folder}expected.json"] + others
    programs = [ref(_program_id(*pair)) for pair in run.software.items()]
    return {
        "@id": f"#run-{run.id}",
        "@type": "CreateAction",
        "name": line.title,
        "description": f"Run {run.id}. Inputs have the SHA-256 {run.inputs_hash}.",
        "endTime": run.created_at.isoformat(),
        "instrument": programs + [ref(identifier(p)) for p in inside if p in scripts],
        "object": [ref(identifier(path)) for path in inside if path in read],
        "result": [ref(identifier(path)) for path in made],
    }


def _program_id(name: str, number: str) -> str:
    return f"#{quote(name)}-{quote(number)}"


def _program(name: str, number: str) -> Entity:
    return {
        "@id": _program_id(name, number),
        "@type": "SoftwareApplication",
        "name": name,
        "version": number,
        "softwareVersion": number,
    }
