"""Measures binary indexes of faiss on codes of this package, on one thread.

python3 search.py FOLDER reads task.json there and the files it names, and writes result.json beside it. Candidates of the
binary index are ranked by exact distance, as searches in the database do it.
"""

import json
import os
import sys
import time

import faiss
import numpy as np


def main(folder):
    with open(os.path.join(folder, "task.json"), encoding="utf-8") as file:
        task = json.load(file)
    faiss.omp_set_num_threads(1)
    dims, bits, k = task["dims"], task["bits"], task["k"]

    def read(name, kind, width):
        return np.fromfile(os.path.join(folder, name), kind).reshape(-1, width)

    data = {
        "base": read("base.f32", "<f4", dims),
        "queries": read("queries.f32", "<f4", dims),
        "codes": read("codes.u8", "u1", bits // 8),
        "asked": read("asked.u8", "u1", bits // 8),
        # Squared distance of the k-th true neighbour, with room for rounding in single precision.
        "limits": np.fromfile(os.path.join(folder, "limits.f64"), "<f8") ** 2 * (1 + 1e-5),
        "k": k,
    }
    methods = [ivf(task, data), multi_hash(task, data)]
    with open(os.path.join(folder, "result.json"), "w", encoding="utf-8") as file:
        json.dump({"version": faiss.__version__, "methods": methods}, file)


def ivf(task, data):
    codes, bits = data["codes"], task["bits"]
    begin = time.perf_counter()
    lists = max(1, min(4096, len(codes) // 100))
    quantizer = faiss.IndexBinaryFlat(bits)
    index = faiss.IndexBinaryIVF(quantizer, bits, lists)
    # Training on a part of the codes is faster and finds lists that are as good.
    index.train(codes[: 200 * lists])
    index.add(codes)
    seconds = time.perf_counter() - begin
    curve = []
    for probes, candidates in task["ivf"]:
        if probes > lists:
            continue
        index.nprobe = probes

        def search(code, candidates=candidates):
            return index.search(code, candidates)[1][0]

        curve.append(measure(f"nprobe={probes} ranked={candidates}", search, data))
    return figures("faiss-ivf", seconds, faiss.serialize_index_binary(index), curve)


def multi_hash(task, data):
    codes, bits = data["codes"], task["bits"]
    curve, built, size = [], 0.0, b""
    # Each pair of numbers is a separate index; build time and size are those of the last one.
    for hashes, width in task["hashes"]:
        begin = time.perf_counter()
        index = faiss.IndexBinaryMultiHash(bits, hashes, width)
        index.add(codes)
        built = time.perf_counter() - begin
        size = faiss.serialize_index_binary(index)
        for flips, candidates in task["flips"]:
            index.nflip = flips

            def search(code, index=index, candidates=candidates):
                return index.search(code, candidates)[1][0]

            name = f"{hashes}x{width} nflip={flips} ranked={candidates}"
            curve.append(measure(name, search, data))
    return figures("faiss-multihash", built, size, curve)


def figures(name, seconds, serialized, curve):
    return {"name": name, "build_s": seconds, "index_bytes": len(serialized), "curve": curve}


def measure(setting, search, data):
    base, queries, asked = data["base"], data["queries"], data["asked"]
    k, limits = data["k"], data["limits"]
    milliseconds, hits = [], 0
    for i in range(-min(20, len(queries)), len(queries)):
        begin = time.perf_counter()
        found = search(asked[i : i + 1] if i >= 0 else asked[:1])
        found = found[found >= 0]
        distances = ((base[found] - queries[i]) ** 2).sum(axis=1)
        nearest = np.argsort(distances)[:k]
        elapsed = 1000 * (time.perf_counter() - begin)
        if i >= 0:
            milliseconds.append(elapsed)
            hits += int((distances[nearest] <= limits[i]).sum())
    milliseconds.sort()

    def at(share):
        return milliseconds[max(0, int(np.ceil(share * len(milliseconds))) - 1)]

    return {
        "setting": setting,
        "recall_at_10": hits / (k * len(queries)),
        "p50_ms": at(0.5),
        "p95_ms": at(0.95),
    }


if __name__ == "__main__":
    main(sys.argv[1])
