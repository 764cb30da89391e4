from django.apps import AppConfig


class CompareConfig(AppConfig):
    name = "playground.compare"

    def ready(self) -> None:
        # Here, and not above: models cannot be imported before the registry is ready.
        from playground.chat.source import ChatSource
        from playground.runs import sources

        sources.register("compare", ChatSource())
        sources.register("sweep", ChatSource())
