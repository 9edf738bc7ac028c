"""Claims rows of this room's work lists; see `siyu.core.leases`."""

from siyu.core.leases import LEASE_SECONDS, claim

__all__ = ["LEASE_SECONDS", "claim"]
