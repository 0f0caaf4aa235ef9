"""What a machine is, in words that name no owner."""

import platform
from pathlib import Path


def processor() -> str:
    """The processor's model and what else decides a latency: "AMD EPYC ..., 2 cores, torch ...".

    Names no host and no user.
    """
    import os
    from importlib.metadata import PackageNotFoundError, version

    def have(name: str) -> str:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            return ""

    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = names[0] if names else platform.processor() or platform.machine()
    versions = filter(None, map(have, ("torch", "onnxruntime", "ncnn", "openvino")))
    return ", ".join([model, f"{os.cpu_count()} cores", *versions])
