-module(annex_profile_tests).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

profile() ->
    #{name => <<"all">>, users => all, peers => all, namespaces => []}.

choose(Profile, Stanza) ->
    annex_profile:choose([Profile], jid:decode(<<"romeo@a.example/x">>),
                         jid:decode(<<"juliet@b.example">>), Stanza).

body() ->
    #message{type = chat, body = [#text{data = <<"Ho!">>}]}.

holding(Name, Namespace) ->
    holding(Name, Namespace, []).

holding(Name, Namespace, Children) ->
    #message{type = chat, sub_els = [el(Name, Namespace, Children)]}.

el(Name, Namespace, Children) ->
    #xmlel{name = Name, attrs = [{<<"xmlns">>, Namespace}],
           children = Children}.

proposing(Namespace) ->
    holding(<<"propose">>, <<"urn:xmpp:jingle-message:0">>,
            [{xmlcdata, <<" ">>}, el(<<"description">>, Namespace, [])]).

from_room(Name) ->
    holding(<<"x">>, <<"http://jabber.org/protocol/muc#user">>,
            [#xmlel{name = Name}]).

what_says_something_is_held_test_() ->
    Profile = (profile())#{namespaces => [<<"urn:files">>]},
    [?_assertEqual(Profile, choose(Profile, Stanza))
     || Stanza <- [body(), (body())#message{type = headline},
                   holding(<<"encrypted">>, <<"urn:xmpp:omemo:2">>),
                   holding(<<"encryption">>, <<"urn:xmpp:eme:0">>),
                   holding(<<"propose">>, <<"urn:files">>),
                   holding(<<"openpgp">>, <<"urn:xmpp:openpgp:0">>),
                   #message{type = groupchat,
                            subject = [#text{}, #text{data = <<"x">>}]},
                   holding(<<"html">>,
                           <<"http://jabber.org/protocol/xhtml-im">>),
                   holding(<<"x">>, <<"jabber:x:oob">>),
                   #message{sub_els = [#chatstate{type = active},
                                       el(<<"x">>, <<"jabber:x:oob">>, [])]},
                   holding(<<"reference">>, <<"urn:xmpp:reference:0">>),
                   holding(<<"file-sharing">>, <<"urn:xmpp:sfs:0">>),
                   proposing(<<"urn:xmpp:jingle:apps:file-transfer:5">>),
                   from_room(<<"invite">>), from_room(<<"decline">>),
                   #message{sub_els = [#muc_user{decline =
                                                     #muc_decline{}}]},
                   #presence{type = subscribe},
                   #iq{type = set, sub_els = [
                       #xmlel{name = <<"si">>,
                              attrs = [{<<"xmlns">>, <<"urn:files">>}]}]}]].

what_says_nothing_passes_test_() ->
    [?_assertEqual(none, choose(profile(), Stanza))
     || Stanza <- [holding(<<"received">>, <<"urn:xmpp:receipts">>),
                   (body())#message{type = error},
                   #message{subject = [#text{}]}, from_room(<<"status">>),
                   proposing(<<"urn:xmpp:jingle:apps:rtp:1">>),
                   #presence{type = available}, #presence{type = subscribed},
                   #iq{type = set}, #iq{type = get}, #iq{type = result}]].

a_profile_names_people_or_domains_test_() ->
    [?_assertEqual(Wanted, choose(maps:merge(profile(), Given), body())
                   /= none)
     || {Wanted, Given} <- [
            {true, #{users => [<<"romeo@a.example">>]}},
            {true, #{users => [<<"a.example">>]}},
            {false, #{users => [<<"juliet@b.example">>]}},
            {true, #{peers => [<<"juliet@b.example">>]}},
            {true, #{peers => [<<"x.example">>, <<"b.example">>]}},
            {false, #{peers => [<<"a.example">>]}},
            {false, #{users => [<<"romeo@a.example">>], peers => []}}]].

either_of_two_users_may_be_meant_test() ->
    Profile = (profile())#{users => [<<"nurse@a.example">>]},
    ?assertEqual(Profile, annex_profile:choose(
                            [Profile], jid:decode(<<"romeo@a.example">>),
                            jid:decode(<<"nurse@a.example">>), body())).

of_two_strangers_either_may_be_meant_test_() ->
    One = jid:decode(<<"hall@rooms.example">>),
    Other = jid:decode(<<"romeo@far/a">>),
    [?_assertEqual(Wanted, annex_profile:choose_either(
                             [maps:merge(profile(), Given)], One, Other,
                             body()) /= none)
     || {Wanted, Given} <- [
            {true, #{}},
            {true, #{users => [<<"hall@rooms.example">>]}},
            {true, #{peers => [<<"rooms.example">>]}},
            {true, #{peers => [<<"far">>]}},
            {false, #{users => [<<"nurse@a.example">>]}},
            {false, #{users => [<<"nurse@a.example">>],
                      peers => [<<"rooms.example">>]}}]].

the_first_that_fits_is_chosen_test() ->
    Other = (profile())#{name => <<"other">>, users => []},
    ?assertEqual(profile(), annex_profile:choose(
                              [Other, profile()],
                              jid:decode(<<"romeo@a.example">>),
                              jid:decode(<<"x@b.example">>), body())).
