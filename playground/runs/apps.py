from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "playground.runs"

    def ready(self) -> None:
        # Here, and not above: models cannot be imported before the registry is ready.
        from playground.accounts import leaving
        from playground.runs.services import stop_runs_of

        leaving.register(stop_runs_of)
