"""Where a portal that can be talked into calling others would call: wapiti's modules ssrf and xxe give it this address.

It remembers every request that is not the scanner's own question about results. One request is a finding.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Endpoint:
    """A server on a free port of this machine."""

    def __init__(self):
        self.called: list[str] = []
        called = self.called

        class Handler(BaseHTTPRequestHandler):
            """Answers everything with an empty list of results."""

            def _answer(self):
                if not self.path.startswith(("/get_ssrf.php", "/get_xxe.php")):
                    called.append(f"{self.command} {self.path}")
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b"{}")

            do_GET = do_POST = do_HEAD = do_PUT = do_OPTIONS = _answer

            def log_message(self, *_):
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
