%% Which stanzas are held, and for which profile: the first that fits.
-module(annex_profile).

-export([choose/4, keeps_order/1]).

-include("xmpp.hrl").
-include("annex.hrl").

%% XEP-0380, XEP-0027.
-define(ENCRYPTION, [<<"urn:xmpp:eme:0">>, <<"jabber:x:encrypted">>]).

%% User is the user of the host, Peer the other one, who may be one as well.
choose(Profiles, User, Peer, Stanza) ->
    Namespaces = namespaces(Stanza),
    case lists:dropwhile(
           fun(Profile) ->
                   not (is_held(Stanza, Namespaces, Profile)
                        andalso is_for(User, Peer, Profile))
           end, Profiles) of
        [First | _] -> First;
        [] -> none
    end.

%% Whether a stanza must not overtake what is held of the same sender.
keeps_order(#message{}) -> true;
keeps_order(#presence{type = Type}) ->
    lists:member(Type, [subscribe, subscribed, unsubscribe, unsubscribed]);
keeps_order(_) -> false.

is_for(#jid{lserver = Host} = One, #jid{lserver = Host} = Other, Profile) ->
    fits(One, Other, Profile) orelse fits(Other, One, Profile);
is_for(User, Peer, Profile) ->
    fits(User, Peer, Profile).

fits(User, Peer, #{users := Users, peers := Peers}) ->
    is_of(User, Users) andalso is_of(Peer, Peers).

is_held(#message{type = error}, _, _) ->
    false;
is_held(#message{body = [_ | _]}, _, _) ->
    true;
is_held(#message{}, Found, #{namespaces := Listed}) ->
    any(Found, [encrypted | ?ENCRYPTION]) orelse any(Found, Listed);
is_held(#presence{type = subscribe}, _, _) ->
    true;
is_held(#iq{type = set}, Found, #{namespaces := Listed}) ->
    any(Found, Listed);
is_held(_, _, _) ->
    false.

any(Found, Listed) ->
    lists:any(fun(Namespace) -> lists:member(Namespace, Listed) end, Found).

namespaces(#message{type = error}) -> [];
namespaces(#message{body = [_ | _]}) -> [];
namespaces(#presence{}) -> [];
namespaces(Stanza) -> lists:append([kinds(El) || El <- xmpp:get_els(Stanza)]).

kinds(El) ->
    case xmpp:get_name(El) of
        <<"encrypted">> -> [encrypted, annex_xml:namespace(El)];
        _ -> [annex_xml:namespace(El)]
    end.

%% Addresses are bare, or domains.
is_of(_JID, all) ->
    true;
is_of(#jid{luser = User, lserver = Server}, Listed) ->
    lists:member(Server, Listed)
        orelse lists:member(<<User/binary, $@, Server/binary>>, Listed).
