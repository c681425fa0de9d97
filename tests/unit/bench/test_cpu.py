"""Reading what processes cost out of the texts of /proc."""

from bench.cpu import Process, read_machine, read_share, read_stat, tree_of

# proc(5): number, name, state, parent, ..., utime 14, stime 15, cutime 16, cstime 17, ...
STAT = "4242 (a) odd (name) S 17 4242 4242 0 -1 4194560 900 10 0 0 250 50 20 5 20 0 3 0 99 1 2"


def test_stat_of_an_odd_name() -> None:
    """Blanks and brackets in a name shift nothing, and the time of buried children counts."""
    assert read_stat(STAT, ticks=100) == Process(pid=4242, parent=17, seconds=3.25)


def test_share() -> None:
    """Pages that workers share count by their share; a text without the line counts nothing."""
    assert read_share("Rss:   204800 kB\nPss:   102400 kB\nPss_Dirty: 1 kB\n") == 100.0
    assert read_share("") == 0.0


def test_machine() -> None:
    """Idle and waiting for the disk are not busy; guests, already in user time, do not count twice."""
    assert read_machine("cpu  100 0 50 800 50 0 0 0 70 0\ncpu0 1 2 3\n", ticks=100) == (1.5, 10.0)


def test_tree() -> None:
    """A tree is its root and all below it, and nobody of another family."""
    family = [Process(4, 3, 1.0), Process(1, 0, 1.0), Process(3, 2, 1.0), Process(2, 1, 1.0), Process(9, 1, 1.0)]
    assert {process.pid for process in tree_of(family, 2)} == {2, 3, 4}
    assert tree_of(family, 77) == []
