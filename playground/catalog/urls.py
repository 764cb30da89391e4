"""The catalogue's pages and the inspector. Reading is GET, and so is nothing else."""

from django.urls import URLPattern, URLResolver, path

from playground.catalog.views import inspector, keys, models

urlpatterns: list[URLPattern | URLResolver] = [
    path("inspector/", inspector.inspector, name="inspector"),
    path("inspector/notes/", inspector.notes, name="inspector_notes"),
    path("models/", models.model_list, name="models"),
    path("models/<slug:provider>/key/", keys.provider_key, name="provider_key"),
    path("models/<slug:provider>/<path:name>/", models.model_card, name="model_card"),
]
