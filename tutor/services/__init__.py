"""Use cases, one file each. They know ports, never adapters."""
