"""Speaks the protocol of MLPerf Tiny's runner to examples/mlperf_tiny.c of a firmware folder in QEMU.

usage: mlperf_runner.py FOLDER INPUT [COMMAND...]

Sends name and profile, the bytes of the file INPUT as the runner does (31 a command), `infer 3 1`, then the COMMANDs.
Prints every line of the answers.
"""
import os
import signal
import subprocess
import sys
import threading

BYTES_A_COMMAND = 31
SECONDS = 120


def main(folder, input_file, commands):
    with open(input_file, "rb") as file:
        data = file.read()
    board = subprocess.Popen(["make", "-s", "emulate-mlperf_tiny"], cwd=folder, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, start_new_session=True)
    watchdog = threading.Timer(SECONDS, os.killpg, (board.pid, signal.SIGKILL))
    watchdog.start()

    def answer():
        lines = []
        while not lines or lines[-1] != "m-ready":
            line = board.stdout.readline()
            if not line:
                sys.exit("the board said nothing more; so far: " + " ".join(lines))
            lines.append(line.decode().rstrip("\r\n"))
        return lines

    def send(command):
        board.stdin.write((command + "%").encode())
        board.stdin.flush()
        return answer()

    try:
        print(*answer(), sep="\n")
        for command in ["name", "profile", f"db load {len(data)}"]:
            print(*send(command), sep="\n")
        for i in range(0, len(data), BYTES_A_COMMAND):
            last = send("db " + data[i:i + BYTES_A_COMMAND].hex())
        print(*last, sep="\n")
        for command in ["infer 3 1", *commands]:
            print(*send(command), sep="\n")
    finally:
        watchdog.cancel()
        os.killpg(board.pid, signal.SIGKILL)


main(sys.argv[1], sys.argv[2], sys.argv[3:])
