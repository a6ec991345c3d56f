"""Explainer videos: a script becomes a Lesson, and a Lesson becomes slides, narration and film in several languages."""
