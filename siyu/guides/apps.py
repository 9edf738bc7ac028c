from django.apps import AppConfig


class GuidesConfig(AppConfig):
    name = "siyu.guides"
    label = "guides"
