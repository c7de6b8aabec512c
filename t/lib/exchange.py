#!/usr/bin/python3
"""exchange.py PORT ROOM: two accounts meet in a room and exchange a message;
then one leaves, and gets what the other writes meanwhile when it is back.

The accounts come on standard input, a line "JID PASSWORD" for each."""
import asyncio
import logging
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
import slixmpp  # noqa: E402

from cleartext import dial  # noqa: E402

SECS = 30
CREATED = ("{http://jabber.org/protocol/muc#user}x/"
           "{http://jabber.org/protocol/muc#user}status[@code='201']")


class Visitor(slixmpp.ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password, plugin_config={
            "feature_mechanisms": {"unencrypted_plain": True}})
        self.register_plugin("xep_0045")
        self.register_plugin("xep_0199")
        self.online = self.loop.create_future()
        self.heard = self.loop.create_future()
        self.read = self.loop.create_future()
        self.add_event_handler("session_start", self._started)
        self.add_event_handler("failed_all_auth", self._refused)
        self.add_event_handler("groupchat_message", self._hears)
        self.add_event_handler("message", self._reads)

    def _started(self, event):
        self.online.set_result(True)

    def _refused(self, event):
        self.online.set_exception(RuntimeError(f"{self.boundjid}: refused"))

    def _hears(self, message):
        if message["body"] and not self.heard.done():
            self.heard.set_result(f"{message['mucnick']}: {message['body']}")

    def _reads(self, message):
        if message["type"] == "chat" and not self.read.done():
            self.read.set_result(message["body"])

    async def come(self, port):
        dial(self, port)
        await self.online

    async def enter(self, room):
        """Enters; the first in a new room accepts it as it is."""
        nick = self.boundjid.user
        here = self.loop.create_future()

        def seen(presence):
            if presence["from"] == f"{room}/{nick}" and not here.done():
                here.set_result(presence)

        self.add_event_handler("presence", seen)
        self.send_presence()
        self.send_raw(f"<presence to='{room}/{nick}'>"
                      "<x xmlns='http://jabber.org/protocol/muc'/>"
                      "</presence>")
        presence = await here
        if presence["type"] == "error":
            raise RuntimeError(f"{room}: {presence['error']['condition']}")
        if presence.xml.find(CREATED) is not None:
            iq = self.make_iq_set(ito=room)
            iq.set_payload(slixmpp.ET.fromstring(
                "<query xmlns='http://jabber.org/protocol/muc#owner'>"
                "<x xmlns='jabber:x:data' type='submit'/></query>"))
            await iq.send()


async def leave_a_note(port, writer, reader):
    """Returns what the reader finds."""
    again = Visitor(reader.boundjid.bare, reader.password)
    await reader.disconnect()
    writer.send_message(mto=reader.boundjid.bare, mtype="chat",
                        mbody="Parting is such sweet sorrow")
    await writer.plugin["xep_0199"].ping(writer.boundjid.domain)
    await again.come(port)
    again.send_presence()
    note = await again.read
    await again.disconnect()
    return note


async def exchange(port, room, visitors):
    for visitor in visitors:
        await visitor.come(port)
        await visitor.enter(room)
    speaker, listener = visitors
    speaker.send_message(mto=room, mtype="groupchat",
                         mbody="But, soft! what light through yonder window?")
    print(f"{listener.boundjid.bare} heard {await listener.heard}")
    print(f"{speaker.boundjid.bare} heard {await speaker.heard}")
    note = await leave_a_note(port, speaker, listener)
    print(f"{listener.boundjid.bare} found: {note}")
    await speaker.disconnect()


def main():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    visitors = [Visitor(*line.split()) for line in sys.stdin]
    loop.run_until_complete(asyncio.wait_for(
        exchange(int(sys.argv[1]), sys.argv[2], visitors), SECS))
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))


main()
