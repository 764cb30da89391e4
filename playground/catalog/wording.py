"""The words of the data we ship, marked for translation. A test keeps this list complete."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

CAPABILITIES: dict[str, Promise] = {
    "vision": _("Vision"),
    "streaming": _("Streaming"),
    "tools": _("Tool calling"),
    "json_object": _("JSON mode"),
    "json_schema": _("Structured outputs"),
    "predicted_outputs": _("Predicted outputs"),
    "fine_tuning": _("Fine-tuning"),
    "logprobs": _("Log probabilities"),
    "seed": _("Seed"),
    "reasoning": _("Reasoning"),
}


def capability_label(name: str) -> str:
    """In words; one that we do not know stands as it is."""
    return str(CAPABILITIES.get(name, name))


FORM_SCHEMAS = (
    gettext_noop("System prompt"),
    gettext_noop("Global instructions or persona for the model."),
    gettext_noop("Prompt"),
    gettext_noop("What the model is asked."),
    gettext_noop("Image URLs"),
    gettext_noop("Images to look at together with the prompt; several are allowed."),
    gettext_noop("Image detail"),
    gettext_noop("How closely images are looked at. Low costs fewer tokens; auto leaves it to the provider."),
    gettext_noop("Auto"),
    gettext_noop("Low"),
    gettext_noop("High"),
    gettext_noop("Temperature"),
    gettext_noop("Higher values make output more random, lower more deterministic."),
    gettext_noop("Top P"),
    gettext_noop("Nucleus sampling threshold; an alternative to temperature."),
    gettext_noop("Presence penalty"),
    gettext_noop("Increases the tendency to talk about new topics."),
    gettext_noop("Frequency penalty"),
    gettext_noop("Reduces the likelihood of repeating the same text verbatim."),
    gettext_noop("Seed"),
    gettext_noop("A fixed seed yields more reproducible results."),
    gettext_noop("none"),
    gettext_noop("random"),
    gettext_noop("Max completion tokens"),
    gettext_noop("The answer is cut off after this many tokens."),
    gettext_noop("model limit"),
    gettext_noop("Stop sequences"),
    gettext_noop("The answer ends before the first of these texts. At most four."),
    gettext_noop("Response format"),
    gettext_noop("Plain text, any JSON object, or JSON that follows a schema."),
    gettext_noop("Text"),
    gettext_noop("JSON object"),
    gettext_noop("JSON schema"),
    gettext_noop("Schema name"),
    gettext_noop("Letters, digits, hyphens and underscores, at most 64."),
    gettext_noop("The shape of the answer."),
    gettext_noop("Strict"),
    gettext_noop("The answer is held to the schema, which must then keep to a subset of JSON Schema."),
    gettext_noop("Stream"),
    gettext_noop("The answer appears while it is written."),
    gettext_noop("Change temperature or top P, not both: they narrow the same choice twice."),
    gettext_noop("Seed is deprecated here and best effort only: the same seed may give another answer."),
    gettext_noop("The word JSON must stand in the system prompt or in a message, or the provider refuses the request."),
    gettext_noop("Enter the schema that the answer shall follow."),
    gettext_noop("Not allowed in strict mode."),
)
