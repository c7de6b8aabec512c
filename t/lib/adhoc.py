"""Somebody who uses ad-hoc commands as slixmpp implements them (XEP-0050)."""
import asyncio

from client import PASSWORD, SECS, register, slixmpp
from cleartext import dial
from slixmpp.exceptions import IqError


class Refused(Exception):
    """The conditions of an error, that of RFC 6120 first."""

    def __init__(self, iq):
        error = iq["error"]
        self.type = error["type"]
        self.conditions = [child.tag.split("}")[1] for child in error.xml
                           if not child.tag.endswith("}text")]
        super().__init__(f"{self.type}: {' '.join(self.conditions)}")


class Outcome:
    """An answer: its status, its notes, and what its form holds."""

    def __init__(self, iq):
        command = iq["command"]
        self.session = command["sessionid"]
        self.status = command["status"]
        self.actions = set(command["actions"])
        self.notes = command["notes"]
        self.lang = command.xml.get(
            "{http://www.w3.org/XML/1998/namespace}lang")
        found = command.xml.find("{jabber:x:data}x")
        self.form = iq["command"]["form"] if found is not None else None

    @property
    def rows(self):
        return [dict(item) for item in self.form["items"]]

    @property
    def values(self):
        return self.form.get_values()

    @property
    def note(self):
        (kind, text), = self.notes
        return f"{kind}: {text}"


class Commander:
    def __init__(self, stage, name):
        port = stage.router.client_port
        register(port, "verona.test", name)
        self.loop = stage.loop
        self.to = stage.rooms
        self.xmpp = slixmpp.ClientXMPP(
            f"{name}@verona.test/desk", PASSWORD, sasl_mech="PLAIN",
            plugin_config={"feature_mechanisms":
                           {"unencrypted_plain": True}})
        for plugin in "xep_0004", "xep_0030", "xep_0050":
            self.xmpp.register_plugin(plugin)
        started = self.loop.create_future()
        self.xmpp.add_event_handler(
            "session_start",
            lambda event: started.done() or started.set_result(True))
        dial(self.xmpp, port)
        self._wait(started)

    def close(self):
        self.xmpp.abort()
        self.xmpp.cancel_connection_attempt()
        self.xmpp._run_out_filters.cancel()
        self._wait(asyncio.sleep(0))

    def _wait(self, awaitable):
        return self.loop.run_until_complete(
            asyncio.wait_for(awaitable, SECS))

    def nodes(self):
        """The commands that are offered, by node."""
        answer = self._wait(self.xmpp["xep_0050"].get_commands(self.to))
        return {node: name for _, node, name in
                answer["disco_items"]["items"]}

    def info(self, node):
        try:
            answer = self._wait(self.xmpp["xep_0030"].get_info(
                self.to, node, cached=False))
        except IqError as problem:
            raise Refused(problem.iq) from None
        return answer["disco_info"]

    def send(self, node, action="execute", session=None, fields=None):
        form = None
        if fields is not None:
            form = self.xmpp["xep_0004"].make_form(ftype="submit")
            for var, value in fields.items():
                form.add_field(
                    var=var, value=value,
                    ftype="text-multi" if isinstance(value, list) else None)
        try:
            return Outcome(self._wait(self.xmpp["xep_0050"].send_command(
                self.to, node, action=action, sessionid=session,
                payload=form)))
        except IqError as problem:
            raise Refused(problem.iq) from None

    def run(self, node, **fields):
        """As clients do it: asks for the form, fills it in, completes."""
        asked = self.send(node)
        if asked.status != "executing":
            return asked
        assert asked.form["type"] == "form", f"{asked.form}"
        unknown = set(fields) - set(asked.form.get_fields())
        assert not unknown, f"no fields {unknown}"
        assert asked.actions == {"complete"}, f"{asked.actions}"
        return self.send(node, "complete", asked.session, fields)
