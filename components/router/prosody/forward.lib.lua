-- Stanzas inside others (XEP-0297), on their way in and out.
--
-- What goes out is text: it is written once, whatever happens to it later.

local st = require "util.stanza";
local datetime = require "util.datetime";
local time = require "util.time";

local escape = st.xml_escape;

local forward = {};

local ns = "urn:xmpp:forward:0";
local client = "jabber:client";

-- The last second that was asked for, up to its point.
local last_second, last_text;

-- The time as XEP-0082 has it, with milliseconds.
function forward.stamp()
	local now = time.now();
	local second = math.floor(now);
	if second ~= last_second then
		last_second = second;
		last_text = datetime.datetime(second):sub(1, -2) .. ".";
	end
	return last_text .. ("%03dZ"):format(math.floor(
		(now - second) * 1000));
end

-- The text of a stanza with its namespace written out.  Prosody drops
-- the addresses that go without saying: to is for those.
function forward.text(stanza, to)
	local attr = stanza.attr;
	local own_to, own_ns = attr.to, attr.xmlns;
	attr.to, attr.xmlns = own_to or to, client;
	local text = tostring(stanza);
	attr.to, attr.xmlns = own_to, own_ns;
	return text;
end

-- <forwarded/> as text; stamp and to may be nil.
function forward.wrap(stanza, stamp, to)
	local delay = stamp and ("<delay xmlns='urn:xmpp:delay' stamp='"
		.. stamp .. "'/>") or "";
	return "<forwarded xmlns='" .. ns .. "'>" .. delay
		.. forward.text(stanza, to) .. "</forwarded>";
end

-- Inside of the stream stanzas have no namespace.  What is below
-- another keeps it: it is none of the stanza's own.
local function strip(element)
	if element.attr.xmlns == client then
		element.attr.xmlns = nil;
		for _, child in ipairs(element.tags) do
			strip(child);
		end
	end
	return element;
end

-- The stanza in a <forwarded/>, or nil, and the stamp of its <delay/>.
function forward.content(forwarded)
	local stamp;
	for _, child in ipairs(forwarded.tags) do
		local xmlns = child.attr.xmlns;
		if xmlns == client then
			return strip(child), stamp;
		elseif xmlns == "urn:xmpp:delay" then
			stamp = child.attr.stamp;
		end
	end
end

-- The same of the first <forwarded/> in an element.
function forward.unwrap(element)
	local forwarded = element and element:get_child("forwarded", ns);
	if forwarded then
		return forward.content(forwarded);
	end
end

-- All <forwarded/> of an element, one after the other.
function forward.each(element)
	return element:childtags("forwarded", ns);
end

-- Writes into a stanza when it was sent, if that is known.
function forward.delay(stanza, stamp)
	if stamp then
		stanza:add_direct_child(st.stanza("delay", {
			xmlns = "urn:xmpp:delay", from = annex.host,
			stamp = stamp }));
	end
end

-- " name='value'", or nothing when there is no value.
function forward.attribute(name, value)
	return value and (" " .. name .. "='" .. escape(value) .. "'") or "";
end

return forward;
