-- Tests of the pieces of the shim that need no router, as TAP.
--
--     local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
--     local queue = unit.piece "queue"
--
--     unit.test("what is expected", function () ... end)
--
--     unit.run()

-- Prosody's own utilities need no router either.  Prosody 13 calls them
-- prosody.util.
for _, root in ipairs { "/usr/lib/prosody/", "/usr/lib/" } do
	package.path = package.path .. ";" .. root .. "?.lua";
	package.cpath = package.cpath .. ";" .. root .. "?.so";
end

local unit = {}
local tests = {}
local root = arg[0]:match("^(.*)/") .. "/../.."

function unit.piece(name)
	return dofile(root .. "/components/router/prosody/" .. name
		.. ".lib.lua")
end

function unit.test(name, func)
	table.insert(tests, { name = name, func = func })
end

local function show(value)
	if type(value) ~= "table" then
		return tostring(value)
	end
	local parts = {}
	for key, item in pairs(value) do
		table.insert(parts, show(key) .. "=" .. show(item))
	end
	table.sort(parts)
	return "{" .. table.concat(parts, ", ") .. "}"
end

-- Tables are equal when all that is in them is.
function unit.equal(found, wanted)
	if show(found) ~= show(wanted) then
		error(("wanted %s\nfound %s"):format(show(wanted),
			show(found)), 2)
	end
end

-- A text has another in it.
function unit.mentions(text, part)
	if not tostring(text):find(part, 1, true) then
		error(("'%s' is not in: %s"):format(part, tostring(text)), 2)
	end
end

-- A folder for a test, which is removed with what is in it.
function unit.with_folder(func)
	local path = os.tmpname()
	os.remove(path)
	assert(os.execute("mkdir '" .. path .. "'"))
	local good, problem = xpcall(func, debug.traceback, path)
	os.execute("rm -rf '" .. path .. "'")
	if not good then
		error(problem, 0)
	end
end

function unit.run()
	print("1.." .. #tests)
	for number, test in ipairs(tests) do
		local good, problem = xpcall(test.func, debug.traceback)
		print((good and "ok " or "not ok ") .. number .. " - "
			.. test.name)
		if not good then
			print("# " .. tostring(problem):gsub("\n", "\n# "))
		end
	end
end

return unit
