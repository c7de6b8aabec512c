-- Stanzas as text.
--
-- Prosody's own way makes a table and many strings of each stanza.  They are
-- garbage at once, and that costs a router more than the printing.
--
-- Pure: no router is needed.

local escape = require "util.stanza".xml_escape;

local find, match, concat = string.find, string.match, table.concat;
local next = next;

local text = {};

-- What the text is put together from: the same list for each, unless it holds
-- on to much.
local parts, bulky = {}, false;
local most_parts, most_bytes = 200, 8192;
-- What was escaped lately: a message is printed several times, and others have
-- the same addresses.
local known, count_known = {}, 0;
local most_known, longest_known = 500, 250;

-- What comes before the value of an attribute that is met often.
local openings = {};
for _, key in ipairs { "xmlns", "to", "from", "type", "id", "xml:lang",
		"by" } do
	openings[key] = " " .. key .. "='";
end

local function escaped(value)
	local found = known[value];
	if found then
		return found;
	end
	found = escape(value);
	if #found <= longest_known then
		if count_known == most_known then
			known, count_known = {}, 0;
		end
		known[value] = found;
		count_known = count_known + 1;
	end
	return found;
end

-- An attribute that has a namespace of its own.
local function foreign(key, value, number)
	local ns, name = match(key, "^([^\1]*)\1?(.*)$");
	local prefix = ("ns%d"):format(number);
	return " xmlns:" .. prefix .. "='" .. escape(ns) .. "' " .. prefix
		.. ":" .. name .. "='" .. escape(value) .. "'";
end

local function add_attributes(attr, count, skip, outer)
	local prefixes = 0;
	for key, value in next, attr do
		if find(key, "\1", 1, true) then
			prefixes = prefixes + 1;
			count = count + 1;
			parts[count] = foreign(key, value, prefixes);
		elseif key ~= skip and (key ~= "xmlns" or value ~= outer) then
			parts[count + 1] = openings[key]
				or " " .. key .. "='";
			parts[count + 2] = escaped(value);
			parts[count + 3] = "'";
			count = count + 3;
		end
	end
	return count;
end

-- Adds an element to the parts, of which there are count, and returns how many
-- there are then.  outer is the namespace that is in force; ns takes the place
-- of the element's own.
local function add(element, count, outer, ns)
	local name, attr = element.name, element.attr;
	parts[count + 1], parts[count + 2] = "<", name;
	count = count + 2;
	if ns then
		parts[count + 1] = " xmlns='";
		parts[count + 2], parts[count + 3] = ns, "'";
		count = count + 3;
	end
	count = add_attributes(attr, count, ns and "xmlns", outer);
	if not element[1] then
		parts[count + 1] = "/>";
		return count + 1;
	end
	count = count + 1;
	parts[count] = ">";
	for i = 1, #element do
		local child = element[i];
		if child.name then
			count = add(child, count, ns or attr.xmlns);
		else
			count = count + 1;
			parts[count] = escaped(child);
		end
	end
	parts[count + 1], parts[count + 2], parts[count + 3] = "</", name, ">";
	return count + 3;
end

-- Where the stanza that was printed last is among the parts.
local first_part, last_part;

-- Prints a stanza between texts: before and after are lists.  It gets that
-- namespace, unless ns is nil.
function text.between(before, stanza, after, ns)
	local count = #before;
	if bulky then
		parts = {};
	end
	for i = 1, count do
		parts[i] = before[i];
	end
	first_part = count + 1;
	count = add(stanza, count, nil, ns);
	last_part = count;
	for i = 1, #after do
		count = count + 1;
		parts[count] = after[i];
	end
	local printed = concat(parts, "", 1, count);
	bulky = count > most_parts or #printed > most_bytes;
	return printed;
end

-- The stanza that was printed last, without what was around it and without the
-- namespace that it was given.
function text.alone()
	for i = first_part + 2, first_part + 4 do
		parts[i] = "";
	end
	return concat(parts, "", first_part, last_part);
end

return text;
