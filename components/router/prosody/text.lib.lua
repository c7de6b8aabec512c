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
-- What was escaped lately, texts, and by its key whole attributes: a message is
-- printed several times, and others have the same addresses.  And by their
-- names tags: the fewer parts, the better.  Texts come and go, so that they are
-- forgotten apart from the others.
local known, attributes = {}, {};
local opened, closed;
local count_known, count_others = 0, 0;
local most_known, longest_known = 500, 250;
local special = "[^%w_%-]";

local function forget_others()
	opened, closed, count_others = {}, {}, 0;
	-- Those whose values are met often.
	for _, key in ipairs { "xmlns", "to", "from", "type", "xml:lang",
			"by" } do
		attributes[key] = {};
	end
end

forget_others();

local function remember_text(value, made)
	if #made > longest_known then
		return;
	elseif count_known == most_known then
		known, count_known = {}, 0;
	end
	known[value] = made;
	count_known = count_known + 1;
end

local function remember(list, value, made)
	if #made > longest_known then
		return;
	elseif count_others == most_known then
		forget_others();
		return;
	end
	list[value] = made;
	count_others = count_others + 1;
end

local function escaped(value)
	local found = known[value];
	if not found then
		found = escape(value);
		remember_text(value, found);
	end
	return found;
end

-- What hardly ever needs it, and hardly ever comes again.
function text.escaped_id(value)
	return find(value, special) and escape(value) or value .. "";
end

local escaped_id = text.escaped_id;

local function attribute(key, value)
	local made = " " .. key .. "='" .. escape(value) .. "'";
	remember(attributes[key], value, made);
	return made;
end

-- The beginning of an element, and its end.
local function open(name)
	local made = "<" .. name;
	remember(opened, name, made);
	return made;
end

local function close(name)
	local made = "</" .. name .. ">";
	remember(closed, name, made);
	return made;
end

-- An attribute that has a namespace of its own.
local function foreign(key, value, number)
	local ns, name = match(key, "^([^\1]*)\1?(.*)$");
	local prefix = ("ns%d"):format(number);
	return " xmlns:" .. prefix .. "='" .. escape(ns) .. "' " .. prefix
		.. ":" .. name .. "='" .. escape(value) .. "'";
end

local function add_attributes(parts, attr, count, skip, outer)
	local prefixes = 0;
	for key, value in next, attr do
		local met = attributes[key];
		if key == skip or key == "xmlns" and value == outer then
			-- It goes without saying.
		elseif met then
			count = count + 1;
			parts[count] = met[value] or attribute(key, value);
		elseif key == "id" then
			parts[count + 1] = " id='";
			parts[count + 2] = escaped_id(value);
			parts[count + 3] = "'";
			count = count + 3;
		elseif find(key, "\1", 1, true) then
			prefixes = prefixes + 1;
			count = count + 1;
			parts[count] = foreign(key, value, prefixes);
		else
			count = count + 1;
			parts[count] = " " .. key .. "='" .. escaped(value)
				.. "'";
		end
	end
	return count;
end

-- Adds the beginning of an element.  outer is the namespace that is in force;
-- ns takes the place of the element's own.
local function begin(parts, element, count, outer, ns)
	local name, attr = element.name, element.attr;
	count = count + 1;
	parts[count] = opened[name] or open(name);
	if ns then
		count = count + 1;
		parts[count] = attributes.xmlns[ns] or attribute("xmlns", ns);
	end
	count = add_attributes(parts, attr, count, ns and "xmlns", outer) + 1;
	parts[count] = element[1] and ">" or "/>";
	return count;
end

-- The elements around the one that is printed, outermost first: each, how far
-- its content is printed, and its namespace.  Not calls inside each other, of
-- which there must not be as many as somebody may nest elements.
local around, places, spaces = {}, {}, {};
local most_around = 200;

local function forget_around(deepest)
	if deepest > most_around then
		around, places, spaces = {}, {}, {};
	end
end

-- Adds an element to the parts, of which there are count, and returns how many
-- there are then, and where its last child begins if that is an element.
local function add(parts, element, count, ns)
	local depth, deepest, place = 0, 0, 0;
	local last_child;
	local inner = ns or element.attr.xmlns;
	count = begin(parts, element, count, nil, ns);
	if not element[1] then
		return count;
	end
	while true do
		place = place + 1;
		local child = element[place];
		if not child then
			count = count + 1;
			parts[count] = closed[element.name]
				or close(element.name);
			if depth == 0 then
				forget_around(deepest);
				return count, last_child;
			end
			element, place = around[depth], places[depth];
			inner, around[depth] = spaces[depth], false;
			depth = depth - 1;
		elseif not child.name then
			count = count + 1;
			parts[count] = known[child] or escaped(child);
			last_child = depth > 0 and last_child or nil;
		else
			if depth == 0 then
				last_child = count + 1;
			end
			count = begin(parts, child, count, inner);
			local only = child[1];
			if only and not child[2] and not only.name then
				parts[count + 1] = known[only] or escaped(only);
				count = count + 2;
				parts[count] = closed[child.name]
					or close(child.name);
			elseif only then
				depth = depth + 1;
				around[depth], places[depth] = element, place;
				spaces[depth] = inner or false;
				deepest = depth > deepest and depth or deepest;
				element, place = child, 0;
				inner = child.attr.xmlns;
			end
		end
	end
end

-- Where the stanza that was printed last is, in which list, and its last child,
-- if that is an element.
local last_list, first_part, last_part, last_child;

-- Adds a stanza to a list of so many texts, and returns how many there are
-- then.  It gets that namespace, unless ns is nil.
function text.append(list, count, stanza, ns)
	last_list, first_part = list, count + 1;
	last_part, last_child = add(list, stanza, count, ns);
	return last_part;
end

-- What add(list, count, ...) adds to a list of so many texts, of which it
-- returns how many there are then, put together.
function text.join(add_all, ...)
	local count = text.lay_out(add_all, ...);
	local printed = concat(parts, "", 1, count);
	bulky = bulky or #printed > most_bytes;
	return printed;
end

-- The same, but does not put it together.
function text.lay_out(add_all, ...)
	if bulky then
		parts = {};
	end
	local count = add_all(parts, 0, ...);
	bulky = count > most_parts;
	return count;
end

-- Where the parts of the stanza that was printed last are.
function text.place()
	return first_part, last_part;
end

-- Whether the stanza that was printed last is, but for its last child, what
-- these parts of another list are.
function text.extends(list, first, last)
	local before = (last_child or 0) - first_part;
	-- The last part is the tag at the end.
	if before ~= last - first or last_list[last_part] ~= list[last] then
		return false;
	end
	for i = 0, before - 1 do
		if last_list[first_part + i] ~= list[first + i] then
			return false;
		end
	end
	return true;
end

-- The stanza that was printed last, without what was around it and without the
-- namespace that it was given.  The list must be as it was then.
function text.alone()
	local list, place = last_list, first_part + 1;
	local namespace = list[place];
	list[place] = "";
	local printed = concat(list, "", first_part, last_part);
	list[place] = namespace;
	return printed;
end

return text;
