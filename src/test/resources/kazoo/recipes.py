"""Every recipe of kazoo once, against the server whose address is the only argument.

Each function is one fact; it gets a connected client and the address. A function that raises has failed; the names of
those that passed are printed, and the exit code says whether all did. No waiting but with a bound.
"""

import sys
import threading
import traceback
import uuid
from datetime import timedelta

from kazoo.client import KazooClient
from kazoo.exceptions import BadVersionError, NodeExistsError, NoAuthError, NoNodeError, NotEmptyError, RolledBackError
from kazoo.protocol.states import EventType, KazooState
from kazoo.recipe.cache import TreeCache
from kazoo.security import make_acl, make_digest_acl

WITHIN_S = 20


class Clients:
    """Opens clients for one function and closes them after it."""

    def __init__(self, address):
        self.address = address
        self.opened = []

    def open(self, **options):
        client = KazooClient(hosts=self.address, timeout=10, **options)
        client.start(timeout=WITHIN_S)
        self.opened.append(client)
        return client

    def close(self):
        for client in self.opened:
            client.stop()
            client.close()


def wait(event, what):
    assert event.wait(WITHIN_S), "in vain: " + what


def in_thread(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def ended(thread):
    thread.join(WITHIN_S)
    assert not thread.is_alive(), "a thread still waits"


def nodes_are_made_read_changed_and_removed(clients):
    zk = clients.open()
    assert zk.create("/basics", b"one") == "/basics"
    data, stat = zk.get("/basics")
    assert (data, stat.version, stat.dataLength) == (b"one", 0, 3)
    assert zk.set("/basics", b"two", version=0).version == 1
    for wrong in (lambda: zk.set("/basics", b"x", version=7), lambda: zk.delete("/basics", version=7)):
        raises(BadVersionError, wrong)
    raises(NodeExistsError, lambda: zk.create("/basics"))
    zk.create("/basics/child")
    raises(NotEmptyError, lambda: zk.delete("/basics"))
    assert zk.get_children("/basics", include_data=True)[1].children_count == 1
    zk.delete("/basics", recursive=True)
    assert zk.exists("/basics") is None
    raises(NoNodeError, lambda: zk.get("/basics"))


def raises(kind, call):
    try:
        call()
    except kind:
        return
    raise AssertionError("no " + kind.__name__)


def sequences_and_ephemerals_are_kept(clients):
    zk, other = clients.open(), clients.open()
    zk.ensure_path("/kinds")
    assert [zk.create("/kinds/n-", sequence=True) for _ in range(3)] == ["/kinds/n-%010d" % i for i in range(3)]
    zk.create("/kinds/mortal", b"", ephemeral=True)
    path, stat = zk.create("/kinds/with-stat", b"abc", include_data=True)
    assert (path, stat.dataLength) == ("/kinds/with-stat", 3)
    assert other.exists("/kinds/mortal").ephemeralOwner == zk.client_id[0]
    gone = threading.Event()
    assert other.exists("/kinds/mortal", watch=lambda event: gone.set())
    zk.stop()
    wait(gone, "the ephemeral goes with its session")


def transactions_are_all_or_nothing(clients):
    zk = clients.open()
    zk.create("/multi", b"")
    good = zk.transaction()
    good.create("/multi/a", b"1")
    good.set_data("/multi", b"2")
    good.check("/multi", 1)
    good.delete("/multi/a")
    results = good.commit()
    assert results[0] == "/multi/a" and results[1].version == 1 and results[2] is True and results[3] is True, results
    bad = zk.transaction()
    bad.create("/multi/b", b"")
    bad.delete("/multi/none")
    bad.create("/multi/c", b"")
    kinds = [type(result) for result in bad.commit()]
    assert kinds[0] is RolledBackError and kinds[1] is NoNodeError, kinds
    assert zk.get_children("/multi") == []


def a_lock_has_one_holder_and_goes_to_the_next_in_line(clients):
    first, second = clients.open(), clients.open()
    held = first.Lock("/lock", "first")
    assert held.acquire(timeout=WITHIN_S)
    waiting = second.Lock("/lock", "second")
    assert not waiting.acquire(blocking=False)
    got = threading.Event()
    thread = in_thread(lambda: waiting.acquire(timeout=WITHIN_S) and got.set())
    until(lambda: held.contenders() == ["first", "second"], "two contenders")
    assert not got.is_set()
    held.release()
    wait(got, "the lock changes hands")
    ended(thread)
    waiting.release()


def a_lock_is_free_when_its_holder_dies(clients):
    first, second = clients.open(), clients.open()
    assert first.Lock("/frail", "first").acquire(timeout=WITHIN_S)
    thread = in_thread(lambda: second.Lock("/frail", "second").acquire(timeout=WITHIN_S))
    first.stop()
    ended(thread)


def readers_share_and_writers_do_not(clients):
    one, other = clients.open(), clients.open()
    reading = [one.ReadLock("/shared", "r1"), other.ReadLock("/shared", "r2")]
    assert all(lock.acquire(timeout=WITHIN_S) for lock in reading)
    assert not other.WriteLock("/shared", "w").acquire(blocking=False)
    for lock in reading:
        lock.release()
    assert other.WriteLock("/shared", "w").acquire(timeout=WITHIN_S)
    assert not one.ReadLock("/shared", "r3").acquire(blocking=False)


def a_semaphore_lends_as_many_leases_as_it_has(clients):
    holders = [clients.open().Semaphore("/semaphore", "c%d" % i, max_leases=2) for i in range(3)]
    assert holders[0].acquire(blocking=False) and holders[1].acquire(blocking=False)
    assert not holders[2].acquire(blocking=False)
    assert sorted(holders[0].lease_holders()) == ["c0", "c1"]
    got = threading.Event()
    thread = in_thread(lambda: holders[2].acquire(timeout=WITHIN_S) and got.set())
    holders[0].release()
    wait(got, "a lease comes free")
    ended(thread)


def an_election_has_one_leader_after_another(clients):
    led, running, most = [], [0], [0]
    guard = threading.Lock()

    def lead(name):
        with guard:
            running[0] += 1
            most[0] = max(most[0], running[0])
            led.append(name)
        with guard:
            running[0] -= 1

    elections = [(clients.open().Election("/election", name), name) for name in ("a", "b", "c")]
    threads = [in_thread(lambda e=e, n=n: e.run(lead, n)) for e, n in elections]
    for thread in threads:
        ended(thread)
    assert sorted(led) == ["a", "b", "c"] and most[0] == 1, (led, most)


def counters_lose_no_increment(clients):
    def count():
        counter = clients.open().Counter("/counter")
        for _ in range(25):
            counter += 1

    threads = [in_thread(count) for _ in range(4)]
    for thread in threads:
        ended(thread)
    zk = clients.open()
    assert zk.Counter("/counter").value == 100
    real = zk.Counter("/real", default=1.5)
    real -= 0.5
    assert real.value == 1.0


def a_party_knows_who_is_there(clients):
    one, other = clients.open(), clients.open()
    here, there = one.Party("/party", "here"), other.Party("/party", "there")
    here.join()
    there.join()
    until(lambda: sorted(here) == ["here", "there"] and len(there) == 2, "both have come")
    there.leave()
    until(lambda: list(here) == ["here"], "one has left")
    shallow = other.ShallowParty("/shallow", "mine")
    shallow.join()
    until(lambda: list(one.ShallowParty("/shallow")) == ["mine"], "it shows in the name")


def queues_hand_out_each_entry_once(clients):
    zk = clients.open()
    queue = zk.Queue("/queue")
    for i in range(20):
        queue.put(b"%d" % i, priority=50 if i else 90)
    assert [queue.get() for _ in range(20)] == [b"%d" % i for i in list(range(1, 20)) + [0]]
    assert queue.get() is None
    locking = zk.LockingQueue("/locking")
    locking.put_all([b"x", b"y"])
    assert locking.get(timeout=WITHIN_S) == b"x" and locking.consume()
    assert clients.open().LockingQueue("/locking").get(timeout=WITHIN_S) == b"y"


def a_data_watch_sees_every_state_it_is_asked_for(clients):
    zk, writer = clients.open(), clients.open()
    seen, changed = [], threading.Condition()

    @zk.DataWatch("/watched")
    def on_change(data, stat, event):
        with changed:
            seen.append((data, event.type if event else None))
            changed.notify_all()

    def saw(state):
        with changed:
            assert changed.wait_for(lambda: seen and seen[-1] == state, WITHIN_S), (state, seen)

    saw((None, None))
    writer.create("/watched", b"1")
    saw((b"1", EventType.CREATED))
    writer.set("/watched", b"2")
    saw((b"2", EventType.CHANGED))
    writer.delete("/watched")
    saw((None, EventType.DELETED))


def a_children_watch_follows_the_children(clients):
    zk, writer = clients.open(), clients.open()
    zk.ensure_path("/family")
    latest, changed = [None], threading.Condition()

    @zk.ChildrenWatch("/family")
    def on_children(children):
        with changed:
            latest[0] = sorted(children)
            changed.notify_all()

    def saw(names):
        with changed:
            assert changed.wait_for(lambda: latest[0] == names, WITHIN_S), (names, latest)

    saw([])
    writer.create("/family/a")
    saw(["a"])
    writer.create("/family/b")
    saw(["a", "b"])
    writer.delete("/family/a")
    saw(["b"])


def a_tree_cache_mirrors_a_subtree(clients):
    zk, writer = clients.open(), clients.open()
    writer.ensure_path("/tree/branch")
    cache = TreeCache(zk, "/tree")
    cache.start()
    until(lambda: cache.get_data("/tree/branch") is not None, "the cache is filled")
    writer.create("/tree/branch/leaf", b"green")
    until(lambda: cache.get_data("/tree/branch/leaf", None) and cache.get_data("/tree/branch/leaf").data == b"green", "a leaf")
    writer.delete("/tree/branch/leaf")
    until(lambda: cache.get_data("/tree/branch/leaf", None) is None, "no leaf")
    cache.close()


def until(condition, what):
    """Polls, with a bound."""
    pause = threading.Event()
    for _ in range(WITHIN_S * 50):
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError("in vain: " + what)


def barriers_hold_until_they_are_lifted(clients):
    one, other = clients.open(), clients.open()
    barrier = one.Barrier("/barrier")
    barrier.create()
    passed = threading.Event()
    thread = in_thread(lambda: other.Barrier("/barrier").wait(WITHIN_S) and passed.set())
    assert not passed.wait(0.2)
    assert barrier.remove()
    wait(passed, "the barrier is lifted")
    ended(thread)


def a_double_barrier_lets_all_in_and_out_together(clients):
    inside, guard = [0], threading.Lock()
    met = threading.Barrier(3, timeout=WITHIN_S)

    def visit(zk):
        barrier = zk.DoubleBarrier("/double", 3)
        barrier.enter()
        with guard:
            inside[0] += 1
        met.wait()
        assert inside[0] == 3
        barrier.leave()

    threads = [in_thread(lambda zk=clients.open(): visit(zk)) for _ in range(3)]
    for thread in threads:
        ended(thread)
    until(lambda: clients.open().get_children("/double") == [], "all have left")


def sets_are_divided_among_their_members(clients):
    names = ("one", "two")
    partitions = [clients.open().SetPartitioner("/parts", "xyz", identifier=name, time_boundary=1) for name in names]

    def hold(partition):
        for _ in range(200):
            if partition.acquired:
                return
            if partition.release:
                partition.release_set()
            elif partition.failed:
                raise AssertionError("failed")
            elif partition.allocating:
                partition.wait_for_acquire(1)

    threads = [in_thread(lambda p=p: hold(p)) for p in partitions]
    for thread in threads:
        ended(thread)
    until(lambda: sorted(list(partitions[0]) + list(partitions[1])) == ["x", "y", "z"], "each has its share")


def access_is_what_the_acl_says(clients):
    owner = clients.open(auth_data=[("digest", "owner:secret")])
    stranger = clients.open()
    acl = [make_digest_acl("owner", "secret", all=True), make_acl("world", "anyone", read=True)]
    owner.create("/guarded", b"mine", acl=acl)
    assert stranger.get("/guarded")[0] == b"mine"
    raises(NoAuthError, lambda: stranger.set("/guarded", b"yours"))
    raises(NoAuthError, lambda: stranger.create("/guarded/child"))
    stranger.add_auth("digest", "owner:secret")
    stranger.set("/guarded", b"ours")
    kinds = sorted(entry.id.scheme for entry in owner.get_acls("/guarded")[0])
    assert kinds == ["digest", "world"], kinds
    owner.set_acls("/guarded", [make_acl("world", "anyone", all=True)])
    clients.open().delete("/guarded")


def a_chroot_hides_the_rest(clients):
    zk = clients.open()
    zk.ensure_path("/rooted/below")
    inner = KazooClient(hosts=clients.address + "/rooted", timeout=10)
    clients.opened.append(inner)
    inner.start(timeout=WITHIN_S)
    assert inner.get_children("/") == ["below"]
    inner.create("/below/deep", b"x")
    assert zk.get("/rooted/below/deep")[0] == b"x"


def leases_are_kept_and_given_back(clients):
    zk = clients.open()
    assert zk.NonBlockingLease("/lease", timedelta(seconds=60), identifier="one")
    assert not clients.open().NonBlockingLease("/lease", timedelta(seconds=60), identifier="two")


def many_requests_in_flight_come_back_in_order(clients):
    zk = clients.open()
    zk.ensure_path("/flood")
    pending = [zk.create_async("/flood/n-", b"%d" % i, sequence=True) for i in range(500)]
    paths = [result.get(timeout=WITHIN_S) for result in pending]
    assert paths == sorted(paths) and len(set(paths)) == 500
    reads = [zk.get_async(path) for path in paths]
    assert [result.get(timeout=WITHIN_S)[0] for result in reads] == [b"%d" % i for i in range(500)]


def a_client_reconnects_and_keeps_its_session(clients):
    zk = clients.open()
    session = zk.client_id[0]
    zk.create("/kept-" + uuid.uuid4().hex, ephemeral=True)
    states, back = [], threading.Event()

    def on_state(state):
        states.append(state)
        if state == KazooState.CONNECTED:
            back.set()

    zk.add_listener(on_state)
    zk._connection._socket.shutdown(2)
    wait(back, "the client is back")
    assert zk.client_id[0] == session and states[0] == KazooState.SUSPENDED, states


def the_server_answers_four_letter_words(clients):
    zk = clients.open()
    assert "Mode: standalone" in zk.command(b"srvr")
    assert zk.server_version()[0] == 3


FACTS = [value for name, value in list(globals().items()) if callable(value) and getattr(value, "__code__", None)
         and value.__code__.co_varnames[:1] == ("clients",) and value.__code__.co_argcount == 1]


def main(address):
    failed = 0
    for fact in FACTS:
        clients = Clients(address)
        try:
            fact(clients)
            print("ok   " + fact.__name__, flush=True)
        except BaseException:
            failed += 1
            print("FAIL " + fact.__name__, flush=True)
            traceback.print_exc(file=sys.stdout)
        finally:
            clients.close()
    print("%d passed, %d failed" % (len(FACTS) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
