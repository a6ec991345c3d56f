"""The tutor: domain, use cases, adapters and the composition root of Diotima."""
