from django.urls import include, path

from playground.presets.views import actions, editor, images, pages

# What stands where a slug would is in services.describing.RESERVED.
urlpatterns = [
    path("", include("playground.presets.transfer.urls")),
    path("presets/", pages.preset_list, name="presets"),
    path("presets/new/", editor.new_preset, name="preset_new"),
    path("presets/editor/", editor.rearrange_editor, name="preset_editor"),
    path("presets/images/", editor.upload_image, name="preset_image_upload"),
    path("presets/images/<uuid:uuid>/", images.image, name="preset_image"),
    path("presets/images/<uuid:uuid>/small/", images.thumbnail, name="preset_thumbnail"),
    path("presets/<slug:slug>/", pages.preset, name="preset"),
    path("presets/<slug:slug>/edit/", editor.edit_preset, name="preset_edit"),
    path("presets/<slug:slug>/versions/<int:number>/", pages.version, name="preset_version"),
    path("presets/<slug:slug>/diff/", pages.diff, name="preset_diff"),
    path("presets/<slug:slug>/star/", actions.star, name="preset_star"),
    path("presets/<slug:slug>/fork/", actions.fork, name="preset_fork"),
    path("presets/<slug:slug>/restore/", actions.restore, name="preset_restore"),
    path("presets/<slug:slug>/label/", actions.label, name="preset_label"),
    path("presets/<slug:slug>/share/", actions.share, name="preset_share"),
    path("presets/<slug:slug>/unshare/", actions.unshare, name="preset_unshare"),
    path("presets/<slug:slug>/everyone/", actions.everyone, name="preset_everyone"),
    path("presets/<slug:slug>/delete/", actions.delete, name="preset_delete"),
    path("presets/<slug:slug>/undelete/", actions.undelete, name="preset_undelete"),
]
