"""The side-by-side face. Reading is GET and changes nothing; everything that changes something is POST."""

from django.urls import URLPattern, URLResolver, include, path

from playground.compare.views import columns, differences, keeping, messages, pages, verdicts

urlpatterns: list[URLPattern | URLResolver] = [
    path("sweeps/", include("playground.compare.sweeps.urls")),
    path("", pages.comparisons, name="comparisons"),  # POST: a new one
    path("<uuid:uuid>/", pages.comparison, name="comparison"),
    path("tallies/", verdicts.tallies, name="comparison_tallies"),
    path("<uuid:uuid>/verdict/", verdicts.verdict, name="comparison_verdict"),  # GET: the panel of ?turn=
    path("<uuid:uuid>/blind/", verdicts.set_blind, name="comparison_blind"),
    path("<uuid:uuid>/rename/", keeping.rename, name="comparison_rename"),
    path("<uuid:uuid>/duplicate/", keeping.duplicate, name="comparison_duplicate"),
    path("<uuid:uuid>/delete/", keeping.delete, name="comparison_delete"),
    path("<uuid:uuid>/restore/", keeping.restore, name="comparison_restore"),
    path("<uuid:uuid>/export.csv", keeping.export, {"kind": "csv"}, name="comparison_export_csv"),
    path("<uuid:uuid>/export.json", keeping.export, {"kind": "json"}, name="comparison_export_json"),
    path("<uuid:uuid>/export.md", keeping.export, {"kind": "md"}, name="comparison_export_md"),
    path("<uuid:uuid>/facts/", pages.facts, name="comparison_facts"),
    path("<uuid:uuid>/messages/", messages.post, name="comparison_post"),
    path("<uuid:uuid>/run/", messages.run, name="comparison_run"),
    path("<uuid:uuid>/stop/", messages.stop, name="comparison_stop"),
    path("<uuid:uuid>/estimate/", messages.estimate, name="comparison_estimate"),
    path("<uuid:uuid>/columns/", columns.add, name="column_add"),  # POST: one more
    path("columns/<uuid:uuid>/difference/", differences.difference, name="column_difference"),  # ?baseline=&way=
    path("columns/<uuid:uuid>/settings/", columns.settings, name="column_settings"),  # GET: the form
    path("columns/<uuid:uuid>/preset/", columns.preset, name="column_preset"),
    path("columns/<uuid:uuid>/pin/", columns.pin, name="column_pin"),
    path("columns/<uuid:uuid>/chat/", columns.chat, name="column_chat"),
    path("columns/<uuid:uuid>/run/", messages.run_column, name="column_run"),
    path("columns/<uuid:uuid>/move/", columns.move, name="column_move"),
    path("columns/<uuid:uuid>/remove/", columns.remove, name="column_remove"),
    path("columns/<uuid:uuid>/restore/", columns.restore, name="column_restore"),
]
