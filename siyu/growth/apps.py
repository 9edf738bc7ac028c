from django.apps import AppConfig


class GrowthConfig(AppConfig):
    name = "siyu.growth"
    label = "growth"
