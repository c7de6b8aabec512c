-- What Prosody needs to know of Annex; belongs into prosody.cfg.lua, or into
-- a file of its own in /etc/prosody/conf.d.

-- The port where components attach.  The link is clear text: keep it on
-- loopback or on a private wire.
component_ports = { 5347 }
component_interfaces = { "127.0.0.1" }

-- annex-muc.  The name needs a DNS record, or its parent's, when rooms are to
-- be open to other servers.  There must be no other Component of that name:
-- remove or rename one like: Component "rooms.example.org" "muc"
Component "rooms.example.org"
	component_secret = "the words in /etc/annex/muc.secret"
	-- A component that restarts takes over from its former self.
	component_conflict_resolve = "kick_old"
