#!/usr/bin/env python3
"""Works out the stack of every kernel per core from its machine code, and writes the table that the cost model reads.

  benchmarks/mcu/stack_bytes.py           prints src/cost/kernels/kernel_stack.h
  benchmarks/mcu/stack_bytes.py --write   writes it
  benchmarks/mcu/stack_bytes.py --check   fails if it is not what this compiler gives

A function's frame is all that it pushes and subtracts from sp; its stack is that and the deepest of what it calls. A
call through a pointer is one of a kernel unrolled for a network: UNROLLED bytes. Needs the compilers of all cores.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import toolchains

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINE = ROOT / "src/engine/c"
TABLE = ROOT / "src/cost/kernels/kernel_stack.h"
FLAGS = ["-std=c11", "-O2", "-ffunction-sections", "-fdata-sections"]
CORES = toolchains.cores()
# Allowances, held to the stack that emulated networks use by tests/emulator.
UNROLLED = 56  # the most that tinynas_*_unrolled.h push
LIBRARY = 32  # of libc and libgcc: memcpy, division
ONE_WORD = 4


def registers(text):
    """How many registers a list like "r4-r8, lr" names."""
    count = 0
    for part in text.split(","):
        ends = re.findall(r"\d+", part)
        count += int(ends[1]) - int(ends[0]) + 1 if "-" in part and len(ends) == 2 else 1
    return count


def pushed(line):
    """Bytes by which an instruction lowers sp."""
    if match := re.search(r"\t(v?push|stmdb)(?:\.w)?\s+(?:sp!, )?\{([^}]*)\}", line):
        return registers(match[2]) * (8 if "d" in match[2].split(",")[0] else ONE_WORD)
    if match := re.search(r"\tsub(?:w|\.w|s)?\s+sp, (?:sp, )?#(\d+)", line):
        return int(match[1])
    if match := re.search(r"\[sp, #-(\d+)\]!", line):
        return int(match[1])
    if match := re.search(r"\taddi?\s+sp,sp,-(\d+)", line):  # RISC-V
        return int(match[1])
    return 0


def functions(objects, prefix):
    """{name: (frame bytes, functions called)} of all objects."""
    found = {}
    for path in objects:
        listing = subprocess.run([prefix + "objdump", "-dr", path], check=True, capture_output=True, text=True).stdout
        name = None
        for line in listing.splitlines():
            if match := re.match(r"[0-9a-f]+ <([^>]+)>:$", line):
                if not match[1].startswith((".L", "$")):
                    name = match[1]
                    found.setdefault(name, [0, set()])
            elif name is None:
                continue
            elif match := re.search(r"R_(?:ARM|RISCV)_\S*(?:CALL|JUMP24|JUMP|JAL)\S*\s+(\S+?)(?:\+0x[0-9a-f]+)?$", line):
                found[name][1].add(match[1])
            elif re.search(r"\t(blx|jalr)\s+(?!ra\b)", line) or re.search(r"\tbx\s+(?!lr)", line):
                found[name][1].add("*")
            else:
                found[name][0] += pushed(line)
    return found


def depth(name, table, above=()):
    if name == "*":
        return UNROLLED
    if name not in table:
        return LIBRARY
    frame, calls = table[name]
    inner = [depth(call, table, (*above, name)) for call in calls if call != name and call not in above]
    return frame + max(inner, default=0)


def measure(prefix, flags):
    declared = re.findall(r"^void (tn_\w+)\(", (ENGINE / "tinynas_kernels.h").read_text(), re.M)
    with tempfile.TemporaryDirectory() as name:
        objects = []
        for source in sorted(ENGINE.glob("*.c")):
            objects.append(pathlib.Path(name) / (source.stem + ".o"))
            subprocess.run([prefix + "gcc", *FLAGS, *flags, "-c", source, "-o", objects[-1]], check=True)
        table = functions(objects, prefix)
    kernels = {}
    for entry in declared:
        kernel = re.sub(r"_(begin|row|end)$", "", entry)
        kernels[kernel] = max(kernels.get(kernel, 0), depth(entry, table))
    return kernels


def text():
    columns = [measure(*core) for core in CORES.values()]
    rows = "\n".join(f'    KernelStack{{"{name}", {{{", ".join(str(c[name]) for c in columns)}}}}},' for name in sorted(columns[0]))
    return f"""#pragma once

// Made by benchmarks/mcu/stack_bytes.py --write with gcc 12.2; do not edit.

#include <array>
#include <string_view>

#include "tinynas/cost/core.h"

namespace tinynas::cost {{

struct KernelStack {{
  std::string_view name;
  std::array<int, kCores.size()> bytes;  ///< by core
}};

/// The deepest call of each kernel, itself included, in the order of kCores.
constexpr std::array kKernelStack = {{
{rows}
}};

}}  // namespace tinynas::cost
"""


def main():
    made = text()
    if "--write" in sys.argv:
        TABLE.write_text(made)
    elif "--check" in sys.argv:
        if TABLE.read_text() != made:
            sys.exit("stack_bytes.py: src/cost/kernels/kernel_stack.h is not what this compiler gives; run it with --write")
    else:
        print(made, end="")


main()
