-- Messages that were handed over: by user, when that of an id was.
--
-- Pure: no router is needed.

local handed = {};
handed.__index = handed;

-- saved is what another has saved, or nil.
function handed.new(saved)
	return setmetatable({ users = saved or {} }, handed);
end

function handed:save()
	return self.users;
end

function handed:has(user, value)
	local ids = self.users[user];
	return ids ~= nil and ids[value] ~= nil;
end

-- when is math.huge for one that is remembered until it is forgotten.
function handed:remember(user, value, when)
	self.users[user] = self.users[user] or {};
	self.users[user][value] = when;
end

function handed:forget(user, value)
	local ids = self.users[user];
	if ids then
		ids[value] = nil;
		if not next(ids) then
			self.users[user] = nil;
		end
	end
end

local function each(self, func)
	for user, ids in pairs(self.users) do
		for value, when in pairs(ids) do
			func(user, value, when);
		end
	end
end

-- Forgets what was handed over before that time.
function handed:expire(time)
	each(self, function (user, value, when)
		if when < time then
			self:forget(user, value);
		end
	end);
end

-- What was to be forgotten is as if it was handed over at that time, where
-- is_awaited, of a user and an id, says that nobody will do so.
function handed:limit(time, is_awaited)
	each(self, function (user, value, when)
		if when == math.huge and not is_awaited(user, value) then
			self:remember(user, value, time);
		end
	end);
end

return handed;
