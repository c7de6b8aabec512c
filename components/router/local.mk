# The shims inside the routers: see PROTOCOL.

EXTRA_DIST += components/router/PROTOCOL components/router/configure.m4 \
	components/router/packages
CONFIGURE_DEPENDENCIES += $(srcdir)/components/router/configure.m4

prosodyplugindir = $(prosodyplugins)/mod_annex
dist_prosodyplugin_DATA = \
	components/router/prosody/act.lib.lua \
	components/router/prosody/check.lib.lua \
	components/router/prosody/command.lib.lua \
	components/router/prosody/content.lib.lua \
	components/router/prosody/delegate.lib.lua \
	components/router/prosody/deliver.lib.lua \
	components/router/prosody/door.lib.lua \
	components/router/prosody/expiry.lib.lua \
	components/router/prosody/fanout.lib.lua \
	components/router/prosody/forward.lib.lua \
	components/router/prosody/guard.lib.lua \
	components/router/prosody/handed.lib.lua \
	components/router/prosody/id.lib.lua \
	components/router/prosody/layer.lib.lua \
	components/router/prosody/line.lib.lua \
	components/router/prosody/link.lib.lua \
	components/router/prosody/mark.lib.lua \
	components/router/prosody/mod_annex.lua \
	components/router/prosody/origin.lib.lua \
	components/router/prosody/overlay.lib.lua \
	components/router/prosody/presence.lib.lua \
	components/router/prosody/profile.lib.lua \
	components/router/prosody/queue.lib.lua \
	components/router/prosody/reload.lib.lua \
	components/router/prosody/request.lib.lua \
	components/router/prosody/route.lib.lua \
	components/router/prosody/session.lib.lua \
	components/router/prosody/settings.lib.lua \
	components/router/prosody/spool.lib.lua \
	components/router/prosody/store.lib.lua \
	components/router/prosody/tap.lib.lua \
	components/router/prosody/text.lib.lua \
	components/router/prosody/unseen.lib.lua \
	components/router/prosody/withdrawn.lib.lua
