"""Slides: from a lesson to pictures, through Typst."""
