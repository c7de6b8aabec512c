-- What is shown of a user who has overlays.
--
-- A user's layers are in a list, the one that counts first: that of the
-- highest rank, of equals the one that was set last.
--
-- Pure: no router is needed.

local layer = {};

local busy = { chat = 1, away = 2, xa = 3, dnd = 4 };

-- Whether a text is a <show/>.
function layer.is_show(text)
	return busy[text] ~= nil;
end

-- Takes a layer out of a list; returns whether it was there.
function layer.remove(layers, key)
	for i, other in ipairs(layers) do
		if other.key == key then
			table.remove(layers, i);
			return true;
		end
	end
	return false;
end

-- Puts one in: { key =, rank =, mode =, show =, status = }.
function layer.put(layers, new)
	layer.remove(layers, new.key);
	local place = 1;
	while layers[place] and layers[place].rank > new.rank do
		place = place + 1;
	end
	table.insert(layers, place, new);
end

-- What others see instead of a show and a status, which may be nil.
function layer.shown(first, show, status)
	if not first then
		return show, status;
	elseif first.mode == "replace" then
		return first.show, first.status;
	end
	if (busy[first.show] or 0) > (busy[show] or 0) then
		show = first.show;
	end
	return show, first.status or status;
end

-- Whether two layers, or none, look the same.
function layer.is_same(one, other)
	one, other = one or {}, other or {};
	return one.mode == other.mode and one.show == other.show
		and one.status == other.status;
end

return layer;
