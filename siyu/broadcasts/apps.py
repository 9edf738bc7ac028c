from django.apps import AppConfig


class BroadcastsConfig(AppConfig):
    name = "siyu.broadcasts"
    label = "broadcasts"
