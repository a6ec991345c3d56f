"""Facsimiles: the pages of a PDF as pictures, with a quote's words marked, made in a process of its own."""
