"""HTTP routes. Websocket routes are in asgi.py."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

# One door: the admin's own sign-in page would have no limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = "playground.lib.error_pages.bad_request"
handler403 = "playground.lib.error_pages.permission_denied"
handler404 = "playground.lib.error_pages.page_not_found"
handler429 = "playground.lib.error_pages.too_many_requests"
handler500 = "playground.lib.error_pages.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/usage/", include("playground.review.urls")),  # before the admin, which has a page of that address
    path("admin/", admin.site.urls),
    path("", include("playground.accounts.urls")),
    path("", include("playground.catalog.urls")),
    path("", include("playground.usage.urls")),
    path("", include("playground.presets.urls")),
    path("", include("playground.chat.urls")),
    path("compare/", include("playground.compare.urls")),
    path("", include("playground.shares.urls")),
    path("", include("playground.oversight.urls")),
]
