#!/usr/bin/python3
"""policyserver.py [OPTION]... RULES: judges what annex-archive asks about, as
policy.yaml says; a beginning for a server of one's own.

RULES is a JSON file, a list of rules; the first that fits is followed, and
what no rule fits is allowed:

    [{"if": {"direction": "out", "bodies": "\\\\bsecret\\\\b"},
      "then": {"verdict": "block", "notice": "Not to people outside."}},
     {"if": {"direction": "out", "kind": "message"},
      "then": {"verdict": "modify", "append": "Sent by Example Ltd."}}]

Each member of "if" is a regular expression that is looked for in the member of
that name of the question, in each text of a list; where it has none, the rule
does not fit."""
import argparse
import http.server
import json
import re
import ssl

QUESTION_BYTES_MAX = 8 << 20


def texts(value):
    if isinstance(value, list):
        return [one["text"] for one in value]
    return [str(value)]


def fits(conditions, question):
    return all(any(re.search(pattern, text, re.I | re.S)
                   for text in texts(question.get(name, [])))
               for name, pattern in conditions.items())


def judge(rules, question):
    """The verdict, as it is answered."""
    for rule in rules:
        if fits(rule.get("if", {}), question):
            return rule["then"]
    return {"verdict": "allow"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"       # whose connections are kept
    disable_nagle_algorithm = True
    wbufsize = -1                       # one packet for head and body

    def do_GET(self):
        """A probe: whoever can answer this can judge."""
        if self.path == "/healthz":
            self.answer(200, {"status": "well"})
        else:
            self.send_error(404)

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if length > QUESTION_BYTES_MAX:
            self.send_error(413)
            return
        try:
            question = json.loads(self.rfile.read(length))
            self.answer(200, self.server.judge(question))
        except ValueError as fault:
            self.answer(400, {"error": str(fault)})

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    """cert and key: files of its certificate, none for clear text.  clients:
    a file with the certificates that clients must have, or be signed by."""
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, rules=(), cert=None, key=None, clients=None,
                 handler=Handler):
        super().__init__(address, handler)
        self.rules = rules
        self.context = None
        if cert:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(cert, key)
        if clients:
            self.context.load_verify_locations(clients)
            self.context.verify_mode = ssl.CERT_REQUIRED

    def judge(self, question):
        return judge(self.rules, question)

    def finish_request(self, request, client_address):
        """In the thread of the connection, so that none waits for the
        handshake of another."""
        if self.context:
            request.settimeout(30)
            request = self.context.wrap_socket(request, server_side=True)
            request.settimeout(None)
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        """Who hangs up, or has no good certificate, is no fault of ours."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--clients")
    parser.add_argument("rules")
    given = parser.parse_args()
    with open(given.rules, encoding="utf-8") as file:
        rules = json.load(file)
    server = Server((given.address, given.port), rules, given.cert,
                    given.key, given.clients)
    print(f"listening on {given.address}, port {given.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
