"""Reporting an answer. What admins read stands in the admin."""

from django.urls import URLPattern, URLResolver, path

from playground.oversight import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("messages/<uuid:uuid>/report/", views.report, name="message_report"),
]
