"""A side of `deno task bench:peers` in Python: `peer.py KIND THREADS`.

Reads a request a line from standard input and answers each with a line of JSON; requests.ts says which there are.
"""
import json
import os
import sys
import time

import same_batch


def make_side(kind, threads):
    if kind == "keras":
        import keras_side

        return keras_side.KerasSide(kind, threads), keras_side.VERSION
    import torch_side

    return torch_side.TorchSide(kind, threads), torch_side.VERSION


def peak_mib():
    """Highest resident memory so far; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


class Peer:
    def __init__(self, side, version):
        self.side, self.version, self.work = side, version, None

    def hello(self, request):
        return {"version": self.version}

    def prove(self, request):
        """The losses of two steps from the weights of a file, nothing left out."""
        parameters, losses = self.losses(request, lambda values: values)
        return {"parameters": parameters, "losses": losses}

    def nearby(self, request):
        """The same from weights of which each differs in its last bit, several times."""
        def changed(seed):
            return self.losses(request, lambda values: same_batch.in_last_bit(values, seed))[1]

        return {"losses": [changed(seed + 1) for seed in range(request["times"])]}

    def losses(self, request, change):
        parameters = self.side.build(request["model"], request["imageShape"], request["classes"])
        self.side.load(request["weights"], change)
        self.side.without_dropout()
        self.side.prepare(request["batch"])
        return parameters, [self.side.step(), self.side.step()]

    def prepare(self, request):
        """Everything from building the network to the end of the first step."""
        start = time.perf_counter()
        self.side.build(request["model"], request["imageShape"], request["classes"])
        self.side.prepare(request["batch"])
        self.work = self.side.step if request["measure"] == "step" else self.side.infer
        self.work()
        return {"firstMs": (time.perf_counter() - start) * 1000}

    def run(self, request):
        times = []
        for _ in range(request["times"]):
            start = time.perf_counter()
            self.work()
            times.append((time.perf_counter() - start) * 1000)
        return {"ms": times, "peakMiB": peak_mib()}


def main():
    # Whatever libraries print goes to standard error: standard output is for answers only.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    kind, threads = sys.argv[1], int(sys.argv[2])
    peer = Peer(*make_side(kind, threads))
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(peer, request["do"])(request)
        except Exception as error:  # noqa: BLE001 - a row of the report says it
            answer = {"error": f"{type(error).__name__}: {error}".split("\n")[0][:400]}
        print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main()
