from django.apps import AppConfig


class MaterialsConfig(AppConfig):
    name = "siyu.materials"
    label = "materials"
