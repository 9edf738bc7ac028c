from django.apps import AppConfig


class WritebackConfig(AppConfig):
    name = "siyu.writeback"
    label = "writeback"
