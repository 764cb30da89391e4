"""A person's links under /shares/; what they open under /s/."""

from django.urls import URLPattern, URLResolver, path

from playground.shares.views import owners, taking, visitors

urlpatterns: list[URLPattern | URLResolver] = [
    path("shares/", owners.links, name="shares"),
    path("shares/new/", owners.new, name="share_new"),  # ?conversation=, ?message=, ?preset=, ?comparison= or ?sweep=
    path("shares/plans/<uuid:uuid>/", taking.plan, name="shared_plan"),  # of a sweep that was taken from a link
    path("shares/<uuid:uuid>/", owners.share, name="share"),
    path("shares/<uuid:uuid>/update/", owners.move, name="share_move"),
    path("shares/<uuid:uuid>/revoke/", owners.revoke, name="share_revoke"),
    path("shares/<uuid:uuid>/delete/", owners.delete, name="share_delete"),
    path("s/<str:token>/", visitors.shared, name="shared"),
    path("s/<str:token>/images/<int:number>/", visitors.image, name="shared_image"),
    path("s/<str:token>/images/<int:number>/small/", visitors.thumbnail, name="shared_thumbnail"),
    path("s/<str:token>/texts/<int:number>/", visitors.text, name="shared_text"),
    path("s/<str:token>/sign-in/", visitors.sign_in, name="shared_sign_in"),
    path("s/<str:token>/open/", taking.open_here, name="shared_open"),
]
