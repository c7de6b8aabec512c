-- What a component is to remove: by user, the ids.  Beyond a number of them the
-- oldest goes.
--
-- Pure: no router is needed.

local withdrawn = {};
withdrawn.__index = withdrawn;

-- Ids in one message: far less than a stanza may have.
local most_ids = 100;

-- saved is what another has saved, or nil.
function withdrawn.new(most, saved)
	local self = setmetatable({ most = most, users = saved or {},
		count = 0, last = 0 }, withdrawn);
	for _, ids in pairs(self.users) do
		for _, number in pairs(ids) do
			self.count = self.count + 1;
			self.last = math.max(self.last, number);
		end
	end
	return self;
end

function withdrawn:save()
	return self.users;
end

-- Returns whether there was such an id.
function withdrawn:remove(user, value)
	local ids = self.users[user];
	if not ids or not ids[value] then
		return false;
	end
	ids[value] = nil;
	self.count = self.count - 1;
	if not next(ids) then
		self.users[user] = nil;
	end
	return true;
end

local function oldest(self)
	local user, value, least = nil, nil, math.huge;
	for name, ids in pairs(self.users) do
		for id, number in pairs(ids) do
			if number < least then
				user, value, least = name, id, number;
			end
		end
	end
	return user, value;
end

-- Returns the user and the id that went for it, or nil.
function withdrawn:add(user, value)
	self:remove(user, value);
	self.users[user] = self.users[user] or {};
	self.last = self.last + 1;
	self.users[user][value] = self.last;
	self.count = self.count + 1;
	if self.count > self.most then
		local other, gone = oldest(self);
		self:remove(other, gone);
		return other, gone;
	end
end

-- All of them, as a list of { user =, ids = }, oldest first of each user.
function withdrawn:lists()
	local lists = {};
	for user, ids in pairs(self.users) do
		local values = {};
		for value in pairs(ids) do
			table.insert(values, value);
		end
		table.sort(values, function (a, b)
			return ids[a] < ids[b];
		end);
		for i = 1, #values, most_ids do
			table.insert(lists, { user = user, ids = table.move(
				values, i, math.min(i + most_ids - 1, #values),
				1, {}) });
		end
	end
	return lists;
end

return withdrawn;
