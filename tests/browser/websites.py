"""Websites of somebody else, each a real server on loopback, with a banner and tags that say if they ran."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from threading import Thread

from config.demo.website.serving import Server

STRICT = (
    "default-src 'none'; script-src 'self' {heed}; connect-src {heed}; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types heed"
)
PAGE = """<!doctype html>
<html lang="{language}">
  <head>
    <meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Riverside</title>
    <link rel="stylesheet" href="/site.css">
    <script src="/before.js"></script>
    <script src="{heed}/banner.js" data-key="{key}"></script>
    <script src="/tags.js"></script>
  </head>
  <body>
    <main><h1>Riverside Health</h1><p>Care close to home, for all who live by the river.</p></main>
    <script type="text/plain" data-heed="sale_or_sharing" src="/first.js"></script>
    <script type="text/plain" data-heed="sale_or_sharing" src="/second.js"></script>
    <script type="text/plain" data-heed="sensitive_data" src="/sensitive.js"></script>
    <footer><a href="#privacy" data-heed-show>Your privacy choices</a></footer>
  </body>
</html>
"""
# Google's tag and Meta's base code as their makers give them out, without the loading of their own scripts.
FILES = {
    "/site.css": "body { margin: 0; font-family: serif; background: #eef } main { padding: 2rem }"
    "button { all: unset }",
    "/before.js": """
        window.shifts = 0; window.blocked = [];
        new PerformanceObserver((list) => list.getEntries().forEach((each) => (shifts += each.value)))
          .observe({ type: "layout-shift", buffered: true });
        document.addEventListener("securitypolicyviolation", (each) => blocked.push(each.violatedDirective));
    """,
    "/tags.js": """
        window.ran = []; window.dataLayer = window.dataLayer || [];
        function gtag() { dataLayer.push(arguments) }
        gtag("js", new Date()); gtag("config", "G-TEST");
        !function (f, n) {
          if (f.fbq) return;
          n = f.fbq = function () {
            n.callMethod ? n.callMethod.apply(n, arguments) : n.queue.push(arguments);
          };
          if (!f._fbq) f._fbq = n; n.push = n; n.loaded = !0; n.version = "2.0"; n.queue = [];
        }(window);
        fbq("init", "1"); fbq("track", "PageView");
    """,
    "/first.js": "ran.push('first')",
    "/second.js": "ran.push('second after ' + ran.at(-1))",
    "/sensitive.js": "ran.push('sensitive')",
}


@contextmanager
def website(heed: str, key: str, *, policy: str = "", language: str = "en") -> Iterator[int]:
    """Serve it; the port."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = PAGE.format(heed=heed, key=key, language=language)
            text = FILES.get(self.path.partition("?")[0], page)
            kind = {"js": "text/javascript", "css": "text/css"}.get(self.path.rpartition(".")[2], "text/html")
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            if policy:
                self.send_header("Content-Security-Policy", policy.format(heed=heed))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args: object) -> None:
            """Nothing."""

    server = Server(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
