"""annex-muc alone, against a router that only counts and checks.

Rooms are temporary ones; what is "stored" was measured with persistent rooms,
whose history goes to SQLite."""
import sqlite3
import statistics
import sys

from bench import free_port, measure, program

DOMAIN = "muc.example"
STORED = 1_000_000
PERSISTENT = '"persistentroom=1"'
BODY = "a message of a hundred characters, as long as most are that people " \
    "write to each other in chatrooms..."


def stub(argv, port, rooms, people, seconds, options=()):
    """One run; what the stub says."""
    window = max(256, 20000 // people)
    return measure([program("t/bench/stub"), "-d", DOMAIN, "-p", str(port),
                    "-r", str(rooms), "-n", str(people), "-s", str(seconds),
                    "-w", str(window), *options, "--", *argv])


def annex(bench, rooms, people, seconds=0, url="none", defaults="",
          options=()):
    port = free_port()
    argv = bench.muc(port, DOMAIN, url, defaults)
    return stub(argv, port, rooms, people, seconds, options)


def in_stored(bench, rooms, people, seconds):
    """The same in persistent rooms."""
    return annex(bench, rooms, people, seconds, "sqlite:" + bench.database(),
                 PERSISTENT)


def baseline(rooms, people, seconds):
    port = free_port()
    argv = [program("t/bench/baseline"), str(port), DOMAIN]
    return stub(argv, port, rooms, people, seconds)


def rate(run):
    return run["deliveries"] / run["seconds"]


def cpu_us(run):
    return run["cpu_seconds"] * 1e6 / run["deliveries"]


def medians(runs):
    return (statistics.median(map(rate, runs)),
            statistics.median(map(cpu_us, runs)))


def p1(bench):
    for people in (100, 10):
        ours, shim, stored, theirs = [], [], [], []
        for _ in range(bench.rounds):
            ours.append(annex(bench, 1, people, bench.seconds))
            shim.append(annex(bench, 1, people, bench.seconds,
                              options=["-f"]))
            stored.append(in_stored(bench, 1, people, bench.seconds))
            theirs.append(baseline(1, people, bench.seconds))
        speed, cost = medians(ours)
        shim_speed, shim_cost = medians(shim)
        stored_speed, stored_cost = medians(stored)
        slow, dear = medians(theirs)
        name = f"P1 {people} occupants"
        judged = people == 100
        bench.show(f"{name}, deliveries", f"{speed:,.0f}", "/s",
                   ">= 1,500,000" if judged else None, speed >= 1.5e6)
        bench.show(f"{name}, CPU each", f"{cost:.3f}", "us",
                   "<= 0.5" if judged else None, cost <= 0.5)
        bench.show(f"{name}, fanout, deliveries", f"{shim_speed:,.0f}", "/s")
        bench.show(f"{name}, fanout, CPU each", f"{shim_cost:.3f}", "us")
        bench.show(f"{name}, stored, deliveries", f"{stored_speed:,.0f}",
                   "/s", ">= 1,500,000" if judged else None,
                   stored_speed >= 1.5e6)
        bench.show(f"{name}, stored, CPU each", f"{stored_cost:.3f}", "us",
                   "<= 0.5" if judged else None, stored_cost <= 0.5)
        bench.show(f"{name}, separate stanzas", f"{slow:,.0f}", "/s")
        bench.show(f"{name}, CPU each", f"{dear:.3f}", "us")
        bench.show(f"{name}, ratio of rates", f"{speed / slow:.1f}", "x")
        bench.show(f"{name}, ratio of CPU", f"{dear / cost:.1f}", "x")


def p2(bench):
    """Everybody is alone in a room, so that reading is what counts."""
    runs, stored = [], []
    for _ in range(bench.rounds):
        runs.append(annex(bench, 100, 1, bench.seconds))
        stored.append(in_stored(bench, 100, 1, bench.seconds))
    speed, cost = medians(runs)
    bench.show("P2 stanzas in, each answered by one", f"{speed:,.0f}", "/s",
               ">= 200,000", speed >= 2e5)
    bench.show("P2 CPU for both", f"{cost:.3f}", "us")
    speed, cost = medians(stored)
    bench.show("P2 stored, stanzas in", f"{speed:,.0f}", "/s")
    bench.show("P2 stored, CPU for both", f"{cost:.3f}", "us")


def numbers(count):
    """SQL for a table n of the numbers i from 0 to count - 1."""
    return (f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL "
            f"SELECT i + 1 FROM n WHERE i < {count} - 1) ")


def stored_rooms(path, count, name):
    """Copies the one room that is stored to rooms of that name."""
    with sqlite3.connect(path) as db:
        columns = [row[1] for row in db.execute(
            "PRAGMA table_info(muc_room)") if row[1] != "jid"]
        names = ", ".join(columns)
        db.execute(
            f"{numbers(count)} INSERT OR IGNORE INTO muc_room (jid, {names}) "
            f"SELECT printf('{name}@{DOMAIN}', i), {names} "
            f"FROM n, (SELECT * FROM muc_room LIMIT 1)")
        stored, = db.execute("SELECT count(*) FROM muc_room").fetchone()
    db.close()
    if stored < count:
        sys.exit(f"run: {stored} rooms are stored, not {count}")


def fill_rooms(path, count, name, members, messages):
    """Gives those rooms members, the crowd's among them, and a history."""
    text = (f" from='{name}@{DOMAIN}/nick' type='groupchat' "
            f"id='5f4dcc3b5aa765d61d8327deb882cf99'><body>{BODY}</body>"
            f"</message>")
    with sqlite3.connect(path) as db:
        db.execute(
            f"{numbers(count)}, m(j) AS (SELECT 0 UNION ALL SELECT j + 1 "
            f"FROM m WHERE j < {members} - 1) "
            f"INSERT OR IGNORE INTO muc_affiliation (room, jid, affiliation) "
            f"SELECT printf('{name}@{DOMAIN}', i), "
            f"printf(iif(j, 'member%02d.', '') || 'u%07d@example.net', "
            f"iif(j, j, i), i), iif(j, 'member', 'owner') FROM n, m")
        db.execute(
            f"{numbers(count)}, m(j) AS (SELECT 1 UNION ALL SELECT j + 1 "
            f"FROM m WHERE j < {messages}) "
            f"INSERT OR IGNORE INTO muc_history (room, serial, stamp, stanza) "
            f"SELECT printf('{name}@{DOMAIN}', i), j, 1700000000000000 + j, "
            f"printf(?, i) FROM n, m WHERE j <= {messages}", (text,))
    db.close()


def idle_room(bench, members, messages):
    """What a room costs that all have left, but for what all share."""
    few, many = 500, 2500
    path = bench.database()
    annex(bench, 1, 1, url="sqlite:" + path, defaults=PERSISTENT)
    stored_rooms(path, many, "room%06d")
    fill_rooms(path, many, "room%06d", members, messages)
    used = []
    for rooms in (few, many):
        run = annex(bench, rooms, 1, url="sqlite:" + path, options=["-l"])
        if run["history"] != rooms * messages:
            sys.exit("run: the stored history did not come")
        used.append(run["rss_left_kb"] - run["rss_before_kb"])
    return (used[1] - used[0]) / (many - few)


def place(bench, url, defaults=""):
    """Two ways to place as many people tell people and rooms apart."""
    people = 7500
    grown = []
    for rooms in (people // 100, people // 10):
        run = annex(bench, rooms, people // rooms, url=url(),
                          defaults=defaults)
        grown.append(run["rss_entered_kb"] - run["rss_before_kb"])
    room = (grown[1] - grown[0]) / (people / 10 - people / 100)
    return (grown[0] - room * people / 100) / people, room


def p6(bench):
    person, room = place(bench, lambda: "none")
    bench.show("P6 memory per occupant", f"{person:.2f}", "kB", "<= 1",
               person <= 1)
    bench.show("P6 memory per occupied room", f"{room:.2f}", "kB")
    person, room = place(bench, lambda: "sqlite:" + bench.database(),
                         PERSISTENT)
    bench.show("P6 stored, memory per occupant", f"{person:.2f}", "kB",
               "<= 1", person <= 1)
    bench.show("P6 stored, memory per occupied room", f"{room:.2f}", "kB")
    for members, messages in ((1, 0), (20, 20)):
        idle = idle_room(bench, members, messages)
        bench.show(f"P6 idle room, {members} members, {messages} messages",
                   f"{idle:.2f}", "kB", "<= 4", idle <= 4)


def p7(bench):
    count = STORED // 10 if bench.quick else STORED
    path = bench.database()
    url = "sqlite:" + path
    empty = annex(bench, 1, 1, url=url, defaults=PERSISTENT)
    stored_rooms(path, count, "stored%07d")
    rooms = 750 if bench.quick else 7500
    full = annex(bench, rooms, 10, bench.seconds, url=url, options=["-k"])
    start = full["start_seconds"]
    each = (full["rss_before_kb"] - empty["rss_before_kb"]) / count
    bench.show(f"P7 start with {count:,} stored rooms", f"{start:.3f}", "s",
               "<= 1", start <= 1)
    bench.show("P6 memory per stored idle room", f"{max(each, 0):.4f}",
               "kB", "0", each < 0.001)
    rss = full["rss_entered_kb"] / 1024
    bench.show(f"P7 RSS, {rooms * 10:,} people in {rooms:,} rooms",
               f"{rss:.1f}", "MB", "<= 150", rss <= 150)
    bench.show("P7 time for them to enter", f"{full['enter_seconds']:.1f}",
               "s")
    back = full["restore_seconds"]
    bench.show("P7 time until they are back after kill -9", f"{back:.1f}",
               "s", "<= 3", back <= 3)


FIGURES = {"P1": p1, "P2": p2, "P6": p6, "P7": p7}
