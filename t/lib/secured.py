"""A client whose stream is encrypted (STARTTLS), compressed (XEP-0138) or
both."""
import ssl
import zlib

from user import User

TLS = "urn:ietf:params:xml:ns:xmpp-tls"
COMPRESS = "http://jabber.org/protocol/compress"


def anybody():
    """Whatever the certificate says."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Secured(User):
    def __init__(self, *whom, tls=True, compress=False):
        super().__init__(*whom)
        self.tls, self.compress = tls, compress

    def authenticate(self):
        self.deflater = self.inflater = None
        super().authenticate()

    def connected(self):
        if self.tls:
            self.send(f"<starttls xmlns='{TLS}'/>")
            self.expect("proceed")
            self.run(self.writer.start_tls(anybody()))
            self.begin()

    def authenticated(self):
        if self.compress:
            self.send(f"<compress xmlns='{COMPRESS}'><method>zlib</method>"
                      "</compress>")
            self.expect("compressed")
            self.deflater, self.inflater = (zlib.compressobj(),
                                            zlib.decompressobj())
            self.begin()

    def pack(self, data):
        if self.deflater is None:
            return data
        return (self.deflater.compress(data)
                + self.deflater.flush(zlib.Z_SYNC_FLUSH))

    def unpack(self, data):
        return data if self.inflater is None else self.inflater.decompress(
            data)
