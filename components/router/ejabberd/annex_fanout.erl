%% fanout: one stanza, sent to many.
-module(annex_fanout).

-export([request/3]).

-include("xmpp.hrl").
-include("annex.hrl").

%% Sent by the process of the component's stream: so nothing that it sends
%% overtakes anything.
request(_IQ, El, {_Host, Component}) ->
    Stanzas = [mark(Stanza, Component) || Stanza <- stanzas(El)],
    lists:foreach(fun(Address) -> send_all(Stanzas, Address) end,
                  addresses(El)),
    result.

stanzas(El) ->
    case annex_xml:unwrap_all(El) of
        [] -> throw({error, xmpp:err_bad_request()});
        Stanzas -> [Stanza || {Stanza, _} <- Stanzas]
    end.

mark(Stanza, Component) ->
    case xmpp:get_from(Stanza) of
        #jid{lserver = Component} -> xmpp:put_meta(Stanza, annex_fanout, true);
        _ -> throw({error, xmpp:err_forbidden()})
    end.

addresses(El) ->
    case annex_xml:child(<<"to">>, El) of
        undefined -> throw({error, xmpp:err_bad_request()});
        To -> binary:split(annex_xml:text(To), <<"\n">>, [global, trim_all])
    end.

send_all(Stanzas, Address) ->
    case decode(Address) of
        error -> ok;
        To -> [ejabberd_router:route(xmpp:set_to(Stanza, To))
               || Stanza <- Stanzas]
    end.

%% The same people get most of what a room sends.
decode(Address) ->
    Known = known(),
    case Known of
        #{Address := To} ->
            To;
        _ ->
            To = parse(Address),
            put(?MODULE, Known#{Address => To}),
            To
    end.

known() ->
    case get(?MODULE) of
        Known when map_size(Known) < 10000 -> Known;
        _ -> #{}
    end.

parse(Address) ->
    try
        jid:decode(Address)
    catch
        error:{bad_jid, _} -> error
    end.
