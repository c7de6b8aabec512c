-- What was already done with a stanza: { id =, checked =, aside = ... }.
--
-- A mark goes along with the event while the stanza passes the hooks, as other
-- modules put copies in its place; and with the stanza itself when it is sent
-- through the hooks again.

local new_id = require "util.id".medium;

local mark = {};
local marks = setmetatable({}, { __mode = "k" });
-- Stanzas that are no shim's business: other hosts' shims know them too.
local aside = setmetatable(module:shared("/*/annex/aside"), { __mode = "k" });

-- The mark of the stanza of a hook's event.
function mark.of(event)
	local stanza = event.stanza;
	local found = event[annex] or marks[stanza] or aside[stanza]
		or { id = new_id() };
	event[annex] = found;
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
