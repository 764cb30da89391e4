"""Links in the admin: whose, for whom, until when, how often looked at. Never their address, their title or what they show."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from playground.accounts.admins.rights import AdminsOnly
from playground.shares.models import Share

SHOWN = ["made_at", "owner", "kind", "audience", "has_passphrase", "expires_at", "revoked_at", "view_count"]


@admin.register(Share)
class ShareAdmin(AdminsOnly):
    list_display = [*SHOWN]
    list_filter = ["kind", "audience"]
    list_select_related = ["owner"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["owner__username"]
    fields = ["uuid", *SHOWN, "updated_at"]
    readonly_fields = ["uuid", *SHOWN, "updated_at"]
    actions = ["revoke"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Share]:
        rows: QuerySet[Share] = super().get_queryset(request)
        return rows.defer("title", "shown_as", "snapshot", "html", "token")

    @admin.display(description=_("passphrase"), boolean=True)
    def has_passphrase(self, share: Share) -> bool:
        return bool(share.passphrase)

    @admin.action(description=_("Revoke the chosen links"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Share]) -> None:
        """They open for nobody any more; their owners see that in their lists."""
        count = sum(share.revoke() for share in queryset)
        told = ngettext("%(count)d link is revoked.", "%(count)d links are revoked.", count) % {"count": count}
        self.message_user(request, told, messages.SUCCESS)
