"""Changing the protocol. After registration every change is an amendment."""

from reviewtool.protocol.services.changing import (
    SECTION_OF,
    Planned,
    register,
    remove_row,
    save_row,
    save_section,
)

__all__ = ["SECTION_OF", "Planned", "register", "remove_row", "save_row", "save_section"]
