-- Copies of messages, and whose account is removed (PROTOCOL, section 4).

local datamanager = require "util.datamanager";
local jid = require "util.jid";
local user_exists = require "core.usermanager".user_exists;

local spool = module:require "spool";
local queue = module:require "queue";
local guard, link, forward = annex.guard, annex.link, annex.forward;
local mark, origin = annex.mark, annex.origin;
local attribute, escaped_id = forward.attribute, forward.escaped_id;
local new_id = require "util.id".medium;
local hosts, full_sessions = prosody.hosts, prosody.full_sessions;
local tap = {};
-- By component: of those that are sent copies, and of all.
local copying, queues = {}, {};
local find = string.find;
-- The message, by its mark, whose out was printed last, and by component where
-- that is: its in may become one with it.
local sent_last;
local outs = {};
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

-- What comes behind the id: made once, it would be garbage of each message.
local function way_of(dir, where)
	return "' dir='" .. dir .. "' origin='" .. where .. "'>";
end

local out, both = way_of("out", "local"), way_of("both", "local");
local shown = way_of("shown", "component");
local into = {};
for _, where in ipairs { "local", "remote", "component" } do
	into[where] = way_of("in", where);
end

-- Where the way is that was printed last.
local way_place;

-- Adds to a list of so many texts what a <tap/> has after its number: an id, if
-- there is one, and what is behind it.  stamp is nil for now.  Returns how many
-- there are then.
local function append(list, count, stanza, value, way, to, lost, stamp)
	if lost > 0 then
		count = count + 1;
		list[count] = (" lost='%d'"):format(lost);
	end
	list[count + 1] = value and " id='" or "";
	list[count + 2] = value and escaped_id(value) or "";
	list[count + 3] = value and way or way:sub(2);
	way_place = count + 3;
	count = forward.append(list, count + 3, stanza,
		stamp or forward.stamp(), to);
	list[count + 1] = "</tap>";
	return count + 1;
end

-- Prints a whole one right to where it is sent from: a text for the queue alone
-- would be most of what a message leaves behind.
local function print_sent(peer, list, count, number, ...)
	list[count + 1], list[count + 2] = head, ("%d'"):format(number);
	local before = link.measure(peer, count + 2);
	local last = append(list, count + 2, ...);
	return last, before + 1, link.measure(peer, last) - before;
end

local function is_flowing(peer, line)
	return line.lost == 0 and not peer.taps_lost and line:is_flowing();
end

-- Counts one that could not be printed.
local function lose(peer, line)
	line:lose();
	report(peer, "a message cannot be printed");
end

-- To one that waits for nothing.  Returns whether it could be printed.
local function send(peer, line, stanza, value, way, to, done)
	local whole, first, size, count = link.print(peer, print_sent,
		line:next_number(), stanza, value, way, to, 0,
		done and done.written);
	if not whole then
		return false;
	end
	local last = outs[peer];
	last.done = way == out and done or nil;
	last.number = line:add_sent(whole, first, size);
	last.whole, last.count, last.way = whole, count, way_place;
	last.first, last.last = forward.place();
	return true;
end

-- Prints a message that came for somebody, to be compared with its out, unless
-- it can be told without that they are not the same.
local function may_join(stanza, done, to)
	return done == sent_last and done.stamped == stanza[#stanza]
		and guard.try(forward.lay_out, stanza, to);
end

-- Says of the out of what was printed last that it came as well, if it did as
-- it was sent, but for the id that was put into it, and nothing is between
-- them.
local function join(peer, line, done)
	local last = outs[peer];
	if last.done ~= done or not link.ends_at(peer, last.whole, last.count)
			or not forward.extends(peer.out, last.first, last.last)
			or not line:grow(last.number, #both - #out) then
		return false;
	end
	link.amend(peer, last.way, both);
	last.done = nil;
	return true;
end

-- A stanza's copy for each component but one that it comes from or goes to.
-- Returns whether there was any, and all could be printed.
local function copy(stanza, value, way, to, done)
	local joins = way == into["local"] and may_join(stanza, done, to);
	local written = done and done.written;
	local usual, any, broken;
	for peer, line in pairs(copying) do
		local text = usual;
		local good = true;
		if is_for(peer.name, stanza) then
			text = nil;
		elseif joins and join(peer, line, done) then
			text, any = nil, true;
		elseif is_flowing(peer, line) then
			good = send(peer, line, stanza, value, way, to, done);
			text, any = nil, true;
		elseif line.lost > 0 then
			text = guard.call(forward.join, append, stanza, value,
				way, to, line.lost, written);
			good = text ~= nil;
		elseif not usual then
			text = guard.call(forward.join, append, stanza, value,
				way, to, 0, written);
			usual, good = text, text ~= nil;
		end
		if text then
			add(peer, text);
			any = true;
		elseif not good then
			lose(peer, line);
			broken = true;
		end
	end
	return any and not broken;
end

local function origin_of(event)
	local from = event.stanza.attr.from;
	if event.origin.type == "s2sin" or event.origin.type == "s2sout" then
		return "remote";
	elseif from and full_sessions[from] then
		return "local";
	end
	local user, host = jid.split(from);
	if user and hosts[host] and hosts[host].type == "local" then
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
	copy(stanza, value, shown);
	stanza.attr.to = own;
end

-- When the sessions have ended, and before anybody can have the name again.
guard.hook_global("user-deleted", function (event)
	if event.host ~= annex.host then
		return;
	end
	local text = attribute("id", new_id()) .. attribute("dir", "removed")
		.. attribute("user", jid.join(event.username, annex.host))
		.. "/>";
	for peer, line in pairs(queues) do
		add(peer, line.lost > 0 and attribute("lost",
			("%d"):format(line.lost)) .. text or text);
	end
end, -10);

-- An error by which the router itself answers a message.
local function is_own_answer(event)
	return event.stanza.attr.type == "error"
		and event.origin == hosts[annex.host];
end

local function copy_out(event)
	local sender = origin.sender(event);
	local done = mark.of(event);
	if sender and not done.aside then
		copy(event.stanza, done.id, out, sender, done);
		sent_last = done;
	end
end

local function copy_in(event)
	local user = origin.recipient(event);
	local done = mark.of(event);
	return user and not done.aside and not is_own_answer(event)
		and is_account(user) and copy(event.stanza, done.id,
			into[origin_of(event)], user, done);
end

-- What was just printed is not printed again for the session.
local function copy_to_session(event)
	local stanza = event.stanza;
	local session = full_sessions[stanza.attr.to];
	if copy_in(event) and annex.session.is_plain(session) then
		return annex.session.write(session, stanza, forward.alone())
			or nil;
	end
end

if link.any("tap") then
	guard.hook_each("pre-message/bare pre-message/full pre-message/host",
		copy_out, -0.9);
	guard.hook("message/bare", function (event)
		copy_in(event);
	end, -0.9);
	guard.hook("message/full", copy_to_session, -0.9);
end

local function acknowledge(peer, element)
	local number = math.tointeger(tonumber(element.attr.seq));
	if number then
		queues[peer]:ack(number);
		watch(peer);
	end
end

annex.request.on_message("tap", "ack", acknowledge);
annex.request.on_message("store", "ack", acknowledge);

local function open(peer)
	local path = datamanager.getpath(peer.name, annex.host, "annex_tap",
		"spool", true);
	outs[peer] = {};
	queues[peer] = queue.new(peer.window, peer.window_bytes,
		spool.open(path, peer.spool),
		function (number, text)
			link.message(peer, head, ("%d'"):format(number), text);
		end);
	copying[peer] = peer.hooks.tap and queues[peer] or nil;
	watch(peer);
end

for _, hook in ipairs { "tap", "store" } do
	for _, peer in ipairs(link.with(hook)) do
		if not queues[peer] then
			open(peer);
		end
	end
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

local function close(peer, line)
	local good, problem, lost = line:close();
	if not good then
		module:log("error", "%d taps for %s are lost: %s", lost,
			peer.name, problem);
	end
end

-- When the router ends, or the module.
function tap.close()
	for peer, line in pairs(queues) do
		-- Texts that are parts of what is written are there only then.
		peer.write_out();
		guard.call(close, peer, line);
	end
	copying, queues = {}, {};
end

return tap;
