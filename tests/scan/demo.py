"""The demonstration as a program that is scanned: started on free ports with fresh data, signed in by its own calls."""

import json
import re
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

START_WITHIN = 300.0
"""Seconds; a debug build fills both provinces slowly."""


class Demo:
    """`fugong demo` on three free ports of this machine."""

    def __init__(self, program: str, folder: Path):
        self.log = (folder / "demo.log").open("w+", encoding="utf-8")
        command = [program, "demo", "--fresh", "--port", "0", "--dir", str(folder / "data")]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)
        self.residents: dict[str, str] = {}
        text = self._printed()
        self.base = re.search(r"四川 +(http://127\.0\.0\.1:\d+)", text)[1]
        self.sandbox = re.search(r"one-time codes +(http://127\.0\.0\.1:\d+)", text)[1] + "/sandbox.json"

    def _printed(self) -> str:
        until = time.monotonic() + START_WITHIN
        while time.monotonic() < until:
            text = Path(self.log.name).read_text(encoding="utf-8")
            if "Stop with Ctrl-C" in text:
                return text
            if self.process.poll() is not None:
                raise SystemExit(f"the demonstration did not start:\n{text}")
            time.sleep(0.5)
        raise SystemExit("the demonstration was not ready in time")

    def stop(self) -> None:
        """Ends it and waits."""
        self.process.terminate()
        self.process.wait(60)
        self.log.close()

    def call(self, method: str, path: str, body=None, token: str = ""):
        """A call of the JSON interface; gives what it answers with 2xx."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}/api/v1/{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def knows(self, token: str) -> bool:
        """Whether a session is still one, so that a scan was not of somebody who had been signed out."""
        try:
            self.call("GET", "me", token=token)
        except urllib.error.HTTPError as e:
            return not token or e.code != 401
        return True

    def visitor(self) -> str:
        """The cookie against which the forms of a visitor are checked, as the first page gives it to a browser."""
        request = urllib.request.Request(f"{self.base}/sign-in", headers={"Accept": "text/html"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            cookies = answer.headers.get_all("Set-Cookie") or []
        return next(c.split(";")[0].partition("=")[2] for c in cookies if c.startswith("fugong51-visitor="))

    def _sandbox(self) -> dict:
        with urllib.request.urlopen(self.sandbox, timeout=60) as answer:
            return json.load(answer)

    def sign_in(self, role) -> str:
        """A new session's token, which is the content of the session cookie as well; none for anonymous."""
        if role.phone:
            # A number gets one code a minute, and a resident's session lasts for days.
            if role.phone not in self.residents:
                self.residents[role.phone] = self._resident(role.phone)
            return self.residents[role.phone]
        return self._official(role.login) if role.login else ""

    def _resident(self, phone: str) -> str:
        ticket = self.call("POST", "sign-in/code-requests", {"phone": phone})["ticket"]
        for _ in range(60):
            sent = [m["text"] for m in self._sandbox()["messages"] if phone in m["to"] and m["province"] == "四川"]
            code = re.search(r"\b\d{6}\b", sent[0]) if sent else None
            if code:
                body = {"phone": phone, "ticket": ticket, "code": code[0], "notice_read": True}
                try:
                    return self.call("POST", "sign-in/sessions", body)["token"]
                except urllib.error.HTTPError as e:
                    if e.code != 422:
                        raise
            time.sleep(1)
        raise SystemExit(f"no code arrived for {phone}")

    def _official(self, login: str) -> str:
        """Both factors in one call. A one-time code works once, so a second sign-in waits for the next."""
        for _ in range(8):
            seen = self._sandbox()
            code = next(o["code"] for o in seen["provinces"][0]["officials"] if o["login"] == login)
            body = {"login": login, "password": seen["password"], "code": code}
            try:
                return self.call("POST", "desk/sessions", body)["token"]
            except urllib.error.HTTPError as e:
                if e.code not in (422, 429):
                    raise
                time.sleep(10)
        raise SystemExit(f"{login} could not sign in")
