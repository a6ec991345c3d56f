"""Course material: loading, cutting into passages, indexing, searching and quoting.

Imports the standard library, third-party packages and itself; it knows neither the tutor nor the web. SQL is the
tutor's: what is indexed here can always be rebuilt from the documents and passages stored there.
"""
