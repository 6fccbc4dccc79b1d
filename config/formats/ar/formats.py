"""Arabic: the day before the month, with a time too."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y، g:i a"
