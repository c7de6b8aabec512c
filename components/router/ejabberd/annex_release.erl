%% release: what a component kept goes on as if it had been allowed.
-module(annex_release).

-export([request/3, kept/2]).

-include("xmpp.hrl").
-include("annex.hrl").

request(_IQ, El, {Host, _Component} = Whose) ->
    {Stanza, Delay} = kept(El, Whose),
    Point = annex_xml:attr(<<"point">>, El),
    Id = annex_xml:attr(<<"id">>, El),
    Known = xmpp:put_meta(annex_id:name(Id, Stanza), annex_checked, Host),
    Late = late(written(Known, Delay), Host, Delay),
    annex_lane:run({release, xmpp:get_from(Stanza)},
                   fun() -> go(Point, Host, Late) end),
    result.

%% As XML, for those who tell when it was sent.
written(Stanza, undefined) ->
    Stanza;
written(Stanza, Delay) ->
    xmpp:put_meta(Stanza, annex_written,
                  fxml:crypt(annex_xml:attr(<<"stamp">>, Delay, <<>>))).

%% A request has one child (RFC 6120, section 8.2.3).
late(#iq{} = IQ, _Host, _Delay) -> IQ;
late(Stanza, Host, Delay) -> annex_stanza:delay(Stanza, Host, Delay).

%% What the component may have kept, and its delay.
kept(El, {Host, Component}) ->
    {Stanza, Delay} = annex_xml:unwrap(El),
    Point = annex_xml:attr(<<"point">>, El),
    is_whole(Stanza, annex_xml:attr(<<"id">>, El)),
    belongs(Point, Host, Stanza),
    is_held(Point, Host, Component, Stanza),
    {Stanza, Delay}.

is_whole(Stanza, Id) ->
    case Stanza /= none andalso Id /= undefined
        andalso xmpp:get_from(Stanza) /= undefined
        andalso xmpp:get_to(Stanza) /= undefined of
        true -> ok;
        false -> throw({error, xmpp:err_bad_request()})
    end.

%% A user of the host, or a room, is to have it, or a user has sent it.
belongs(<<"send">>, Host, Stanza) ->
    is_user(Host, xmpp:get_from(Stanza));
belongs(<<"receive">>, Host, Stanza) ->
    annex_door:enters(Host, Stanza) orelse
        begin
            is_user(Host, xmpp:get_to(Stanza)),
            is_outside(Host, xmpp:get_from(Stanza))
        end;
belongs(_Point, _Host, _Stanza) ->
    throw({error, xmpp:err_bad_request()}).

is_user(Host, #jid{luser = User, lserver = Host}) when User /= <<>> -> ok;
is_user(_Host, _JID) -> forbidden().

is_outside(Host, #jid{lserver = Host}) -> forbidden();
is_outside(_Host, _JID) -> ok.

%% A check may have asked for it.  Only one child of an IQ can be meant.
is_held(_Point, _Host, _Component, #iq{sub_els = Els}) when length(Els) /= 1 ->
    forbidden();
is_held(Point, Host, Component, Stanza) ->
    case annex_check:chosen(Host, Component, binary_to_atom(Point, utf8),
                            Stanza) of
        none -> forbidden();
        _Profile -> ok
    end.

-spec forbidden() -> no_return().
forbidden() ->
    throw({error, xmpp:err_forbidden()}).

go(<<"send">>, Host, Stanza) -> annex_stanza:send_as(Host, Stanza);
go(<<"receive">>, Host, Stanza) -> annex_stanza:come(Host, Stanza).
