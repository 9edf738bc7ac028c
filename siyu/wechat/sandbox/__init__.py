"""What the sandboxes of official account and mini program share: the front door of the open API,
people with openids, reply windows, sealed callbacks, and the books."""
