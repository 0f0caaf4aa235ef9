"""deploy/hub with people who exist on the hub only: a name each and one password for all.

They all are the user who runs the test, so nothing keeps them apart: no hub for a class.
"""

import os
from pathlib import Path

root = Path(__file__).resolve().parents[2]
folder = Path(os.environ["HUB_FOLDER"])

load_subconfig(str(root / "deploy/hub/jupyterhub_config.py"))  # noqa: F821 (JupyterHub's)
c = get_config()  # noqa: F821
documented = c.Spawner.environment["JUPYTER_CONFIG_PATH"]


def settings(spawner) -> str:
    """The documented settings, and before them those of this test."""
    return os.pathsep.join([str(folder / "settings"), documented(spawner)])


c.JupyterHub.bind_url = os.environ["HUB_URL"]
c.JupyterHub.hub_port = int(os.environ["HUB_PORT"])
c.ConfigurableHTTPProxy.api_url = os.environ["HUB_PROXY_API"]
c.ConfigurableHTTPProxy.command = [os.environ["HUB_PROXY"]]
c.JupyterHub.authenticator_class = "shared-password"
c.Authenticator.allowed_users = {"ada", "bob", "prof"}  # known before they first log in
c.SharedPasswordAuthenticator.user_password = os.environ["HUB_PASSWORD"]
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(folder / "home" / "{username}")
c.Spawner.environment["JUPYTER_CONFIG_PATH"] = settings
c.Spawner.args = ["--allow-root"]
c.Spawner.http_timeout = 300
