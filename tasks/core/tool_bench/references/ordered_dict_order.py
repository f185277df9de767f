"""A dict keeps the tools in order of last use."""


def tool_bench(capacity, weights, uses):
    bench = {}
    load = 0
    for tool in uses:
        weight = bench.pop(tool, None)
        if weight is None:
            weight = weights[tool]
            if weight > capacity:
                continue
            load += weight
            while load > capacity:
                load -= bench.pop(next(iter(bench)))
        bench[tool] = weight
    return list(bench)
