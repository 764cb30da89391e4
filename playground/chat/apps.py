from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "playground.chat"

    def ready(self) -> None:
        # Here, and not above: models cannot be imported before the registry is ready.
        from playground.accounts import choices, leaving
        from playground.chat import departures, hints, places, preferences, source
        from playground.chat.consumers import look_again
        from playground.runs import announcements, sources
        from playground.usage.places import register

        choices.register(preferences.model_choices, preferences.parameter_problems)
        sources.register(source.NAME, source.ChatSource())
        register(source.NAME, places.find_answers)
        announcements.register(hints.CONVERSATION, hints.tell_pages)
        announcements.register(departures.PERSON_GONE, departures.close_pages)
        leaving.register(departures.person_gone)
        announcements.register(announcements.MISSED, look_again)
