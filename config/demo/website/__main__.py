"""`python -m config.demo.website`: the site, without Django, told all by its environment."""

import os
import sys

from config.demo.environment import HOST
from config.demo.website.serving import Site, serve

PORT, BANNER_KEY, PORTAL_KEY = "HEED_DEMO_SITE_PORT", "HEED_DEMO_BANNER_KEY", "HEED_DEMO_PORTAL_KEY"


def main() -> int:
    """Until somebody ends it."""
    site = Site(
        heed=os.environ["PUBLIC_URL"],
        banner_key=os.environ[BANNER_KEY],
        portal_key=os.environ[PORTAL_KEY],
    )
    with serve(site, HOST, int(os.environ[PORT])) as server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
