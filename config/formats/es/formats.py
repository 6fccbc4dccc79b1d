"""Spanish: twelve hours, as in the United States."""

DATETIME_FORMAT = r"j \d\e F \d\e Y, g:i a"
