"""Included by playground/chat/urls.py under images/."""

from django.urls import URLPattern, path

from playground.chat.images import views

urlpatterns: list[URLPattern] = [
    path("", views.upload, name="image_upload"),
    path("url/", views.add_url, name="image_url"),
    path("tray/", views.tray, name="image_tray"),  # ?conversation=<uuid>&model=<public name>
    path("order/", views.order, name="image_order"),
    path("detail/", views.update_all, name="image_detail"),
    path("<uuid:uuid>/", views.update, name="image_update"),
    path("<uuid:uuid>/remove/", views.remove, name="image_remove"),
    path("<uuid:uuid>/thumb/", views.thumbnail, name="image_thumbnail"),
    path("<uuid:uuid>/<str:file_name>", views.image, name="image"),
]
