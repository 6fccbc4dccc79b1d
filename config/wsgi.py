"""The WSGI application, for gunicorn: `gunicorn config.wsgi`."""

import os

import django

from config.checks import refuse_to_start_without_keys
from config.encoding import Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django.setup(set_prefix=False)
application = Handler()
refuse_to_start_without_keys()
