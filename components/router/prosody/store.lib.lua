-- Messages for those who are away (PROTOCOL, section 6).

local st = require "util.stanza";

local line = module:require "line";
local withdrawal = module:require "withdrawn";
local link, id, forward = annex.link, annex.id, annex.forward;
local attribute = forward.attribute;
local escape = st.xml_escape;
local peer = link.one("store");
local store = {};
local most_withdrawn = 10000;

-- Tells the sender, who is not always the one that the event comes from: it
-- may be the session that ended without acknowledging the message.
local function bounce(stanza, condition)
	if stanza.attr.type ~= "error" then
		local reply = st.error_reply(stanza,
			annex.request.type_of(condition), condition);
		annex.mark.pass(reply);
		module:send(reply);
	end
end

-- Somebody may have come while the component was asked.  The session that
-- ended without acknowledging the message may still be among those there.  One
-- whose filters fail takes nothing.
local function send_now(user, event)
	local account = prosody.bare_sessions[user];
	local sent = false;
	for _, session in ipairs(account and account.top_resources or {}) do
		if session ~= event.origin then
			sent = annex.guard.call(session.send, event.stanza)
				or sent;
		end
	end
	return sent;
end

local function fall_back(event, user)
	if send_now(user, event) then
		return;
	end
	event.annex_fallback = true;
	if not module:fire_event("message/offline/handle", event) then
		bounce(event.stanza, "service-unavailable");
	end
end

-- What the component is to remove.  It may be killed before it comes to that,
-- so it is told after every hello until it has forgotten.
local withdrawn = withdrawal.new(most_withdrawn);

local function forget(user, value)
	withdrawn:remove(user, value);
	local gone = withdrawn:recovered();
	if gone then
		module:log("warn", "%s was told no more of %d messages that "
			.. "it was to remove", peer.name, gone);
	end
end

local function tell_withdrawn(user, ids)
	local told = link.message(peer, "<withdraw xmlns='" .. annex.ns .. "'"
		.. attribute("user", user) .. ">"
		.. escape(table.concat(ids, "\n")) .. "</withdraw>");
	if told and not peer.hooks.deliver then
		for _, value in ipairs(ids) do
			forget(user, value);
		end
	end
end

-- It is still taken for handed over, for a day.  Said once, until half of them
-- are forgotten.
local function give_up(user, value)
	if withdrawn.gone == 1 then
		module:log("warn", "%s has not forgotten %d messages, and is "
			.. "told no more of the oldest", peer.name,
			most_withdrawn);
	end
	if annex.deliver then
		annex.deliver.remember(user, value);
	end
end

-- The router has the message, and the component may have it too.
local function withdraw(user, value)
	if annex.deliver then
		annex.deliver.remember(user, value, peer.hooks.deliver);
	end
	local other, gone = withdrawn:add(user, value);
	if other then
		give_up(other, gone);
	end
	tell_withdrawn(user, { value });
end

link.on_up(function (risen)
	if risen == peer then
		for _, list in ipairs(withdrawn:lists()) do
			tell_withdrawn(list.user, list.ids);
		end
	end
end);

annex.request.on_message("deliver", "forget", function (from, element)
	if from == peer then
		local text = element:get_text() or "";
		for value in text:gmatch("[^\n]+") do
			forget(element.attr.user or "", value);
		end
	end
end);

-- What stream management queued says since when: that is no part of the
-- message.
local function queued_since(event, user)
	if event.origin.username ~= event.username
			or event.origin.full_jid == event.stanza.attr.from then
		return nil;
	end
	local delay = event.stanza:get_child_with_attr("delay",
		"urn:xmpp:delay", "from", user);
	if delay then
		event.stanza:maptags(function (tag)
			return tag ~= delay and tag or nil;
		end);
		return delay.attr.stamp;
	end
end

-- The message is the component's, or goes where it would have without.
local function settle(entry)
	local answer, stanza = entry.answer, entry.event.stanza;
	local stored = answer and answer:get_child("store", annex.ns);
	local condition = stored and stored.attr.bounce;
	if not answer then
		fall_back(entry.event, entry.user);
	elseif condition then
		bounce(stanza, annex.request.type_of(condition)
			and condition or "service-unavailable");
	end
end

-- By user: what one after the other leads to must come in that order.
local lines = line.new(function (entry)
	annex.guard.call(settle, entry);
end);

-- Adds it to a list of so many texts, and returns how many there are then.
local function print_question(list, count, entry)
	list[count + 1] = "<store xmlns='" .. annex.ns .. "'"
		.. attribute("id", entry.id) .. attribute("user", entry.user)
		.. ">";
	count = forward.append(list, count + 1, entry.event.stanza,
		entry.stamp) + 1;
	list[count] = "</store>";
	return count;
end

local function on_answer(answer, entry)
	if answer == nil and entry.sent then
		withdraw(entry.user, entry.id);
	end
	entry.answer = answer;
	lines:decide(entry.user, entry);
end

local function ask(entry)
	lines:join(entry.user, entry);
	entry.sent = link.ask(peer, print_question, peer.timeout, on_answer,
		entry);
end

local function take(event)
	local user = event.username .. "@" .. annex.host;
	event.stanza = st.clone(event.stanza);
	local stanza = event.stanza;
	stanza.attr.to = stanza.attr.to or user;
	local stamp = queued_since(event, user) or forward.stamp();
	local value = id.find(stanza, user);
	id.stamp(stanza, user, value);
	if annex.deliver then
		annex.deliver.forget(user, value);
	end
	forget(user, value);
	ask({ event = event, user = user, id = value, stamp = stamp });
	return true;
end

annex.guard.hook("message/offline/handle", function (event)
	if not event.annex_fallback then
		return take(event);
	end
end, 5);

-- What the next one is to go on with.
function store.save()
	return withdrawn:save();
end

function store.restore(saved)
	withdrawn = withdrawal.new(most_withdrawn, saved);
end

-- Whether the component is yet to forget it.
function store.awaits(user, value)
	return peer.hooks.deliver and withdrawn:has(user, value);
end

return store;
