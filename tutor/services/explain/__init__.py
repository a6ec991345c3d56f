"""Films on demand: a question, a misconception or a problem becomes the script of a short explainer."""
