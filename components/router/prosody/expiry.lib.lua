-- Things that end by themselves: each has one timer, however often it is
-- renewed.
--
-- Pure: no router is needed.

local expiry = {};
expiry.__index = expiry;

-- start(seconds, func) starts a timer, which has the method stop; ended(name)
-- is called when the time of a name is over.
function expiry.new(start, ended)
	return setmetatable({ start = start, ended = ended, timers = {} },
		expiry);
end

function expiry:stop(name)
	local timer = self.timers[name];
	if timer then
		timer:stop();
		self.timers[name] = nil;
	end
end

-- A name ends in so many seconds, whatever was said of it before.
function expiry:set(name, seconds)
	self:stop(name);
	self.timers[name] = self.start(seconds, function ()
		self.timers[name] = nil;
		self.ended(name);
	end);
end

function expiry:stop_all()
	for name in pairs(self.timers) do
		self:stop(name);
	end
end

return expiry;
