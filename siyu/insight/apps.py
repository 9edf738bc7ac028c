from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "siyu.insight"
    label = "insight"
