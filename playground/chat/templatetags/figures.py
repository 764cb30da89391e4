"""Figures as people read them, for templates; see playground.lib.figures."""

from __future__ import annotations

from django import template

from playground.lib.figures import count, dollars, exact_dollars, percent, rate, seconds, short_count

register = template.Library()
for figure in (count, dollars, exact_dollars, percent, rate, seconds, short_count):
    register.filter(figure.__name__, figure)
