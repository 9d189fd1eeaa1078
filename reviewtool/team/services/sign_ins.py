"""Sign-ins: begun, ended one by one or all at once, and refused."""

from datetime import timedelta

from sqlmodel import Session

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.db.types import now
from reviewtool.team import queries, rules
from reviewtool.team.models import SignIn, User


def begin_sign_in(
    db: Session, user: User, key_hash: str, *, agent: str, address: str, lasts: timedelta
) -> SignIn:
    """A browser is signed in, for ``lasts`` at most."""
    row = SignIn(
        user_id=user.id,
        key_hash=key_hash,
        device=rules.device(agent),
        address=address[:64],
        expires_at=now() + lasts,
    )
    db.add(row)
    audit.append(
        db,
        user,
        Act.TEAM_SIGN_IN,
        row,
        chain=audit.SYSTEM,
        device=row.device,
        address=row.address,
    )
    return row


def sign_out(db: Session, row: SignIn) -> None:
    """End one sign-in: its cookie opens nothing from now on."""
    row.ended_at = now()
    db.add(row)
    user = db.get_one(User, row.user_id)
    audit.append(db, user, Act.TEAM_SIGN_OUT, row, chain=audit.SYSTEM, device=row.device)


def end_sign_ins(db: Session, user: User, *, keep: SignIn | None = None) -> int:
    """End every sign-in but ``keep``; returns how many ended."""
    found = [
        row
        for row in queries.sign_ins_of(db, user)
        if keep is None or row.key_hash != keep.key_hash
    ]
    for row in found:
        row.ended_at = now()
        db.add(row)
    if found:
        audit.append(db, user, Act.TEAM_END_SIGN_INS, user, chain=audit.SYSTEM, ended=len(found))
    return len(found)


def note_failure(db: Session, user: User, address: str) -> None:
    """Somebody gave a wrong password for this account."""
    audit.append(db, user, Act.TEAM_SIGN_IN_FAILED, user, chain=audit.SYSTEM, address=address[:64])
