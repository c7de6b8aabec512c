-- Puts "new" in the place of what a message to a user says, if that is "old".

local function edit(event)
	local body = event.stanza:get_child("body");
	if body and body:get_text() == "old" then
		body[1] = "new";
	end
end

module:hook("message/bare", edit);
module:hook("message/full", edit);
