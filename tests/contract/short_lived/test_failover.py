"""A master that is lost: the store finds the next one by itself, and nothing that was taken is taken twice."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from idp.core.errors import StoreUnavailable
from idp.core.hashing import hash_secret
from idp.crypto.keyring import Keyring
from idp.storage.short_lived.redis import RedisBackend
from idp.storage.short_lived.store import Kind, ShortLivedStore
from tests.contract.short_lived.test_outage import CALLS
from tests.support.frozen_clock import FrozenClock
from tests.support.redis_groups import Group, Node, text, wait_until

Open = Callable[[Group], tuple[RedisBackend, ShortLivedStore]]
CODE, LOGIN, JTI = Kind.AUTHORIZATION_CODE, Kind.INTERACTION, Kind.ASSERTION_JTI


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def open_store(clock: FrozenClock, keyring: Keyring) -> Iterator[Open]:
    """Open the store on a group, as one web process does."""
    opened: list[RedisBackend] = []

    def make(group: Group) -> tuple[RedisBackend, ShortLivedStore]:
        backend = RedisBackend(group.url, clock=clock)
        opened.append(backend)
        return backend, ShortLivedStore(backend=backend, keyring=keyring)

    yield make
    for backend in opened:
        backend.close()


def _works(backend: RedisBackend) -> bool:
    try:
        for call in CALLS.values():
            call(backend)
    except StoreUnavailable:
        return False
    return True


def _owner(group: Group, backend: RedisBackend, kind: Kind, handle: str) -> tuple[Node, str]:
    """Return the server that holds a handle in a cluster, and under which name."""
    name = backend._name(f"{kind}:{hash_secret(handle)}")
    told = backend._server(name)
    return next(node for node in group.servers if told.endswith(f":{node.port}")), name


def _handle_on(group: Group, backend: RedisBackend, kind: Kind, node: Node, *, elsewhere: bool = False) -> str:
    handles = (f"handle {number}" for number in range(1_000))
    return next(each for each in handles if (_owner(group, backend, kind, each)[0] is node) is not elsewhere)


def test_the_next_master_is_found_and_revives_nothing(
    own_sentinels: Group, open_store: Open, clock: FrozenClock
) -> None:
    """A taken code whose taking never reached the replica stays taken; what was parked needs a new try."""
    (backend, store), (_, other) = open_store(own_sentinels), open_store(own_sentinels)
    master, replica = own_sentinels.servers
    store.put(CODE, "used", {"n": 1}, seconds=60)
    store.put(LOGIN, "parked", {"n": 2}, seconds=60)
    assert other.add_once(JTI, "seen", seconds=60)
    seen_at = clock.now()
    name = f"yihao:code:{hash_secret('used')}"
    with closing(master.client()) as operator:
        copy = operator.dump(name)
    assert store.take(CODE, "used") == {"n": 1}
    clock.advance(seconds=5)
    master.process.kill()
    with pytest.raises(StoreUnavailable):
        store.get(LOGIN, "parked")
    wait_until("the replica takes over", lambda: _works(backend))
    assert replica.info("replication", "role") == "master"
    with closing(replica.client()) as operator:
        # As if the last writes had not come along.
        operator.restore(name, 60_000, copy, replace=True)
        operator.delete(f"yihao:jti:{hash_secret('seen')}")
    for each in (store, other):
        assert each.take(CODE, "used") is None
        assert each.get(LOGIN, "parked") is None
        assert each.epoch(JTI, "seen") == clock.now()
    assert other.add_once(JTI, "seen", seconds=60)  # forgotten, so its caller goes by the epoch
    assert other.epoch(JTI, "seen") > seen_at
    store.put(CODE, "new", {"n": 3}, seconds=60)
    assert (other.take(CODE, "new"), store.take(CODE, "new")) == ({"n": 3}, None)
    # The old master comes back as a replica and is not written to.
    master.process.start()
    wait_until("the old master follows", lambda: master.info("replication", "role") == "slave")
    store.put(CODE, "later", {"n": 4}, seconds=60)
    assert other.take(CODE, "later") == {"n": 4}


def test_a_server_that_became_a_replica_is_left(own_sentinels: Group, open_store: Open) -> None:
    """Sentinels that change the masters in order: the store follows without a restart."""
    backend, store = open_store(own_sentinels)
    store.put(LOGIN, "parked", {"n": 1}, seconds=60)
    before = store.epoch(LOGIN, "parked")
    master, replica = own_sentinels.servers
    wait_until("the sentinels agree", lambda: _fails_over(own_sentinels.sentinels[0]))
    # Until it is told, the old master takes what it is given: lost like all that was parked there.
    wait_until("the old master follows", lambda: master.info("replication", "role") == "slave")
    wait_until("the store follows", lambda: _works(backend))
    store.put(LOGIN, "new", {"n": 2}, seconds=60)
    with closing(replica.client()) as operator:
        assert operator.exists(f"yihao:interaction:{hash_secret('new')}")
    assert store.get(LOGIN, "parked") is None
    assert store.epoch(LOGIN, "new") >= before


def _fails_over(sentinel: Node) -> bool:
    try:
        return bool(sentinel.ask("SENTINEL", "FAILOVER", "house"))
    except Exception:
        return False


def test_a_lost_shard_is_a_lost_epoch_for_its_own_handles(
    own_cluster: Group, open_store: Open, clock: FrozenClock
) -> None:
    """A replica takes one shard over: its handles are void and its marks not believed, all others stay."""
    (backend, store), (_, other) = open_store(own_cluster), open_store(own_cluster)
    lost, replica = own_cluster.servers[0], own_cluster.servers[3]
    used, elsewhere = (_handle_on(own_cluster, backend, CODE, lost, elsewhere=each) for each in (False, True))
    parked = _handle_on(own_cluster, backend, LOGIN, lost)
    for each in (used, elsewhere):
        store.put(CODE, each, {"handle": each}, seconds=60)
    store.put(LOGIN, parked, {"n": 1}, seconds=60)
    kept = store.epoch(CODE, elsewhere)
    name = _owner(own_cluster, backend, CODE, used)[1]
    with closing(lost.client()) as operator:
        copy = operator.dump(name)
    assert store.take(CODE, used) == {"handle": used}
    clock.advance(seconds=5)
    lost.process.kill()
    with pytest.raises(StoreUnavailable):
        store.get(LOGIN, parked)
    assert other.get(CODE, elsewhere) == {"handle": elsewhere}  # the others serve meanwhile
    wait_until("the replica takes over", lambda: _answers(store, CODE, used))
    with closing(replica.client()) as operator:
        operator.restore(name, 60_000, copy, replace=True)
    for each in (other, store):
        wait_until("both follow", lambda each=each: _answers(each, LOGIN, parked))
        assert each.get(LOGIN, parked) is None
        assert each.take(CODE, used) is None
        assert each.epoch(CODE, used) == clock.now()
        assert each.epoch(CODE, elsewhere) == kept
    assert other.take(CODE, elsewhere) == {"handle": elsewhere}
    assert store.take(CODE, elsewhere) is None
    store.put(CODE, used, {"n": 2}, seconds=60)
    assert other.take(CODE, used) == {"n": 2}


def _answers(store: ShortLivedStore, kind: Kind, handle: str) -> bool:
    try:
        store.get(kind, handle)
    except StoreUnavailable:
        return False
    return True


def test_a_slot_that_moves_is_followed(own_cluster: Group, open_store: Open) -> None:
    """While a slot moves and after it did (ASK, MOVED) each call finds its entry, and one alone takes it."""
    (backend, _), (second, _) = open_store(own_cluster), open_store(own_cluster)
    source, target = own_cluster.servers[1], own_cluster.servers[2]
    # Both under one marker, so in one slot; each process has the old map.
    key = next(
        key
        for key in (f"k{n}" for n in range(1_000))
        if backend._server(backend._name(key)).endswith(f":{source.port}")
    )
    for each in (backend, second):
        each.put(key, b"code", 60)
    epoch = backend.epoch(key)
    slot = source.ask("CLUSTER", "KEYSLOT", backend._name(key))
    ids = [text(node.ask("CLUSTER", "MYID")) for node in (source, target)]
    target.ask("CLUSTER", "SETSLOT", str(slot), "IMPORTING", ids[0])
    source.ask("CLUSTER", "SETSLOT", str(slot), "MIGRATING", ids[1])
    for name in (backend._name(key), backend._marker(key)):
        source.ask("MIGRATE", "127.0.0.1", target.port, name, 0, 5_000, "AUTH", own_cluster.password)
    assert backend.get(key) == b"code"  # ASK
    assert backend.update(key, b"code", b"changed")
    for node in (target, source, own_cluster.servers[0]):
        node.ask("CLUSTER", "SETSLOT", str(slot), "NODE", ids[1])
    assert second.take(key) == b"changed"  # MOVED
    assert backend.take(key) is None
    assert second.epoch(key) == backend.epoch(key)
    assert backend.epoch(key).id != epoch.id  # another server's word: what it held before is not known
