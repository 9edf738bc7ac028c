from django.apps import AppConfig


class TagRulesConfig(AppConfig):
    name = "siyu.tag_rules"
    label = "tag_rules"
