"""Adapters of the ``ChatModel`` port, one a file, and the shipped fake."""
