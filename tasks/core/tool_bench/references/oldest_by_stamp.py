"""Each tool has the time of its last use; the oldest is found by looking at all."""


def tool_bench(capacity, weights, uses):
    last_use = {}
    load = 0
    for now, tool in enumerate(uses):
        if tool not in last_use:
            if weights[tool] > capacity:
                continue
            while load + weights[tool] > capacity:
                oldest = min(last_use, key=lambda name: last_use[name])
                del last_use[oldest]
                load -= weights[oldest]
            load += weights[tool]
        last_use[tool] = now
    return list(last_use)
