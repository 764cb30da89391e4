"""Oversight in the admin: conversations as figures, content for a reason, reports, and what is too old."""

from django.contrib import admin

from playground.oversight.admins.conversations import ConversationFiguresAdmin
from playground.oversight.admins.reports import ReportAdmin
from playground.oversight.models import ConversationFigures, Report

admin.site.register(ConversationFigures, ConversationFiguresAdmin)
admin.site.register(Report, ReportAdmin)
