-- The streams of the components: hello, what is sent to them, and what they
-- are asked.

local st = require "util.stanza";
local now = require "util.time".now;
local add_task = require "util.timer".add_task;

local concat = table.concat;
local escape = st.xml_escape;

local guard, forward = annex.guard, annex.forward;
local attribute = forward.attribute;
local link = { all = {} };
local hosts = prosody.hosts;
-- Seconds by which an answer may be later than its timeout.
local tick = 0.1;
-- Texts that are gathered before they are written in any case: what is written
-- twice before the router comes to it is put together once more.
local most_gathered = 8000;
local up_hooks, down_hooks, stanza_hooks = {}, {}, {};

-- Calls func with the link after hello, and func with the link when
-- its stream has ended.
function link.on_up(func)
	table.insert(up_hooks, func);
end

function link.on_down(func)
	table.insert(down_hooks, func);
end

-- Calls func with the event of each stanza that is about to be written to a
-- component that has that hook, as guard.hook_other does.
function link.on_stanza(hook, func, priority, otherwise)
	table.insert(stanza_hooks, { hook = hook, func = func,
		priority = priority, otherwise = otherwise });
end

-- Whether any component has that hook.
function link.any(hook)
	return link.one(hook) ~= nil;
end

-- The link of a component that has that hook.
function link.one(hook)
	for _, peer in pairs(link.all) do
		if peer.hooks[hook] then
			return peer;
		end
	end
end

-- All of them, in a list.
function link.with(hook)
	local found = {};
	for _, peer in pairs(link.all) do
		if peer.hooks[hook] then
			table.insert(found, peer);
		end
	end
	return found;
end

-- Writes what was gathered.
local function write_out(peer)
	local out, count = peer.out, peer.count;
	local text = concat(out, "", 1, count);
	local whole = peer.whole;
	if whole then
		whole.text, peer.whole = text, nil;
		if whole.queue then
			whole.queue:keep(whole);
		end
	end
	if count > 2 * most_gathered then
		peer.out = {};
	else
		for i = 1, count do
			out[i] = nil;
		end
	end
	peer.count, peer.measured, peer.bytes = 0, 0, 0;
	if peer.session and count > 0 then
		peer.write(text);
	end
end

-- Returns a list of so many texts that are written when the router has done all
-- else that there is to do: to write is dearer than what is written.
local function gathered(peer)
	if not peer.awaited then
		peer.awaited = true;
		add_task(0, peer.write_out);
	elseif peer.count > most_gathered then
		write_out(peer);
	end
	return peer.out, peer.count;
end

local function gather(peer, one, two, three)
	local out, count = gathered(peer);
	out[count + 1], out[count + 2], out[count + 3] = one, two, three;
	peer.count = count + 3;
end

-- How many bytes the first ones of what was gathered are.
function link.measure(peer, count)
	local out, bytes = peer.out, peer.bytes;
	for i = peer.measured + 1, count do
		bytes = bytes + #out[i];
	end
	peer.bytes, peer.measured = bytes, count;
	return bytes;
end

-- Whether what was gathered for a whole text ends there.
function link.ends_at(peer, whole, count)
	return peer.whole == whole and peer.count == count;
end

-- Puts a text in the place of one that was gathered.
function link.amend(peer, place, text)
	local out = peer.out;
	if place <= peer.measured then
		peer.bytes = peer.bytes + #text - #out[place];
	end
	out[place] = text;
end

-- Forgets what was printed of something that could not be printed to its end.
local function discard(peer)
	local out = peer.out;
	for i = #out, peer.count + 1, -1 do
		out[i] = nil;
	end
	peer.measured, peer.bytes = 0, 0;
end

-- Sends a message whose content add(peer, list, count, ...) adds to a list of
-- so many texts; it returns how many there are then, where what is to be
-- remembered begins, and how many bytes that is.  Returns a table whose text
-- that will be a part of when it is written, those two, and how many texts were
-- gathered then, or nil when it could not be printed.  There must be a stream.
function link.print(peer, add, ...)
	local list, count = gathered(peer);
	list[count + 1] = peer.message;
	local good, last, first, size = guard.try(add, peer, list, count + 1,
		...);
	if not good then
		discard(peer);
		return nil;
	end
	list[last + 1] = "</message>";
	peer.count = last + 1;
	peer.whole = peer.whole or {};
	return peer.whole, first, size, last + 1;
end

-- Sends a text as it is.  Returns false when there is no stream.
function link.send(peer, text)
	if not peer.session then
		return false;
	end
	gather(peer, text, "", "");
	return true;
end

-- Whether a component can be asked.
function link.is_up(peer)
	return peer.session ~= nil and not peer.closing;
end

-- Sends a message of some texts, of which there may be less.
function link.message(peer, one, two, three, four)
	if not peer.session then
		return false;
	end
	gather(peer, peer.message, one, two or "");
	gather(peer, three or "", four or "", "</message>");
	return true;
end

-- Ids of questions that have had their time by then, in the order in which
-- they were asked.
local function ids_of(peer, time)
	local ids = {};
	for id, question in pairs(peer.questions) do
		if question.deadline <= time then
			table.insert(ids, id);
		end
	end
	table.sort(ids, function (a, b)
		return peer.questions[a].number < peer.questions[b].number;
	end);
	return ids;
end

-- One timer for all questions, as long as there are any: most are answered
-- at once, and a timer for each would cost more than that.
local function watch_deadlines(peer)
	if peer.timer then
		return;
	end
	peer.timer = guard.timer(tick, function ()
		local ids = ids_of(peer, now());
		if ids[1] then
			module:log("warn", "%s did not answer in time (%d)",
				peer.name, #ids);
		end
		for _, id in ipairs(ids) do
			link.settle(peer, id);
		end
		if next(peer.questions) then
			return tick;
		end
		peer.timer = nil;
	end);
end

local function print_iq(peer, id, content, question)
	local list, count = gathered(peer);
	list[count + 1], list[count + 2] = "<iq type='set' id='", id;
	list[count + 3] = peer.addresses;
	if type(content) == "function" then
		count = content(list, count + 3, question);
	else
		count = count + 4;
		list[count] = content;
	end
	list[count + 1] = "</iq>";
	peer.count = count + 1;
	return true;
end

-- All of it or, when content fails, nothing.  Returns whether it is to be sent.
local function send_question(peer, id, content, question)
	if not link.is_up(peer) then
		return false;
	end
	local sent = guard.call(print_iq, peer, id, content, question);
	if not sent then
		discard(peer);
	end
	return sent;
end

-- Asks a component.  answered is called once: with the answer's IQ of
-- type result, with false when it is an error, or with nil when there was
-- none; and with question, a table in which answered, number and deadline are
-- kept until then, or nil.  content is text, or content(list, count, question)
-- adds it to a list of so many texts and returns how many there are then.  When
-- that fails, or nobody can be asked, there is no answer.  Returns whether the
-- component is asked.
function link.ask(peer, content, timeout, answered, question)
	local number = peer.asked + 1;
	peer.asked = number;
	local id = ("%s-%d"):format(annex.epoch, number);
	question = question or {};
	question.answered, question.number = answered, number;
	question.deadline = now() + timeout;
	local sent = send_question(peer, id, content, question);
	peer.questions[id] = question;
	if sent then
		watch_deadlines(peer);
	else
		link.settle(peer, id);
	end
	return sent;
end

-- Returns whether there was such a question.
function link.settle(peer, id, answer)
	local question = peer.questions[id];
	if not question then
		return false;
	end
	peer.questions[id] = nil;
	guard.call(question.answered, answer, question);
	return true;
end

-- All questions have failed, in the order in which they were asked.
local function fail_all(peer)
	for _, id in ipairs(ids_of(peer, math.huge)) do
		link.settle(peer, id);
	end
end

local function stanza_bytes()
	local global = module:context("*");
	return global:get_option_number("component_stanza_size_limit",
		global:get_option_number("s2s_stanza_size_limit",
			512 * 1024));
end

local function hello(peer)
	local names = {};
	for _, hook in ipairs(annex.settings.hooks) do
		if peer.hooks[hook] then
			table.insert(names, hook);
		end
	end
	link.message(peer, "<hello xmlns='" .. annex.ns .. "'"
		.. attribute("version", "4")
		.. attribute("epoch", annex.epoch)
		.. attribute("router", "Prosody " .. prosody.version)
		.. attribute("hooks", table.concat(names, " "))
		.. attribute("fail", peer.fail)
		.. attribute("window", ("%d"):format(peer.window))
		.. attribute("window-bytes", ("%d"):format(peer.window_bytes))
		.. attribute("credit", ("%d"):format(peer.credit))
		.. attribute("stanza-bytes", ("%d"):format(stanza_bytes()))
		.. "/>");
end

-- A small text does not wait until the one before was acknowledged.
local function hurry(session)
	local conn = session.conn;
	if conn and conn.setoption then
		conn:setoption("tcp-nodelay", true);
	end
end

-- What the router answers to a component is written after what was gathered.
local function precede(peer, session)
	local write = session.send;
	peer.write = write;
	peer.send = function (data)
		if peer.session == session and peer.count > 0 then
			write_out(peer);
		end
		return write(data);
	end
	session.send = peer.send;
end

local function let_go(peer, session)
	if session.send == peer.send then
		session.send = peer.write;
	end
end

local function fall(peer)
	let_go(peer, peer.session);
	peer.session = nil;
	write_out(peer);
	module:log("info", "%s is gone", peer.name);
	for _, func in ipairs(down_hooks) do
		guard.call(func, peer);
	end
	fail_all(peer);
end

local function rise(peer, session)
	-- What is done with taps when the router ends is done without it.
	if peer.closing then
		return;
	end
	-- The stream before may not have ended yet.
	if peer.session then
		fall(peer);
	end
	-- What is left was for the stream before.
	write_out(peer);
	peer.session = session;
	precede(peer, session);
	guard.call(hurry, session);
	module:log("info", "%s is attached", peer.name);
	hello(peer);
	for _, func in ipairs(up_hooks) do
		guard.call(func, peer);
	end
end

-- What the router itself is about to write to a component.
local passing = "message/bare message/full message/host presence/bare "
	.. "presence/full presence/host iq/bare iq/full iq/host";

local function watch_stanzas(peer, events)
	guard.hook_other(events, passing, function ()
		if peer.count > 0 then
			write_out(peer);
		end
	end, -0.5);
	for _, entry in ipairs(stanza_hooks) do
		if peer.hooks[entry.hook] then
			guard.hook_other(events, passing, entry.func,
				entry.priority, entry.otherwise);
		end
	end
end

-- Follows the component's own host in the router.
local function watch(peer)
	local host = hosts[peer.name];
	local component = host and host.modules and host.modules.component;
	if not component then
		module:log("error", "there is no external component %s: its "
			.. "Component with component_secret is missing",
			peer.name);
		return;
	end
	guard.hook_other(host.events, "component-authenticated",
		function (event)
			rise(peer, event.session);
		end);
	-- It fires as well for a stream that never got its handshake.
	guard.hook_other(host.events, "component-disconnected",
		function (event)
			if event.session == peer.session then
				fall(peer);
			end
		end);
	watch_stanzas(peer, host.events);
	if component.session then
		rise(peer, component.session);
	end
end

-- Writes what is written otherwise when the router comes to it again: it does
-- not before it ends.
local function flush(session)
	local conn = session.conn;
	if conn and conn.onwritable then
		conn:onwritable();
	end
end

-- Nobody is asked any more: what waits for an answer goes on without, and the
-- components may still be told of that.
function link.close()
	for _, peer in pairs(link.all) do
		peer.closing = true;
		fail_all(peer);
		local session = peer.session;
		if session then
			write_out(peer);
			fall(peer);
			guard.call(flush, session);
		end
	end
end

-- Components come after the host in the configuration.
function link.open()
	guard.hook_global("server-started", function ()
		for _, peer in pairs(link.all) do
			watch(peer);
		end
	end);
	guard.hook_global("host-activated", function (name)
		if prosody.start_time and link.all[name] then
			watch(link.all[name]);
		end
	end, -10);
	if prosody.start_time then
		for _, peer in pairs(link.all) do
			watch(peer);
		end
	end
end

for name, peer in pairs(annex.peers) do
	local addresses = "' from='" .. escape(annex.host) .. "' to='"
		.. escape(name) .. "'>";
	peer.questions, peer.asked = {}, 0;
	peer.out, peer.count, peer.measured, peer.bytes = {}, 0, 0, 0;
	peer.write_out = guard.protect(function ()
		peer.awaited = false;
		write_out(peer);
	end);
	peer.addresses = addresses;
	peer.message = "<message" .. addresses:sub(2);
	link.all[name] = peer;
end

return link;
