-- Copies of messages (PROTOCOL, section 4).

local datamanager = require "util.datamanager";
local jid = require "util.jid";
local user_exists = require "core.usermanager".user_exists;

local spool = module:require "spool";
local queue = module:require "queue";
local guard, link, forward = annex.guard, annex.link, annex.forward;
local mark, origin = annex.mark, annex.origin;
local escape = require "util.stanza".xml_escape;
local hosts, full_sessions = prosody.hosts, prosody.full_sessions;
local tap = {};
local queues = {};
local find = string.find;
-- Seconds.
local retry_after = 10;
local head = "<tap xmlns='" .. annex.ns .. "' seq='";

-- Says once that taps are lost, and then how many there were.
local function report(peer, problem)
	local at_once = not peer.taps_lost;
	peer.taps_lost = (peer.taps_lost or 0) + 1;
	if at_once then
		module:log("error", "taps for %s are lost: %s", peer.name,
			problem);
	end
end

-- Says once that taps cannot be read, and tries again until they can.
local function watch(peer)
	local line = queues[peer];
	if not line.problem or line.watched then
		return;
	end
	line.watched = true;
	module:log("error", "taps for %s cannot be read: %s", peer.name,
		line.problem);
	guard.timer(retry_after, function ()
		if queues[peer] == line then
			line:retry();
			line.watched = line.problem ~= nil;
			return line.watched and retry_after or nil;
		end
	end);
end

local function add(peer, text)
	local good, problem = queues[peer]:add(text);
	watch(peer);
	if not good then
		report(peer, problem);
	elseif peer.taps_lost then
		module:log("warn", "%d taps for %s were lost", peer.taps_lost,
			peer.name);
		peer.taps_lost = nil;
	end
end

-- Whether a stanza comes from or goes to a domain.
local function is_for(name, stanza)
	local from, to = stanza.attr.from, stanza.attr.to;
	return from and find(from, name, 1, true) and jid.host(from) == name
		or to and find(to, name, 1, true) and jid.host(to) == name;
end

-- What a <tap/> has after its number.
local function print_tap(stanza, attributes, to, lost)
	if lost > 0 then
		attributes = (" lost='%d'%s"):format(lost, attributes);
	end
	return forward.wrap(stanza, forward.stamp(), to, attributes, "</tap>");
end

-- A stanza's copy for each component but one that it comes from or goes to.
-- Returns whether there was any.
local function copy(stanza, attributes, to)
	local usual, any;
	for peer, line in pairs(queues) do
		local text = usual;
		if is_for(peer.name, stanza) then
			text = nil;
		elseif line.lost > 0 then
			text = print_tap(stanza, attributes, to, line.lost);
		elseif not usual then
			text = print_tap(stanza, attributes, to, 0);
			usual = text;
		end
		if text then
			add(peer, text);
			any = true;
		end
	end
	return any;
end

-- One text at once: each on the way to it would be garbage.
local function attributes_of(value, dir, origin)
	if not value then
		return " dir='" .. dir .. "' origin='" .. origin .. "'>";
	end
	return " id='" .. escape(value) .. "' dir='" .. dir .. "' origin='"
		.. origin .. "'>";
end

local function origin_of(event)
	local user, host = jid.split(event.stanza.attr.from);
	if event.origin.type == "s2sin" or event.origin.type == "s2sout" then
		return "remote";
	elseif user and hosts[host] and hosts[host].type == "local" then
		return "local";
	end
	return "component";
end

local function is_account(user)
	return prosody.bare_sessions[user]
		or user_exists(jid.node(user), annex.host);
end

-- What deliver handed to a session.
function tap.shown(stanza, to, value)
	local own = stanza.attr.to;
	stanza.attr.to = to;
	copy(stanza, attributes_of(value, "shown", "component"));
	stanza.attr.to = own;
end

guard.hook_each("pre-message/bare pre-message/full pre-message/host",
	function (event)
		local sender = origin.sender(event);
		local done = mark.of(event);
		if sender and not done.aside then
			copy(event.stanza,
				attributes_of(done.id, "out", "local"), sender);
		end
	end, -0.9);

-- An error by which the router itself answers a message.
local function is_own_answer(event)
	return event.stanza.attr.type == "error"
		and event.origin == hosts[annex.host];
end

local function copy_in(event)
	local user = origin.recipient(event);
	local done = mark.of(event);
	return user and not done.aside and not is_own_answer(event)
		and is_account(user) and copy(event.stanza, attributes_of(
			done.id, "in", origin_of(event)), user);
end

guard.hook("message/bare", function (event)
	copy_in(event);
end, -0.9);

-- What was just printed is not printed again for the session.
guard.hook("message/full", function (event)
	local stanza = event.stanza;
	local session = full_sessions[stanza.attr.to];
	if copy_in(event) and annex.session.is_plain(session) then
		return annex.session.write(session, stanza, forward.alone())
			or nil;
	end
end, -0.9);

annex.request.on_message("tap", "ack", function (peer, element)
	local number = math.tointeger(tonumber(element.attr.seq));
	if number then
		queues[peer]:ack(number);
		watch(peer);
	end
end);

local function open(peer)
	local path = datamanager.getpath(peer.name, annex.host, "annex_tap",
		"spool", true);
	queues[peer] = queue.new(peer.window, peer.window_bytes,
		spool.open(path, peer.spool),
		function (number, text)
			link.message(peer, head, number, "'", text);
		end);
	watch(peer);
end

for _, peer in ipairs(link.with("tap")) do
	open(peer);
end

link.on_up(function (peer)
	if queues[peer] then
		queues[peer]:attach();
		watch(peer);
	end
end);

link.on_down(function (peer)
	if queues[peer] then
		queues[peer]:detach();
	end
end);

-- When the router ends, or the module.
function tap.close()
	for peer, entry in pairs(queues) do
		local good, problem, lost = entry:close();
		if not good then
			module:log("error", "%d taps for %s are lost: %s",
				lost, peer.name, problem);
		end
	end
	queues = {};
end

return tap;
