"""Sweeps, below /compare/sweeps/. Reading is GET and changes nothing; everything that changes something is POST."""

from django.urls import URLPattern, URLResolver, path

from playground.compare.sweeps.views import actions, export, grid, plan

urlpatterns: list[URLPattern | URLResolver] = [
    path("", plan.sweeps, name="sweeps"),  # POST: starts one
    path("new/", plan.new, name="sweep_new"),  # ?from=<sweep>, ?conversation=<uuid>
    path("estimate/", plan.estimate_plan, name="sweep_estimate"),
    path("axis/", plan.axis, name="sweep_axis"),  # the values of one field
    path("<uuid:uuid>/", grid.sweep, name="sweep"),
    path("<uuid:uuid>/news/", grid.news, name="sweep_news"),  # ?after=<revision>
    path("<uuid:uuid>/squares/<int:number>/", grid.square, name="sweep_square"),  # ?repeat=
    path("<uuid:uuid>/pause/", actions.pause, name="sweep_pause"),
    path("<uuid:uuid>/resume/", actions.resume, name="sweep_resume"),
    path("<uuid:uuid>/stop/", actions.stop, name="sweep_stop"),
    path("<uuid:uuid>/again/", actions.again, name="sweep_again"),
    path("<uuid:uuid>/cap/", actions.cap, name="sweep_cap"),
    path("<uuid:uuid>/delete/", actions.delete, name="sweep_delete"),
    path("<uuid:uuid>/restore/", actions.restore, name="sweep_restore"),
    path("<uuid:uuid>/cells/<int:number>/chat/", actions.chat, name="sweep_cell_chat"),
    path("<uuid:uuid>/cells/<int:number>/column/", actions.column, name="sweep_cell_column"),
    path("<uuid:uuid>/cells/<int:number>/preset/", actions.preset, name="sweep_cell_preset"),
    path("<uuid:uuid>/export.<slug:kind>", export.export, name="sweep_export"),
]
