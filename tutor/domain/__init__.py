"""Pure decisions and values: no clock, no randomness, no I/O."""
