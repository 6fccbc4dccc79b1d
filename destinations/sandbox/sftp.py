"""An SFTP server on a free port, whose files lie in a directory: for the tests."""

import contextlib
import os
import socket
import threading
from pathlib import Path
from typing import IO

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED
from paramiko.sftp import SFTP_OK

USER, PASSWORD = "heed", "in"


class _Door(paramiko.ServerInterface):
    """One user, by password or key."""

    def __init__(self, key: paramiko.PKey | None) -> None:
        self.key = key

    def check_auth_password(self, username: str, password: str) -> int:
        """Only theirs."""
        fits = (username, password) == (USER, PASSWORD)
        return AUTH_SUCCESSFUL if fits else AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        """Only theirs."""
        fits = username == USER and key == self.key
        return AUTH_SUCCESSFUL if fits else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        """A session, as SFTP begins."""
        return OPEN_SUCCEEDED


class _Handle(paramiko.SFTPHandle):
    """An open file."""

    def __init__(self, file: IO[bytes], flags: int) -> None:
        super().__init__(flags)
        self.writefile = self.readfile = file


class _Files(paramiko.SFTPServerInterface):
    """Files below one directory; a rename over another is posix-rename's."""

    root = Path()

    def _path(self, name: str) -> Path:
        return self.root / name.lstrip("/")

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        """For writing."""
        try:
            return _Handle(os.fdopen(os.open(self._path(path), flags, 0o600), "wb"), flags)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        """Over whatever stands there."""
        self._path(oldpath).replace(self._path(newpath))
        return SFTP_OK

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        """paramiko's client looks at the size of what it wrote."""
        try:
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)


class SftpSandbox:
    """`with running(SftpSandbox(directory)) as sandbox:`; `url`, `host_key`, and a `key` that lets one in."""

    def __init__(self, directory: Path) -> None:
        self.own, self.key = paramiko.RSAKey.generate(2048), paramiko.RSAKey.generate(2048)
        self.files = type("Files", (_Files,), {"root": directory})
        self.host_key = f"{self.own.get_name()} {self.own.get_base64()}"
        self.url = ""
        self._socket = socket.socket()
        self._transports: list[paramiko.Transport] = []

    def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1."""
        self._socket.bind(("127.0.0.1", port))
        self._socket.listen()
        self.url = f"sftp://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        """Hang up on everyone."""
        with contextlib.suppress(OSError):  # it was stopped before
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for each in self._transports:
            each.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.own)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, self.files)
            self._transports.append(transport)
            try:
                transport.start_server(server=_Door(self.key))
            except (paramiko.SSHException, EOFError, OSError):  # whoever called hung up
                transport.close()
