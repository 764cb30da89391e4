"""A person's own usage. Reading is GET, and so is everything here."""

from django.urls import URLPattern, URLResolver, path

from playground.usage import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("usage/", views.usage, name="usage"),
    path("usage/runs.csv", views.usage_csv, name="usage_csv"),
    path("usage/runs/<uuid:uuid>/", views.usage_run, name="usage_run"),
]
