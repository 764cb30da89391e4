"""The door to the form schema: one JSON Schema per model makes the form, the validation and the request body.

validated = validate(model, read_form(model, request.POST), texts=[...])
if validated.errors:   build_form(model, raw, validated.errors)  and answer 422
body, receipt = build_body(model, validated.values)
"""

from playground.catalog.body import build_body
from playground.catalog.form import FormField, InspectorForm, ModelGroup, Option, build_form
from playground.catalog.problems import Problem
from playground.catalog.validation import Dropped, Validated, carry_over, read_form, validate

__all__ = [
    "Dropped",
    "FormField",
    "InspectorForm",
    "ModelGroup",
    "Option",
    "Problem",
    "Validated",
    "build_body",
    "build_form",
    "carry_over",
    "read_form",
    "validate",
]
