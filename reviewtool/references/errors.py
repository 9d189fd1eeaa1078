"""What can go wrong with imports and records."""

from reviewtool.errors import Conflict, Invalid


class NothingUploaded(Invalid):
    """A form came without a file."""

    code = "no-file"
    message = "Choose at least one file to import."


class BrokenArchive(Invalid):
    """A zip that cannot be unpacked to its end."""

    code = "broken-archive"
    message = "{file}: this zip is damaged. Unpack it yourself and import the files in it."


class SourceMissing(Invalid):
    """PRISMA counts records by source, so a file needs one."""

    code = "source-missing"
    message = "{file}: say which database or register this file comes from."


class ColumnsUnknown(Invalid):
    """Nobody can store a table without knowing where the titles are."""

    code = "columns-unknown"
    message = "{file}: choose the column that holds the title or an identifier."


class WrongState(Conflict):
    """An import can be started, undone and brought back only once each."""

    code = "import-state"
    message = "{file}: this import is {state}, so it cannot be {verb} now."


class DecidedAlready(Conflict):
    """A file says itself what was decided, or a person said so before."""

    code = "decided-already"
    message = "{file}: votes came along with this file already. Nothing was changed."


class VotesTaken(Conflict):
    """Votes of a log belong to the people who gave them once screening has them."""

    code = "votes-taken"
    message = (
        "{file}: its votes are in screening. They can be changed there, one by one, by the "
        "people who gave them."
    )


class UnknownField(Invalid):
    """A field that records do not have."""

    code = "unknown-field"
    message = "Records have no field “{field}”."


class BadYear(Invalid):
    """A year that no publication has."""

    code = "bad-year"
    message = "Year: write four digits between 1400 and 2100, or leave it empty."


class UntitledRecord(Invalid):
    """A record nobody could find again."""

    code = "untitled-record"
    message = "Give the record a title or an identifier (DOI, PubMed ID or accession number)."
