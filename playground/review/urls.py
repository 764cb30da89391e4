"""The admin's review of usage. It stands before the admin's own addresses, which begin alike."""

from django.urls import URLPattern, URLResolver, path

from playground.review.views import dashboard, runs, statement

urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard.dashboard, name="usage_review"),
    path("by/", dashboard.breakdown, name="usage_review_breakdown"),  # ?by=&format=
    path("runs/", runs.runs, name="usage_review_runs"),
    path("runs/export/", runs.export_runs, name="usage_review_export"),  # ?format=
    path("runs/<uuid:uuid>/", runs.run, name="usage_review_run"),
    path("statement/", statement.statement, name="usage_review_statement"),  # ?month=&format=; POST: an invoice
]
