"""How gunicorn serves Heed: `gunicorn -c python:config.gunicorn`."""

from config.settings import LOGGING, env

wsgi_app = "config.wsgi"
bind = env.str("WEB_BIND", default="127.0.0.1:8000")
worker_class = "gthread"
workers = env.int("WEB_WORKERS", default=2)
threads = env.int("WEB_THREADS", default=4)
timeout = 60
# The longest that gunicorn takes: whoever opens a long link gets our page and not its bare one.
limit_request_line = 8190
# No header says where the application begins: a stranger's would lead past a proxy that closes /admin/.
forwarder_headers = ""
graceful_timeout = 4
accesslog = None  # settings.LOGGING silences it: this alone does not
control_socket_disable = True
logconfig_dict = LOGGING
