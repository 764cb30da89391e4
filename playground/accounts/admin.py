"""People in the admin: who they are, their roles and groups, invitations, and the log of what was done."""

from __future__ import annotations

import allauth.account.admin  # noqa: F401 - what it registers goes again below
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group

from playground.accounts.admins.groups import GroupAdmin
from playground.accounts.admins.invitations import InvitationAdmin
from playground.accounts.admins.log import AuditEntryAdmin
from playground.accounts.admins.people import PersonAdmin
from playground.accounts.models import AuditEntry, Invitation, PeopleGroup, User

# No mail is sent, so no address is ever verified; and Django's own groups hand out permissions, which ours do not.
for model in (EmailAddress, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)

admin.site.register(User, PersonAdmin)
admin.site.register(PeopleGroup, GroupAdmin)
admin.site.register(Invitation, InvitationAdmin)
admin.site.register(AuditEntry, AuditEntryAdmin)
