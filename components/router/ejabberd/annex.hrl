%% What all of mod_annex knows.

-define(NS_ANNEX, <<"urn:x-annex:0">>).
-define(HOOKS, [tap, check, store, presence, route, deliver, fanout, overlay,
                act, delegate]).
