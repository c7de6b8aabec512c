%% What components send.  This runs in the process of the component's stream,
%% and nowhere else: so nobody can pretend to be one.
-module(annex_request).

-export([hooks/0, received/1]).

-include("logger.hrl").
-include("xmpp.hrl").
-include("annex.hrl").

hooks() ->
    [{component_send_packet, received, 50}].

%% remote_server is whose secret the stream knew.  Its listener may have other
%% names, by which ejabberd lets it speak: not by those of ours.
received({Stanza, #{remote_server := Component} = State} = Acc)
  when not is_atom(Stanza) ->
    case xmpp:get_from(Stanza) of
        #jid{lserver = Component} ->
            received(Stanza, Component, State);
        #jid{lserver = Other} ->
            case annex_host:hosts_of(Other) of
                [] -> Acc;
                _ -> {drop, ejabberd_service:send(State,
                                                  xmpp:serr_invalid_from())}
            end
    end;
received(Acc) ->
    Acc.

received(Stanza, Component, State) ->
    case {xmpp:get_from(Stanza), xmpp:get_to(Stanza)} of
        {#jid{luser = <<>>, lserver = Component, lresource = <<>>},
         #jid{luser = <<>>, lserver = Host, lresource = <<>>}} ->
            case annex_host:component(Host, Component) of
                undefined -> {Stanza, State};
                _ -> take(Stanza, Host, Component, State)
            end;
        _ ->
            {Stanza, State}
    end.

take(#iq{type = set, sub_els = [El]} = IQ, Host, Component, State) ->
    case annex_xml:namespace(El) of
        ?NS_ANNEX -> request(IQ, El, {Host, Component}, State);
        _ -> {IQ, State}
    end;
take(#iq{type = Type} = IQ, _Host, Component, State)
  when Type == result; Type == error ->
    case annex_ask:answer(Component, IQ) of
        true -> {drop, State};
        false -> {IQ, State}
    end;
take(#message{sub_els = [El | _]} = Message, Host, Component, State) ->
    case annex_xml:namespace(El) of
        ?NS_ANNEX ->
            tell(El#xmlel.name, El, {Host, Component}),
            {drop, State};
        _ ->
            {Message, State}
    end;
take(Stanza, _Host, _Component, State) ->
    {Stanza, State}.

request(IQ, #xmlel{name = Name} = El, {Host, Component} = Whose, State) ->
    case handler(Name) of
        none ->
            {IQ, State};
        {Hook, Module} ->
            Answer = case annex_host:has(Hook, Host, Component) of
                         true -> handle(Module, IQ, El, Whose);
                         false -> {error, xmpp:err_forbidden()}
                     end,
            {drop, reply(IQ, Answer, State)}
    end.

handler(<<"deliver">>) -> {deliver, annex_deliver};
handler(<<"fanout">>) -> {fanout, annex_fanout};
handler(<<"overlay">>) -> {overlay, annex_overlay};
handler(<<"act">>) -> {act, annex_act};
handler(<<"delegate">>) -> {delegate, annex_delegate};
handler(<<"release">>) -> {check, annex_release};
handler(<<"refuse">>) -> {check, annex_refuse};
handler(_) -> none.

%% A handler returns result, {error, Error}, or later: then it answers itself.
handle(Module, IQ, El, Whose) ->
    try
        Module:request(IQ, El, Whose)
    catch
        throw:{error, _} = Error ->
            Error;
        Class:Reason:Stack ->
            ?ERROR_MSG("Request failed:~n~ts~n** ~ts",
                       [xmpp:pp(IQ),
                        misc:format_exception(2, Class, Reason, Stack)]),
            {error, xmpp:err_internal_server_error()}
    end.

reply(_IQ, later, State) ->
    State;
reply(IQ, result, State) ->
    ejabberd_service:send(State, xmpp:make_iq_result(IQ));
reply(IQ, {error, Error}, State) ->
    ejabberd_service:send(State, xmpp:make_error(IQ#iq{sub_els = []}, Error)).

tell(<<"ack">>, El, {Host, Component}) ->
    annex_tap:ack(Host, Component, annex_xml:attr(<<"seq">>, El));
tell(<<"allow">>, El, {Host, Component}) ->
    case annex_host:has(check, Host, Component) of
        true -> annex_ask:allow(Component, annex_xml:text(El));
        false -> ok
    end;
tell(<<"forget">>, El, {Host, Component}) ->
    case annex_host:has(deliver, Host, Component) of
        true -> annex_store:forgotten(Host, Component,
                                      annex_deliver:told_to_forget(Host, El));
        false -> ok
    end;
tell(_Name, _El, _Whose) ->
    ok.
