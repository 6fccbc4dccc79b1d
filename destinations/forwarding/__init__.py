"""Events out: each is judged when its turn comes, and goes only where the rules let it.

`routing` makes a row for each system, `turns` takes them in the order of each person, judges and settles;
the lane, its rate and its breaker are those of preferences, which go first (`destinations.lanes`).
"""
