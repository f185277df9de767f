"""Split a list into its items by counting brackets, then do the same inside each crate."""

MODULUS = 1_000_000_007


def split_items(text):
    items = []
    depth = 0
    begin = 0
    for i, char in enumerate(text):
        if char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
        elif char == "," and depth == 0:
            items.append(text[begin:i])
            begin = i + 1
    items.append(text[begin:])
    return items


def crate_manifest(text):
    total = 0
    todo = [(1, text)]
    while todo:
        factor, items = todo.pop()
        for item in split_items(items):
            if item.startswith("["):
                copies, _, inside = item[1:-1].partition(":")
                todo.append((factor * int(copies) % MODULUS, inside))
            elif item:
                total += factor * int(item)
    return total % MODULUS
