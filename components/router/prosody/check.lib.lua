-- Verdicts (PROTOCOL, section 5).
--
-- A stanza that is held is put aside, and sent through the hooks again when
-- the component has allowed it.  Each sender has a line, and one from outside a
-- line for each recipient, in which all stay in the order in which they came;
-- each is asked for at once.

local st = require "util.stanza";
local jid = require "util.jid";

local profile = module:require "profile";
local content = module:require "content";
local door = module:require "door";
local line = module:require "line";
local guard, link, forward = annex.guard, annex.link, annex.forward;
local mark, origin = annex.mark, annex.origin;
local attribute, escaped_id = forward.attribute, forward.escaped_id;
local peer = link.one("check");
local allowed = st.stanza("iq"):tag("verdict",
	{ xmlns = annex.ns, action = "allow" }):reset();

local function answer_error(entry, kind, condition, text)
	local stanza = entry.stanza;
	if stanza.attr.type == "error" or stanza.attr.type == "result" then
		return;
	end
	origin.back(entry.origin).send(st.error_reply(stanza, kind, condition,
		text));
end

local function go_on(entry)
	entry.mark.checked = true;
	if entry.mark.enters then
		-- Nor is it to be judged by another host's shim.
		mark.pass(entry.stanza);
	else
		mark.keep(entry.stanza, entry.mark);
	end
	prosody.core_post_stanza(origin.back(entry.origin), entry.stanza,
		entry.point == "send");
end

local function refuse(entry)
	answer_error(entry, "wait", "resource-constraint");
end

-- Puts what is in another stanza in the place of its content.
local function replace(stanza, other)
	stanza:maptags(function () return nil; end);
	for i = #stanza, 1, -1 do
		stanza[i] = nil;
	end
	for _, child in ipairs(other) do
		stanza:add_direct_child(child);
	end
end

local actions = {};

actions.allow = go_on;

function actions.deny(entry, verdict)
	if verdict.attr.silent ~= "true" then
		local condition = verdict.attr.condition;
		answer_error(entry, "modify", annex.request.type_of(condition)
			and condition or "policy-violation",
			verdict:get_child_text("text", annex.ns));
	end
end

function actions.replace(entry, verdict)
	local other = forward.unwrap(verdict);
	if not other then
		return false;
	end
	replace(entry.stanza, other);
	go_on(entry);
end

function actions.hold()
end

-- Without a verdict, or with one that nobody knows, it is the profile's.
local function apply(entry)
	local verdict, chosen = entry.verdict, entry.profile;
	local action = verdict and actions[verdict.attr.action];
	if action and action(entry, verdict) ~= false then
		return true;
	elseif chosen and chosen.fail == "closed" then
		refuse(entry);
	else
		go_on(entry);
	end
	return true;
end

-- Those that have left, to be used again: a table for each message would be
-- garbage at once.
local spare, count_spare, most_spare = {}, 0, 100;

local function new_entry()
	local entry = spare[count_spare];
	if not entry then
		return {};
	end
	spare[count_spare] = nil;
	count_spare = count_spare - 1;
	return entry;
end

local function put_away(entry)
	if count_spare == most_spare then
		return;
	end
	entry.stanza, entry.mark, entry.origin = nil, nil, nil;
	entry.verdict, entry.bytes, entry.key = nil, nil, nil;
	count_spare = count_spare + 1;
	spare[count_spare] = entry;
end

-- By the sender's full address; of what comes from outside, as a room sends the
-- same to all in it, by the recipient's bare one as well.
local lines = line.new(function (entry)
	if not guard.call(apply, entry) then
		refuse(entry);
	end
	put_away(entry);
end);

local function on_answer(answer, entry)
	entry.verdict = answer and answer:get_child("verdict", annex.ns);
	lines:decide(entry.key, entry);
end

local head = "<check xmlns='" .. annex.ns .. "' id='";
-- What comes behind the id, by point and profile.
local ways = { send = {}, receive = {} };

for point, of_point in pairs(ways) do
	for _, chosen in ipairs(peer.profiles) do
		of_point[chosen] = "' point='" .. point .. "'"
			.. attribute("profile", chosen.name) .. ">";
	end
end

-- Adds it to a list of so many texts, and returns how many there are then.
local function print_question(list, count, entry)
	local stanza, before = entry.stanza, link.measure(peer, count);
	list[count + 1], list[count + 2] = head, escaped_id(entry.mark.id);
	list[count + 3] = ways[entry.point][entry.profile];
	-- Without an address it is for whose it is.
	count = forward.append(list, count + 3, stanza, forward.stamp(),
		not stanza.attr.to and jid.bare(stanza.attr.from)) + 1;
	list[count] = "</check>";
	lines:weigh(entry.key, entry, link.measure(peer, count) - before);
	return count;
end

annex.request.on_message("check", "allow", function (asked, element)
	for id in (element:get_text() or ""):gmatch("[^\n]+") do
		link.settle(asked, id, allowed);
	end
end);

-- Puts a stanza aside, when it is to be judged or must wait for another.  user
-- is for whom it comes from outside, be it a room.
local function hold(event, point, chosen, user)
	local stanza, done = event.stanza, mark.of(event);
	if not chosen and not profile.keeps_order(stanza) then
		return;
	end
	local key = user and stanza.attr.from .. "\0" .. user
		or stanza.attr.from;
	local waiting = lines:length(key);
	if not chosen and waiting == 0 then
		return;
	end
	local entry = new_entry();
	entry.stanza, entry.mark, entry.point = stanza, done, point;
	entry.profile, entry.decided, entry.key = chosen, not chosen, key;
	entry.origin = origin.keep(event.origin);
	if waiting >= peer.parked or lines:bytes(key) >= peer.parked_bytes then
		refuse(entry);
		put_away(entry);
		return true;
	end
	if user then
		entry.stanza = st.clone(stanza);
	end
	if chosen then
		lines:join(key, entry);
		link.ask(peer, print_question, chosen.timeout, on_answer,
			entry);
	else
		-- What cannot be printed must not have joined.
		local bytes = #forward.text(stanza);
		lines:join(key, entry);
		lines:weigh(key, entry, bytes);
	end
	return true;
end

local function is_peer(address)
	return address and address:find(peer.name, 1, true)
		and jid.host(address) == peer.name;
end

local function concerns_peer(stanza)
	return is_peer(stanza.attr.to) or is_peer(stanza.attr.from);
end

-- Whether there is nothing to be judged any more.
local function is_done(event)
	local done = mark.of(event);
	return done.checked or done.aside;
end

-- The profile for what a user sends.
local function choose_sent(stanza, sender)
	local to = stanza.attr.to or sender;
	return profile.choose(peer.profiles, stanza, sender, origin.bare(to),
		origin.domain(to) == annex.host);
end

-- The profile for what comes from outside for a user.
local function choose_received(stanza, user)
	return not door.leaves(stanza) and profile.choose(peer.profiles, stanza,
		user, jid.bare(stanza.attr.from));
end

-- The profile for what enters a component.  Neither of the two is a user of
-- ours: either may be the one that it is for.
local function choose_entering(stanza)
	return not door.leaves(stanza) and profile.choose(peer.profiles, stanza,
		jid.bare(stanza.attr.to), jid.bare(stanza.attr.from), true);
end

local function on_send(event)
	local sender = origin.sender(event);
	local stanza = event.stanza;
	if not sender or is_done(event) or concerns_peer(stanza) then
		return;
	end
	return hold(event, "send", choose_sent(stanza, sender));
end

local function on_receive(event)
	local stanza = event.stanza;
	local from, user = stanza.attr.from, origin.recipient(event);
	if not user or not from or origin.domain(from) == annex.host
			or is_done(event) or concerns_peer(stanza) then
		return;
	end
	return hold(event, "receive", choose_received(stanza, user), user);
end

local function on_enter(event)
	local stanza = event.stanza;
	if not stanza.attr.from or not door.enters(stanza)
			or not door.is_ours(stanza) or is_done(event)
			or concerns_peer(stanza) then
		return;
	end
	mark.of(event).enters = true;
	-- It may be one stanza for several people.
	if stanza.name == "message" then
		event.stanza = st.clone(stanza);
		content.settle(event.stanza);
	end
	return hold(event, "receive", choose_entering(event.stanza),
		jid.bare(stanza.attr.to));
end

-- A mistake of ours must not open what is to be closed.
local function closed(event)
	if peer.fail ~= "open" then
		refuse({ stanza = event.stanza,
			origin = origin.keep(event.origin) });
		return true;
	end
end

guard.hook_each("pre-message/bare pre-message/full pre-message/host "
	.. "pre-presence/bare pre-presence/full pre-presence/host "
	.. "pre-iq/bare pre-iq/full pre-iq/host", on_send, 1000, closed);
guard.hook_each("message/bare message/full presence/bare presence/full "
	.. "iq/bare iq/full", on_receive, 1000, closed);
link.on_stanza("fanout", on_enter, 1000, closed);

-- The session of a user, or what takes the place of somebody.
local function sender_of(stanza, point)
	local from = stanza.attr.from;
	local user, host = jid.split(from);
	if point == "send" then
		return prosody.full_sessions[from]
			or origin.of_user(user, from);
	end
	return origin.of_stranger(prosody.hosts[host] and "component"
		or "s2sin");
end

local function is_local(address)
	local user, host = jid.split(address);
	return user ~= nil and host == annex.host;
end

-- Whether a check may have asked for it.
local function may_be_kept(stanza, point)
	local from, to = stanza.attr.from, stanza.attr.to;
	-- Of several children only the first would be done.
	if concerns_peer(stanza) or stanza.name == "iq"
			and #stanza.tags ~= 1 then
		return false;
	elseif point == "send" then
		return is_local(from) and choose_sent(stanza, jid.bare(from));
	elseif door.enters(stanza) then
		return choose_entering(stanza);
	end
	return is_local(to) and jid.host(from) ~= annex.host
		and choose_received(stanza, jid.bare(to));
end

-- The entry that a component kept, and the stamp of its stanza; or nil, and
-- what is wrong.
local function kept(element)
	local point = element.attr.point;
	local stanza, stamp = forward.unwrap(element);
	if not stanza or not element.attr.id or not stanza.attr.from
			or not stanza.attr.to then
		return nil, "bad-request";
	elseif point ~= "send" and point ~= "receive" then
		return nil, "bad-request";
	elseif not may_be_kept(stanza, point) then
		return nil, "forbidden";
	end
	return { stanza = stanza, point = point, mark =
		{ id = element.attr.id, seen = true,
			enters = point == "receive" and door.enters(stanza) },
		origin = origin.keep(sender_of(stanza, point)) }, stamp;
end

annex.request.on("check", "release", function (_, element)
	local entry, stamp = kept(element);
	if not entry then
		return stamp;
	end
	entry.mark.written = stamp and st.xml_escape(stamp);
	-- A request has one child (RFC 6120, section 8.2.3).
	if entry.stanza.name ~= "iq" then
		forward.delay(entry.stanza, stamp);
	end
	go_on(entry);
end);

annex.request.on("check", "refuse", function (_, element)
	local entry, wrong = kept(element);
	if not entry then
		return wrong;
	end
	actions.deny(entry, element);
end);

return {};
