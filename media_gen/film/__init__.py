"""The film: pictures and speech become an MP4 by muxing packets that are encoded once."""
