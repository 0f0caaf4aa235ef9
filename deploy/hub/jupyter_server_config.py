"""Everybody's JupyterLab on the hub."""

c = get_config()  # noqa: F821 (Jupyter provides it)
# A kernel with PyTorch holds half a gigabyte: end those that nobody has looked at for an hour.
c.MappingKernelManager.cull_idle_timeout = 3600
