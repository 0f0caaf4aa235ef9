"""What a machine is, in words that name no owner."""

import platform
from pathlib import Path


def processor() -> str:
    """The processor and what else decides a latency: "AMD EPYC, AVX-512 with VNNI, 2 cores, ...".

    Its vector instructions are named since a model's name may say little: "AMD EPYC" is several
    generations. Names no host and no user.
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
    said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    model = said.get("model name") or platform.processor() or platform.machine()
    versions = filter(None, map(have, ("torch", "onnxruntime", "ncnn", "openvino")))
    return ", ".join([model, *vectors(said.get("flags", "")), f"{os.cpu_count()} cores", *versions])


def vectors(flags: str) -> list[str]:
    """The widest vector instructions among a processor's flags, and whether they multiply int8."""
    widest = [name for flag, name in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flag in flags]
    return [f"{name}{' with VNNI' * ('vnni' in flags)}" for name in widest[:1]]
