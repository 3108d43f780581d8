#!/usr/bin/env python3
"""Measures text + rodata of every kernel per core and writes the table the kernel register reads.

  benchmarks/mcu/code_bytes.py           prints src/cost/kernels/kernel_code.h
  benchmarks/mcu/code_bytes.py --write   writes it
  benchmarks/mcu/code_bytes.py --check   fails if it is more than 5 % (and 16 bytes) off for any entry

A kernel is what the linker keeps when the kernel is the entry; SHARED functions are listed apart. Flags are those of
the generated Makefile. Code that is unrolled for a network is not among it (cost::UnrolledForm). Needs arm-none-eabi-gcc
and riscv64-unknown-elf-gcc.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import toolchains

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINE = ROOT / "src/engine/c"
TABLE = ROOT / "src/cost/kernels/kernel_code.h"
CORES = toolchains.cores()
FLAGS = ["-std=c11", "-O2", "-ffunction-sections", "-fdata-sections"]
# Keeps every input section apart, at an address like that of Flash and libc beside it: RISC-V linkers shorten what is near.
SCRIPT = "SECTIONS { . = 0x10000000; PROVIDE(memcpy = .); PROVIDE(memset = .); }\n"
# What several kernels use, linked once: {name: (prefixes of its sections, kernels)}.
SQUARE = ["tn_depthwise_3x3", "tn_depthwise_5x5", "tn_depthwise_7x7"]
TILES = ["tn_depthwise_tiles_3x3", "tn_depthwise_tiles_5x5", "tn_depthwise_tiles_7x7"]
SHARED = {
    "tn_depthwise_by_tiles": (["by_taps", "tn_depthwise_mve"], TILES),
    "tn_vector_pairs": (["tn_vector_pairs", "tn_begin_row", "by_pixels"], ["tn_conv1x1_x16", "tn_conv_x16", "tn_conv_input_x16"]),
    "tn_conv_x16_body": (["conv", "tn_conv_mve", "tn_gather_window"], ["tn_conv_x16", "tn_conv_input_x16"]),
    "tn_pair_block": (["tn_pair_block"], ["tn_conv1x1", "tn_dense", "tn_conv", "tn_conv_input"]),
    "tn_conv_body": (["conv", "gather_window", "edge_chunk"], ["tn_conv", "tn_conv_input"]),
    "tn_concat_part": (["put"], ["tn_concat", "tn_concat_rows"]),
    "tn_depthwise_square": (["depthwise", "order_3x3", "tn_stream_by_taps", "tn_outside_taps", "tn_inside_taps"], SQUARE),
}


def functions():
    """Entry points of every kernel: {name: [functions]}."""
    declared = re.findall(r"^void (tn_\w+)\(", (ENGINE / "tinynas_kernels.h").read_text(), re.M)
    kernels = {}
    for name in declared:
        kernels.setdefault(re.sub(r"_(begin|row|end)$", "", name), []).append(name)
    return kernels


def sections(objects, entries, folder, core):
    """Bytes of each section that the linker keeps for the entries."""
    prefix, flags = CORES[core]
    linked, script = folder / "linked.elf", folder / "apart.ld"
    script.write_text(SCRIPT)
    undefined = [f"-Wl,-u,{entry}" for entry in entries]
    subprocess.run([prefix + "gcc", *flags, "-nostdlib", "-static", "-T", script, "-Wl,--gc-sections", f"-Wl,-e,{entries[0]}",
                    "-Wl,--unresolved-symbols=ignore-all", *undefined, *objects, "-o", linked], check=True)
    listing = subprocess.run([prefix + "size", "-A", linked], check=True, capture_output=True, text=True).stdout
    kept = {}
    for name, size in re.findall(r"^\.((?:text|s?rodata)\S*)\s+(\d+)", listing, re.M):
        kept[name] = kept.get(name, 0) + int(size)
    return kept


def measure(core):
    kernels = functions()
    prefix, flags = CORES[core]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        objects = []
        for source in sorted(ENGINE.glob("*.c")):
            objects.append(folder / (source.stem + ".o"))
            subprocess.run([prefix + "gcc", *flags, *FLAGS, "-c", source, "-o", objects[-1]], check=True)
        table = {}
        for kernel, entries in kernels.items():
            kept = sections(objects, entries, folder, core)
            for name, (prefixes, users) in SHARED.items():
                parts = [s for s in kept if kernel in users and s.split(".", 1)[1].startswith(tuple(prefixes))]
                if parts:
                    table[name] = max(table.get(name, 0), sum(kept.pop(s) for s in parts))
            table[kernel] = sum(kept.values())
    return table


def measured():
    columns = [measure(core) for core in CORES]
    names = sorted({name for column in columns for name in column})
    return {name: [column.get(name, 0) for column in columns] for name in names}


def rows(table):
    return "\n".join(f'    KernelCode{{"{name}", {{{", ".join(map(str, row))}}}}},' for name, row in table.items())


def header(table):
    kernels = {name: row for name, row in table.items() if name not in SHARED}
    shared = {name: row for name, row in table.items() if name in SHARED}
    return f"""#pragma once

// Made by benchmarks/mcu/code_bytes.py --write with gcc 12.2; do not edit.

#include <array>
#include <string_view>

#include "tinynas/cost/kernel.h"

namespace tinynas::cost {{

struct KernelCode {{
  std::string_view name;
  CodeBytes bytes;
}};

/// text + rodata on {", ".join(CORES)}.
constexpr std::array kKernelCode = {{
{rows(kernels)}
}};

/// Helpers that several kernels call: linked once.
constexpr std::array kSharedCode = {{
{rows(shared)}
}};

}}  // namespace tinynas::cost
"""


def check(table):
    text = TABLE.read_text()
    written = {name: [int(n) for n in row.split(",")] for name, row in re.findall(r'"(tn_\w+)", \{([\d, ]+)\}', text)}
    wrong = [f"{name} on {core}: {TABLE.name} says {old}, the compiler makes {new}"
             for name, row in table.items()
             for core, old, new in zip(CORES, written.get(name, [0] * len(CORES)), row)
             if abs(old - new) > max(16, 0.05 * new)]
    wrong += [f"{name}: not a function of the engine" for name in written if name not in table]
    print("\n".join(wrong) or f"{len(table)} functions on {len(CORES)} cores: as measured")
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(check(measured()))
    if sys.argv[1:] == ["--write"]:
        TABLE.write_text(header(measured()))
    else:
        print(header(measured()), end="")
