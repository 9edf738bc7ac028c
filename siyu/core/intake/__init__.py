"""Everything that enters Siyu: events, callbacks, files; durable first, then through the stages."""

from siyu.core.intake.place import InboxStatus, Receipts, inbox_status, open_inbox, submit_facts

__all__ = ["InboxStatus", "Receipts", "inbox_status", "open_inbox", "submit_facts"]
