"""nchan, the pub/sub module of nginx: one worker that sends what is posted to all WebSockets."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MODULE = "ngx_nchan_module.so"
FOLDERS = ("/usr/lib/nginx/modules", "/usr/share/nginx/modules", "/usr/lib64/nginx/modules")
MISSING = (
    "nchan was not found: `apt-get install -y --no-install-recommends nginx libnginx-mod-nchan`"
)

CONFIGURATION = """
load_module {module};
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 16384; }}
http {{
  access_log off;
  client_body_temp_path {folder}/bodies;
  proxy_temp_path {folder}/proxied;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 100000000;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /publish {{
      nchan_publisher http;
      nchan_channel_id board;
      nchan_message_buffer_length 1;
    }}
    location = /ws {{
      nchan_subscriber websocket;
      nchan_channel_id board;
      nchan_subscriber_first_message newest;
    }}
  }}
}}
"""
"""Only the last board is kept, as a gateway would; nobody pauses to ask who may publish."""


def find() -> tuple[str, Path] | None:
    """The program and the module; None where one of them is missing."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    modules = [Path(each) / MODULE for each in FOLDERS]
    module = next((each for each in modules if each.exists()), None)
    return None if program is None or module is None else (program, module)


def command(folder: Path, port: int) -> list[str]:
    """What to run; everything it writes is in `folder`. Needs `find` to have found it."""
    found = find()
    assert found is not None, MISSING
    program, module = found
    # A master that runs as root would give its worker to a user who may not enter the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    path = folder / "nginx.conf"
    path.write_text(CONFIGURATION.format(module=module, user=user, folder=folder, port=port))
    return [program, "-p", str(folder), "-c", str(path), "-e", str(folder / "error.log")]
