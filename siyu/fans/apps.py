from django.apps import AppConfig


class FansConfig(AppConfig):
    name = "siyu.fans"
    label = "fans"
