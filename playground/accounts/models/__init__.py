"""People, who is invited, and what admins did."""

from playground.accounts.models.audit import AuditEntry
from playground.accounts.models.invitation import Invitation
from playground.accounts.models.person import PeopleGroup, SendKey, Theme, User

__all__ = ["AuditEntry", "Invitation", "PeopleGroup", "SendKey", "Theme", "User"]
