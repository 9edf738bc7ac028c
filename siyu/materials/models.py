"""Files of ours, and their temporary names at the platforms."""

from __future__ import annotations

from django.db import models


class Material(models.Model):
    """A file. digest: of kind and bytes, names it on disk."""

    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=128)
    digest = models.CharField(max_length=64, unique=True)
    size = models.IntegerField()
    content_type = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)


class Media(models.Model):
    """A material at one account: its id there and when that ends. error: of the last try.

    use: what it is uploaded for, as `siyu.ports.media` names it.
    """

    material = models.ForeignKey(Material, on_delete=models.CASCADE)
    account = models.CharField(max_length=128)
    use = models.CharField(max_length=8, blank=True, default="")
    media_id = models.CharField(max_length=256, blank=True)
    expires_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(db_index=True)
    tries = models.SmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["material", "account", "use"], name="media_once_a_use"),
        )
