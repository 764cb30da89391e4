"""The chat face. Reading is GET and changes nothing; everything that changes something is POST."""

from django.urls import URLPattern, URLResolver, include, path

from playground.chat.views import actions, conversations, messages, presets, saving, tools, transfer

urlpatterns: list[URLPattern | URLResolver] = [
    path("", conversations.new_chat, name="new_chat"),
    path("sidebar/", conversations.sidebar, name="sidebar"),
    path("search/", tools.search, name="search"),
    path("estimate/", tools.estimate, name="estimate"),
    path("draft/", tools.draft, name="draft"),
    path("preset/", presets.choose, name="preset_choose"),
    path("preset/find/", presets.find, name="preset_find"),
    path("preset/keep/", presets.keep, name="preset_keep"),
    path("preset/saving/", saving.form, name="preset_saving"),
    path("preset/save/", saving.save, name="preset_save"),
    path("c/messages/", messages.post_first, name="post_first_message"),
    path("c/import/", transfer.import_conversation, name="conversation_import"),
    path("c/<uuid:uuid>/", conversations.conversation, name="conversation"),
    path("c/<uuid:uuid>/older/", conversations.older, name="conversation_older"),  # ?before=<message uuid>
    path("c/<uuid:uuid>/news/", conversations.news, name="conversation_news"),  # ?after=<message uuid>
    path("c/<uuid:uuid>/messages/", messages.post, name="post_message"),
    path("c/<uuid:uuid>/rename/", conversations.rename, name="conversation_rename"),
    path("c/<uuid:uuid>/pin/", conversations.pin, name="conversation_pin"),
    path("c/<uuid:uuid>/delete/", conversations.delete, name="conversation_delete"),
    path("c/<uuid:uuid>/restore/", conversations.restore, name="conversation_restore"),
    path("c/<uuid:uuid>/export.json", transfer.export_json, name="conversation_export_json"),
    path("c/<uuid:uuid>/export.md", transfer.export_markdown, name="conversation_export_markdown"),
    path("messages/<uuid:uuid>/", messages.show, name="message"),
    path("messages/<uuid:uuid>/text/", messages.text, name="message_text"),
    path("messages/<uuid:uuid>/raw/", tools.raw, name="message_raw"),
    path("messages/<uuid:uuid>/receipt/", tools.receipt, name="message_receipt"),
    path("messages/<uuid:uuid>/edit/", actions.edit, name="message_edit"),  # GET: the form
    path("messages/<uuid:uuid>/retry/", actions.retry, name="message_retry"),
    path("messages/<uuid:uuid>/select/", actions.select, name="message_select"),
    path("messages/<uuid:uuid>/branch/", actions.branch, name="message_branch"),
    path("messages/<uuid:uuid>/continue/", actions.continue_, name="message_continue"),
    path("messages/<uuid:uuid>/delete/", actions.delete, name="message_delete"),
    path("messages/<uuid:uuid>/restore/", actions.restore, name="message_restore"),
    path("messages/<uuid:uuid>/send/", actions.send_now, name="message_send_now"),
    path("messages/<uuid:uuid>/unqueue/", actions.unqueue, name="message_unqueue"),
    path("runs/<uuid:uuid>/stop/", actions.stop, name="run_stop"),
    path("images/", include("playground.chat.images.urls")),
]
