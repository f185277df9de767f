from collections import deque


def tool_bench(capacity, weights, uses):
    order = deque()
    present = set()
    load = 0
    for tool in uses:
        if tool in present or weights[tool] > capacity:
            continue
        load += weights[tool]
        while load > capacity:
            oldest = order.popleft()
            present.remove(oldest)
            load -= weights[oldest]
        order.append(tool)
        present.add(tool)
    return list(order)
