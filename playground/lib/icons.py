"""Heroicons as template tags, each drawn once: the package copies and serialises its SVG at every use."""

from __future__ import annotations

from functools import lru_cache

from django.template import Library
from heroicons.templatetags import heroicons

register = Library()

# More than all icons of all templates, in every size and class they are used in.
DRAWN = 1024

for name in ("heroicon_outline", "heroicon_solid", "heroicon_mini", "heroicon_micro"):
    register.simple_tag(lru_cache(DRAWN)(getattr(heroicons, name)), name=name)
