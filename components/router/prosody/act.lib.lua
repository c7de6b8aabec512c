-- What a component does for a user (PROTOCOL, section 12).

local jid = require "util.jid";
local rostermanager = require "core.rostermanager";
local user_exists = require "core.usermanager".user_exists;

local guard, forward = annex.guard, annex.forward;
local host = prosody.hosts[annex.host];
local bare_sessions = prosody.bare_sessions;
-- By the id that it was sent with: an IQ that waits for its answer.
local waiting = {};
local asked = 0;

local allowed_presence = { unavailable = true, subscribe = true,
	subscribed = true, unsubscribe = true, unsubscribed = true };

local function settle(stanza)
	local entry = waiting[stanza.attr.id];
	if not entry or stanza.name ~= "iq" or stanza.attr.type ~= "result"
			and stanza.attr.type ~= "error" then
		return;
	end
	waiting[stanza.attr.id] = nil;
	entry.timer:stop();
	stanza.attr.id = entry.id;
	entry.answer(nil, "<act xmlns='" .. annex.ns .. "'>"
		.. forward.wrap(stanza, nil, entry.user) .. "</act>");
	return true;
end

-- Something that looks like a session of the user.
local function session_of(user)
	local name = jid.node(user);
	local session = annex.origin.of_user(name, user);
	session.roster = rostermanager.load_roster(name, annex.host);
	session.send = function (stanza)
		settle(stanza);
		return true;
	end;
	return session;
end

-- Prosody saves the roster of nobody who is not there: somebody without a
-- session is, for as long as this takes.
local function with_account(session, func)
	local name, user = session.username, session.full_jid;
	local account = { sessions = {}, roster = session.roster };
	local absent = host.sessions[name] == nil;
	if absent then
		host.sessions[name], bare_sessions[user] = account, account;
	end
	guard.call(func);
	if absent and host.sessions[name] == account then
		host.sessions[name], bare_sessions[user] = nil, nil;
	end
end

local function send(user, stanza)
	local session = session_of(user);
	stanza.attr.from = user;
	annex.mark.pass(stanza);
	with_account(session, function ()
		prosody.core_post_stanza(session, stanza, true);
	end);
end

local function send_iq(peer, user, stanza, answer)
	asked = asked + 1;
	local own_id = ("%s-act-%d"):format(annex.epoch, asked);
	local entry = { id = stanza.attr.id or own_id, user = user,
		to = stanza.attr.to or user, answer = answer };
	stanza.attr.id = own_id;
	waiting[own_id] = entry;
	entry.timer = guard.timer(peer.timeout, function ()
		waiting[own_id] = nil;
		answer("remote-server-timeout");
	end);
	send(user, stanza);
end

-- Those of other entities, which come to the account.
guard.hook("iq/bare", function (event)
	local stanza = event.stanza;
	local entry = waiting[stanza.attr.id];
	local from = stanza.attr.from;
	if entry and (from == entry.to or not from)
			and (stanza.attr.to or entry.user) == entry.user then
		return settle(stanza);
	end
end, 1100);

-- Why a stanza is not sent; nil when it may be.
local function refusal(peer, stanza)
	local listed, kind = peer.hooks.act, stanza.attr.type;
	if stanza.name == "iq" then
		local element = stanza.tags[1];
		if not element or stanza.tags[2]
				or kind ~= "get" and kind ~= "set" then
			return "bad-request";
		end
		return not listed[element.attr.xmlns or ""] and "forbidden"
			or nil;
	elseif stanza.name ~= "presence" or not listed.presence then
		return "forbidden";
	elseif not stanza.attr.to or kind and not allowed_presence[kind] then
		return "bad-request";
	end
end

annex.request.on("act", "act", function (peer, element, answer)
	local user, domain, resource = jid.prepped_split(element.attr.user);
	if not user or domain ~= annex.host or resource
			or not user_exists(user, domain) then
		return "item-not-found";
	end
	local stanza = forward.unwrap(element);
	local condition = not stanza and "bad-request"
		or refusal(peer, stanza);
	if condition then
		return condition;
	end
	if stanza.attr.to then
		stanza.attr.to = jid.prep(stanza.attr.to);
		if not stanza.attr.to then
			return "jid-malformed";
		end
	end
	local bare = user .. "@" .. domain;
	if stanza.name == "presence" then
		send(bare, stanza);
		return;
	end
	send_iq(peer, bare, stanza, answer);
	return false;
end);

return {};
