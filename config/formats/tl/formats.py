"""Tagalog, which Django does not know: as in the Philippines."""

DATE_FORMAT = "F j, Y"
DATETIME_FORMAT = "F j, Y, g:i a"
