from django.apps import AppConfig


class ServerConfig(AppConfig):
    name = "playground.server"

    def ready(self) -> None:
        from playground.server import checks  # noqa: F401 - registers the system checks
