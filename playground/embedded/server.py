"""The child process: llama.cpp's own OpenAI-compatible server over one GGUF file, on loopback.

    python -m playground.embedded.server --model FILE --alias NAME

The first line on its standard input is the API key it must ask for; the end of that input means that the parent is gone, and
ends it. The first line it prints is a JSON object with the address. No Django here: it starts in the time the model takes.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import signal
import sys
import threading

PR_SET_PDEATHSIG = 1  # linux/prctl.h
NICENESS = 5  # pages come before tokens when both want a core
MAX_THREADS = 8  # more cores than this bring a small model nothing
SLOTS = 4  # answers at a time; more wait inside llama.cpp
# Tokens of context, shared by the slots: SmolLM2 was trained on 8,192, so two conversations may be full at once.
CONTEXT_TOKENS = 16_384
PROMPT_CACHE_MIB = 256  # llama.cpp's own default is 8 GiB


def die_with_parent(parent: int) -> None:
    """Ask the kernel to end this process when the thread that started it ends (Linux; elsewhere the pipe must do)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we could ask
        os._exit(0)


def exit_with_input() -> None:
    """Block until standard input ends, then end the process at once: llama.cpp has nothing to save."""
    while sys.stdin.buffer.read(1024):
        pass
    os._exit(0)


def thread_count() -> int:
    """One core is left to the web server and the browser.

    The threads meet after every step of every token, so one that has to wait for its core holds up all: on two busy cores
    two threads fell from 50 to 1-10 tokens/s where one kept its 25-40.
    """
    return max(1, min((os.cpu_count() or 1) - 1, MAX_THREADS))


def serve(*, model: str, alias: str, api_key: str) -> object:
    """Load the model and listen; returns the running server, which must be kept alive."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {alias}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [api_key]
    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = SLOTS
    params.kv_unified = True  # one answer may use the whole context while the others are short
    params.cache_ram_mib = PROMPT_CACHE_MIB
    params.n_gpu_layers = 0
    params.fit_params = False
    params.warmup = False
    params.ui = False
    params.endpoint_slots = False  # it would show every prompt in flight
    params.verbosity = 1  # errors
    params.cpuparams.n_threads = thread_count()
    return xllamacpp.Server(params)


def main() -> None:
    parser = argparse.ArgumentParser(prog="playground.embedded.server")
    parser.add_argument("--model", required=True)
    parser.add_argument("--alias", required=True)
    parser.add_argument("--parent", required=True, type=int)
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the whole group; the parent decides
    die_with_parent(options.parent)
    os.nice(NICENESS)
    api_key = sys.stdin.buffer.readline().decode().strip()
    watcher = threading.Thread(target=exit_with_input, daemon=True)
    watcher.start()
    server = serve(model=options.model, alias=options.alias, api_key=api_key)
    print(json.dumps({"address": server.listening_address}), flush=True)  # type: ignore[attr-defined]  # noqa: T201 - read by the parent
    watcher.join()


if __name__ == "__main__":
    main()
