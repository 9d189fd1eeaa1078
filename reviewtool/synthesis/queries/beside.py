"""What is known of the studies of an analysis beside their effects."""

from sqlmodel import Session

from reviewtool.bias import queries as bias
from reviewtool.protocol import queries as protocol
from reviewtool.synthesis.queries.extracted import characteristics
from reviewtool.synthesis.queries.lines import Line
from reviewtool.synthesis.rules.dress import OWN, Beside


def beside(db: Session, one: Line) -> Beside:
    """Agreed characteristics and agreed judgements by domain, of the planned time point.

    A study that is judged at another time alone keeps the judgements of that time.
    """
    review_id, outcome_id = one.planned.review_id, one.planned.outcome_id
    fields = {f.key: f.label for f in protocol.characteristics(db, review_id)}
    found = bias.agreed_judgements(db, review_id, outcome_id)
    if one.planned.timepoint:
        found |= bias.agreed_judgements(db, review_id, outcome_id, one.planned.timepoint)
    return Beside(
        fields={**OWN, **{key: label for key, label in fields.items() if key not in OWN}},
        values=characteristics(db, review_id),
        domains=tuple(bias.agreed_domains(db, review_id, outcome_id).items()),
        judgements=found,
    )
