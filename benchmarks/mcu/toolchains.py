"""The compiler and its flags for every core, in the order of cost::kCores: read from src/engine/toolchain.cpp."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARM = "arm-none-eabi-"


def cores():
    """{"cortex-m4": (prefix of the programs, flags)}."""
    names = re.findall(r'CoreInfo\{Core::(\w+),\s*"([^"]+)"', (ROOT / "include/tinynas/cost/core.h").read_text())
    rows = re.findall(r'Toolchain\{Core::(\w+),\s*(kArm|"[^"]+"),\s*\{([^}]*)\}', (ROOT / "src/engine/toolchain.cpp").read_text())
    of = {core: (ARM if prefix == "kArm" else prefix.strip('"'), re.findall(r'"([^"]+)"', flags)) for core, prefix, flags in rows}
    return {name: of[core] for core, name in names}
