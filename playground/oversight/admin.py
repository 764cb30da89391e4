"""Oversight in the admin: conversations and presets as figures, content for a reason, reports, and what is too old."""

from django.contrib import admin

from playground.oversight.admins.conversations import ConversationFiguresAdmin
from playground.oversight.admins.presets import PresetAdmin
from playground.oversight.admins.reports import ReportAdmin
from playground.oversight.models import ConversationFigures, Report
from playground.presets.models import Preset

admin.site.register(ConversationFigures, ConversationFiguresAdmin)
admin.site.register(Report, ReportAdmin)
admin.site.register(Preset, PresetAdmin)
