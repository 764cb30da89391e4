"""The set-up page, invitations, the settings page, and allauth's views with the statuses of the error contract."""

from __future__ import annotations

from typing import Any

from allauth.account import views as allauth_views
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from playground.accounts import invitations, setup
from playground.accounts.forms import AcceptForm, PreferencesForm, SetupForm
from playground.accounts.middleware import BACKEND
from playground.accounts.models import User
from playground.lib.auditing import Act, record
from playground.lib.error_pages import error_response, is_fragment_request


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("token", "password")
def set_up(request: HttpRequest) -> HttpResponse:
    """Makes the first admin; 404 for good once there is one."""
    if setup.has_admin():
        raise Http404
    form = SetupForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            admin = setup.make_admin(username=values["username"], email=values["email"], password=values["password"])
        except setup.SetupClosed:
            raise Http404 from None
        login(request, admin, backend=BACKEND)
        return HttpResponseRedirect("/")
    return render(request, "accounts/setup.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("token", "password")
def accept_invitation(request: HttpRequest) -> HttpResponse:
    """Makes the account that a one-time link promises; 404 when the link does not work (any more), whatever the reason."""
    is_sent = request.method == "POST"
    token = (request.POST if is_sent else request.GET).get("token", "")
    try:
        invitation = invitations.find(token)
        if request.user.is_authenticated:
            context = {"is_signed_in": True}
            return render(request, "accounts/invitation.html", context, status=422 if is_sent else 200)
        form = AcceptForm(request.POST if is_sent else None, invitation=invitation, initial={"token": token})
        if is_sent and form.is_valid():
            return _accept(request, form)
    except invitations.InvitationGone:
        reason = _("This invitation was used, revoked or is too old. Ask an admin for another one.")
        return error_response(request, 404, reason=reason)
    return render(request, "accounts/invitation.html", {"form": form}, status=422 if form.errors else 200)


def _accept(request: HttpRequest, form: AcceptForm) -> HttpResponse:
    try:
        with transaction.atomic():
            person = invitations.accept(form.invitation, password=form.cleaned_data["password"])
            role = f"role: {form.invitation.role}"
            record(request, Act("invitation.accept", form.invitation, after=role, actor=person))
    except invitations.NameTaken:
        form.add_error(None, _("Somebody has an account of this name by now. Ask an admin for another invitation."))
        return render(request, "accounts/invitation.html", {"form": form}, status=422)
    login(request, person, backend=BACKEND)
    return HttpResponseRedirect("/")


@require_http_methods(["GET", "HEAD", "POST"])
def edit_settings(request: HttpRequest) -> HttpResponse:
    """Theme, send key and what a new chat starts with. With htmx the form alone is answered."""
    # A copy: a form that does not validate must not change what the rest of the page shows.
    user = get_object_or_404(User, pk=request.user.pk)
    form = PreferencesForm(request.POST if request.method == "POST" else None, instance=user)
    if request.method == "POST" and form.is_valid():
        user.save(update_fields=list(form.cleaned_data))
        if not is_fragment_request(request):
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(request.path)
        form = PreferencesForm(instance=user)
        return render(request, "accounts/_preferences.html", {"form": form, "is_saved": True})
    template = "accounts/_preferences.html" if is_fragment_request(request) else "accounts/settings.html"
    context = {"form": form, "is_local": settings.IS_LOCAL, "retention_days": settings.RETENTION_DAYS}
    return render(request, template, context, status=422 if form.errors else 200)


class _Unprocessable:
    """A form that does not validate is 422, not 200: for scripts, tests and htmx alike."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        if response.status_code == 200:
            response.status_code = 422
        return response


class LoginView(_Unprocessable, allauth_views.LoginView):  # type: ignore[misc]
    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["login"].label = _("User name or e-mail")
        form.fields["login"].widget.attrs["autocomplete"] = "username"
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "is_signup_open": settings.IS_SIGNUP_OPEN}


class SignupView(_Unprocessable, allauth_views.SignupView):  # type: ignore[misc]
    pass


class ReauthenticateView(_Unprocessable, allauth_views.ReauthenticateView):  # type: ignore[misc]
    pass


class PasswordChangeView(_Unprocessable, allauth_views.PasswordChangeView):  # type: ignore[misc]
    success_url = reverse_lazy("settings")


class PasswordSetView(_Unprocessable, allauth_views.PasswordSetView):  # type: ignore[misc]
    success_url = reverse_lazy("settings")
