-- Finds other servers on loopback, and their components, by the option
-- loopback_ports.
module:set_global();

local service = require "net.resolvers.service";
local manual = require "net.resolvers.manual";
local ports = module:get_option("loopback_ports");

function service.new(host)
	local port = ports[host] or ports[host:match("%.(.*)$")];
	return manual.new({ { "tcp", "127.0.0.1", port } });
end
