from django.apps import AppConfig


class PoolConfig(AppConfig):
    name = "siyu.pool"
    label = "pool"
