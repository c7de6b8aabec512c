%% refuse: what a component kept does not go on, as if it had been denied.
-module(annex_refuse).

-export([request/3]).

request(_IQ, El, Whose) ->
    {Stanza, _Delay} = annex_release:kept(El, Whose),
    annex_check:deny(Stanza, El),
    result.
