%% release: what a component kept goes on as if it had been allowed.
-module(annex_release).

-export([request/3]).

-include("xmpp.hrl").
-include("annex.hrl").

request(_IQ, El, {Host, _Component}) ->
    {Stanza, Delay} = annex_xml:unwrap(El),
    Point = annex_xml:attr(<<"point">>, El),
    Id = annex_xml:attr(<<"id">>, El),
    is_whole(Stanza, Id),
    belongs(Point, Host, Stanza),
    Known = xmpp:put_meta(annex_id:name(Id, Stanza), annex_checked, Host),
    Late = annex_stanza:delay(Known, Host, Delay),
    annex_lane:run({release, xmpp:get_from(Stanza)},
                   fun() -> go(Point, Host, Late) end),
    result.

is_whole(Stanza, Id) ->
    case Stanza /= none andalso Id /= undefined
        andalso xmpp:get_from(Stanza) /= undefined
        andalso xmpp:get_to(Stanza) /= undefined of
        true -> ok;
        false -> throw({error, xmpp:err_bad_request()})
    end.

%% A user of the host has sent it, or is to have it.
belongs(<<"send">>, Host, Stanza) ->
    is_user(Host, xmpp:get_from(Stanza));
belongs(<<"receive">>, Host, Stanza) ->
    is_user(Host, xmpp:get_to(Stanza));
belongs(_Point, _Host, _Stanza) ->
    throw({error, xmpp:err_bad_request()}).

is_user(Host, #jid{luser = User, lserver = Host}) when User /= <<>> -> ok;
is_user(_Host, _JID) -> throw({error, xmpp:err_forbidden()}).

go(<<"send">>, Host, Stanza) -> annex_stanza:send_as(Host, Stanza);
go(<<"receive">>, _Host, Stanza) -> ejabberd_sm:route(Stanza).
