-- What others see of a user's presence (PROTOCOL, section 11).
--
-- Presence is painted on its way out, for each of those who get it: what the
-- router keeps of a session is what the session said.

local st = require "util.stanza";
local jid = require "util.jid";
local datetime = require "util.datetime";
local now = require "util.time".now;

local timer = require "util.timer";
local layer = module:require "layer";
local expiry = module:require "expiry";
local guard, mark = annex.guard, annex.mark;
local host = prosody.hosts[annex.host];
local overlay = {};
local usual, most = 12 * 60 * 60, 7 * 24 * 60 * 60;
-- By user name.
local overlays = {};

local function paint(stanza, first)
	local said = { show = stanza:get_child_text("show"),
		status = stanza:get_child_text("status") };
	local shown = {};
	shown.show, shown.status = layer.shown(first, said.show, said.status);
	local copy = st.clone(stanza);
	for _, name in ipairs { "show", "status" } do
		if shown[name] ~= said[name] then
			copy:remove_children(name);
		end
		if shown[name] and shown[name] ~= said[name] then
			copy:reset():text_tag(name, shown[name]);
		end
	end
	return copy;
end

-- The copy takes the way of the original from the beginning.
local function on_presence(event)
	local stanza, session = event.stanza, event.origin;
	local layers = session.type == "c2s" and session.host == annex.host
		and overlays[session.username];
	local done = mark.of(event);
	if not layers or stanza.attr.type or not stanza.attr.to
			or done.painted or done.aside then
		return;
	end
	local copy = paint(stanza, layers[1]);
	done.painted = true;
	mark.keep(copy, done);
	prosody.core_post_stanza(session, copy, true);
	return true;
end

guard.hook_each("pre-presence/bare pre-presence/full pre-presence/host",
	on_presence, 900);

local function send(session, stanza, to)
	stanza.attr.to = to;
	prosody.core_post_stanza(session, stanza, true);
end

-- What a session said is broadcast again, as it now looks.
local function broadcast(session, sessions)
	local stanza = st.clone(session.presence);
	stanza:remove_children("delay", "urn:xmpp:delay");
	for _, other in pairs(sessions) do
		if other ~= session and other.presence then
			send(session, stanza, other.full_jid);
		end
	end
	for contact, item in pairs(session.roster or {}) do
		if contact and (item.subscription == "both"
				or item.subscription == "from") then
			send(session, stanza, contact);
		end
	end
end

-- What the sessions of a user said is broadcast again.
local function show(user)
	local account = host.sessions[user];
	for _, session in pairs(account and account.sessions or {}) do
		if session.presence then
			broadcast(session, account.sessions);
		end
	end
end

-- Changes the layers of a user, and tells others when that shows.
local function change(user, func)
	local layers = overlays[user] or {};
	local before = layers[1];
	func(layers);
	overlays[user] = layers[1] and layers or nil;
	if not layer.is_same(before, layers[1]) then
		show(user);
	end
end

local function remove(user, key)
	change(user, function (layers)
		layer.remove(layers, key);
	end);
end

-- No user's name has a blank in it.
local function name_of(user, key)
	return user .. " " .. key;
end

local ends = expiry.new(guard.timer, function (name)
	remove(name:match("^(%S+) (.*)$"));
end);

local function watch(user, entry)
	ends:set(name_of(user, entry.key), math.max(0, entry.ends - now()));
end

local function put(user, new)
	watch(user, new);
	change(user, function (layers)
		layer.put(layers, new);
	end);
end

-- What an element has of a layer, nil when something is wrong with it.
local function layer_of(element, key)
	local rank = tonumber(element.attr.rank or "0");
	local mode = element.attr.mode or "raise";
	local show = element:get_child_text("show", annex.ns);
	local status = element:get_child_text("status", annex.ns);
	show = show ~= "" and show or nil;
	status = status ~= "" and status or nil;
	if math.tointeger(rank) and (mode == "raise" or mode == "replace")
			and (not show or layer.is_show(show)) then
		return { key = key, rank = rank, mode = mode, show = show,
			status = status };
	end
end

-- For how long, nil when that cannot be read.
local function seconds_of(element)
	local expires = element.attr.expires;
	if not expires then
		return usual;
	end
	local when = datetime.parse(expires);
	return when and math.max(0, math.min(when - now(), most));
end

annex.request.on("overlay", "overlay", function (peer, element)
	local user, domain, resource = jid.prepped_split(element.attr.user);
	if not user or domain ~= annex.host or resource then
		return "item-not-found";
	end
	local key = peer.name .. "/" .. (element.attr.key or "");
	if not element.tags[1] then
		ends:stop(name_of(user, key));
		remove(user, key);
		return;
	end
	local new, seconds = layer_of(element, key), seconds_of(element);
	if not new or not seconds then
		return "bad-request";
	end
	new.ends = now() + seconds;
	put(user, new);
end);

-- Whether the component of a layer may have any.
local function is_allowed(entry)
	local peer = annex.link.all[entry.key:match("^[^/]*")];
	return peer and peer.hooks.overlay;
end

-- What the next one is to go on with: the layers by user.
function overlay.save()
	return overlays;
end

function overlay.restore(saved)
	for user, layers in pairs(saved) do
		overlays[user] = layers;
		change(user, function ()
			for i = #layers, 1, -1 do
				local entry = layers[i];
				if is_allowed(entry) then
					watch(user, entry);
				else
					table.remove(layers, i);
				end
			end
		end);
	end
end

-- Sessions speak for themselves again, unless another goes on here.
function overlay.close()
	local left = overlays;
	overlays = {};
	ends:stop_all();
	-- The module's own timers end with it.
	timer.add_task(0, function ()
		local shim = host.modules.annex;
		if shim and shim.annex and shim.annex.overlay then
			return;
		end
		for user in pairs(left) do
			guard.call(show, user);
		end
	end);
end

return overlay;
