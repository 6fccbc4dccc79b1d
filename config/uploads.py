"""Files that come with a form: held in memory, and refused unread where they are too much."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler


class InMemory(MemoryFileUploadHandler):
    """The one handler: Django's own for what is larger writes it to the disk, however much that is."""

    def handle_raw_input(self, *args: Any, **more: Any) -> None:
        """Raises RequestDataTooBig by the length that is announced, for anybody, on every page."""
        super().handle_raw_input(*args, **more)
        if not self.activated:
            raise RequestDataTooBig("a form with files is larger than FILE_UPLOAD_MAX_MEMORY_SIZE")
