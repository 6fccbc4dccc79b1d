"""An EHR's HL7 v2 interface over MLLP: it knows record numbers, and keeps how its people may be reached."""

import socket
import socketserver
import time
from pathlib import Path
from threading import Thread
from typing import Any

from destinations.sandbox.addresses import filed_as
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.server import Belief, Found, Sandbox
from destinations.sandbox.wording import label

PATIENT, SEEN = "patient", "seen"
START, END = b"\x0b", b"\x1c\x0d"
MEANS = {"Y": "may be sent", "N": "must not be sent"}
# What a fault's status is in this tongue: MSA-1, and HL70357.
FAULTS = {400: ("AR", "202"), 423: ("AE", "206"), 500: ("AE", ""), 503: ("AE", "207")}
SAYS = {"01": "no reminders", "02": "any way", "03": "no calls", "O": "some ways only"}


class Hl7Sandbox(Sandbox):
    """Patients are seeds (`patients`: {mrn, authority}). Over HTTP it is watched and broken, nothing else."""

    slug, name, kind = "hl7", "HL7 v2 interface", "EHR"
    found_by, ports = ("mrn",), 2  # a port to watch it, one for the interface

    def __init__(self, path: str | Path = ":memory:") -> None:
        super().__init__(path)
        self.mllp_url = ""
        self._interface: _Interface | None = None

    def start(self, port: int = 0) -> None:
        """The interface stands on the port after this one, or on any that is free."""
        super().start(port)
        self._interface = _Interface(self, port + 1 if port else 0)
        self.mllp_url = f"mllp://127.0.0.1:{self._interface.server_address[1]}"
        Thread(target=self._interface.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Both doors are closed."""
        if self._interface:
            self._interface.shutdown()
            self._interface.server_close()
        super().stop()

    def refused(self, request: Request) -> Answer | None:
        """Nothing of the vendor's goes over HTTP."""
        return self.error(404)

    def error(self, status: int, message: str = "") -> Answer:
        """In plain words."""
        return Answer(status, {"error": message or f"refused with {status}"})

    def taken(self, message: str) -> str:
        """The acknowledgment of one message; what was seen under the same MSH-10 is not done again."""
        lines = [line.split("|") for line in message.split("\r") if line]
        named = {line[0]: line for line in lines}
        header, identity = named.get("MSH", []), named.get("PID", [])
        if len(header) < 12 or not header[8].startswith("ADT^A31") or not identity:
            return acknowledgment("AR", header[9] if len(header) > 9 else "", "201")
        control, (number, _, _, authority, *_) = header[9], identity[3].split("^")
        with self.store:
            known = self.store.get(PATIENT, f"{authority} {number}")
            if not known:
                return acknowledgment("AE", control, "204")
            if not self.store.get(SEEN, control):
                self.store.put(SEEN, control, {"seen": True})
                self.update(known, named.get("PD1", []), [line for line in lines if line[0][0] == "Z"])
        return acknowledgment("AA", control)

    def _filed(self, patient: Document) -> None:
        words = [filed_as("mrn", patient["mrn"])]
        self.store.put(PATIENT, f"{patient['authority']} {patient['mrn']}", patient, words)

    def update(self, patient: Document, demographic: list[str], own: list[list[str]]) -> None:
        """An empty field leaves what stands; two quotation marks delete it."""
        for name, at in (("publicity", 11), ("protection", 12), ("publicity_since", 18)):
            said = demographic[at] if len(demographic) > at else ""
            if said:
                patient[name] = "" if said == '""' else said
        for segment in own:
            patient.setdefault("z", {})["|".join(segment[2:4])] = segment[4]
        self._filed(patient)
        self.store.wrote(filed_as("mrn", patient["mrn"]))

    def found(self, under: list[str]) -> Found:
        """The patients with these record numbers."""
        patients = self.store.filed(PATIENT, [word for word in under if word.startswith("mrn:")])
        return Found({"patients": patients} if patients else {}, under)

    def believes(self, record: Document) -> list[Belief]:
        """The publicity code in words, then the Z segments."""
        patients = record.get("patients", [])
        codes = [str(each.get("publicity", "")).split("^")[0] for each in patients]
        said = [
            Belief("Publicity code", SAYS.get(code, code or "none"), code == "02" if code else None)
            for code in codes
        ]
        own = [pair for each in patients for pair in each.get("z", {}).items()]
        return said + [
            Belief(
                label(*name.split("|")),
                MEANS.get(value, value or "nothing"),
                {"Y": True, "N": False}.get(value),
            )
            for name, value in own
        ]

    def plant(self, kind: str, document: Document) -> str:
        """A patient of the EHR's own."""
        if kind != "patients":
            raise Unreadable("seeds are patients")
        self._filed({"authority": "STMARY", **document})
        return str(document["mrn"])


def acknowledgment(code: str, control: str, error: str = "") -> str:
    """ACK with MSA, and ERR where something is wrong."""
    lines = ["MSH|^~\\&|EHR|||HEED|20260101||ACK^A31^ACK|1|P|2.5.1", f"MSA|{code}|{control}"]
    lines += [f"ERR|||{error}^x^HL70357|E"] if error else []
    return "\r".join(lines) + "\r"


class _Interface(socketserver.ThreadingTCPServer):
    """The listening socket."""

    daemon_threads = allow_reuse_address = True

    def __init__(self, sandbox: Hl7Sandbox, port: int) -> None:
        self.sandbox = sandbox
        super().__init__(("127.0.0.1", port), _Conversation)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers hang up; that is no news."""


class _Conversation(socketserver.BaseRequestHandler):
    """Messages of one caller, one after the other."""

    server: _Interface

    def handle(self) -> None:
        """Until the caller leaves."""
        came = b""
        while part := self.request.recv(4096):
            came += part
            while END in came:
                whole, _, came = came.partition(END)
                if not self._answered(whole.partition(START)[2].decode()):
                    return

    def _answered(self, message: str) -> bool:
        """Whether the conversation goes on."""
        sandbox = self.server.sandbox
        sandbox.requests.append({"method": "SEND", "path": "", "body": message, "status": 200})
        hit = sandbox.faults.strike(message)
        if hit is None:
            return self._said(sandbox.taken(message).encode())
        fault, over = hit
        said = sandbox.taken(message) if fault.apply else ""
        over.wait(fault.delay_ms / 1000)
        if fault.hang:
            over.wait(60)
            return False
        if fault.garbage:
            self.request.sendall(START + b"<html>We will be back soon</html>" + END)
            return True
        if fault.status:
            control = (message.split("|") + [""] * 10)[9]
            said, error = FAULTS.get(fault.status, FAULTS[503] if fault.status >= 500 else FAULTS[400])
            return self._said(acknowledgment(said, control, error).encode())
        return self._said((said or sandbox.taken(message)).encode(), fault.drip_ms)

    def _said(self, message: bytes, drip_ms: int = 0) -> bool:
        connection: socket.socket = self.request
        whole = START + message + END
        for byte in whole if drip_ms else ():
            connection.sendall(bytes([byte]))
            time.sleep(drip_ms / 1000)
        if not drip_ms:
            connection.sendall(whole)
        return True
