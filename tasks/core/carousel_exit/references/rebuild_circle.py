"""Build the remaining circle anew for each child, beginning after the gap."""


def carousel_exit(cards):
    circle = list(range(len(cards)))
    order = []
    position = 0
    while circle:
        child = circle[position]
        order.append(child)
        circle = circle[position + 1 :] + circle[:position]
        if circle:
            card = cards[child]
            position = (card - 1 if card % 2 else -card) % len(circle)
    return order
