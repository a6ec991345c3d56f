"""What comes with a film: poster, thumbnails, transcript, timeline, manifest, handout."""
