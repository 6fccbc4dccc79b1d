"""The addresses at which vendors tell us."""
