"""Compute the position of the next child in a list and pop it there."""


def carousel_exit(cards):
    circle = list(range(len(cards)))
    order = []
    position = 0
    while circle:
        child = circle.pop(position)
        order.append(child)
        if circle:
            card = cards[child]
            position = (position + card - 1 if card % 2 else position - card) % len(circle)
    return order
