"""Experiments and foci from a paste or a file into a copy, an own one or the consensus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlmodel import Session

from reviewtool.db.row import hold
from reviewtool.errors import Conflict, Invalid
from reviewtool.extraction import queries
from reviewtool.extraction.models import CopyKind, CopyState, Extraction, Study
from reviewtool.extraction.rules import foci as rules
from reviewtool.extraction.rules.cells import Form
from reviewtool.extraction.services.agreeing import settle
from reviewtool.extraction.services.cells import CellIn, Saved
from reviewtool.extraction.services.copies import save, take
from reviewtool.formats import coordinates
from reviewtool.formats.foci import Experiment, Unread
from reviewtool.permissions import Action, require
from reviewtool.protocol.rules.brains import OPTIONS, understood
from reviewtool.team.models import Member

LARGEST = 2_000_000  # characters of a paste or bytes of a file


class OtherStudies(Invalid):
    """A file speaks of several studies, none of which bears the name of this one."""

    code = "other-studies"
    message = (
        "The file has experiments of {count} studies, and none is called “{study}”. Choose which "
        "of them this study is."
    )

    def __init__(self, study: str, names: Sequence[str]) -> None:
        super().__init__(study=study, count=len(names))
        self.names = tuple(names)
        self.details = {"studies": list(names)}


@dataclass
class Taken:
    """What became of a paste: what was stored, and every line that was not."""

    saved: Saved = field(default_factory=Saved)
    experiments: int = 0
    foci: int = 0
    unread: list[Unread] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def rest(self) -> str:
        """The lines that were not taken, to be corrected and taken in again."""
        return "\n".join(one.text for one in self.unread)


def take_in(
    db: Session,
    actor: Member,
    copy: Extraction,
    content: bytes | str,
    *,
    usual: Mapping[str, str] | None = None,
    into: int = 0,
    of_study: str = "",
) -> Taken:
    """Store the experiments and foci of a paste or a Sleuth or CSV file in a copy.

    usual: modality, direction and space where the text says none. into: the experiment that
    foci without a heading go to, 0 for a new one. of_study: which of a file's studies this
    is; that of the same name when empty. Lines that are no focus, and coordinates that no
    brain has, are named and not stored; all others are. Raises OtherStudies, Invalid.
    """
    require(actor, Action.ADJUDICATE if copy.kind is CopyKind.CONSENSUS else Action.EXTRACT, copy)
    form = queries.form(db, copy.review_id)
    _check(form, content, usual or {}, into)
    read = coordinates.read(content)
    taken = Taken(unread=list(read.unread), notes=list(read.notes))
    chosen = _of_study(read.experiments, db.get_one(Study, copy.study_id).label, of_study, taken)
    usable = [_usable(one, taken) for one in chosen]
    usable = [one for one in usable if one.foci or one.study]
    if not usable and not taken.unread:
        raise Invalid("There are no coordinates in it. Paste rows of x, y and z in millimetres.")
    held = rules.held(queries.values(queries.entries(db, copy.id)))
    cells = rules.laid_out(usable, held, usual or {}, into)
    _check_room(cells)
    sent: dict[str, CellIn | str] = dict(cells)
    if sent:
        store = settle if copy.kind is CopyKind.CONSENSUS else save
        taken.saved = store(db, actor, copy, sent, form)
    taken.experiments, taken.foci = len(usable), sum(len(one.foci) for one in usable)
    taken.unread.sort(key=lambda one: one.line)
    return taken


@dataclass
class TakenOfStudy:
    """What became of one study of a file. ``left`` says why nothing of it was stored."""

    study: str
    copy_id: int = 0
    experiments: int = 0
    foci: int = 0
    left: str = ""
    unread: list[Unread] = field(default_factory=list)


def take_in_many(
    db: Session, actor: Member, content: bytes | str, *, usual: Mapping[str, str] | None = None
) -> tuple[list[TakenOfStudy], list[Unread], list[str]]:
    """A file of many studies into the actor's own copies, each study by its name.

    Returns what became of each study, the lines that were not read, and notes. A study that
    the review does not have, whose copies are taken or finished, or whose copy holds
    experiments already, is left and named. Raises Invalid for what is no file of foci.
    """
    require(actor, Action.EXTRACT)
    _check(queries.form(db, actor.review_id), content, usual or {}, 0)
    read = coordinates.read(content)
    names = list(dict.fromkeys(one.study for one in read.experiments))
    if not any(names):
        raise Invalid(
            "The file names no studies. Take foci without a heading in on the page of their study."
        )
    studies = {_plain(one.label): one for one in queries.studies(db, actor.review_id)}
    found = []
    for name in names:
        line = TakenOfStudy(name)
        found.append(line)
        study = studies.get(_plain(name))
        if study is None:
            line.left = "the review has no study of this name"
            continue
        try:
            copy = take(db, actor, study)
        except Conflict as error:
            line.left = error.message.rstrip(".")
            continue
        line.copy_id = copy.id
        if copy.state is CopyState.DONE:
            line.left = "your copy is finished"
        elif rules.held(queries.values(queries.entries(db, copy.id))):
            line.left = "your copy has experiments already"
        else:
            taken = take_in(db, actor, copy, content, usual=usual, of_study=name)
            line.experiments, line.foci = taken.experiments, taken.foci
            line.unread = [one for one in taken.unread if one not in read.unread]
    return found, list(read.unread), list(read.notes)


def clear(db: Session, actor: Member, copy: Extraction, experiment: int) -> None:
    """Empty every cell of an experiment."""
    hold(db, copy)
    prefix = f"experiment.{experiment}."
    cells: dict[str, CellIn | str] = {
        path: CellIn(value="", quote="", page="", note="", derived="")
        for path in queries.entries(db, copy.id)
        if path.startswith(prefix)
    }
    store = settle if copy.kind is CopyKind.CONSENSUS else save
    store(db, actor, copy, cells)


def _check(form: Form, content: bytes | str, usual: Mapping[str, str], into: int) -> None:
    if not form.asks_foci:
        raise Invalid(
            "The protocol plans no outcome of brain coordinates. Plan one before taking some in."
        )
    if len(content) > LARGEST:
        raise Invalid("This is more than 2 MB. Take the experiments of one study in at a time.")
    if not 0 <= into <= rules.MOST_EXPERIMENTS:
        raise Invalid(f"Experiments are numbered from 1 to {rules.MOST_EXPERIMENTS}.")
    for part, text in usual.items():
        if part not in OPTIONS or (text and not understood(part, text)):
            known = ", ".join(OPTIONS.get(part, OPTIONS))
            raise Invalid(f"{part.capitalize()} “{text}”: choose one of {known}.")


def _check_room(cells: Mapping[str, str]) -> None:
    for number, one in rules.held(cells).items():
        if number > rules.MOST_EXPERIMENTS:
            raise Invalid(f"A study has {rules.MOST_EXPERIMENTS} experiments at most.")
        if max(one.foci, default=0) > rules.MOST_FOCI:
            raise Invalid(
                f"An experiment has {rules.MOST_FOCI} foci at most. Clear those that are not "
                "needed, or begin another experiment."
            )


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _of_study(
    found: Sequence[Experiment], label: str, wanted: str, taken: Taken
) -> list[Experiment]:
    """The experiments of a file that are this study's."""
    names = list(dict.fromkeys(one.study for one in found if one.study))
    if wanted and wanted not in names:
        raise OtherStudies(label, names)
    if len(names) <= 1:
        return list(found)
    name = wanted or next((name for name in names if _plain(name) == _plain(label)), "")
    if not name:
        raise OtherStudies(label, names)
    others = len(names) - 1
    taken.notes.append(
        f"The experiments of “{name}” were taken; {others} other "
        f"{'study' if others == 1 else 'studies'} of the file belong elsewhere."
    )
    return [one for one in found if one.study == name]


def _usable(one: Experiment, taken: Taken) -> Experiment:
    """The experiment without what cannot be; that is named with its line."""
    kept = []
    for focus in one.foci:
        try:
            rules.point_text(focus.at)
        except rules.BadPoint as error:
            text = "\t".join(part for part in (focus.at, focus.statistic, focus.size) if part)
            taken.unread.append(Unread(focus.line, text, str(error).rstrip(".")))
            continue
        size = focus.size
        if size and float(size) <= 0:
            taken.notes.append(f"Line {focus.line}: a cluster size of {size} was left out.")
            size = ""
        kept.append(replace(focus, size=size))
    words = {}
    for part in ("modality", "direction"):
        said = getattr(one, part)
        if said and not understood(part, said):
            taken.notes.append(
                f"“{said}” is no {part} that the form knows; choose one for “{one.label}”."
            )
            said = ""
        words[part] = said
    return replace(one, foci=tuple(kept), **words)
