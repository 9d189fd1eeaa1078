"""Cells computed from what a report gives instead, in an own copy or in the consensus."""

from collections.abc import Mapping

from sqlmodel import Session

from reviewtool.errors import Invalid
from reviewtool.extraction import queries
from reviewtool.extraction.models import CopyKind, Extraction
from reviewtool.extraction.rules.formulas import derive, formulas_for
from reviewtool.extraction.services.agreeing import settle
from reviewtool.extraction.services.cells import CellIn, Saved
from reviewtool.extraction.services.copies import save
from reviewtool.team.models import Member


def compute(
    db: Session, actor: Member, copy: Extraction, path: str, formula: str, raw: Mapping[str, str]
) -> Saved:
    """Fill a cell by a formula; the raw values stay beside the result.

    Raises CannotDerive naming the input and the remedy.
    """
    form = queries.form(db, copy.review_id)
    form.cell(path)
    if formula not in {one.key for one in formulas_for(form, path)}:
        raise Invalid(f"{form.label(path)}: this formula gives something else. Choose another.")
    made = derive(formula, raw)
    cell = CellIn(value=made.value, derived=made.words)
    if copy.kind is CopyKind.CONSENSUS:
        return settle(db, actor, copy, {path: cell}, form)
    return save(db, actor, copy, {path: cell}, form)
