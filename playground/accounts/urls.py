"""Accounts. Of allauth's addresses only those that this server serves: it sends no mail, so nothing that needs mail."""

from allauth.account import views as allauth_views
from django.urls import URLPattern, URLResolver, path

from playground.accounts import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("setup/", views.set_up, name="setup"),
    path("invitation/", views.accept_invitation, name="invitation"),
    path("settings/", views.edit_settings, name="settings"),
    path("accounts/login/", views.LoginView.as_view(), name="account_login"),
    path("accounts/logout/", allauth_views.LogoutView.as_view(), name="account_logout"),
    path("accounts/signup/", views.SignupView.as_view(), name="account_signup"),
    path("accounts/inactive/", allauth_views.AccountInactiveView.as_view(), name="account_inactive"),
    path("accounts/reauthenticate/", views.ReauthenticateView.as_view(), name="account_reauthenticate"),
    path("accounts/password/change/", views.PasswordChangeView.as_view(), name="account_change_password"),
    path("accounts/password/set/", views.PasswordSetView.as_view(), name="account_set_password"),
]
