from django.apps import AppConfig


class CompareConfig(AppConfig):
    name = "playground.compare"

    def ready(self) -> None:
        # Here, and not above: models cannot be imported before the registry is ready.
        from playground.chat import other_hits
        from playground.chat.source import ChatSource
        from playground.compare.finding import find_titles
        from playground.compare.places import find_columns, find_sweeps
        from playground.compare.sweeps.driving import drive
        from playground.compare.sweeps.source import SweepSource
        from playground.runs import lifecycle, sources
        from playground.usage import places

        sources.register("compare", ChatSource())
        sources.register("sweep", SweepSource())
        places.register("compare", find_columns)
        places.register("sweep", find_sweeps)
        other_hits.register(find_titles)
        lifecycle.alongside("sweeps", drive)
