"""The tutor: domain, use cases, adapters and the composition root of Diotima."""

__version__ = "0.1.0"
