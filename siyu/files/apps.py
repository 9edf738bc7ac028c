from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "siyu.files"
    label = "files"
