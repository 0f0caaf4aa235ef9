"""JupyterHub for this course on one machine: `jupyterhub -f deploy/hub/jupyterhub_config.py`.

Started by root it logs people in with their accounts on this machine, and runs each one's
JupyterLab under that account: nobody can read another's files. README.md beside this file says
how to set it up, and what to change for other accounts or for Kubernetes.
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821 (JupyterHub provides it)
here = Path(__file__).resolve().parent

INSTRUCTORS = {"prof"}


def settings(spawner) -> str:
    """Where a person's JupyterLab finds its settings; students' have no grading menus."""
    own = [] if spawner.user.name in INSTRUCTORS else [here / "students"]
    return os.pathsep.join(map(str, [*own, here]))


# Whoever has an account on this machine. JupyterHub's own default is nobody.
c.Authenticator.allow_all = True
# Only this machine: what others see is a web server with a certificate (nginx, Caddy) before it.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
# The environment that runs the hub is the one that holds the course.
c.Spawner.cmd = [str(Path(sys.executable).parent / "jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"
# A class that logs in at the same minute starts slowly; JupyterHub gives up after 30 s.
c.Spawner.http_timeout = 120
c.Spawner.environment = {
    "JUPYTER_CONFIG_PATH": settings,
    # One thread per kernel, or a class of thirty fights over the cores.
    "OMP_NUM_THREADS": "1",
}
