-- Messages that a component hands to a session (PROTOCOL, section 9).

local st = require "util.stanza";
local jid = require "util.jid";
local now = require "util.time".now;

local request, forward, id = annex.request, annex.forward, annex.id;
local guard, unseen = annex.guard, annex.unseen;
local deliver = {};
local day = 24 * 60 * 60;
-- Of XEP-0198: above it the oldest is overwritten.  Some of it is left for
-- what else comes.
local queue_size = module:get_option_number("smacks_max_queue_size", 500);
local usable_size = queue_size - queue_size // 4;
local records = module:require "handed";
local handed = records.new();

function deliver.forget(user, value)
	handed:forget(user, value);
end

-- for_good: until it is forgotten.
function deliver.remember(user, value, for_good)
	handed:remember(user, value, for_good and math.huge or now());
end

-- What the next one is to go on with.
function deliver.save()
	return handed:save();
end

function deliver.restore(saved)
	handed = records.new(saved);
end

-- Those that nobody will forget are remembered for a day.
function deliver.limit(is_awaited)
	handed:limit(now(), is_awaited);
end

-- The message of an <item/>, ready to be sent.
local function message_of(item, user)
	local message, stamp = forward.unwrap(item);
	if not message or message.name ~= "message" then
		return nil;
	end
	message.attr.to = message.attr.to or user;
	if item.attr.id then
		id.stamp(message, user, item.attr.id);
	end
	forward.delay(message, stamp);
	return message;
end

local function messages_of(element, user)
	local list = {};
	for item in element:childtags("item", annex.ns) do
		local message = message_of(item, user);
		if not message then
			return nil;
		end
		table.insert(list, { id = item.attr.id, stanza = message });
	end
	return list[1] and list or nil;
end

-- How much there is in a session's queue (XEP-0198).
local function unacked(session)
	local queue = session.outgoing_stanza_queue;
	return queue and queue:count_unacked() or 0;
end

-- Whether a session has a message then, on its stream or in its queue: returns
-- a condition when not.
local function give(session, value, stanza)
	local before, condition = unacked(session), "internal-server-error";
	local number = unseen.add(session, value, stanza);
	guard.call(function ()
		condition = session.send(stanza) == false
			and "item-not-found" or nil;
	end);
	-- The queue may have it even if the stream has not.
	if condition and unacked(session) <= before then
		unseen.undo(session, number);
		return condition;
	end
end

-- Returns a condition when it fails.
local function hand_over(session, user, message)
	local condition = give(session, message.id, message.stanza);
	if condition then
		return condition;
	end
	if message.id then
		deliver.remember(user, message.id);
	end
	if annex.tap then
		annex.tap.shown(message.stanza, session.full_jid, message.id);
	end
end

local function forget_all(user, messages, count)
	for i = 1, count do
		if messages[i].id then
			deliver.forget(user, messages[i].id);
		end
	end
end

-- Hands over all, up to one that fails; but when the session is gone, none as
-- far as anybody will know.
local function hand_over_all(session, user, messages)
	for i, message in ipairs(messages) do
		local condition = hand_over(session, user, message);
		if condition == "item-not-found" then
			forget_all(user, messages, i - 1);
		end
		if condition then
			return condition;
		end
	end
end

-- Those that were not handed over before.
local function new_ones(user, messages)
	local list, seen = {}, {};
	for _, message in ipairs(messages) do
		local value = message.id;
		if not value or not seen[value]
				and not handed:has(user, value) then
			seen[value or false] = true;
			table.insert(list, message);
		end
	end
	return list;
end

local function all_have_ids(messages)
	for _, message in ipairs(messages) do
		if not message.id then
			return false;
		end
	end
	return true;
end

-- What can be handed over now, and the condition if that is not all.
local function what_fits(session, messages)
	local room = math.max(usable_size - unacked(session), 0);
	if not session.outgoing_stanza_queue or #messages <= room then
		return messages;
	elseif #messages <= usable_size then
		return {}, "resource-constraint";
	elseif not all_have_ids(messages) then
		return {}, "not-acceptable";
	end
	return { table.unpack(messages, 1, room) }, "resource-constraint";
end

request.on("deliver", "deliver", function (_, element)
	local session = prosody.full_sessions[element.attr.jid or ""];
	if not session or session.host ~= annex.host then
		return "item-not-found";
	end
	local user = jid.bare(session.full_jid);
	local messages = messages_of(element, user);
	if not messages then
		return "bad-request";
	end
	local fitting, condition = what_fits(session,
		new_ones(user, messages));
	return hand_over_all(session, user, fitting) or condition;
end);

request.on_message("deliver", "forget", function (_, element)
	local user = element.attr.user or "";
	for value in (element:get_text() or ""):gmatch("[^\n]+") do
		deliver.forget(user, value);
	end
end);

-- Those of a user's other sessions that what is for the account goes to.
local function others_of(session)
	local account = prosody.hosts[annex.host].sessions[session.username];
	local chosen, top = {}, 0;
	for _, other in pairs(account and account.sessions or {}) do
		local priority = other.presence and other.priority or -1;
		if other ~= session and priority >= top then
			if priority > top then
				chosen, top = {}, priority;
			end
			table.insert(chosen, other);
		end
	end
	return chosen;
end

-- A session ends and has not acknowledged what was handed to it.  It is still
-- remembered when it goes to another: the user has it.  Where none can be given
-- it, it is stored.
local function hand_on(session, user, stanza, value)
	local sent = false;
	stanza.attr.to = user;
	for _, other in ipairs(others_of(session)) do
		sent = not give(other, value, st.clone(stanza)) or sent;
	end
	return sent or module:fire_event("message/offline/handle", {
		origin = session, username = session.username,
		stanza = stanza });
end

-- Before stream management itself, which keeps only what was for the last
-- session of a user: for others it tells the sender, who has no part in this.
-- It comes to what is left in the queue, after what is not any more.
guard.hook("delivery/failure", function (event)
	local session, stanza = event.session, event.stanza;
	if not session.username then
		return;
	end
	local user = session.username .. "@" .. annex.host;
	for _, entry in ipairs(unseen.forgotten(session, queue_size)) do
		guard.call(hand_on, session, user, st.clone(entry.stanza),
			entry.id);
	end
	-- Whoever delivered it without an id has kept it.
	if unseen.returns_nameless(session, queue_size) then
		return true;
	end
	local value = stanza.name == "message" and id.known(stanza, user);
	if value and unseen.take(session, value) then
		return hand_on(session, user, st.clone(stanza), value);
	end
end, 10);

guard.hook_each("stanza/urn:xmpp:sm:2:a stanza/urn:xmpp:sm:3:a",
	function (event)
		local number = tonumber(event.stanza.attr.h);
		if number then
			unseen.settle(event.origin, number);
		end
	end, 10);

guard.timer(day / 24, function ()
	handed:expire(now() - day);
	return day / 24;
end);

return deliver;
