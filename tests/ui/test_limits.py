from fashion_search.ui.limits import Rate, Tries, in_words


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_each_has_so_many_in_a_time_and_is_told_when_to_try_again() -> None:
    clock = Clock()
    rate = Rate(2, 100, 60, clock)
    assert [rate.take("a"), rate.take("a"), rate.take("a")] == [0, 0, 60]
    assert rate.take("b") == 0
    clock.now += 59.5
    assert rate.take("a") == 1
    clock.now += 0.5
    assert rate.take("a") == 0


def test_all_together_have_so_many_whoever_they_are() -> None:
    clock = Clock()
    rate = Rate(10, 3, 60, clock)
    assert [rate.take(str(n)) for n in range(4)] == [0, 0, 0, 60]
    clock.now += 60
    assert rate.take("another") == 0


def test_what_was_refused_does_not_count() -> None:
    clock = Clock()
    rate = Rate(1, 10, 10, clock)
    rate.take("a")
    for _ in range(50):
        clock.now += 0.1
        assert rate.take("a")
    clock.now += 5
    assert rate.take("a") == 0


def test_names_are_forgotten_before_they_fill_the_memory() -> None:
    rate = Rate(1, 10**9, 60)
    for number in range(10_100):
        rate.take(str(number))
    assert len(rate._by_name) == 10_000
    tries = Tries()
    for number in range(10_100):
        tries.failed(str(number))
    assert len(tries._known) == 10_000


def waits(tries: Tries, clock: Clock, name: str, times: int) -> list[int]:
    """Fail again as soon as it may, and note how long each wait is."""
    found = []
    for _ in range(times):
        tries.failed(name)
        wait = tries.wait(name)
        found.append(wait)
        clock.now += wait
    return found


def test_waits_grow_for_one_name_and_others_need_not_wait() -> None:
    clock = Clock()
    tries = Tries(free=3, longest=60, clock=clock)
    assert waits(tries, clock, "a", 9) == [0, 0, 1, 2, 4, 8, 16, 32, 60]
    tries.failed("a")
    assert (tries.wait("a"), tries.wait("b")) == (60, 0)
    tries.succeeded("a")
    assert tries.wait("a") == 0


def test_many_names_make_all_wait_but_not_for_long() -> None:
    clock = Clock()
    tries = Tries(free_of_all=20, longest_of_all=30, clock=clock)
    for number in range(19):
        tries.failed(str(number))
    assert tries.wait("nobody yet") == 0
    for number in range(100):
        tries.failed(f"another {number}")
    assert tries.wait("nobody yet") == 30
    clock.now += 30
    assert tries.wait("nobody yet") == 0


def test_what_is_held_against_a_name_is_forgotten() -> None:
    clock = Clock()
    tries = Tries(free=3, forgets=100, clock=clock)
    waits(tries, clock, "a", 6)
    clock.now += 1000
    assert waits(tries, clock, "a", 3) == [0, 0, 1]


def test_times_in_words() -> None:
    assert [in_words(seconds) for seconds in (1, 119, 120, 121)] == [
        "in 1 second",
        "in 119 seconds",
        "in 2 minutes",
        "in 3 minutes",
    ]
