from django.apps import AppConfig


class ReachConfig(AppConfig):
    name = "siyu.reach"
    label = "reach"
