"""Opening what may be hostile in a process that can reach nothing. Outside ``process.ConfinedProcess`` asks it, inside
``serving.serve`` answers. The loaders read material in one, the facsimiles draw pages in others."""
