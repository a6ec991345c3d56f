"""Scripts: a Markdown deck or a PPTX with notes becomes a Lesson."""
