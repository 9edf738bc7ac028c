from django.apps import AppConfig


class LakeConfig(AppConfig):
    name = "siyu.lake"
    label = "lake"
