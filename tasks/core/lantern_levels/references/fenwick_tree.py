"""A Fenwick tree with range update and point query."""


def lantern_levels(count: int, nights: list[tuple[int, int, int]], cap: int) -> list[int]:
    tree = [0] * (count + 2)

    def add(index: int, change: int) -> None:
        index += 1
        while index <= count:
            tree[index] += change
            index += index & -index

    def level(index: int) -> int:
        index += 1
        total = 0
        while index:
            total += tree[index]
            index -= index & -index
        return total

    for first, last, change in nights:
        add(first, change)
        add(last + 1, -change)
    return [min(max(level(i), 0), cap) for i in range(count)]
