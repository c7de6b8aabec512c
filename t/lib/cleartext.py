"""Connects slixmpp to loopback in clear text, whichever slixmpp it is."""
import inspect

SETTINGS = {"enable_direct_tls": False, "enable_starttls": False,
            "enable_plaintext": True}


def dial(stream, port):
    """Of Debian 12 connect() is told by arguments, of 13 by attributes."""
    if "force_starttls" in inspect.signature(stream.connect).parameters:
        stream.connect(("127.0.0.1", port), force_starttls=False,
                       disable_starttls=True)
        return
    for name, value in SETTINGS.items():
        setattr(stream, name, value)
    stream.connect("127.0.0.1", port)
