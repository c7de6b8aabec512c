-- Which stanzas are to be judged, and by what rules.
--
-- Pure: a stanza is anything with name, attr and tags.

local profile = {};

local function has_child(element, name, pattern)
	for _, child in ipairs(element.tags) do
		if child.name == name and (not pattern
				or (child.attr.xmlns or ""):find(pattern)) then
			return true;
		end
	end
	return false;
end

-- What says something to people, by its namespace: all that is in it, or what
-- a function says.
local content = {
	["urn:xmpp:eme:0"] = true, ["jabber:x:encrypted"] = true,
	["urn:xmpp:openpgp:0"] = true,
	["http://jabber.org/protocol/xhtml-im"] = true,
	["urn:xmpp:content"] = true, ["urn:xmpp:rtt:0"] = true,
	["jabber:x:oob"] = true, ["urn:xmpp:reference:0"] = true,
	["urn:xmpp:sims:1"] = true, ["urn:xmpp:sfs:0"] = true,
	["http://jabber.org/protocol/url-data"] = true,
	["urn:xmpp:bob"] = true, ["urn:xmpp:jinglepub:1"] = true,
	["urn:xmpp:reactions:0"] = true, ["urn:xmpp:forward:0"] = true,
	["jabber:x:data"] = true, ["jabber:x:conference"] = true,
	["http://jabber.org/protocol/muc#user"] = function (element)
		return has_child(element, "invite")
			or has_child(element, "decline");
	end,
	["urn:xmpp:jingle-message:0"] = function (element)
		return has_child(element, "description",
			"^urn:xmpp:jingle:apps:file%-transfer:");
	end,
};

local subscription = { subscribe = true, subscribed = true,
	unsubscribe = true, unsubscribed = true };

-- Whether a stanza must not overtake what is held of the same sender.
function profile.keeps_order(stanza)
	return stanza.name == "message" or stanza.name == "presence"
		and subscription[stanza.attr.type] == true;
end

-- Whether an element of a message, but for a body, says something to people.
local function is_content(element)
	local ns = element.attr.xmlns;
	if not ns then
		return element.name == "subject" and element[1] ~= nil;
	end
	local known = content[ns];
	return element.name == "encrypted" or known == true
		or known ~= nil and known(element);
end

-- Whether a message says something to people.
local function has_content(message)
	for _, element in ipairs(message.tags) do
		if element.name == "body" and element.attr.xmlns == nil
				or is_content(element) then
			return true;
		end
	end
	return false;
end

local function has_namespace(stanza, namespaces)
	for _, element in ipairs(stanza.tags) do
		if namespaces[element.attr.xmlns or false] then
			return true;
		end
	end
	return false;
end

-- What a profile holds, whoever sends it.
local function holds(entry, stanza)
	local kind = stanza.attr.type;
	if stanza.name == "presence" then
		return kind == "subscribe";
	elseif stanza.name == "iq" then
		return kind == "set" and has_namespace(stanza,
			entry.namespaces);
	end
	-- A type that nobody knows counts as normal (RFC 6121, section 5.2.2).
	return stanza.name == "message" and kind ~= "error"
		and (has_content(stanza)
			or has_namespace(stanza, entry.namespaces));
end

local function domain_of(address)
	return address:match("@(.*)$") or address;
end

-- user and peer are bare addresses.
local function covers(entry, user, peer)
	return (not entry.users or entry.users[user]) and (not entry.peers
		or entry.peers[peer] or entry.peers[domain_of(peer)]);
end

-- The first of the profiles that is for a stanza of a user and a peer.  With
-- both either may be the one that it is for.
function profile.choose(profiles, stanza, user, peer, both)
	for _, entry in ipairs(profiles) do
		if holds(entry, stanza) and (covers(entry, user, peer)
				or both and covers(entry, peer, user)) then
			return entry;
		end
	end
end

return profile;
