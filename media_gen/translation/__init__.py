"""A lesson in other languages: a translation is an artefact of its own, to be read, edited and approved."""
