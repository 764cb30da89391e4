from django.apps import AppConfig


class CompareConfig(AppConfig):
    name = "playground.compare"

    def ready(self) -> None:
        # Here, and not above: models cannot be imported before the registry is ready.
        from playground.chat.source import ChatSource
        from playground.compare.places import find_columns, find_sweeps
        from playground.runs import sources
        from playground.usage import places

        sources.register("compare", ChatSource())
        sources.register("sweep", ChatSource())
        places.register("compare", find_columns)
        places.register("sweep", find_sweeps)
