"""The protocol as a file: Word for people, JSON for programs."""

import io
from collections.abc import Mapping
from typing import Any

from docx import Document

from reviewtool import __version__
from reviewtool.protocol import rules
from reviewtool.protocol.models import Protocol
from reviewtool.protocol.rules.document import SECTIONS

NOT_APPLICABLE = "Not applicable"
SCHEMA = "reviewtool-protocol/1"


def as_json(content: Mapping[str, Any], protocol: Protocol, number: str) -> dict[str, Any]:
    """The protocol with its registration, ready for ``json.dumps``."""
    return {
        "schema": SCHEMA,
        "software": f"reviewtool {__version__}",
        "version": number or "draft",
        "registration": {
            "registry": protocol.registry_name,
            "number": protocol.registry_id,
            "date": protocol.registered_on.isoformat() if protocol.registered_on else None,
        },
        "content_hash": rules.content_hash(content),
        **content,
    }


def as_docx(content: Mapping[str, Any], protocol: Protocol, number: str, title: str) -> bytes:
    """A Word document in the order of the registration form."""
    document = Document()
    document.core_properties.title = title
    document.add_heading(str(content["document"].get("title") or title), 0)
    document.add_paragraph(_status(protocol, number))
    required = {f.label for section in SECTIONS for f in section.fields if f.required}
    for key, label in rules.all_sections():
        document.add_heading(label, 1)
        lines = rules.section_lines(content, key)
        if key in rules.ROW_SECTIONS and not lines:
            document.add_paragraph("None planned.")
        for name, value in lines:
            if not value and name not in required:
                continue
            document.add_heading(name, 2)
            for paragraph in (value or NOT_APPLICABLE).splitlines():
                document.add_paragraph(paragraph)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _status(protocol: Protocol, number: str) -> str:
    if protocol.registered_on is None:
        return "Draft, not registered."
    where = " ".join(part for part in (protocol.registry_name, protocol.registry_id) if part)
    return (
        f"{f'Version {number}. ' if number else ''}Registered: {where}, {protocol.registered_on}."
    )
