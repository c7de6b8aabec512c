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
    #message{type = chat, sub_els = [#xmlel{
        name = Name, attrs = [{<<"xmlns">>, Namespace}]}]}.

what_says_something_is_held_test_() ->
    Profile = (profile())#{namespaces => [<<"urn:files">>]},
    [?_assertEqual(Profile, choose(Profile, Stanza))
     || Stanza <- [body(), (body())#message{type = headline},
                   holding(<<"encrypted">>, <<"urn:xmpp:omemo:2">>),
                   holding(<<"encryption">>, <<"urn:xmpp:eme:0">>),
                   holding(<<"propose">>, <<"urn:files">>),
                   #presence{type = subscribe},
                   #iq{type = set, sub_els = [
                       #xmlel{name = <<"si">>,
                              attrs = [{<<"xmlns">>, <<"urn:files">>}]}]}]].

what_says_nothing_passes_test_() ->
    [?_assertEqual(none, choose(profile(), Stanza))
     || Stanza <- [holding(<<"received">>, <<"urn:xmpp:receipts">>),
                   (body())#message{type = error},
                   #message{subject = [#text{data = <<"x">>}]},
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

the_first_that_fits_is_chosen_test() ->
    Other = (profile())#{name => <<"other">>, users => []},
    ?assertEqual(profile(), annex_profile:choose(
                              [Other, profile()],
                              jid:decode(<<"romeo@a.example">>),
                              jid:decode(<<"x@b.example">>), body())).
