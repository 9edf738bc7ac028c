"""One folder per platform; see docs/architecture.md."""
