"""A list keeps the tools in order of last use, a set tells which ones are there."""


def tool_bench(capacity, weights, uses):
    order = []
    present = set()
    load = 0
    for tool in uses:
        if tool in present:
            order.remove(tool)
            order.append(tool)
        elif weights[tool] <= capacity:
            load += weights[tool]
            while load > capacity:
                oldest = order.pop(0)
                present.remove(oldest)
                load -= weights[oldest]
            order.append(tool)
            present.add(tool)
    return order
