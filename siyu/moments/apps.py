from django.apps import AppConfig


class MomentsConfig(AppConfig):
    name = "siyu.moments"
    label = "moments"
