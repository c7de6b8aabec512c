-- Hooks whose errors lose no stanza: it goes on as if there were no hook.

local xpcall = require "util.xpcall".xpcall;
local traceback = debug.traceback;

local guard = {};

local function failed(problem)
	module:log("error", "%s", traceback(problem, 2));
end

-- Calls a function; an error is logged, and then nothing is returned.
function guard.call(func, ...)
	local good, result = xpcall(func, failed, ...);
	return good and result or nil;
end

-- The same, but returns whether it went well, and all that is returned.
function guard.try(func, ...)
	return xpcall(func, failed, ...);
end

-- otherwise takes its place then, when there is one.
function guard.protect(func, otherwise)
	return function (...)
		local good, result = xpcall(func, failed, ...);
		if good then
			return result;
		elseif otherwise then
			return otherwise(...);
		end
	end;
end

-- The same for what has one parameter, as much of it is called for each stanza.
local function protect_hook(func, otherwise)
	return function (event)
		local good, result = xpcall(func, failed, event);
		if good then
			return result;
		elseif otherwise then
			return otherwise(event);
		end
	end;
end

-- priority is Prosody's: higher ones come first.
function guard.hook(event, func, priority, otherwise)
	module:hook(event, protect_hook(func, otherwise), priority);
end

-- The same for several events, as "message/bare message/full".
function guard.hook_each(events, func, priority, otherwise)
	for event in events:gmatch("%S+") do
		guard.hook(event, func, priority, otherwise);
	end
end

-- Events of another host.
function guard.hook_other(others, events, func, priority, otherwise)
	for event in events:gmatch("%S+") do
		module:hook_object_event(others, event,
			protect_hook(func, otherwise), priority);
	end
end

function guard.hook_global(event, func, priority)
	module:hook_global(event, guard.protect(func), priority);
end

function guard.timer(seconds, func)
	return module:add_timer(seconds, guard.protect(func));
end

return guard;
