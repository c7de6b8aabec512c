%% Which stanzas are held, and for which profile: the first that fits.
-module(annex_profile).

-export([choose/4, choose_either/4, keeps_order/1]).

-include("xmpp.hrl").
-include("annex.hrl").

%% What says something to people, by its namespace.
-define(CONTENT,
        [<<"urn:xmpp:eme:0">>, <<"jabber:x:encrypted">>,
         <<"urn:xmpp:openpgp:0">>, <<"http://jabber.org/protocol/xhtml-im">>,
         <<"urn:xmpp:content">>, <<"urn:xmpp:rtt:0">>, <<"jabber:x:oob">>,
         <<"urn:xmpp:reference:0">>, <<"urn:xmpp:sims:1">>,
         <<"urn:xmpp:sfs:0">>, <<"http://jabber.org/protocol/url-data">>,
         <<"urn:xmpp:bob">>, <<"urn:xmpp:jinglepub:1">>,
         <<"urn:xmpp:reactions:0">>, <<"urn:xmpp:forward:0">>,
         <<"jabber:x:data">>, <<"jabber:x:conference">>]).

%% User is the user of the host, Peer the other one, who may be one as well.
choose(Profiles, User, Peer, Stanza) ->
    first(Profiles, Stanza, fun(Profile) -> is_for(User, Peer, Profile) end).

%% The same of two who may both be either.
choose_either(Profiles, One, Other, Stanza) ->
    first(Profiles, Stanza,
          fun(Profile) -> is_for_either(One, Other, Profile) end).

first(Profiles, Stanza, IsFor) ->
    Namespaces = namespaces(Stanza),
    case lists:dropwhile(
           fun(Profile) ->
                   not (is_held(Stanza, Namespaces, Profile)
                        andalso IsFor(Profile))
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
    is_for_either(One, Other, Profile);
is_for(User, Peer, Profile) ->
    fits(User, Peer, Profile).

is_for_either(One, Other, Profile) ->
    fits(One, Other, Profile) orelse fits(Other, One, Profile).

fits(User, Peer, #{users := Users, peers := Peers}) ->
    is_of(User, Users) andalso is_of(Peer, Peers).

is_held(#message{type = error}, _, _) ->
    false;
is_held(#message{body = [_ | _]}, _, _) ->
    true;
is_held(#message{}, Found, #{namespaces := Listed}) ->
    any(Found, [content | Listed]);
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
namespaces(#message{subject = Subject} = Message) ->
    [content || has_text(Subject)] ++ kinds_of(Message);
namespaces(Stanza) -> kinds_of(Stanza).

has_text(Texts) ->
    lists:any(fun(#text{data = Data}) -> Data /= <<>> end, Texts).

kinds_of(Stanza) ->
    lists:append([kinds(El) || El <- xmpp:get_els(Stanza)]).

kinds(El) ->
    Namespace = annex_xml:namespace(El),
    case is_content(xmpp:get_name(El), Namespace, El) of
        true -> [content, Namespace];
        false -> [Namespace]
    end.

is_content(<<"encrypted">>, _Namespace, _El) ->
    true;
is_content(<<"x">>, <<"http://jabber.org/protocol/muc#user">>, El) ->
    lists:any(fun({Name, _}) -> Name == <<"invite">>
                                    orelse Name == <<"decline">> end,
              children(El));
is_content(_Name, <<"urn:xmpp:jingle-message:0">>, El) ->
    lists:any(fun is_file/1, children(El));
is_content(_Name, Namespace, _El) ->
    lists:member(Namespace, ?CONTENT).

is_file({<<"description">>,
         <<"urn:xmpp:jingle:apps:file-transfer:", _/binary>>}) -> true;
is_file(_) -> false.

children(El) ->
    #xmlel{children = Children} = annex_xml:plain(El),
    [{Child#xmlel.name, annex_xml:namespace(Child)}
     || #xmlel{} = Child <- Children].

%% Addresses are bare, or domains.
is_of(_JID, all) ->
    true;
is_of(#jid{luser = User, lserver = Server}, Listed) ->
    lists:member(Server, Listed)
        orelse lists:member(<<User/binary, $@, Server/binary>>, Listed).
