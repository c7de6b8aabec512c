%% What the host says of itself (XEP-0030).
-module(annex_disco).

-export([hooks/0, features/5]).

-include("xmpp.hrl").
-include("annex.hrl").

hooks() ->
    [{disco_local_features, features, 60}].

features({result, Features}, _From, #jid{lserver = Host}, <<>>, _Lang) ->
    {result, own(Host) ++ Features};
features(empty, From, To, <<>>, Lang) ->
    features({result, []}, From, To, <<>>, Lang);
features(Acc, _From, _To, _Node, _Lang) ->
    Acc.

own(Host) ->
    [?NS_ANNEX | [<<?NS_ANNEX/binary, $#, (atom_to_binary(Hook, utf8))/binary>>
                  || Hook <- ?HOOKS, annex_host:with(Hook, Host) /= []]].
