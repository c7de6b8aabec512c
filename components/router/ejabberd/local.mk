# The shim for ejabberd, for its module_install.

ejabberdmoduledir = $(ejabberdmodules)/mod_annex
dist_ejabberdmodule_DATA = components/router/ejabberd/mod_annex.spec
ejabberdsourcedir = $(ejabberdmoduledir)/src
dist_ejabberdsource_DATA = \
	components/router/ejabberd/annex.hrl \
	components/router/ejabberd/annex_act.erl \
	components/router/ejabberd/annex_ask.erl \
	components/router/ejabberd/annex_bundle.erl \
	components/router/ejabberd/annex_check.erl \
	components/router/ejabberd/annex_cork.erl \
	components/router/ejabberd/annex_delegate.erl \
	components/router/ejabberd/annex_deliver.erl \
	components/router/ejabberd/annex_disco.erl \
	components/router/ejabberd/annex_door.erl \
	components/router/ejabberd/annex_expiry.erl \
	components/router/ejabberd/annex_fanout.erl \
	components/router/ejabberd/annex_hook.erl \
	components/router/ejabberd/annex_host.erl \
	components/router/ejabberd/annex_id.erl \
	components/router/ejabberd/annex_lane.erl \
	components/router/ejabberd/annex_layer.erl \
	components/router/ejabberd/annex_line.erl \
	components/router/ejabberd/annex_link.erl \
	components/router/ejabberd/annex_names.erl \
	components/router/ejabberd/annex_option.erl \
	components/router/ejabberd/annex_overlay.erl \
	components/router/ejabberd/annex_presence.erl \
	components/router/ejabberd/annex_profile.erl \
	components/router/ejabberd/annex_refuse.erl \
	components/router/ejabberd/annex_release.erl \
	components/router/ejabberd/annex_removed.erl \
	components/router/ejabberd/annex_request.erl \
	components/router/ejabberd/annex_route.erl \
	components/router/ejabberd/annex_session.erl \
	components/router/ejabberd/annex_spool.erl \
	components/router/ejabberd/annex_stanza.erl \
	components/router/ejabberd/annex_store.erl \
	components/router/ejabberd/annex_sup.erl \
	components/router/ejabberd/annex_tap.erl \
	components/router/ejabberd/annex_text.erl \
	components/router/ejabberd/annex_wire.erl \
	components/router/ejabberd/annex_withdrawn.erl \
	components/router/ejabberd/annex_xml.erl \
	components/router/ejabberd/mod_annex.erl

EXTRA_DIST += t/lib/eunit_tap.erl \
	t/unit/ejabberd/annex_ask_tests.erl \
	t/unit/ejabberd/annex_bundle_tests.erl \
	t/unit/ejabberd/annex_delegate_tests.erl \
	t/unit/ejabberd/annex_deliver_tests.erl \
	t/unit/ejabberd/annex_door_tests.erl \
	t/unit/ejabberd/annex_expiry_tests.erl \
	t/unit/ejabberd/annex_id_tests.erl \
	t/unit/ejabberd/annex_lane_tests.erl \
	t/unit/ejabberd/annex_layer_tests.erl \
	t/unit/ejabberd/annex_line_tests.erl \
	t/unit/ejabberd/annex_option_tests.erl \
	t/unit/ejabberd/annex_profile_tests.erl \
	t/unit/ejabberd/annex_removed_tests.erl \
	t/unit/ejabberd/annex_spool_tests.erl \
	t/unit/ejabberd/annex_store_tests.erl \
	t/unit/ejabberd/annex_tap_tests.erl \
	t/unit/ejabberd/annex_text_tests.erl \
	t/unit/ejabberd/annex_wire_tests.erl \
	t/unit/ejabberd/annex_withdrawn_tests.erl \
	t/unit/ejabberd/annex_xml_tests.erl
