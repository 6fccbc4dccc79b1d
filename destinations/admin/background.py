"""The queue's tables are internals: what counts stands in rows of ours, with words."""

from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

for hidden in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(hidden):
        admin.site.unregister(hidden)
