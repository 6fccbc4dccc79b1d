"""Dates and times as patients in the United States write them in each language; Django's own for the rest."""
