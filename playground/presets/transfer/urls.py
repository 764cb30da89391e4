from django.urls import path, re_path

from playground.presets.transfer import views

# Before the pages of presets by slug.
urlpatterns = [
    path("presets/import/", views.import_presets, name="presets_import"),
    path("presets/import/<uuid:uuid>/", views.review_import, name="presets_import_review"),
    path("presets/import/<uuid:uuid>/edit/", views.edit_import, name="presets_import_edit"),
    path("presets/export/", views.choose_export, name="presets_export"),
    re_path(r"^presets/export\.(?P<ending>json|yaml)$", views.export_many, name="presets_export_file"),
    re_path(r"^presets/(?P<slug>[-\w]+)/export\.(?P<ending>json|yaml)$", views.export_one, name="preset_export_file"),
]
