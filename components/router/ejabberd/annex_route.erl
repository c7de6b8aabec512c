%% route: stanzas for users who do not exist.
-module(annex_route).

-export([hooks/0, came/1, host/1, decided/2, leaves/3]).

-include("xmpp.hrl").
-include("annex.hrl").

hooks() ->
    [{sm_receive_packet, came, 1}].

came(Stanza) ->
    #jid{luser = User, lserver = Host} = To = xmpp:get_to(Stanza),
    case xmpp:get_meta(Stanza, annex_unrouted, false)
        orelse is_user(User, Host) of
        true -> Stanza;
        false -> offer(Host, To, Stanza)
    end.

is_user(User, Host) ->
    ejabberd_sm:get_session_sids(User, Host) /= []
        orelse ejabberd_auth:user_exists(User, Host).

offer(Host, To, Stanza) ->
    [Component] = annex_host:with(route, Host),
    case annex_link:find(Component) of
        undefined ->
            Stanza;
        _ ->
            annex_lane:park({?MODULE, jid:tolower(To)}, none,
                            {?MODULE, Stanza},
                            question(Host, Component, Stanza)),
            {stop, drop}
    end.

question(Host, Component, Stanza) ->
    El = annex_xml:element(<<"route">>, [],
                           [annex_xml:forwarded(annex_xml:stamp(), Stanza)]),
    Timeout = annex_host:option(timeout, Host, Component),
    fun(Then) -> annex_ask:ask(Host, Component, El, Timeout, Then) end.

host(Stanza) ->
    #jid{lserver = Host} = xmpp:get_to(Stanza),
    Host.

decided(_Stanza, Outcome) ->
    Outcome.

%% The component took it, or the router answers as it would have.
leaves(_Key, _Stanza, {result, _}) ->
    ok;
leaves(_Key, Stanza, _Outcome) ->
    ejabberd_sm:route(xmpp:put_meta(Stanza, annex_unrouted, true)).
