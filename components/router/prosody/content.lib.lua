-- What is in a stanza, whatever stream it is written for.
--
-- Prosody takes the namespace off an element where it is that of the stream it
-- came by, and leaves that of another kind of stream: by one of that kind such
-- an element goes out as content like any other, which nobody has looked at.
--
-- Pure: a stanza is anything with attr and tags.

local content = {};

local of_streams = { ["jabber:client"] = true, ["jabber:server"] = true,
	["jabber:component:accept"] = true };

-- Takes those namespaces off what is in an element.  What is below another
-- keeps them: it is none of the stanza's own.
function content.settle(element)
	for _, child in ipairs(element.tags) do
		local xmlns = child.attr.xmlns;
		if not xmlns or of_streams[xmlns] then
			child.attr.xmlns = nil;
			content.settle(child);
		end
	end
end

return content;
