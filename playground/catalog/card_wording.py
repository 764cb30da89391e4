"""The words of the shipped models' cards (data/models.json), marked for translation. A test keeps this list complete."""

from __future__ import annotations

from django.utils.translation import gettext_noop

CARDS = (
    gettext_noop(
        "GPT-4.1 is OpenAI’s smartest non-reasoning model, designed for strong instruction following, "
        "precise tool calling, and broad knowledge across domains. It supports text and image inputs with "
        "text output, a 1,047,576-token context window, and up to 32,768 output tokens. With low latency and "
        "support for streaming, function calling, Structured Outputs, fine-tuning, and hosted tools such as "
        "web search, file search, image generation, code interpreter, and MCP, GPT-4.1 is well-suited for "
        "long-context applications, knowledge work, coding assistance, tool-based workflows, enterprise "
        "automation, and production-grade AI assistants."
    ),
    gettext_noop(
        "OpenAI's smart non-reasoning model optimized for instruction following and tool calling, with a "
        "very large context window."
    ),
    gettext_noop("Transformer-based model; internal architecture not publicly disclosed by OpenAI."),
    gettext_noop("Prompt and answer together must fit the context."),
    gettext_noop("PNG, JPEG, WebP and GIF without animation; at most 500 images and 50 MB a request."),
    gettext_noop("Announced on 2026-10-14. Some copies of OpenAI's page name gpt-6.1-sol as the replacement."),
    gettext_noop("text"),
    gettext_noop("image"),
    gettext_noop("Also carries the hosted tools."),
    gettext_noop("Reported at half the price."),
    gettext_noop("Being wound down by OpenAI."),
    gettext_noop("Deprecated by OpenAI."),
    gettext_noop("Streaming"),
    gettext_noop("Function calling"),
    gettext_noop("Structured outputs"),
    gettext_noop("Predicted outputs"),
    gettext_noop("Fine-tuning"),
    gettext_noop("Web search"),
    gettext_noop("File search"),
    gettext_noop("Image generation"),
    gettext_noop("Code interpreter"),
    gettext_noop("MCP"),
    gettext_noop("Very large context window"),
    gettext_noop("Low latency and strong instruction following"),
    gettext_noop("Non-reasoning profile may be less effective on multi-step reasoning tasks vs GPT-5 class"),
    gettext_noop("Tool-using assistants (web/file/function flows)"),
    gettext_noop("Long-context instruction following"),
    gettext_noop("Complex document and UI understanding with vision input"),
    gettext_noop(
        "GPT-4.1 mini is the middle model of OpenAI’s GPT-4.1 family: the same 1,047,576-token context "
        "window, up to 32,768 output tokens, text and image inputs with text output, and the same tool "
        "calling and Structured Outputs, at a fifth of the price of GPT-4.1."
    ),
    gettext_noop("The GPT-4.1 family's middle model: the same context window and tools at a fifth of the price."),
    gettext_noop("Announced on 2026-10-14."),
    gettext_noop("Low price for long prompts and many images"),
    gettext_noop("Non-reasoning profile may be less effective on multi-step reasoning tasks"),
    gettext_noop("Counts more tokens for an image than GPT-4.1, yet costs less"),
    gettext_noop("Extraction and classification over long documents"),
    gettext_noop("Interactive assistants where latency and price matter"),
    gettext_noop("Many images in one request"),
    gettext_noop(
        "GPT-4.1 nano is the smallest and cheapest model of OpenAI’s GPT-4.1 family, with the same "
        "1,047,576-token context window, up to 32,768 output tokens, and text and image inputs with text "
        "output. OpenAI has retired it."
    ),
    gettext_noop("The GPT-4.1 family's smallest and cheapest model, retired by OpenAI."),
    gettext_noop("OpenAI's own page marks it as retired."),
    gettext_noop("Lowest price of the family"),
    gettext_noop("Retired by OpenAI; resellers and Azure run their own calendars"),
    gettext_noop("May repeat a tool call when parallel tool calls are on"),
    gettext_noop("Classification, tagging and autocompletion"),
    gettext_noop("Short answers at high volume"),
    gettext_noop(
        "SmolLM2 135M Instruct is a very small open language model. It runs inside this server on the "
        "processor, without a key, a bill or a connection to anywhere, and is here so that everything can be "
        "tried at once. Its answers are fluent and often wrong."
    ),
    gettext_noop("A very small open model that runs inside this server, without a key or a bill."),
    gettext_noop("Decoder-only transformer, run by llama.cpp on the processor."),
    gettext_noop("Free: it runs on this machine."),
    gettext_noop("JSON mode"),
    gettext_noop("Seed"),
    gettext_noop("Works offline and keeps every word on this machine"),
    gettext_noop("Honours temperature, top P, both penalties, seed and JSON schemas"),
    gettext_noop("Knows little and reasons poorly: do not rely on what it says"),
    gettext_noop("No images"),
    gettext_noop("Trying Playground before a provider is set up"),
    gettext_noop("Seeing what each parameter does"),
    gettext_noop("Tests and demonstrations"),
    gettext_noop("English"),
    gettext_noop("OpenAI"),
    gettext_noop("This machine"),
)
