def carousel_exit(cards):
    circle = list(range(len(cards)))
    order = []
    position = 0
    while circle:
        child = circle.pop(position)
        order.append(child)
        if circle:
            card = cards[child]
            position = (position + card - 1 if card % 2 else position - card + 1) % len(circle)
    return order
