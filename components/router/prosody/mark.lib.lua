-- What was already done with a stanza: { id =, checked =, aside = ... };
-- stamped is the element that its id was put into, and written when it was
-- sent, as XML, where it is let go later.
--
-- A mark goes along with the event while the stanza passes the hooks, as other
-- modules put copies in its place; and with the stanza itself when it is sent
-- through the hooks again.

local random_bytes = require "util.random".bytes;
local base64 = require "util.encodings".base64.encode;

local mark = {};
local marks = setmetatable({}, { __mode = "k" });
-- Stanzas that are no shim's business: other hosts' shims know them too.
local aside = setmetatable(module:shared("/*/annex/aside"), { __mode = "k" });

-- Ids are cut from a longer text, as random bytes are dearer one by one.
local id_length, id_count = 24, 100;
local letters, used = "", 0;

local function new_id()
	if used == #letters then
		letters = base64(random_bytes(id_length // 4 * 3 * id_count))
			:gsub("[+/]", { ["+"] = "-", ["/"] = "_" });
		used = 0;
	end
	used = used + id_length;
	return letters:sub(used - id_length + 1, used);
end

-- The mark of the stanza of a hook's event.
function mark.of(event)
	local found = event[annex];
	if not found then
		local stanza = event.stanza;
		-- What will be written into it has its place already.
		found = marks[stanza] or aside[stanza] or { id = new_id(),
			seen = false, checked = false, stamped = false };
		event[annex] = found;
	end
	return found;
end

-- When the stanza passes the hooks again it has that mark.
function mark.keep(stanza, value)
	marks[stanza] = value;
end

-- The stanza is none of any shim's business.
function mark.pass(stanza)
	aside[stanza] = { aside = true };
end

return mark;
