"""Narration: text is read aloud sentence by sentence, each sentence once."""
