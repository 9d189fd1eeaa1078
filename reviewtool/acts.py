"""What people do in a review, as the audit log keeps it: one list of every act.

An act's value is what the log stores and seals, so it never changes; its words are
what people read. The part before the dot is the stage that the act belongs to.
"""

from enum import Enum


class Act(str, Enum):
    """Something that changed a review: ``Act.SCREENING_DECIDE`` is "screening.decide"."""

    words: str

    def __new__(cls, code: str, words: str) -> "Act":
        act = str.__new__(cls, code)
        act._value_ = code
        act.words = words
        return act

    @property
    def stage(self) -> str:
        """Where it was done: "screening"."""
        return str(self.value).partition(".")[0]

    LOG_SEAL = "log.seal", "sealed the log as it stood"

    TEAM_CREATE_ACCOUNT = "team.create_account", "made an account"
    TEAM_MAKE_ADMINISTRATOR = "team.make_administrator", "made an administrator"
    TEAM_CREATE_REVIEW = "team.create_review", "began the review"
    TEAM_RENAME_REVIEW = "team.rename_review", "changed the review's title"
    TEAM_ARCHIVE_REVIEW = "team.archive_review", "archived the review"
    TEAM_REMOVE_UNFINISHED = "team.remove_unfinished", "removed a review that was never finished"
    TEAM_INVITE = "team.invite", "invited somebody"
    TEAM_REVOKE_INVITATION = "team.revoke_invitation", "withdrew an invitation"
    TEAM_JOIN = "team.join", "joined the team"
    TEAM_CHANGE_ROLE = "team.change_role", "changed a member's role"
    TEAM_REMOVE = "team.remove", "took a member off the team"
    TEAM_CREATE_TOKEN = "team.create_token", "made an API token"
    TEAM_REVOKE_TOKEN = "team.revoke_token", "withdrew an API token"
    TEAM_DOWNLOAD = "team.download", "took a file out of the review"
    TEAM_SIGN_IN = "team.sign_in", "signed in"
    TEAM_SIGN_IN_FAILED = "team.sign_in_failed", "was refused: wrong password"
    TEAM_SIGN_OUT = "team.sign_out", "signed out"
    TEAM_END_SIGN_INS = "team.end_sign_ins", "ended sign-ins on other devices"
    TEAM_ASK_PASSWORD = "team.ask_password", "asked for a link to choose a new password"
    TEAM_CHANGE_PASSWORD = "team.change_password", "changed the password"
    TEAM_RESET_PASSWORD = "team.reset_password", "chose a new password by mail"
    TEAM_SET_PASSWORD = "team.set_password", "had the password set by an administrator"
    TEAM_UPDATE_PROFILE = "team.update_profile", "changed name or time zone"

    PROTOCOL_SAVE_SECTION = "protocol.save_section", "wrote a section of the protocol"
    PROTOCOL_ADD_CRITERION = "protocol.add_criterion", "added an eligibility criterion"
    PROTOCOL_CHANGE_CRITERION = "protocol.change_criterion", "changed an eligibility criterion"
    PROTOCOL_REMOVE_CRITERION = "protocol.remove_criterion", "removed an eligibility criterion"
    PROTOCOL_ADD_OUTCOME = "protocol.add_planned_outcome", "planned an outcome"
    PROTOCOL_CHANGE_OUTCOME = "protocol.change_planned_outcome", "changed a planned outcome"
    PROTOCOL_REMOVE_OUTCOME = "protocol.remove_planned_outcome", "removed a planned outcome"
    PROTOCOL_ADD_COMPARISON = "protocol.add_planned_comparison", "planned a comparison"
    PROTOCOL_CHANGE_COMPARISON = (
        "protocol.change_planned_comparison",
        "changed a planned comparison",
    )
    PROTOCOL_REMOVE_COMPARISON = (
        "protocol.remove_planned_comparison",
        "removed a planned comparison",
    )
    PROTOCOL_ADD_ANALYSIS = "protocol.add_planned_analysis", "planned an analysis"
    PROTOCOL_CHANGE_ANALYSIS = "protocol.change_planned_analysis", "changed a planned analysis"
    PROTOCOL_REMOVE_ANALYSIS = "protocol.remove_planned_analysis", "removed a planned analysis"
    PROTOCOL_REGISTER = "protocol.register", "registered the protocol"
    PROTOCOL_AMEND = "protocol.amend", "amended the protocol"

    REFERENCES_ADD_SEARCH = "references.add_search", "recorded a search"
    REFERENCES_CHANGE_SEARCH = "references.change_search", "changed a search"
    REFERENCES_UPLOAD = "references.upload", "uploaded a file of references"
    REFERENCES_DISCARD = "references.discard", "discarded an uploaded file"
    REFERENCES_IMPORT = "references.import", "had a file imported"
    REFERENCES_STORED = "references.stored", "stored the records of a file"
    REFERENCES_LOG_STORED = "references.log_stored", "stored a log of decisions"
    REFERENCES_UNDO_IMPORT = "references.undo_import", "undid an import"
    REFERENCES_RESTORE_IMPORT = "references.restore_import", "brought an import back"
    REFERENCES_BRING_VOTES = "references.bring_votes", "brought votes made elsewhere along"
    REFERENCES_CARRY_DECISION = "references.carry_decision", "took a file's records as decided"
    REFERENCES_ADD_RECORD = "references.add_record", "added a record by hand"
    REFERENCES_EDIT_RECORD = "references.edit_record", "corrected a record"
    REFERENCES_REMOVE_RECORD = "references.remove_record", "removed a record"
    REFERENCES_BRING_BACK_RECORD = "references.bring_back_record", "brought a record back"
    REFERENCES_FIND_DUPLICATES = "references.find_duplicates", "looked for duplicates"
    REFERENCES_MERGE = "references.merge", "merged two records"
    REFERENCES_UNDO_MERGE = "references.undo_merge", "took a merge back"
    REFERENCES_TELL_APART = "references.tell_apart", "told two records apart"
    REFERENCES_REOPEN_PAIR = "references.reopen_pair", "asked again about two records"

    SCREENING_CHANGE_PLAN = "screening.change_plan", "changed the screening plan"
    SCREENING_ADD_REASON = "screening.add_reason", "added a reason for exclusion"
    SCREENING_RENAME_REASON = "screening.rename_reason", "reworded a reason for exclusion"
    SCREENING_MOVE_REASON = "screening.move_reason", "moved a reason for exclusion"
    SCREENING_ARCHIVE_REASON = "screening.archive_reason", "retired a reason for exclusion"
    SCREENING_DECIDE = "screening.decide", "voted on a record"
    SCREENING_UNDO = "screening.undo", "took a vote back"
    SCREENING_SHARE_VOTES = "screening.share_votes", "counted a duplicate's votes for its record"
    SCREENING_TAKE_VOTES = "screening.take_votes", "counted votes that came with an import"
    SCREENING_RESOLVE = "screening.resolve", "resolved a conflict"
    SCREENING_REOPEN = "screening.reopen", "reopened a resolved conflict"
    SCREENING_NOTE = "screening.note", "wrote a note on a record"
    SCREENING_LABEL = "screening.label", "labelled a record"

    FULLTEXT_SET_RETRIEVAL = "fulltext.set_retrieval", "said whether a full text was retrieved"
    FULLTEXT_ATTACH = "fulltext.attach", "attached a full text"
    FULLTEXT_DETACH = "fulltext.detach", "took a full text off its report"
    FULLTEXT_WAIT = "fulltext.wait", "uploaded a full text that waits for its report"
    FULLTEXT_DISCARD = "fulltext.discard", "discarded a waiting full text"

    EXTRACTION_ADD_FIELD = "extraction.add_field", "added a field to the form"
    EXTRACTION_CHANGE_FIELD = "extraction.change_field", "changed a field of the form"
    EXTRACTION_ARCHIVE_FIELD = "extraction.archive_field", "retired a field of the form"
    EXTRACTION_CREATE_STUDY = "extraction.create_study", "made a study"
    EXTRACTION_CHANGE_STUDY = "extraction.change_study", "changed a study"
    EXTRACTION_REMOVE_STUDY = "extraction.remove_study", "removed a study"
    EXTRACTION_MERGE_STUDIES = "extraction.merge_studies", "merged two studies"
    EXTRACTION_LINK_REPORT = "extraction.link_report", "linked a report to a study"
    EXTRACTION_UNLINK_REPORT = "extraction.unlink_report", "took a report off a study"
    EXTRACTION_PRIMARY_REPORT = "extraction.primary_report", "chose a study's primary report"
    EXTRACTION_TAKE = "extraction.take", "began to extract a study"
    EXTRACTION_GIVE_BACK = "extraction.give_back", "gave an extraction back"
    EXTRACTION_CELL = "extraction.cell", "wrote extracted values"
    EXTRACTION_DONE = "extraction.done", "finished an extraction, or took it up again"
    EXTRACTION_BEGIN_CONSENSUS = "extraction.begin_consensus", "began to agree on the values"
    EXTRACTION_SETTLE = "extraction.settle", "settled values"
    EXTRACTION_AGREE = "extraction.agree", "agreed on a study's values"
    EXTRACTION_NAME_TREATMENT = (
        "extraction.name_treatment",
        "called a study's treatment by the protocol's name",
    )
    EXTRACTION_MERGE_NAMES = (
        "extraction.merge_names",
        "gave a treatment or a dose another spelling in use",
    )
    EXTRACTION_UNDO_MERGE = (
        "extraction.undo_merge",
        "gave a treatment or a dose back as it was read",
    )
    EXTRACTION_REOPEN = "extraction.reopen", "reopened a study's agreed values"

    BIAS_START = "bias.start", "began a risk of bias assessment"
    BIAS_ANSWER = "bias.answer", "answered signalling questions"
    BIAS_JUDGE = "bias.judge", "judged a domain"
    BIAS_DONE = "bias.done", "finished an assessment"
    BIAS_AGREE = "bias.agree", "began to agree on the judgements"
    BIAS_AGREED = "bias.agreed", "agreed on the judgements"
    BIAS_REOPEN = "bias.reopen", "reopened an assessment"

    SYNTHESIS_REQUEST_RUN = "synthesis.request_run", "asked for an analysis to be run"
    SYNTHESIS_CHOOSE_RESULT = (
        "synthesis.choose_result",
        "chose which result of a study stands",
    )
    SYNTHESIS_RUN = "synthesis.run", "ran an analysis"
    SYNTHESIS_FAIL = "synthesis.fail", "could not run an analysis"

    CERTAINTY_ASSUME_RISK = "certainty.assume_risk", "chose the assumed risk"
    CERTAINTY_DETAILS = "certainty.details", "wrote the details of a rating"
    CERTAINTY_RATE = "certainty.rate", "rated the certainty"

    REPORTING_SNAPSHOT = "reporting.snapshot", "kept the numbers of the flow diagram"
    REPORTING_ANSWER_ITEM = "reporting.answer_item", "answered an item of the checklist"


# What tells of votes or of a colleague's unfinished work; hidden from everyone but its
# author until the subject is settled.
BLINDED = frozenset(
    act.value
    for act in (
        Act.SCREENING_DECIDE,
        Act.SCREENING_UNDO,
        Act.SCREENING_SHARE_VOTES,
        Act.SCREENING_TAKE_VOTES,
        Act.SCREENING_NOTE,
        Act.SCREENING_LABEL,
        Act.EXTRACTION_CELL,
        Act.EXTRACTION_DONE,
        Act.BIAS_ANSWER,
        Act.BIAS_JUDGE,
        Act.BIAS_DONE,
    )
)


# Written by one person about what others voted: its author has not seen those either.
ABOUT_OTHERS = frozenset({Act.SCREENING_SHARE_VOTES.value, Act.SCREENING_TAKE_VOTES.value})


KNOWN = {str(act.value): act for act in Act}


def words(code: str) -> str:
    """What the log's ``action`` says, in words; an act no longer known keeps its code.

    >>> words("screening.decide"), words("screening.of_old")
    ('voted on a record', 'screening.of_old')
    """
    return KNOWN[code].words if code in KNOWN else code
