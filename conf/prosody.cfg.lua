-- What Prosody needs to know of Annex; belongs into prosody.cfg.lua, or into
-- a file of its own in /etc/prosody/conf.d.

-- The port where components attach.  The link is clear text: keep it on
-- loopback or on a private wire.
component_ports = { 5347 }
component_interfaces = { "127.0.0.1" }

-- Your own host, whose section may be there already.  The module annex tells
-- components what they cannot see by themselves, and does things for them:
-- annex-archive and annex-offline need it, annex-muc is faster with it.  See
-- whether all is right: prosodyctl mod_annex
VirtualHost "example.org"
	-- In a section that has such a line add it there: a second one takes
	-- the place of the first.
	modules_enabled = { "annex" }
	annex = {
		["rooms.example.org"] = { hooks = { "fanout" } };

		-- Without the last two nobody reads the archive.  Prosody's
		-- own module mam must not be enabled beside it.
		["archive.example.org"] = { hooks = {
			"tap", "deliver", "delegate:urn:xmpp:mam:2",
		} };

		["offline.example.org"] = { hooks = {
			"store", "deliver", "presence",
			"delegate:http://jabber.org/protocol/offline",
			"delegate:msgoffline",
		} };

		-- A component of your own that judges messages.  All that can
		-- be set, with what it is when it is not:
		--[[
		["judge.example.org"] = {
			-- tap check store presence route deliver fanout
			-- overlay act:NAMESPACE act:presence
			-- delegate:NAMESPACE delegate:NODE
			hooks = { "tap", "check" };

			-- Seconds for an answer, until it goes on without.
			timeout = 2;

			-- Copies of messages on their way, and as many that
			-- wait in memory, both up to so many bytes; the others
			-- on disk, up to so many.  A copy has some 600 bytes
			-- more than its text, so this is for 100,000: minutes
			-- of a busy host.  Beyond it chat goes on and copies
			-- are lost, and counted; who must not lose any gives
			-- it what a day brings.
			window = 1000;
			window_bytes = 16777216;
			spool = 67108864;

			-- Fan-outs on their way.
			credit = 64;

			-- Without a verdict messages go on ("open") or back
			-- ("closed").
			fail = "open";

			-- Messages of one session that wait for a verdict; and
			-- from how many bytes of them no more are taken.
			parked = 100;
			parked_bytes = 1048576;

			-- IQs of users that it has not answered, with the hook
			-- delegate: of all, and of each.
			delegated = 1000;
			delegated_each = 100;

			-- Who is judged: the first profile that fits is taken.
			-- Without profiles everybody.
			profiles = {
				{
					name = "traders";
					-- Of this host; absent: everybody.
					users = { "romeo", "juliet" };
					-- The other side, or its domain;
					-- absent: everybody.
					peers = { "example.net" };
					-- Of IQs that set something and of
					-- messages without a body.
					namespaces = { "urn:xmpp:jingle:1" };
					fail = "closed";
					timeout = 5;
				};
			};
		};
		--]]
	}

-- annex-muc.  The name needs a DNS record, or its parent's, when rooms are to
-- be open to other servers.  There must be no other Component of that name:
-- remove or rename one like: Component "rooms.example.org" "muc"
Component "rooms.example.org"
	component_secret = "the words in /etc/annex/muc.secret"
	-- A component that restarts takes over from its former self.
	component_conflict_resolve = "kick_old"

-- annex-offline.  Nobody writes to that name: it needs no DNS record.
Component "offline.example.org"
	component_secret = "the words in /etc/annex/offline.secret"
	component_conflict_resolve = "kick_old"

-- annex-archive.  As annex-offline.
Component "archive.example.org"
	component_secret = "the words in /etc/annex/archive.secret"
	component_conflict_resolve = "kick_old"
