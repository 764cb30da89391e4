"""Form controls in our look, also for forms that are not ours."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The widget of `field` with the class of our inputs and without a placeholder: the label says it."""
    return field.as_widget(attrs={"class": "input", "placeholder": False})
