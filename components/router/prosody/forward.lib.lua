-- Stanzas inside others (XEP-0297), on their way in and out.
--
-- What goes out is text: it is written once, whatever happens to it later.

local st = require "util.stanza";
local datetime = require "util.datetime";
local time = require "util.time";

local text = module:require "text";
local escape = st.xml_escape;

local forward = {};

local ns = "urn:xmpp:forward:0";
local client = "jabber:client";

-- The last second and thousandth of it that were asked for, up to the point
-- and in whole.
local last_second, last_thousandth, second_text, whole_text;

-- The time as XEP-0082 has it, with milliseconds.
function forward.stamp()
	local now = time.now();
	local second = now // 1;
	local thousandth = (now - second) * 1000 // 1;
	if second ~= last_second then
		last_second, last_thousandth = second, nil;
		second_text = datetime.datetime(math.tointeger(second))
			:sub(1, -2) .. ".";
	end
	if thousandth ~= last_thousandth then
		last_thousandth = thousandth;
		whole_text = ("%s%03dZ"):format(second_text, thousandth);
	end
	return whole_text;
end

-- Prosody drops the addresses that go without saying: to is for those.

-- Adds a stanza to a list of so many texts, its namespace written out, and
-- returns how many there are then.
local function append(list, count, stanza, to)
	local attr = stanza.attr;
	local own_to = attr.to;
	attr.to = own_to or to or nil;
	count = text.append(list, count, stanza, client);
	attr.to = own_to;
	return count;
end

function forward.text(stanza, to)
	return text.join(append, stanza, to);
end

local opening = "<forwarded xmlns='" .. ns .. "'>";
local delay = "<delay xmlns='urn:xmpp:delay' stamp='";

-- Adds <forwarded/> to a list of so many texts, and returns how many there are
-- then; stamp and to may be nil.
function forward.append(list, count, stanza, stamp, to)
	count = count + 1;
	list[count] = opening;
	if stamp then
		list[count + 1], list[count + 2] = delay, stamp;
		count = count + 3;
		list[count] = "'/>";
	end
	count = append(list, count, stanza, to) + 1;
	list[count] = "</forwarded>";
	return count;
end

-- The same as text.
function forward.wrap(stanza, stamp, to)
	return text.join(forward.append, stanza, stamp, to);
end

-- Prints it to where text.extends can compare it.
function forward.lay_out(stanza, to)
	text.lay_out(append, stanza, to);
end

-- The stanza that was printed last, as the router prints it.
forward.alone = text.alone;
forward.place, forward.extends = text.place, text.extends;
forward.escaped_id, forward.join = text.escaped_id, text.join;

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
