"""Assessing risk of bias, one function per verb."""

from reviewtool.bias.services.agreeing import agree, finish, reopen, what_is_missing
from reviewtool.bias.services.answering import (
    Support,
    judge_overall,
    save_domain,
    start,
)

__all__ = [
    "Support",
    "agree",
    "finish",
    "judge_overall",
    "reopen",
    "save_domain",
    "start",
    "what_is_missing",
]
