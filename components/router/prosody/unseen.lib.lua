-- What sessions were handed and have not acknowledged (XEP-0198).
--
-- Stream management keeps that too, but above its limit it forgets the oldest,
-- whatever that is.
--
-- Pure: a queue is anything with count_acked and count_unacked.

local unseen = {};
-- By session: messages in order, { number =, id =, stanza = }, where the number
-- is that of the stream; the same by id in ids; the numbers of those without an
-- id in nameless; and the queue they went to.
local lists = setmetatable({}, { __mode = "k" });

-- A message goes to the queue of a session, if it has one.  Returns its number
-- there.
function unseen.add(session, id, stanza)
	local queue = session.outgoing_stanza_queue;
	if not queue then
		return;
	end
	local list = lists[session];
	if not list or list.queue ~= queue then
		list = { queue = queue, ids = {}, nameless = {} };
		lists[session] = list;
	end
	local number = queue:count_acked() + queue:count_unacked() + 1;
	if not id then
		list.nameless[number] = true;
		return number;
	end
	local entry = { id = id, stanza = stanza, number = number };
	table.insert(list, entry);
	list.ids[id] = entry;
	return number;
end

-- It did not get there: the next will have that number.
function unseen.undo(session, number)
	local list = lists[session];
	if not list or not number then
		return;
	end
	list.nameless[number] = nil;
	local last = list[#list];
	if last and last.number == number then
		table.remove(list);
		list.ids[last.id] = nil;
	end
end

-- The session says that it has all up to a number.
function unseen.settle(session, number)
	local list = lists[session];
	local queue = list and list.queue;
	if not list or number > queue:count_acked() + queue:count_unacked() then
		return;
	end
	local left = { queue = list.queue, ids = {}, nameless = {} };
	for _, entry in ipairs(list) do
		if entry.number > number and list.ids[entry.id] == entry then
			table.insert(left, entry);
			left.ids[entry.id] = entry;
		end
	end
	for nameless in pairs(list.nameless) do
		left.nameless[nameless] = nameless > number or nil;
	end
	lists[session] = (left[1] or next(left.nameless)) and left or nil;
end

-- Whether a message of that id is among them; it is not any more.
function unseen.take(session, id)
	local list = lists[session];
	local found = list and list.ids[id];
	if found then
		list.ids[id] = nil;
	end
	return found ~= nil;
end

-- What another is to go on with.
function unseen.save()
	return lists;
end

function unseen.restore(saved)
	lists = saved;
end

-- The number before the first that a queue of some size still has.
local function before_kept(queue, size)
	local acked = queue:count_acked();
	return math.max(acked, acked + queue:count_unacked() - size);
end

-- Whether what a queue of some size gives back next, in order, went to it
-- without an id.  To be asked once for each stanza, of whatever kind.
function unseen.returns_nameless(session, size)
	local list = lists[session];
	if not list then
		return false;
	end
	list.returned = (list.returned or before_kept(list.queue, size)) + 1;
	return list.nameless[list.returned] ~= nil;
end

-- Takes those that a queue of some size has forgotten, in order, but for those
-- without an id.
function unseen.forgotten(session, size)
	local list, found = lists[session], {};
	if not list or list.forgotten then
		return found;
	end
	list.forgotten = true;
	local acked = list.queue:count_acked();
	local last = before_kept(list.queue, size);
	for _, entry in ipairs(list) do
		if entry.number > acked and entry.number <= last
				and list.ids[entry.id] == entry then
			list.ids[entry.id] = nil;
			table.insert(found, entry);
		end
	end
	return found;
end

return unseen;
