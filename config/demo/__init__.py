"""`manage.py demo`: everything on one machine, with a synthetic hospital and sandbox systems to watch."""
