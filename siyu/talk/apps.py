from django.apps import AppConfig


class TalkConfig(AppConfig):
    name = "siyu.talk"
    label = "talk"
