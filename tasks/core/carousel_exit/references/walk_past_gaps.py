"""Walk round the seats one by one and count those that are not empty yet."""


def carousel_exit(cards):
    seats = len(cards)
    gone = [False] * seats
    order = []
    seat = 0
    for remaining in range(seats - 1, -1, -1):
        gone[seat] = True
        order.append(seat)
        if remaining:
            card = cards[seat]
            step = 1 if card % 2 else -1
            to_count = (card - 1) % remaining + 1
            while to_count:
                seat = (seat + step) % seats
                if not gone[seat]:
                    to_count -= 1
    return order
