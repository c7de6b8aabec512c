#!/usr/bin/python3
"""Whether an archive has what was delivered, each message once.

usage: auditor.py [--torn] BOOK psql ARGUMENTS...
       auditor.py [--torn] BOOK sqlite FILE

BOOK is what clients noted (circle.py); psql, with these arguments, asks the
database, or it is that file.  Nothing is believed that annex-archive says of
itself.  Prints what is wrong, some of each kind, then how many there are of
each; exits with 1 when anything is wrong.

--torn: the router was killed, with which goes what was on its way in it: a
message may be lost before it is delivered, archived or not, and a copy of one
that is archived."""
import collections
import contextlib
import json
import sqlite3
import subprocess
import sys

SHOWN = 5
BOTH_WAYS = 3

CELLS = "s.jid, r.jid, m.id, m.body, m.uid, m.ways"
ROWS = """
SELECT {}
FROM archive_message m JOIN archive_address s ON s.id = m.sender
JOIN archive_address r ON r.id = m.recipient ORDER BY m.serial
"""

# key: sender, recipient and the sender's id.
Noted = collections.namedtuple("Noted", "key text uid")


def read_book(path):
    noted = {"sent": [], "got": []}
    with open(path, encoding="utf-8") as file:
        for line in file:
            what, sender, recipient, id, text, uid = json.loads(line)
            noted[what].append(Noted((sender, recipient, id), text, uid))
    return noted["sent"], noted["got"]


def cells(source):
    if source[0] == "sqlite":
        with contextlib.closing(sqlite3.connect(source[1])) as file:
            return file.execute(ROWS.format(CELLS)).fetchall()
    rows = ROWS.format(f"json_build_array({CELLS})")
    out = subprocess.run([*source, "-c", rows], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    return map(json.loads, out.splitlines())


def read_tables(source):
    """The rows, and the ways of each by its uid."""
    rows, ways = [], {}
    for sender, recipient, id, text, uid, seen in cells(source):
        rows.append(Noted((sender, recipient, id), text, uid))
        ways[uid] = seen
    return rows, ways


def twice(entries):
    return [key for key, count in
            collections.Counter(entry.key for entry in entries).items()
            if count > 1]


def by_pair(entries):
    pairs = collections.defaultdict(list)
    for entry in entries:
        sender, recipient, id = entry.key
        pairs[sender, recipient].append(id)
    return pairs


def common(ids, others):
    return [id for id in ids if id in others]


def audit(sent, got, rows, ways):
    """What is wrong, by kind."""
    said = {entry.key: entry.text for entry in sent}
    came = {entry.key: entry for entry in got}
    kept = {entry.key: entry for entry in rows}
    order = by_pair(rows)
    return {
        "sent but not delivered": [key for key in said if key not in came],
        "delivered twice": twice(got),
        "delivered but not archived": [
            key for key in came if key not in kept],
        "archived twice": twice(rows),
        "archived but not delivered": [
            key for key in kept if key not in came],
        "archived otherwise than sent": [
            key for key in kept if said.get(key) != kept[key].text],
        "archived by another id than delivered": [
            key for key in came
            if key in kept and came[key].uid != kept[key].uid],
        "archived without its sender's or recipient's copy": [
            uid for uid, seen in ways.items() if seen != BOTH_WAYS],
        "archived in another order than delivered": [
            pair for pair, ids in by_pair(got).items()
            if common(order[pair], set(ids))
            != common(ids, set(order[pair]))],
    }


# What may be so when the router was killed.
TORN = ("sent but not delivered", "archived but not delivered",
        "archived without its sender's or recipient's copy")


def main(argv):
    torn = argv[1:2] == ["--torn"]
    book, *source = argv[2 if torn else 1:] or [None]
    if len(source) < 2:
        sys.exit(__doc__)
    sent, got = read_book(book)
    rows, ways = read_tables(source)
    found = audit(sent, got, rows, ways)
    if torn:
        found = {kind: wrong for kind, wrong in found.items()
                 if kind not in TORN}
    for kind, wrong in found.items():
        for what in wrong[:SHOWN]:
            print(f"{kind}: {what}")
    print(f"{len(sent)} sent, {len(got)} delivered, {len(rows)} archived")
    for kind, wrong in found.items():
        if wrong:
            print(f"{len(wrong)} {kind}")
    sys.exit(any(found.values()))


if __name__ == "__main__":
    main(sys.argv)
