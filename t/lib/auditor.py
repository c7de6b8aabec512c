#!/usr/bin/python3
"""Whether an archive has what was delivered, each message once.

usage: auditor.py BOOK psql ARGUMENTS...

BOOK is what clients noted (circle.py); psql, with these arguments, asks the
database.  Nothing is believed that annex-archive says of itself.  Prints what
is wrong, some of each kind, then how many there are of each; exits with 1 when
anything is wrong."""
import collections
import json
import subprocess
import sys

SHOWN = 5
BOTH_WAYS = 3

ROWS = """
SELECT json_build_array(s.jid, r.jid, m.id, m.body, m.uid, m.ways)
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


def read_tables(command):
    """The rows, and the ways of each by its uid."""
    out = subprocess.run([*command, "-c", ROWS], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    rows, ways = [], {}
    for line in out.splitlines():
        sender, recipient, id, text, uid, seen = json.loads(line)
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
            if order[pair] != ids],
    }


def main(argv):
    if len(argv) < 3:
        sys.exit(__doc__)
    sent, got = read_book(argv[1])
    rows, ways = read_tables(argv[2:])
    found = audit(sent, got, rows, ways)
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
