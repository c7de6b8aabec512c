%% fanout: one stanza, sent to many.
%%
%% What rooms send goes straight to the sessions of this node, past the router,
%% which would look for the same domain and user again and again; but only when
%% nobody else wants to see it on the way.  All else is routed.
-module(annex_fanout).

-export([request/3]).

-include("xmpp.hrl").
-include("annex.hrl").

%% Those that have no use for what rooms send.
-define(BLIND, [annex_act, annex_bundle, annex_check, annex_door, annex_id,
                annex_route, annex_tap, mod_mam]).

%% Sent by the process of the component's stream: so nothing that it sends
%% overtakes anything.
request(_IQ, El, {_Host, Component}) ->
    Stanzas = [mark(Stanza, Component) || Stanza <- stanzas(El)],
    IsFree = lists:all(fun is_of_room/1, Stanzas)
        andalso unseen(filter_packet, global),
    Hosts = [Host || Host <- maps:keys(annex_host:all()), IsFree,
                     annex_bundle:is_ready(Host),
                     unseen(sm_receive_packet, Host)],
    send_all(addresses(El), Stanzas, Hosts),
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

is_of_room(#message{type = groupchat}) -> true;
is_of_room(#presence{type = available}) -> true;
is_of_room(#presence{type = unavailable}) -> true;
is_of_room(_) -> false.

unseen(Hook, Host) ->
    annex_hook:is_only_for(?BLIND, Hook, Host).

send_all(Addresses, Stanzas, Hosts) ->
    Known = lists:foldl(
              fun(Address, Known) ->
                      {To, Next} = decode(Address, Known),
                      send(To, Stanzas, Hosts),
                      Next
              end, known(), Addresses),
    put(?MODULE, Known).

send(error, _Stanzas, _Hosts) ->
    ok;
send({#jid{lserver = Host} = To, Address}, Stanzas, Hosts) ->
    Session = case lists:member(Host, Hosts) of
                  true -> annex_session:find(Address);
                  false -> undefined
              end,
    case Session of
        undefined ->
            lists:foreach(fun(Stanza) ->
                                  ejabberd_router:route(xmpp:set_to(Stanza, To))
                          end, Stanzas);
        Pid ->
            annex_bundle:send(Pid, Stanzas, To)
    end.

%% The same people get most of what a room sends.
known() ->
    case get(?MODULE) of
        Known when map_size(Known) < 10000 -> Known;
        _ -> #{}
    end.

decode(Address, Known) ->
    case Known of
        #{Address := To} ->
            {To, Known};
        _ ->
            %% Not a part of the long text that it was found in.
            Copy = binary:copy(Address),
            To = parse(Copy),
            {To, Known#{Copy => To}}
    end.

parse(Address) ->
    try
        To = jid:decode(Address),
        {To, jid:tolower(To)}
    catch
        error:{bad_jid, _} -> error
    end.
