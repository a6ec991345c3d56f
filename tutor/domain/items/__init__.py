"""Question types, one file each; the registry that reads, writes, grades and shows them (see ``item``)."""
